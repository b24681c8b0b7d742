// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Committee} from "../../src/Committee.sol";
import {Header} from "../../src/Header.sol";
import {Staking} from "../../src/Staking.sol";
import {P} from "../../src/interfaces/IParameters.sol";
import {IVerifier} from "../../src/interfaces/IVerifier.sol";
import {vm} from "../Vm.sol";
import {Court} from "./Court.sol";

contract SeatsTest is Court {
    function one(uint256 slot) internal pure returns (uint256[] memory s) {
        s = new uint256[](1);
        s[0] = slot;
    }

    function testASeatForEachShareOfStake() public {
        vm.assertEq(committee.seatsOf(member(0)), 1);
        vm.assertEq(committee.reserved(member(0)), SEAT);
        uint256 slot = committee.pool();
        vm.expectEmit();
        emit Committee.Enlisted(member(0), slot);
        vm.prank(member(0));
        committee.enlist(one(slot));
        (address account, uint48 from, uint48 until) = committee.seats(slot);
        vm.assertEq(account, member(0));
        vm.assertEq(from, block.timestamp);
        vm.assertEq(until, committee.SITTING());
        vm.assertEq(committee.pool(), slot + 1);
        vm.assertEq(committee.reserved(member(0)), 2 * SEAT);
        vm.prank(member(0));
        vm.expectRevert(abi.encodeWithSelector(Committee.NotEnoughStake.selector, member(0), 200 * ONE, 300 * ONE));
        committee.enlist(one(slot + 1));
    }

    function testWhatLeavesGivesNoSeat() public {
        uint256 slot = committee.pool();
        vm.startPrank(provider);
        staking.requestUnbond(901 * ONE);
        vm.expectRevert(abi.encodeWithSelector(Committee.NotEnoughStake.selector, provider, 99 * ONE, 100 * ONE));
        committee.enlist(one(slot));
        vm.stopPrank();
    }

    function testWhoIsInJailGetsNoSeat() public {
        vm.prank(address(disputes));
        staking.convict(provider, 1, address(0));
        uint256 slot = committee.pool();
        vm.startPrank(provider);
        vm.expectPartialRevert(Committee.NotEnoughStake.selector);
        committee.enlist(one(slot));
        vm.warp(block.timestamp + 86_400);
        committee.enlist(one(slot));
        vm.stopPrank();
    }

    function testATakenSlotIsTaken() public {
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(Committee.SlotTaken.selector, 3));
        committee.enlist(one(3));
    }

    function testSlotsAreUsedAgain() public {
        uint256 longest = committee.longest();
        vm.assertEq(longest, 2 * (2 * COMMIT + REVEAL));
        vm.expectRevert(abi.encodeWithSelector(Committee.StillBound.selector, 3, committee.SITTING()));
        committee.vacate(3);
        vm.expectEmit();
        emit Committee.Left(member(3), 3, block.timestamp + longest);
        vm.prank(member(3));
        committee.resign(3);
        vm.assertEq(committee.reserved(member(3)), SEAT, "stays until no question can call it");
        vm.expectRevert(abi.encodeWithSelector(Committee.NotSitting.selector, 3));
        committee.resign(3);
        vm.warp(block.timestamp + longest);
        vm.expectRevert(abi.encodeWithSelector(Committee.StillBound.selector, 3, block.timestamp));
        committee.vacate(3);
        vm.warp(block.timestamp + 1);
        vm.expectEmit();
        emit Committee.Vacated(member(3), 3);
        committee.vacate(3);
        vm.assertEq(committee.reserved(member(3)), 0);
        vm.expectRevert(abi.encodeWithSelector(Committee.NotSitting.selector, 3));
        committee.vacate(3);
        vm.expectRevert(abi.encodeWithSelector(Committee.NotSitting.selector, 3));
        committee.resign(3);
        uint256 pool = committee.pool();
        vm.prank(provider);
        committee.enlist(one(3));
        (address account,,) = committee.seats(3);
        vm.assertEq(account, provider);
        vm.assertEq(committee.pool(), pool);
    }

    function testTheListGrowsOnlyWhereNoSlotIsFree() public {
        vm.prank(member(3));
        committee.resign(3);
        vm.warp(block.timestamp + committee.longest() + 1);
        committee.vacate(3);
        vm.assertEq(committee.free(), 1);
        uint256 slot = committee.pool();
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(Committee.SlotsFree.selector, 1));
        committee.enlist(one(slot));
        vm.prank(provider);
        committee.enlist(one(3));
        vm.assertEq(committee.free(), 0);
        vm.prank(provider);
        committee.enlist(one(slot));
        vm.assertEq(committee.pool(), slot + 1);
    }

    function testBlanksAtTheEndAreDropped() public {
        for (uint256 i = 3; i < MEMBERS; i++) {
            vm.prank(member(i));
            committee.resign(i);
        }
        vm.warp(block.timestamp + committee.longest() + 1);
        for (uint256 i = 3; i < MEMBERS - 1; i++) {
            committee.vacate(i);
        }
        vm.assertEq(committee.pool(), MEMBERS);
        vm.assertEq(committee.free(), MEMBERS - 4);
        committee.vacate(MEMBERS - 1);
        vm.assertEq(committee.pool(), MEMBERS - 8, "so many at a time");
        vm.assertEq(committee.free(), MEMBERS - 3 - 8);
    }

    function testTheListCanBeEmptyAgain() public {
        for (uint256 i = 0; i < MEMBERS; i++) {
            vm.prank(member(i));
            committee.resign(i);
        }
        vm.warp(block.timestamp + committee.longest() + 1);
        for (uint256 i = MEMBERS; i > 0; i--) {
            committee.vacate(i - 1);
            vm.assertEq(committee.pool(), i - 1);
        }
        vm.assertEq(committee.free(), 0);
        sit(member(0), 1);
        vm.assertEq(committee.pool(), 1);
    }

    function testSeatsKeepTheirStake() public {
        vm.startPrank(member(3));
        vm.expectRevert(abi.encodeWithSelector(Staking.SeatsNeed.selector, SEAT, SEAT - 1));
        staking.requestUnbond(200 * ONE - SEAT + 1);
        staking.requestUnbond(200 * ONE - SEAT);
        committee.resign(3);
        vm.expectRevert(abi.encodeWithSelector(Staking.SeatsNeed.selector, SEAT, SEAT - 1));
        staking.requestUnbond(1);
        vm.warp(block.timestamp + committee.longest() + 1);
        committee.vacate(3);
        staking.requestUnbond(SEAT);
        vm.stopPrank();
        vm.assertEq(staking.activeOf(member(3)), 0);
    }

    function testNobodyUnseatsWhoHasItsStake() public {
        vm.expectRevert(abi.encodeWithSelector(Committee.NotYours.selector, 3, member(3)));
        committee.resign(3);
        vm.prank(address(disputes));
        staking.slash(member(3), 100 * ONE, address(0));
        vm.expectRevert(abi.encodeWithSelector(Committee.NotYours.selector, 3, member(3)));
        committee.resign(3);
        vm.prank(address(disputes));
        staking.slash(member(3), 1, address(0));
        committee.resign(3);
        (,, uint48 until) = committee.seats(3);
        vm.assertEq(until, block.timestamp);
    }

    function testWhoLeavesJailKeepsItsSeat() public {
        uint256 slot = committee.pool();
        vm.prank(provider);
        committee.enlist(one(slot));
        uint256 free = block.timestamp + 86_400;
        vm.prank(address(disputes));
        staking.convict(provider, 1, address(0));
        vm.warp(free);
        vm.expectRevert(abi.encodeWithSelector(Committee.NotYours.selector, slot, provider));
        committee.resign(slot);
        vm.warp(free - 1);
        committee.resign(slot);
    }
}

