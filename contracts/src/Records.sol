// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// What a provider commits to about an interval (proto/msg.Interval).
struct Interval {
    uint64 index;
    uint64 lastStep;
    bytes32 state;
    bytes32 transcript;
    uint64 gas;
    uint64 gpuGas;
}

/// @title Hashes of records as the nodes make them
/// @notice A record's name is the SHA-256 of its deterministic CBOR (RFC 8949, 4.2.1) behind its kind. Encoding is what a contract can do cheaply
/// and exactly; so records travel as numbers and are hashed here, and nothing has to be parsed.
library Records {
    /// @notice The transcript of nothing: what every interval begins with.
    bytes32 internal constant START = sha256("gwrun transcript 2");

    /// @notice The name of a record: what an IntervalCommit signs.
    function hash(Interval memory r) internal pure returns (bytes32) {
        return sha256(
            bytes.concat(
                "gwrun Interval\x00\xa6\x01",
                number(r.index),
                "\x02",
                number(r.lastStep),
                "\x03\x58\x20",
                r.state,
                "\x04\x58\x20",
                r.transcript,
                "\x05",
                number(r.gas),
                "\x06",
                number(r.gpuGas)
            )
        );
    }

    /// @notice The name of the point that a record ends in (runtime/trace.End).
    function end(Interval memory r) internal pure returns (bytes32) {
        return point(r.lastStep, r.state, r.transcript, r.gas, r.gpuGas);
    }

    /// @notice The name of the point that the interval behind a record begins in (runtime/trace.Begin).
    function begin(Interval memory before) internal pure returns (bytes32) {
        return point(before.lastStep, before.state, START, before.gas, before.gpuGas);
    }

    /// @notice The name of the point in which a job begins.
    function first() internal pure returns (bytes32) {
        return point(0, 0, START, 0, 0);
    }

    function point(uint64 step, bytes32 state, bytes32 transcript, uint64 gas, uint64 gpuGas) internal pure returns (bytes32) {
        return sha256(
            bytes.concat(
                "gwrun StepPoint\x00\xa5\x01",
                number(step),
                "\x02\x58\x20",
                state,
                "\x03\x58\x20",
                transcript,
                "\x04",
                number(gas),
                "\x05",
                number(gpuGas)
            )
        );
    }

    /// @notice An unsigned number in its shortest form (RFC 8949, 3.1).
    function number(uint64 n) internal pure returns (bytes memory) {
        if (n < 24) return abi.encodePacked(uint8(n));
        if (n <= type(uint8).max) return abi.encodePacked(uint8(24), uint8(n));
        if (n <= type(uint16).max) return abi.encodePacked(uint8(25), uint16(n));
        if (n <= type(uint32).max) return abi.encodePacked(uint8(26), uint32(n));
        return abi.encodePacked(uint8(27), n);
    }
}
