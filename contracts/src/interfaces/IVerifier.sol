// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Who answers whether somebody is guilty
/// @notice Disputes and Bisection ask; a committee that is drawn answers today, a verifier of single steps can stand in its place: nothing but
/// this interface is known of it.
interface IVerifier {
    /// @notice An answer. NoAnswer is one too: nobody is blamed for what could not be checked.
    enum Answer {
        Pending,
        Guilty,
        Innocent,
        NoAnswer
    }

    /// @param subject what is asked, as the asker names it (terms of a job, or a stretch of one step)
    /// @param evidence root of the blob that proves the guilt, zero where the subject itself says all
    /// @param size bytes of that blob
    /// @param accuser who says that accused is guilty, and serves the evidence
    /// @param consumer of the job
    /// @param provider of the job
    struct Question {
        bytes32 subject;
        bytes32 evidence;
        uint64 size;
        address accuser;
        address accused;
        address consumer;
        address provider;
    }

    /// @notice The most that an answer costs now; ask takes it from the caller, and what was not spent is given back with the answer.
    function price() external view returns (uint256);

    /// @notice Seconds after which any question asked now has its answer, whoever is silent.
    function longest() external view returns (uint256);

    /// @notice Asks, and gives the question's number.
    function ask(Question calldata question) external returns (uint256 id);

    /// @notice The answer, and what it cost.
    function answer(uint256 id) external view returns (Answer value, uint256 spent);
}
