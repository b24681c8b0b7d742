// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Terms} from "./IMarket.sol";

/// What others may want to know of Disputes.
interface IDisputes {
    /// Kinds of typed data of which two of one signer exclude each other.
    enum Kind {
        Receipt, // of one job
        IntervalCommit, // of one interval of a job
        VerdictCommit // of one validator about one receipt
    }

    event Claimed(address indexed by, bytes32 indexed claim);
    event Equivocated(address indexed guilty, bytes32 indexed job, address indexed challenger, Kind kind, uint256 slashed);
    event Accused(bytes32 indexed id, bytes32 indexed job, address indexed accused, address accuser, bytes32 evidence, uint64 size);
    event Ruled(bytes32 indexed id, bytes32 indexed job, address indexed accused, uint8 answer, uint256 slashed);
}
