// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Judges evidence against one account. A drawn committee does it now; what proves one step on the chain itself can take its place behind the same
/// interface.
interface IVerifier {
    enum Answer {
        Pending,
        Guilty,
        Innocent,
        NoAnswer
    }

    struct Question {
        address accuser;
        address accused;
        address consumer;
        address provider;
        bytes32 evidence; // SHA-256 Merkle root
        uint64 size; // bytes of the evidence
        bytes32 candidates; // keccak256 of the packed candidates
    }

    /// Begins to judge under a name that was not used before. packed are the candidates whose hash the question names. Whoever asks has given the
    /// fee that feeFor says to the verifier before.
    function ask(bytes32 id, Question calldata question, bytes calldata packed) external;

    /// What was found. It is final once it is not Pending, and is so at most bound() seconds after ask.
    function answer(bytes32 id) external view returns (Answer);

    /// What asking costs.
    function fee() external view returns (uint256);

    /// The longest that an answer takes, in seconds.
    function bound() external view returns (uint256);
}
