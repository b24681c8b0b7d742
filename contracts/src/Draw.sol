// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// The draw of validators, exactly as nodes make it off the chain (host/settle.Draw; testdata/draw.json holds both to it): one after the other
/// without putting back, each with the chance of its share in the weight that is left.
library Draw {
    /// How many times its weight a candidate counts on another kind of device than the provider's.
    uint256 internal constant OTHER_DEVICE = 4;
    uint256 internal constant MAX_CANDIDATES = 256;

    error OddCandidates(uint256 length, uint256 most);
    error OutOfOrder(uint256 place);
    error NoWeight(uint256 place);

    /// Candidates that are left. sums[i] is the weight of the first i; drawn are the places that are gone, ascending, in the low bits.
    struct Urn {
        uint256[] sums;
        uint256[] drawn;
        uint256 gone; // how many of drawn count
        uint256 left; // weight
        uint256 draws; // that were made, from the beginning
        bytes32 seed;
        bytes prefix;
    }

    /// Of a job's seed: job and trace were fixed before the block was.
    function seedOf(bytes32 job, bytes32 trace, bytes32 prevrandao) internal pure returns (bytes32) {
        return sha256(abi.encodePacked("gwrun chain beacon 1\x00", job, trace, prevrandao));
    }

    /// Fills an urn with packed candidates: 20 bytes of account, 4 of weight and 8 of device kind each, ascending. Those of without have no weight.
    /// device is the provider's kind, zero where it does not count.
    function fill(bytes calldata packed, bytes8 device, address[] memory without, bytes32 seed, string memory label)
        internal
        pure
        returns (Urn memory urn)
    {
        uint256 n = packed.length / 32;
        if (packed.length % 32 != 0 || n > MAX_CANDIDATES) revert OddCandidates(packed.length, MAX_CANDIDATES * 32);
        uint256[] memory sums = new uint256[](n + 1);
        uint256 sum = 0;
        uint256 before = 0;
        for (uint256 i = 0; i < n; i++) {
            uint256 word;
            assembly ("memory-safe") {
                word := calldataload(add(packed.offset, shl(5, i)))
            }
            uint256 name = word >> 96;
            if (name <= before && i > 0) revert OutOfOrder(i);
            before = name;
            uint256 weight = uint32(word >> 64);
            if (weight == 0) revert NoWeight(i);
            uint64 kind = uint64(word);
            if (kind != 0 && device != 0 && kind != uint64(device)) weight *= OTHER_DEVICE;
            for (uint256 k = 0; k < without.length; k++) {
                if (name == uint160(without[k])) weight = 0;
            }
            sum += weight;
            sums[i + 1] = sum;
        }
        urn.sums = sums;
        urn.drawn = new uint256[](n);
        urn.left = sum;
        urn.seed = seed;
        urn.prefix = abi.encodePacked("gwrun ", label, " 2\x00");
    }

    /// Draws one, and gives its place; found is false where nothing is left.
    function next(Urn memory urn) internal pure returns (bool found, uint256 place) {
        uint256 left = urn.left;
        if (left == 0) return (false, 0);
        // k is 8 bytes, big-endian.
        uint256 ticket = uint256(sha256(abi.encodePacked(urn.prefix, urn.seed, uint64(urn.draws)))) % left;
        urn.draws++;

        // The ticket counts only the weight that is left: what is gone before it is added again.
        uint256[] memory sums = urn.sums;
        uint256[] memory drawn = urn.drawn;
        uint256 k = 0;
        for (; k < urn.gone; k++) {
            uint256 i = drawn[k];
            if (ticket < sums[i]) break;
            ticket += sums[i + 1] - sums[i];
        }
        // The last place whose sum before it is not above the ticket; places without weight have none between.
        uint256 low = 0;
        uint256 high = sums.length - 1;
        while (high - low > 1) {
            uint256 mid = (low + high) / 2;
            if (sums[mid] <= ticket) low = mid;
            else high = mid;
        }
        for (uint256 j = urn.gone; j > k; j--) {
            drawn[j] = drawn[j - 1];
        }
        drawn[k] = low;
        urn.gone++;
        urn.left = left - (sums[low + 1] - sums[low]);
        return (true, low);
    }
}
