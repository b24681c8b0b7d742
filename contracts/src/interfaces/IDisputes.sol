// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Terms} from "./IMarket.sol";
import {IVerifier} from "./IVerifier.sol";

/// What others may want to know of Disputes.
interface IDisputes {
    /// Kinds of typed data of which two of one signer exclude each other.
    enum Kind {
        Receipt, // of one job
        IntervalCommit, // of one interval of a job
        VerdictCommit // of one validator about one receipt
    }

    enum Stage {
        None,
        Open,
        Over
    }

    /// A message, the abi encoding of its struct (Typed), with its signature.
    struct Statement {
        bytes message;
        bytes signature;
    }

    /// What somebody is accused of. The evidence is a blob, by its root and size; salt is that of the claim.
    struct Charge {
        address accused;
        bytes32 evidence;
        uint64 size;
        bytes32 salt;
    }

    struct Accusation {
        bytes32 terms; // their digest
        address accuser;
        Stage stage;
        bool held; // the market's job
        address accused;
        uint96 bond; // of the accuser
        uint256 question; // at the verifier
    }

    event Claimed(address indexed by, bytes32 indexed claim);
    event Equivocated(address indexed guilty, bytes32 indexed job, address indexed challenger, Kind kind, uint256 slashed);
    event Annulled(bytes32 indexed terms, address indexed guilty);
    event Accused(
        uint256 indexed id,
        bytes32 indexed job,
        address indexed accused,
        address accuser,
        bytes32 terms,
        bytes32 evidence,
        uint64 size,
        uint256 question
    );
    event Ruled(
        uint256 indexed id, bytes32 indexed job, address indexed accused, IVerifier.Answer answer, uint256 spent, uint256 slashed
    );

    /// For Bisection: a game about these terms holds the market's job as an accusation does. They must be signed, and not too old.
    function begin(Terms calldata terms, bytes calldata consumerSig, bytes calldata providerSig, address challenger)
        external
        returns (bytes32 id, bool held);

    /// For Bisection: a game that held a job is over and did not convict.
    function end(bytes32 id, address challenger) external;

    /// For Bisection: a game convicted the provider; cost is what it cost the challenger.
    function convict(Terms calldata terms, address challenger, uint256 cost) external returns (uint256 slashed);
}
