// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Parameters} from "../src/Parameters.sol";
import {IParameters, P, PARAMETERS, Word} from "../src/interfaces/IParameters.sol";
import {System} from "./System.sol";
import {vm} from "./Vm.sol";

contract ParametersTest is System {
    function setUp() public override {
        vm.warp(1_800_000_000);
        bounds();
        deploy();
    }

    function set(P p, uint64 v) private {
        P[] memory ps = new P[](1);
        uint64[] memory vs = new uint64[](1);
        (ps[0], vs[0]) = (p, v);
        vm.prank(address(timelock));
        parameters.set(ps, vs);
    }

    function set(P p, uint64 v, P q, uint64 w) private {
        P[] memory ps = new P[](2);
        uint64[] memory vs = new uint64[](2);
        (ps[0], vs[0], ps[1], vs[1]) = (p, v, q, w);
        vm.prank(address(timelock));
        parameters.set(ps, vs);
    }

    /// Words, numbers and amounts are the same numbers.
    function testWordsAreTheNumbers() public {
        for (uint256 i = 0; i < PARAMETERS; i++) {
            vm.assertEq(Word.get(parameters.word(i / 4), P(i)), value[i]);
            vm.assertEq(parameters.get(P(i)), value[i]);
            vm.assertEq(parameters.amount(P(i)), uint256(value[i]) * 1e9);
            vm.assertEq(Word.amount(parameters.word(i / 4), P(i)), uint256(value[i]) * 1e9);
            (uint64 least, uint64 most) = parameters.bounds(P(i));
            vm.assertEq(least, min[i]);
            vm.assertEq(most, max[i]);
        }
        vm.expectRevert(abi.encodeWithSelector(Parameters.NoSuchWord.selector, 9, 8));
        parameters.word(9);
        set(P.MinStake, 7e9);
        vm.assertEq(Word.get(parameters.word(3), P.MinStake), 7e9);
        vm.assertEq(parameters.get(P.UnbondDelay), value[uint256(P.UnbondDelay)]);
    }

    function testOnlyTheTimelockSets() public {
        vm.expectRevert(abi.encodeWithSelector(Parameters.OnlyTimelock.selector, address(this), address(timelock)));
        parameters.set(new P[](0), new uint64[](0));
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(Parameters.UnevenSet.selector, 1, 2));
        parameters.set(new P[](1), new uint64[](2));
    }

    function testSetsSayWhatChanged() public {
        vm.expectEmit();
        emit IParameters.Set(P.SeedDelay, 4, 5);
        set(P.SeedDelay, 5);
    }

    function refused(P p, uint64 v, bytes memory reason) private {
        P[] memory ps = new P[](1);
        uint64[] memory vs = new uint64[](1);
        (ps[0], vs[0]) = (p, v);
        vm.prank(address(timelock));
        vm.expectRevert(reason);
        parameters.set(ps, vs);
    }

    /// No vote passes a bound, of any number.
    function testFuzzBounds(uint8 which, uint64 v) public {
        P p = P(which % PARAMETERS);
        uint256 i = uint256(p);
        P[] memory ps = new P[](1);
        uint64[] memory vs = new uint64[](1);
        (ps[0], vs[0]) = (p, v);
        vm.prank(address(timelock));
        if (v < min[i] || v > max[i]) {
            vm.expectRevert(abi.encodeWithSelector(Parameters.OutOfBounds.selector, p, v, min[i], max[i]));
            parameters.set(ps, vs);
            return;
        }
        try parameters.set(ps, vs) {
            vm.assertEq(parameters.get(p), v);
        } catch {
            vm.assertEq(parameters.get(p), value[i]); // what does not hold together with the others
        }
    }

    function testSharesAreWhole() public {
        refused(P.BurnBPS, 3001, abi.encodeWithSelector(Parameters.SharesNotWhole.selector, 10001));
        set(P.BurnBPS, 4000, P.TreasuryBPS, 1000);
    }

    /// Stake stays longer than the longest course in which it may be slashed, deposits longer than what they are counted on for.
    function testDelaysCoverTheCourse() public {
        uint64 longest = 7 days + 3 days + 2 * 1 days + 2 days + 1 days;
        refused(P.UnbondDelay, longest, abi.encodeWithSelector(Parameters.UnbondingTooShort.selector, longest, longest));
        set(P.UnbondDelay, longest + 1);
        P[5] memory parts = [P.MaxDuration, P.MaxWindow, P.VerdictBound, P.DisputeBound, P.AccuseGrace];
        for (uint256 i = 0; i < 5; i++) {
            uint64 more = i == 2 ? 2 : 1; // of VerdictBound there are two
            refused(
                parts[i], value[uint256(parts[i])] + 1, abi.encodeWithSelector(Parameters.UnbondingTooShort.selector, longest + 1, longest + more)
            );
        }
        refused(P.WithdrawNotice, 7 days, abi.encodeWithSelector(Parameters.NoticeTooShort.selector, 7 days, 7 days));
        set(P.WithdrawNotice, 7 days + 1);
    }

    function testClocksFit() public {
        refused(P.MinWindow, 1 days + 1, abi.encodeWithSelector(Parameters.OutOfBounds.selector, P.MinWindow, 1 days + 1, 60, 1 days));
        set(P.MaxWindow, 3000, P.MinWindow, 3000);
        refused(P.MinWindow, 3001, abi.encodeWithSelector(Parameters.TooShort.selector, P.MaxWindow, 3000, 3001));
        set(P.MaxClock, 100, P.MinClock, 100);
        refused(P.MinClock, 101, abi.encodeWithSelector(Parameters.TooShort.selector, P.MaxClock, 100, 101));
        set(P.MaxClock, 1201, P.VerdictBound, 3603);
        refused(P.VerdictBound, 3602, abi.encodeWithSelector(Parameters.TooShort.selector, P.VerdictBound, 3602, 3603));
    }

    function deployWith(P p, uint64 least, uint64 v, uint64 most) private {
        bound(p, least, v, most);
        new Parameters(address(timelock), value, min, max);
    }

    /// What would break the contracts is refused even to who deploys them.
    function testDeploymentHasBoundsToo() public {
        vm.assertEq(parameters.MOST_VALIDATORS(), 16);
        vm.assertEq(parameters.MOST_VOTERS(), 15);
        vm.assertEq(parameters.MOST_SEED_DELAY(), 128);
        uint256 before = vm.snapshotState();
        P[9] memory ps = [
            P.SeedDelay, P.CommitteeDelay, P.CollusionPPM, P.ExpirePPM, P.SilentPPM, P.ConvictPPM, P.CommitteeSilentPPM, P.WithdrawNotice, P.JailTime
        ];
        uint64[9] memory most = [uint64(128), 128, 999_999, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 365 days, 3650 days];
        for (uint256 i = 0; i < 9; i++) {
            deployWith(ps[i], 0, most[i], most[i] + 1);
            bound(ps[i], 0, most[i] + 1, most[i] + 1);
            vm.expectRevert(abi.encodeWithSelector(Parameters.TooMany.selector, ps[i], most[i] + 1, most[i]));
            new Parameters(address(timelock), value, min, max);
            vm.revertToState(before);
        }
        deployWith(P.UnbondDelay, 0, 365 days, 366 days);
        bound(P.UnbondDelay, 0, 365 days + 1, 366 days);
        vm.expectRevert(abi.encodeWithSelector(Parameters.TooMany.selector, P.UnbondDelay, 365 days + 1, 365 days));
        new Parameters(address(timelock), value, min, max);
        vm.revertToState(before);
        deployWith(P.MaxValidators, 1, 16, 17);
        bound(P.MaxValidators, 1, 17, 17);
        vm.expectRevert(abi.encodeWithSelector(Parameters.TooMany.selector, P.MaxValidators, 17, 16));
        new Parameters(address(timelock), value, min, max);
        vm.revertToState(before);
        vm.revertToState(before);
        bound(P.VoterFee, 0, 0, 1);
        before = vm.snapshotState();
        deployWith(P.CommitteeSize, 1, 15, 100);
        for (uint64 voters = 14; voters <= 17; voters++) {
            if (voters == 15) continue;
            bound(P.CommitteeSize, 1, voters, 100);
            bytes memory why = voters > 15
                ? abi.encodeWithSelector(Parameters.TooMany.selector, P.CommitteeSize, voters, 15)
                : abi.encodeWithSelector(Parameters.EvenCommittee.selector, voters);
            vm.expectRevert(why);
            new Parameters(address(timelock), value, min, max);
            vm.revertToState(before);
        }
        bound(P.SeedDelay, 5, 4, 64);
        vm.expectRevert(abi.encodeWithSelector(Parameters.OutOfBounds.selector, P.SeedDelay, 4, 5, 64));
        new Parameters(address(timelock), value, min, max);
    }

    /// The courts' numbers: clocks run, a width narrows, bonds cover both rounds' fees, the bound covers a game and both rounds.
    function testCourtsFit() public {
        uint256 before = vm.snapshotState();
        P[3] memory clocks = [P.BisectionClock, P.CommitteeCommit, P.CommitteeReveal];
        for (uint256 i = 0; i < 3; i++) {
            deployWith(clocks[i], 0, 1, 1000);
            short(clocks[i], 0, 0, 1);
            vm.revertToState(before);
        }
        deployWith(P.BisectionWidth, 0, 2, 300);
        short(P.BisectionWidth, 1, 1, 2);
        vm.revertToState(before);
        deployWith(P.BisectionWidth, 2, 256, 300);
        bound(P.BisectionWidth, 2, 257, 300);
        vm.expectRevert(abi.encodeWithSelector(Parameters.TooMany.selector, P.BisectionWidth, 257, 256));
        new Parameters(address(timelock), value, min, max);
        vm.revertToState(before);

        uint64 fees = 2 * value[uint256(P.CommitteeSize)] * value[uint256(P.VoterFee)];
        P[2] memory bonds = [P.AccuserBond, P.BisectionBond];
        for (uint256 i = 0; i < 2; i++) {
            deployWith(bonds[i], 0, fees, 2 * fees);
            short(bonds[i], fees - 1, fees - 1, fees);
            vm.revertToState(before);
        }
        uint64 course = 2 * value[uint256(P.BisectionClock)] + 2 * (2 * value[uint256(P.CommitteeCommit)] + value[uint256(P.CommitteeReveal)]);
        deployWith(P.DisputeBound, 0, course, 30 days);
        short(P.DisputeBound, course - 1, course - 1, course);
    }

    function short(P p, uint64 v, uint256 found, uint256 least) private {
        bound(p, 0, v, type(uint64).max);
        vm.expectRevert(abi.encodeWithSelector(Parameters.TooShort.selector, p, found, least));
        new Parameters(address(timelock), value, min, max);
    }
}
