// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IParameters, P, PARAMETERS} from "./interfaces/IParameters.sol";

/// The governed numbers with the bounds that no vote can pass. Only the timelock sets them, and only so that they hold together.
contract Parameters is IParameters {
    /// Jurors of a job, and seats twice that: what bounds the work of one transaction.
    uint256 public constant MOST_VALIDATORS = 16;
    uint256 public constant MOST_VOTERS = 15;
    uint256 public constant MOST_SEED_DELAY = 128; // blocks: of 256 the chain knows the hash

    address public immutable timelock;

    // Solidity packs four to a word. The bounds are written by the constructor alone.
    uint64[PARAMETERS] private values;
    uint64[PARAMETERS] private mins;
    uint64[PARAMETERS] private maxs;

    error OnlyTimelock(address found, address wanted);
    error UnevenSet(uint256 parameters, uint256 values);
    error OutOfBounds(P parameter, uint64 value, uint64 min, uint64 max);
    error SharesNotWhole(uint256 sum);
    error UnbondingTooShort(uint256 delay, uint256 longest);
    error NoticeTooShort(uint256 notice, uint256 longest);
    error TooShort(P parameter, uint256 value, uint256 least);
    error TooMany(P parameter, uint256 value, uint256 most);
    error NoSuchWord(uint256 index, uint256 last);
    error EvenCommittee(uint256 size);

    constructor(address timelock_, uint64[PARAMETERS] memory value, uint64[PARAMETERS] memory min, uint64[PARAMETERS] memory max) {
        timelock = timelock_;
        (mins, maxs) = (min, max);
        for (uint256 i = 0; i < PARAMETERS; i++) {
            _set(P(i), value[i]);
        }
        _holdTogether();
    }

    function get(P parameter) public view returns (uint64) {
        return values[uint256(parameter)];
    }

    function amount(P parameter) external view returns (uint256) {
        return uint256(get(parameter)) * 1e9;
    }

    function word(uint256 index) external view returns (uint256 four) {
        // values begins at storage slot 0; a test compares every number with get.
        if (index > (PARAMETERS - 1) / 4) revert NoSuchWord(index, (PARAMETERS - 1) / 4);
        assembly ("memory-safe") {
            four := sload(add(values.slot, index))
        }
    }

    function bounds(P parameter) external view returns (uint64 min, uint64 max) {
        return (mins[uint256(parameter)], maxs[uint256(parameter)]);
    }

    function set(P[] calldata parameters, uint64[] calldata to) external {
        if (msg.sender != timelock) revert OnlyTimelock(msg.sender, timelock);
        if (parameters.length != to.length) revert UnevenSet(parameters.length, to.length);
        for (uint256 i = 0; i < parameters.length; i++) {
            _set(parameters[i], to[i]);
        }
        _holdTogether();
    }

    function _set(P parameter, uint64 to) private {
        uint256 i = uint256(parameter);
        if (to < mins[i] || to > maxs[i]) revert OutOfBounds(parameter, to, mins[i], maxs[i]);
        emit Set(parameter, values[i], to);
        values[i] = to;
    }

    // Whoever lied in a job can still be slashed when the longest course of accusations about it is over; deposits outlive the jobs they were
    // counted on for; clocks fit into the windows around them.
    function _holdTogether() private view {
        uint256 shares = uint256(get(P.ChallengerBPS)) + get(P.TreasuryBPS) + get(P.BurnBPS);
        if (shares != 10000) revert SharesNotWhole(shares);

        uint256 longest = uint256(get(P.MaxDuration)) + get(P.MaxWindow) + 2 * uint256(get(P.VerdictBound)) + get(P.DisputeBound) + get(P.AccuseGrace);
        if (get(P.UnbondDelay) <= longest) revert UnbondingTooShort(get(P.UnbondDelay), longest);
        if (get(P.WithdrawNotice) <= get(P.MaxDuration)) revert NoticeTooShort(get(P.WithdrawNotice), get(P.MaxDuration));

        if (get(P.MaxWindow) < get(P.MinWindow)) revert TooShort(P.MaxWindow, get(P.MaxWindow), get(P.MinWindow));
        if (get(P.MaxClock) < get(P.MinClock)) revert TooShort(P.MaxClock, get(P.MaxClock), get(P.MinClock));
        if (get(P.VerdictBound) < 3 * uint256(get(P.MaxClock))) revert TooShort(P.VerdictBound, get(P.VerdictBound), 3 * uint256(get(P.MaxClock)));
        // A game, then both rounds of a committee: a draw, promises and votes each.
        uint256 course = 2 * uint256(get(P.BisectionClock)) + 2 * (2 * uint256(get(P.CommitteeCommit)) + get(P.CommitteeReveal));
        if (get(P.DisputeBound) < course) revert TooShort(P.DisputeBound, get(P.DisputeBound), course);
        // Both rounds are paid in advance, out of the bond.
        uint256 fees = 2 * uint256(get(P.CommitteeSize)) * get(P.VoterFee);
        if (get(P.AccuserBond) < fees) revert TooShort(P.AccuserBond, get(P.AccuserBond), fees);
        if (get(P.BisectionBond) < fees) revert TooShort(P.BisectionBond, get(P.BisectionBond), fees);
        // A width of one narrows nothing; a clock of nothing is lost before it runs.
        if (get(P.BisectionWidth) < 2) revert TooShort(P.BisectionWidth, get(P.BisectionWidth), 2);
        _atMost(P.BisectionWidth, 256);
        if (get(P.BisectionClock) == 0) revert TooShort(P.BisectionClock, 0, 1);
        if (get(P.CommitteeCommit) == 0) revert TooShort(P.CommitteeCommit, 0, 1);
        if (get(P.CommitteeReveal) == 0) revert TooShort(P.CommitteeReveal, 0, 1);

        if (get(P.MaxValidators) > MOST_VALIDATORS) revert TooMany(P.MaxValidators, get(P.MaxValidators), MOST_VALIDATORS);
        if (get(P.CommitteeSize) > MOST_VOTERS) revert TooMany(P.CommitteeSize, get(P.CommitteeSize), MOST_VOTERS);
        if (get(P.CommitteeSize) % 2 == 0) revert EvenCommittee(get(P.CommitteeSize));
        _atMost(P.SeedDelay, MOST_SEED_DELAY);
        _atMost(P.CommitteeDelay, MOST_SEED_DELAY);
        // Nothing is frozen longer than a year, whoever votes; everything else that takes time is shorter than unbonding.
        _atMost(P.UnbondDelay, 365 days);
        _atMost(P.WithdrawNotice, 365 days);
        _atMost(P.JailTime, 10 * 365 days);
        _atMost(P.CollusionPPM, 999_999);
        _atMost(P.ExpirePPM, 1_000_000);
        _atMost(P.SilentPPM, 1_000_000);
        _atMost(P.ConvictPPM, 1_000_000);
        _atMost(P.CommitteeSilentPPM, 1_000_000);
    }

    function _atMost(P parameter, uint256 most) private view {
        if (get(parameter) > most) revert TooMany(parameter, get(parameter), most);
    }
}