contract QuestionsTest is Court {
    uint256 internal id;

    function setUp() public override {
        super.setUp();
        id = ask();
    }

    function question() internal view returns (IVerifier.Question memory) {
        return IVerifier.Question("subject", "evidence", 5, accuser, provider, consumer, provider);
    }

    function ask() internal returns (uint256) {
        vm.prank(accuser);
        return committee.ask(question());
    }

    function stageIs(Committee.Stage s) internal view {
        vm.assertEq(uint256(committee.caseOf(id).stage), uint256(s), "stage");
    }

    function answers(IVerifier.Answer a, uint256 spent) internal view {
        (IVerifier.Answer value, uint256 cost) = committee.answer(id);
        vm.assertEq(uint256(value), uint256(a), "answer");
        vm.assertEq(cost, spent, "spent");
        stageIs(Committee.Stage.Over);
        vm.assertEq(balance(address(committee)), 0, "nothing stays");
    }

    function testAskingTakesThePriceInAdvance() public {
        vm.assertEq(committee.price(), 2 * SIZE * FEE);
        vm.assertEq(balance(address(committee)), 2 * SIZE * FEE);
        Committee.Case memory c = committee.caseOf(id);
        vm.assertEq(c.asker, accuser);
        vm.assertEq(c.seedBlock, block.number + DELAY);
        vm.assertEq(c.end, block.timestamp + COMMIT);
        vm.assertEq(c.pool, MEMBERS);
        vm.assertEq(c.round, 1);
        (IVerifier.Answer a,) = committee.answer(id);
        vm.assertEq(uint256(a), uint256(IVerifier.Answer.Pending));
        vm.expectEmit();
        emit Committee.Asked(id + 1, accuser, provider, question(), block.number + DELAY);
        ask();
    }

    function testTheSeedsBlockHasToBeThere() public {
        bytes memory h = "";
        vm.expectRevert(abi.encodeWithSelector(Committee.TooEarly.selector, block.number, block.number + DELAY + 1));
        committee.draw(id, h);
        pass(DELAY, 12);
        vm.expectRevert(abi.encodeWithSelector(Committee.TooEarly.selector, block.number, block.number + 1));
        committee.draw(id, h);
        pass(1, 12);
        bytes memory other = header(block.number - 1, "x");
        h = header(block.number - 1, "r");
        vm.expectPartialRevert(Header.WrongHeader.selector);
        committee.draw(id, other);
        committee.draw(id, h);
        stageIs(Committee.Stage.Voting);
        vm.expectRevert(abi.encodeWithSelector(Committee.WrongStage.selector, id, Committee.Stage.Voting, Committee.Stage.Drawing));
        committee.draw(id, h);
    }

    function testASeedThatIsForgottenIsTakenAnew() public {
        uint256 first = committee.caseOf(id).seedBlock;
        vm.roll(first + 256);
        vm.expectRevert(abi.encodeWithSelector(Committee.SeedThere.selector, first, first + 256));
        committee.reseed(id);
        vm.roll(first + 257);
        bytes memory h = header(first, "r");
        vm.expectRevert(abi.encodeWithSelector(Committee.SeedGone.selector, first, first + 257));
        committee.draw(id, h);
        vm.expectEmit();
        emit Committee.Reseeded(id, first + 257 + DELAY);
        committee.reseed(id);
        draw(id, "r");
        stageIs(Committee.Stage.Voting);
        vm.expectPartialRevert(Committee.WrongStage.selector);
        committee.reseed(id);
    }

    function testTheOldestKnownSeedIsTaken() public {
        uint256 first = committee.caseOf(id).seedBlock;
        vm.roll(first + 256);
        committee.draw(id, header(first, "r"));
        stageIs(Committee.Stage.Voting);
    }

    function testWithoutADrawItEnds() public {
        vm.warp(committee.caseOf(id).end);
        vm.expectRevert(abi.encodeWithSelector(Committee.TooEarly.selector, block.timestamp, block.timestamp + 1));
        committee.close(id);
        pass(DELAY + 1, 1);
        bytes memory h = header(committee.caseOf(id).seedBlock, "r");
        vm.expectRevert(abi.encodeWithSelector(Committee.TooLate.selector, block.timestamp, block.timestamp - 1));
        committee.draw(id, h);
        committee.close(id);
        answers(IVerifier.Answer.NoAnswer, SIZE * FEE);
        vm.assertEq(balance(accuser), 1000 * ONE - SIZE * FEE, "who asks and does not draw has not asked for nothing");
        vm.assertEq(balance(treasury), SIZE * FEE);
        vm.expectPartialRevert(Committee.WrongStage.selector);
        committee.close(id);
    }

    function testACommitteeIsDrawn() public {
        address[] memory all = draw(id, "r");
        uint256 sum = 0;
        for (uint256 i = 0; i < all.length; i++) {
            sum += committee.memberOf(id, 1, all[i]).seats;
            vm.assertTrue(all[i] != accuser && all[i] != provider && all[i] != consumer);
            for (uint256 k = 0; k < i; k++) {
                vm.assertTrue(all[i] != all[k], "each once");
            }
        }
        vm.assertEq(sum, SIZE);
        vm.assertEq(committee.caseOf(id).end, block.timestamp + COMMIT);
    }

    function testPartiesAreNeverDrawn() public {
        // Though they have most of the seats.
        give(accuser, 0, 1000 * ONE);
        give(consumer, 0, 1000 * ONE);
        sit(provider, 10);
        sit(accuser, 10);
        sit(consumer, 10);
        vm.warp(block.timestamp + 1);
        for (uint256 n = 0; n < 5; n++) {
            id = ask();
            address[] memory all = draw(id, bytes32(n));
            for (uint256 i = 0; i < all.length; i++) {
                vm.assertTrue(all[i] != accuser && all[i] != provider && all[i] != consumer, "a party was drawn");
            }
        }
    }

    function testTheSeatsAreThoseOfTheQuestion() public {
        // Whoever sees the beacon can change nothing about who is drawn: seats taken later are not there, seats left later still are.
        uint256 snapshot = vm.snapshotState();
        address[] memory before = draw(id, "r");
        vm.revertToState(snapshot);
        sit(provider, 10);
        vm.startPrank(juror);
        uint256[] memory ten = new uint256[](10);
        for (uint256 i = 0; i < 10; i++) {
            ten[i] = committee.pool() + i;
        }
        committee.enlist(ten);
        vm.stopPrank();
        for (uint256 i = 0; i < MEMBERS; i++) {
            vm.prank(member(i));
            committee.resign(i);
        }
        address[] memory later = draw(id, "r");
        vm.assertEq(later.length, before.length);
        for (uint256 i = 0; i < before.length; i++) {
            vm.assertEq(later[i], before[i]);
        }
        // And the next question finds nobody but them.
        vm.warp(block.timestamp + 1);
        id = ask();
        later = draw(id, "r");
        for (uint256 i = 0; i < later.length; i++) {
            vm.assertEq(later[i], juror);
        }
        vm.assertEq(committee.memberOf(id, 1, juror).seats, SIZE, "who has all seats has all votes");
    }

    function testASlotTakenAnewIsNotThere() public {
        // A slot that changed hands after the question is nobody's seat for it.
        for (uint256 i = 0; i < MEMBERS; i++) {
            vm.prank(member(i));
            committee.resign(i);
        }
        vm.warp(block.timestamp + committee.longest() + 1);
        for (uint256 i = 0; i < MEMBERS - 1; i++) {
            committee.vacate(i);
        }
        id = ask();
        committee.vacate(MEMBERS - 1); // the list is shorter now than when it was asked
        vm.assertTrue(committee.pool() < MEMBERS);
        uint256 snapshot = vm.snapshotState();
        draw(id, "r");
        stageIs(Committee.Stage.Over);
        vm.revertToState(snapshot);
        uint256[] memory ten = new uint256[](10);
        for (uint256 i = 0; i < 10; i++) {
            ten[i] = i;
        }
        vm.prank(juror);
        committee.enlist(ten);
        vm.assertTrue(committee.pool() >= 10);
        draw(id, "r");
        stageIs(Committee.Stage.Over);
        (IVerifier.Answer a,) = committee.answer(id);
        vm.assertEq(uint256(a), uint256(IVerifier.Answer.NoAnswer));
    }

    function testWithoutStakeNobodyIsDrawn() public {
        for (uint256 i = 0; i < MEMBERS; i++) {
            vm.startPrank(address(disputes));
            if (i % 2 == 0) staking.slash(member(i), 101 * ONE, address(0));
            else staking.convict(member(i), 1, address(0));
            vm.stopPrank();
        }
        draw(id, "r");
        answers(IVerifier.Answer.NoAnswer, 0);
    }

    function testWithTooFewSeatsThereIsNoAnswer() public {
        // Two members have all seats but are parties: nobody can be drawn. Nobody is penalised for that.
        Committee empty = new Committee(token, staking, parameters, treasury);
        vm.prank(accuser);
        token.approve(address(empty), type(uint256).max);
        vm.prank(accuser);
        uint256 n = empty.ask(question());
        pass(DELAY + 1, 60);
        empty.draw(n, header(empty.caseOf(n).seedBlock, "r"));
        (IVerifier.Answer a, uint256 spent) = empty.answer(n);
        vm.assertEq(uint256(a), uint256(IVerifier.Answer.NoAnswer));
        vm.assertEq(spent, 0);
        vm.assertEq(balance(address(empty)), 0);
    }

    function testFuzzSplittingGainsNothing(bytes32 randomness) public {
        // One account with as many seats as all others together has no more of the committee than its share says, within chance: no seat is
        // drawn more often for being somebody's fifth. The draw is by seats, so this follows from who holds the seat that each ticket names.
        give(juror, 0, 1000 * ONE);
        sit(juror, MEMBERS);
        vm.warp(block.timestamp + 1);
        id = ask();
        address[] memory all = draw(id, randomness);
        bytes32 seed = sha256(
            abi.encodePacked("gwrun committee beacon 1\x00", block.chainid, address(committee), id, uint8(1), randomness)
        );
        uint256 mine = 0;
        for (uint64 k = 0; k < SIZE; k++) {
            uint256 ticket = uint256(sha256(abi.encodePacked("gwrun committee 2\x00", seed, k))) % (2 * MEMBERS);
            if (ticket >= MEMBERS) mine++;
        }
        vm.assertEq(committee.memberOf(id, 1, juror).seats, mine);
        vm.assertTrue(all.length > 0);
    }

    // ---- votes ----

    function testVotesCannotBeCopied() public {
        address[] memory all = draw(id, "r");
        bytes32 hash = committee.ballotHash(id, 1, all[0], Committee.Ballot.Guilty, "vote");
        vm.prank(all[0]);
        committee.commit(id, hash);
        vm.prank(all[1]);
        committee.commit(id, hash); // a copy
        pass(1, COMMIT + 1);
        voteAs(id, all[0], Committee.Ballot.Guilty);
        bytes32 opens = committee.ballotHash(id, 1, all[1], Committee.Ballot.Guilty, "vote");
        vm.prank(all[1]);
        vm.expectRevert(abi.encodeWithSelector(Committee.WrongVote.selector, opens, hash));
        committee.vote(id, Committee.Ballot.Guilty, "vote");
    }

    function testFuzzACopyOpensNothing(bytes32 salt, bytes32 other, uint8 ballot, uint8 otherBallot) public {
        address[] memory all = draw(id, "r");
        bytes32 hash = committee.ballotHash(id, 1, all[0], Committee.Ballot(1 + ballot % 3), salt);
        vm.prank(all[1]);
        committee.commit(id, hash);
        pass(1, COMMIT + 1);
        vm.prank(all[1]);
        vm.expectPartialRevert(Committee.WrongVote.selector);
        committee.vote(id, Committee.Ballot(1 + otherBallot % 3), other);
    }

    function testTheHashBindsEverything() public view {
        bytes32 h = committee.ballotHash(1, 1, juror, Committee.Ballot.Guilty, "s");
        vm.assertTrue(h != committee.ballotHash(2, 1, juror, Committee.Ballot.Guilty, "s"));
        vm.assertTrue(h != committee.ballotHash(1, 2, juror, Committee.Ballot.Guilty, "s"));
        vm.assertTrue(h != committee.ballotHash(1, 1, accuser, Committee.Ballot.Guilty, "s"));
        vm.assertTrue(h != committee.ballotHash(1, 1, juror, Committee.Ballot.Innocent, "s"));
        vm.assertTrue(h != committee.ballotHash(1, 1, juror, Committee.Ballot.Guilty, "t"));
    }

    function testWhatADrawAndAVoteSay() public {
        uint256 snapshot = vm.snapshotState();
        address[] memory all = draw(id, "r");
        uint256 end = committee.caseOf(id).end;
        vm.revertToState(snapshot);
        uint256 number = committee.caseOf(id).seedBlock;
        pass(number + 1 - block.number, 12);
        bytes memory h = header(number, "r");
        vm.expectEmit();
        emit Committee.Drawn(id, 1, all, end);
        committee.draw(id, h);
        vm.assertEq(end, block.timestamp + COMMIT);
        promiseAs(id, all[0], Committee.Ballot.Innocent);
        vm.warp(end + 1);
        vm.expectEmit();
        emit Committee.Voted(id, 1, all[0], Committee.Ballot.Innocent);
        voteAs(id, all[0], Committee.Ballot.Innocent);
        vm.assertEq(uint256(committee.memberOf(id, 1, all[0]).ballot), uint256(Committee.Ballot.Innocent));
    }

    function testItsWorkIsBounded() public view {
        vm.assertEq(committee.LOOKBACK(), 256);
        vm.assertEq(committee.ROUNDS(), 2);
        vm.assertEq(committee.TRIES(), 16);
        vm.assertEq(committee.TRIM(), 8);
    }

    function testOnlyMembersOnce() public {
        address[] memory all = draw(id, "r");
        vm.expectRevert(abi.encodeWithSelector(Committee.NotMember.selector, id, address(this)));
        committee.commit(id, "h");
        vm.expectRevert(abi.encodeWithSelector(Committee.NotMember.selector, id, address(this)));
        committee.vote(id, Committee.Ballot.Guilty, "h");
        vm.prank(all[0]);
        vm.expectRevert(Committee.EmptyPromise.selector);
        committee.commit(id, 0);
        vm.expectEmit();
        emit Committee.Promised(id, 1, all[0]);
        promiseAs(id, all[0], Committee.Ballot.Guilty);
        vm.prank(all[0]);
        vm.expectRevert(abi.encodeWithSelector(Committee.AlreadyPromised.selector, id, all[0]));
        committee.commit(id, "h");
        vm.prank(all[1]);
        vm.expectRevert(abi.encodeWithSelector(Committee.NothingPromised.selector, id, all[1]));
        committee.vote(id, Committee.Ballot.Guilty, "h");
    }

    function testClocksOfVotes() public {
        address[] memory all = draw(id, "r");
        uint256 end = committee.caseOf(id).end;
        promiseAs(id, all[0], Committee.Ballot.Guilty);
        vm.warp(end);
        promiseAs(id, all[1], Committee.Ballot.Guilty);
        vm.prank(all[0]);
        vm.expectRevert(abi.encodeWithSelector(Committee.TooEarly.selector, end, end + 1));
        committee.vote(id, Committee.Ballot.Guilty, "vote");
        vm.warp(end + 1);
        vm.prank(all[2]);
        vm.expectRevert(abi.encodeWithSelector(Committee.TooLate.selector, end + 1, end));
        committee.commit(id, "h");
        vm.prank(all[0]);
        vm.expectRevert(Committee.NoBallot.selector);
        committee.vote(id, Committee.Ballot.None, "vote");
        voteAs(id, all[0], Committee.Ballot.Guilty);
        vm.prank(all[0]);
        vm.expectRevert(abi.encodeWithSelector(Committee.NothingPromised.selector, id, all[0]));
        committee.vote(id, Committee.Ballot.Guilty, "vote");
        vm.warp(end + REVEAL + 1);
        vm.prank(all[1]);
        vm.expectRevert(abi.encodeWithSelector(Committee.TooLate.selector, end + REVEAL + 1, end + REVEAL));
        committee.vote(id, Committee.Ballot.Guilty, "vote");
        vm.warp(end + REVEAL);
        voteAs(id, all[1], Committee.Ballot.Guilty);
    }

    function testWhenAllArePromisedVotesMayBeOpened() public {
        address[] memory all = draw(id, "r");
        for (uint256 i = 0; i < all.length - 1; i++) {
            promiseAs(id, all[i], Committee.Ballot.Guilty);
        }
        vm.assertEq(committee.caseOf(id).end, block.timestamp + COMMIT);
        vm.expectEmit();
        emit Committee.Bound(id, 1, block.timestamp + REVEAL);
        promiseAs(id, all[all.length - 1], Committee.Ballot.Guilty);
        vm.assertEq(committee.caseOf(id).end, block.timestamp);
        vm.prank(all[0]);
        vm.expectPartialRevert(Committee.TooEarly.selector);
        committee.vote(id, Committee.Ballot.Guilty, "vote");
        pass(1, 1);
        voteAs(id, all[0], Committee.Ballot.Guilty);
    }

    // ---- ends ----

    /// Members of the last committee, in its order, with so many seats together at least.
    function splitAt(address[] memory all, uint256 wanted) internal view returns (uint256 n, uint256 seats) {
        for (; seats < wanted; n++) {
            seats += committee.memberOf(id, committee.caseOf(id).round, all[n]).seats;
        }
    }

    /// A draw of five different members, so that a test can count.
    function five() internal returns (address[] memory all) {
        uint256 snapshot = vm.snapshotState();
        for (uint256 n = 0;; n++) {
            all = draw(id, bytes32(n));
            if (all.length == SIZE) return all;
            vm.revertToState(snapshot);
            snapshot = vm.snapshotState();
        }
    }

    function run(address[] memory all, Committee.Ballot[5] memory ballots) internal {
        for (uint256 i = 0; i < SIZE; i++) {
            if (ballots[i] != Committee.Ballot.None) promiseAs(id, all[i], ballots[i]);
        }
        vm.warp(committee.caseOf(id).end + 1);
        for (uint256 i = 0; i < SIZE; i++) {
            if (ballots[i] != Committee.Ballot.None) voteAs(id, all[i], ballots[i]);
        }
    }

    function testMajorityIsPaidAndMinorityPays() public {
        address[] memory all = five();
        Committee.Ballot g = Committee.Ballot.Guilty;
        run(all, [g, g, g, Committee.Ballot.Innocent, Committee.Ballot.Unavailable]);
        uint16[4] memory tally = committee.tallyOf(id, 1);
        uint8[4] memory said = [5, 3, 1, 1]; // promised, guilty, innocent, unavailable
        for (uint256 i = 0; i < 4; i++) {
            vm.assertEq(tally[i], said[i]);
            vm.assertEq(committee.tallyOf(id, 2)[i], 0);
        }
        for (uint256 i = 0; i < 4; i++) {
            vm.expectEmit();
            if (i < 3) emit Committee.Paid(id, all[i], FEE);
            else emit Committee.Penalised(id, all[i], PENALTY);
        }
        vm.expectEmit();
        emit Committee.Answered(id, IVerifier.Answer.Guilty, 3 * FEE);
        committee.close(id);
        answers(IVerifier.Answer.Guilty, 3 * FEE);
        for (uint256 i = 0; i < 3; i++) {
            vm.assertEq(balance(all[i]), FEE);
            vm.assertEq(staked(all[i]), 200 * ONE);
        }
        vm.assertEq(staked(all[3]), 200 * ONE - PENALTY);
        vm.assertEq(balance(all[3]), 0);
        vm.assertEq(staked(all[4]), 200 * ONE, "who could not check is left alone");
        vm.assertEq(balance(all[4]), 0);
        vm.assertEq(balance(accuser), 1000 * ONE - 3 * FEE, "what was not spent comes back");
        vm.assertEq(balance(treasury), PENALTY * 7 / 10);
    }

    function testInnocentByMajority() public {
        address[] memory all = five();
        Committee.Ballot n = Committee.Ballot.Innocent;
        run(all, [n, n, n, Committee.Ballot.Guilty, Committee.Ballot.None]);
        // One never promised: all who did have voted.
        committee.close(id);
        answers(IVerifier.Answer.Innocent, 3 * FEE);
        vm.assertEq(balance(all[0]), FEE);
        vm.assertEq(staked(all[3]), 200 * ONE - PENALTY, "the minority");
        vm.assertEq(staked(all[4]), 200 * ONE - PENALTY, "the silent");
    }

    function testUnavailableByMajority() public {
        address[] memory all = five();
        Committee.Ballot u = Committee.Ballot.Unavailable;
        run(all, [u, u, u, Committee.Ballot.Guilty, Committee.Ballot.None]);
        committee.close(id);
        answers(IVerifier.Answer.NoAnswer, 5 * FEE);
        vm.assertEq(balance(treasury), 5 * FEE + PENALTY * 7 / 10, "the accuser pays, nobody earns");
        vm.assertEq(balance(all[0]), 0);
        vm.assertEq(staked(all[3]), 200 * ONE, "somebody may have been served alone");
        vm.assertEq(staked(all[4]), 200 * ONE - PENALTY, "the silent");
    }

    function testNobodyIsCutOff() public {
        address[] memory all = five();
        for (uint256 i = 0; i < SIZE; i++) {
            promiseAs(id, all[i], Committee.Ballot.Guilty);
        }
        uint256 end = committee.caseOf(id).end;
        vm.expectRevert(abi.encodeWithSelector(Committee.Undecidable.selector, end + REVEAL));
        committee.close(id);
        pass(1, 1);
        for (uint256 i = 0; i < 3; i++) {
            voteAs(id, all[i], Committee.Ballot.Guilty);
        }
        // A majority is there, and the others still may speak: they would be penalised otherwise.
        vm.warp(end + REVEAL);
        vm.expectRevert(abi.encodeWithSelector(Committee.Undecidable.selector, end + REVEAL));
        committee.close(id);
        vm.warp(end + REVEAL + 1);
        committee.close(id);
        answers(IVerifier.Answer.Guilty, 3 * FEE);
        vm.assertEq(staked(all[4]), 200 * ONE - PENALTY);
    }

    function testWithoutAPromiseItEndsAtOnce() public {
        draw(id, "r");
        vm.warp(committee.caseOf(id).end);
        vm.expectPartialRevert(Committee.Undecidable.selector);
        committee.close(id);
        vm.warp(block.timestamp + 1);
        committee.close(id);
        stageIs(Committee.Stage.Drawing);
    }

    function testWithoutAMajorityOthersAreAsked() public {
        address[] memory all = five();
        (Committee.Ballot g, Committee.Ballot n) = (Committee.Ballot.Guilty, Committee.Ballot.Innocent);
        run(all, [g, g, n, n, Committee.Ballot.None]);
        vm.expectEmit();
        emit Committee.Undecided(id, block.number + DELAY);
        committee.close(id);
        Committee.Case memory c = committee.caseOf(id);
        vm.assertEq(c.round, 2);
        vm.assertEq(c.end, block.timestamp + COMMIT);
        vm.assertEq(staked(all[4]), 200 * ONE, "not settled yet");
        address[] memory others = draw(id, "s");
        for (uint256 i = 0; i < others.length; i++) {
            for (uint256 k = 0; k < SIZE; k++) {
                vm.assertTrue(others[i] != all[k], "others");
            }
            promiseAs(id, others[i], g);
        }
        pass(1, 12);
        for (uint256 i = 0; i < others.length; i++) {
            voteAs(id, others[i], g);
        }
        committee.close(id);
        // Both rounds are settled by the answer.
        answers(IVerifier.Answer.Guilty, 2 * FEE + SIZE * FEE);
        vm.assertEq(balance(all[0]), FEE);
        vm.assertEq(balance(all[1]), FEE);
        vm.assertEq(staked(all[2]), 200 * ONE - PENALTY);
        vm.assertEq(staked(all[3]), 200 * ONE - PENALTY);
        vm.assertEq(staked(all[4]), 200 * ONE - PENALTY);
        vm.assertEq(balance(accuser), 1000 * ONE - 7 * FEE);
    }

    function testASecondRoundIsOfOthersWhateverIsDrawn() public {
        address[] memory first = undecided();
        uint256 snapshot = vm.snapshotState();
        for (uint256 n = 0; n < 8; n++) {
            address[] memory others = draw(id, bytes32(n));
            for (uint256 i = 0; i < others.length; i++) {
                for (uint256 k = 0; k < SIZE; k++) {
                    vm.assertTrue(others[i] != first[k], "was asked already");
                }
            }
            vm.revertToState(snapshot);
            snapshot = vm.snapshotState();
        }
    }

    function undecided() internal returns (address[] memory all) {
        all = five();
        (Committee.Ballot g, Committee.Ballot n) = (Committee.Ballot.Guilty, Committee.Ballot.Innocent);
        run(all, [g, g, n, n, Committee.Ballot.None]);
        committee.close(id);
    }

    function testTwoRoundsAreAll() public {
        address[] memory first = undecided();
        draw(id, "s");
        vm.warp(committee.caseOf(id).end + 1);
        committee.close(id);
        answers(IVerifier.Answer.NoAnswer, 0);
        vm.assertEq(staked(first[0]), 200 * ONE, "without an answer nobody was wrong");
        vm.assertEq(staked(first[2]), 200 * ONE);
        vm.assertEq(staked(first[4]), 200 * ONE - PENALTY, "but the silent were silent");
        vm.assertEq(balance(accuser), 1000 * ONE);
    }

    function testASecondRoundThatIsNotDrawnEnds() public {
        address[] memory first = undecided();
        vm.warp(committee.caseOf(id).end + 1);
        committee.close(id);
        answers(IVerifier.Answer.NoAnswer, 0);
        vm.assertEq(staked(first[4]), 200 * ONE - PENALTY);
        vm.assertEq(staked(first[0]), 200 * ONE);
    }

    function testASecondRoundWithoutMembersEnds() public {
        address[] memory first = undecided();
        for (uint256 i = 0; i < MEMBERS; i++) {
            vm.prank(address(disputes));
            staking.convict(member(i), 1, address(0));
        }
        draw(id, "s");
        answers(IVerifier.Answer.NoAnswer, 0);
        vm.assertEq(staked(first[4]), 200 * ONE - 1 - PENALTY);
    }

    function testFuzzMoneyInIsMoneyOut(uint8[5] memory said, bool[5] memory opened) public {
        address[] memory all = five();
        for (uint256 i = 0; i < SIZE; i++) {
            if (said[i] % 4 != 0) promiseAs(id, all[i], Committee.Ballot(said[i] % 4));
        }
        uint256[4] memory votes;
        vm.warp(committee.caseOf(id).end + 1);
        for (uint256 i = 0; i < SIZE; i++) {
            if (said[i] % 4 != 0 && opened[i]) {
                voteAs(id, all[i], Committee.Ballot(said[i] % 4));
                votes[said[i] % 4]++;
            }
        }
        vm.warp(committee.caseOf(id).end + REVEAL + 1);
        committee.close(id);
        if (committee.caseOf(id).stage == Committee.Stage.Drawing) {
            vm.assertTrue(votes[1] < 3 && votes[2] < 3 && votes[3] < 3);
            vm.warp(committee.caseOf(id).end + 1);
            committee.close(id);
        } else {
            vm.assertTrue(votes[1] >= 3 || votes[2] >= 3 || votes[3] >= 3);
        }
        (IVerifier.Answer a, uint256 spent) = committee.answer(id);
        answers(a, spent);
        vm.assertEq(balance(accuser), 1000 * ONE - spent);
        uint256 paid = balance(treasury);
        for (uint256 i = 0; i < SIZE; i++) {
            paid += balance(all[i]);
            bool voted = said[i] % 4 != 0 && opened[i];
            bool right = uint256(a) == said[i] % 4 || said[i] % 4 == 3 || a == IVerifier.Answer.NoAnswer;
            if (voted && right) vm.assertEq(staked(all[i]), 200 * ONE, "who votes as decided loses nothing");
        }
        vm.assertGe(paid, spent, "fees arrive");
    }
}
