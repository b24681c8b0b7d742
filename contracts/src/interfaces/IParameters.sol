// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// The governed numbers. Four stand in one word of storage, in this order, so that those read together stand together: no number may be moved
/// once contracts are deployed. Times are in seconds, shares in millionths (PPM) or ten-thousandths (BPS), amounts in 10^-9 of a token.
enum P {
    // word 0: opening a job
    CollusionPPM, // share of validators that the deterrence rule takes to be colluding
    SavingPPM, // least share of the price that a lie is taken to save
    MinWindow, // of challenges
    MaxWindow,
    // word 1: opening a job
    MinClock, // of a juror for each thing it owes: nobody can be slashed faster than it can answer
    MaxClock,
    MaxDuration, // from opening to the deadline
    MaxValidators,
    // word 2: the course of a job
    SeedDelay, // in blocks, from the commitment to the block whose randomness draws the jury
    VerdictBound, // from the end of the window until a job without verdicts is given up
    DisputeBound, // the longest that accusations can hold a job behind that
    SilentPPM, // of its stake, lost by a juror that was silent past its clock
    // word 3: staking and deposits
    MinStake, // amount
    UnbondDelay,
    JailTime,
    WithdrawNotice,
    // word 4: where slashed stake goes; the three shares are 10000 together
    ChallengerBPS,
    TreasuryBPS,
    BurnBPS,
    ConvictPPM, // of its stake, lost by a juror that was convicted
    // word 5: accusations
    AccuserBond, // amount
    AccuseGrace, // from the end of a job's window until it is too late to accuse about it
    ClaimBlocks, // that a claim has to be older than what it is shown for
    VoterFee, // amount, to each voter of a committee
    // word 6: the committee
    CommitteeSize, // odd
    CommitteeDelay, // in blocks
    CommitteeCommit, // to fetch the evidence, judge it and commit to a vote
    CommitteeReveal,
    // word 7: the committee and bisection
    CommitteeSilentPPM, // of its stake, lost by a voter that was silent or in the minority
    BisectionWidth,
    BisectionClock, // each party's for the whole game
    BisectionBond, // amount
    // word 8
    ExpirePPM // of its bond, lost by a provider that passed the deadline
}

// How many there are.
uint256 constant PARAMETERS = 33;

interface IParameters {
    event Set(P indexed parameter, uint64 before, uint64 value);

    /// A number as it is now.
    function get(P parameter) external view returns (uint64);

    /// An amount in the token's smallest unit.
    function amount(P parameter) external view returns (uint256);

    /// Four numbers at once, see P: number i in bits 64*(i%4) of word i/4. Word (library) takes it apart.
    function word(uint256 index) external view returns (uint256);

    /// What no vote can pass.
    function bounds(P parameter) external view returns (uint64 min, uint64 max);

    /// Sets numbers together; only the timelock may.
    function set(P[] calldata parameters, uint64[] calldata values) external;
}

/// Takes the words of IParameters.word apart.
library Word {
    function get(uint256 word, P parameter) internal pure returns (uint64) {
        return uint64(word >> (64 * (uint256(parameter) % 4)));
    }

    /// An amount in the token's smallest unit.
    function amount(uint256 word, P parameter) internal pure returns (uint256) {
        return uint256(get(word, parameter)) * 1e9;
    }
}
