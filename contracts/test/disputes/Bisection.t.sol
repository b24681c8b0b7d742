// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bisection} from "../../src/Bisection.sol";
import {Committee} from "../../src/Committee.sol";
import {Disputes} from "../../src/Disputes.sol";
import {Interval, Records} from "../../src/Records.sol";
import {IntervalCommit, Typed} from "../../src/Typed.sol";
import {IMarket, Terms} from "../../src/interfaces/IMarket.sol";
import {P} from "../../src/interfaces/IParameters.sol";
import {IVerifier} from "../../src/interfaces/IVerifier.sol";
import {vm} from "../Vm.sol";
import {Court} from "./Court.sol";

/// Games between a provider and a challenger who say of each place what the test has them say.
abstract contract Board is Court {
    function signed(uint256 key, Interval memory r) internal view returns (bytes memory) {
        return plain(key, keccak256(abi.encode(Typed.INTERVAL_COMMIT, IntervalCommit(terms().job, r.index, Records.hash(r)))));
    }

    /// Interval 3 of so many steps, behind step 100.
    function challengeOf(uint64 theirs, uint64 mine) internal view returns (Bisection.Challenge memory c) {
        c.prior = Interval(2, 100, "before", "t", 10, 20);
        c.priorSig = signed(PROVIDER, c.prior);
        c.claimed = Interval(3, 100 + theirs, "claimed", "t", 30, 40);
        c.claimedSig = signed(PROVIDER, c.claimed);
        c.own = Interval(3, 100 + mine, "own", "t", 30, 40);
    }

    function begin(Terms memory t, Bisection.Challenge memory c) internal returns (uint256) {
        bytes32 name = idOf(t);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER, name));
        vm.prank(accuser);
        return bisection.challenge(t, a, b, c);
    }

    function game(uint64 steps) internal returns (uint256) {
        return begin(terms(), challengeOf(steps, steps));
    }

    /// What is true of a place, and what a liar says behind the place of its lie.
    function value(uint64 place, uint64 lieFrom) internal pure returns (bytes32) {
        return keccak256(abi.encode(place, place >= lieFrom));
    }

    function list(uint256 id, uint64 lieFrom) internal view returns (bytes32[] memory out) {
        Bisection.Game memory g = bisection.gameOf(id);
        out = new bytes32[](bisection.count(g.lo, g.hi, g.width));
        for (uint64 i = 0; i < out.length; i++) {
            out[i] = value(bisection.place(g.lo, g.hi, g.width, i + 1), lieFrom);
        }
    }

    function say(uint256 id, bytes32[] memory values) internal {
        vm.prank(provider);
        bisection.say(id, values);
    }

    function respond(uint256 id, bytes32[] memory theirs, bytes32[] memory own) internal {
        vm.prank(accuser);
        bisection.respond(id, theirs, own);
    }

    /// Both move until one step is left. Who lies says something else from a place on.
    function play(uint256 id, uint64 providerLies, uint64 challengerLies) internal returns (uint256 rounds) {
        while (bisection.gameOf(id).stage == Bisection.Stage.Provider) {
            bytes32[] memory theirs = list(id, providerLies);
            bytes32[] memory own = list(id, challengerLies);
            say(id, theirs);
            pass(1, 12);
            respond(id, theirs, own);
            pass(1, 12);
            rounds++;
        }
    }

    function stageIs(uint256 id, Bisection.Stage s) internal view {
        vm.assertEq(uint256(bisection.gameOf(id).stage), uint256(s), "stage");
    }
}

contract GamesTest is Board {
    uint64 internal constant NEVER = type(uint64).max;

    function testAChallengeBegins() public {
        Terms memory t = terms();
        docket.open(idOf(t), IMarket.State.Opened);
        bytes32 name = idOf(t);
        Bisection.Challenge memory c = challengeOf(50, 60);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER, name));
        vm.expectEmit();
        emit Bisection.Begun(1, t.job, provider, accuser, name, 3, 60);
        vm.prank(accuser);
        uint256 id = bisection.challenge(t, a, b, c);
        Bisection.Game memory g = bisection.gameOf(id);
        vm.assertEq(g.terms, name);
        vm.assertEq(g.challenger, accuser);
        vm.assertEq(g.provider, provider);
        vm.assertEq(g.consumer, consumer);
        vm.assertTrue(g.held);
        vm.assertEq(g.bond, GAME_BOND);
        vm.assertEq(g.lo, 0);
        vm.assertEq(g.hi, 60);
        vm.assertEq(g.providerClock, CLOCK);
        vm.assertEq(g.challengerClock, CLOCK);
        vm.assertEq(g.since, block.timestamp);
        vm.assertEq(g.width, 4);
        vm.assertEq(g.first, Records.begin(c.prior));
        vm.assertEq(g.theirs, bisection.OVER(), "the provider's interval is over there");
        vm.assertEq(g.own, Records.end(c.own));
        vm.assertEq(balance(address(bisection)), GAME_BOND);
        vm.assertTrue(docket.holds(name) == 1);
        stageIs(id, Bisection.Stage.Provider);
    }

    function testWhoseIntervalIsShorterSaysOver() public {
        uint256 id = begin(terms(), challengeOf(60, 50));
        Bisection.Game memory g = bisection.gameOf(id);
        vm.assertEq(g.hi, 60);
        vm.assertEq(g.theirs, Records.end(challengeOf(60, 50).claimed));
        vm.assertEq(g.own, bisection.OVER());
    }

    function testTheFirstIntervalBeginsAtTheBeginning() public {
        Bisection.Challenge memory c;
        c.claimed = Interval(0, 8, "claimed", "t", 1, 1);
        c.claimedSig = signed(PROVIDER, c.claimed);
        c.own = Interval(0, 8, "own", "t", 1, 1);
        uint256 id = begin(terms(), c);
        vm.assertEq(bisection.gameOf(id).first, Records.first());
        vm.assertEq(bisection.gameOf(id).hi, 8);
    }

    function refuses(Bisection.Challenge memory c, bytes memory why) internal {
        Terms memory t = terms();
        bytes32 name = idOf(t);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER, name));
        vm.expectRevert(why);
        vm.prank(accuser);
        bisection.challenge(t, a, b, c);
    }

    function testChallengesThatAreNone() public {
        Bisection.Challenge memory c = challengeOf(50, 50);
        c.own = c.claimed;
        refuses(c, abi.encodeWithSelector(Bisection.Agreed.selector, Records.hash(c.claimed)));
        c = challengeOf(50, 50);
        c.own.index = 4;
        refuses(c, abi.encodeWithSelector(Bisection.WrongInterval.selector, 4, 3));
        c = challengeOf(50, 50);
        c.prior.index = 1;
        refuses(c, abi.encodeWithSelector(Bisection.WrongInterval.selector, 1, 2));
        c = challengeOf(50, 50);
        c.own.lastStep = 100;
        refuses(c, abi.encodeWithSelector(Bisection.WrongSteps.selector, 100, 100));
        c = challengeOf(50, 50);
        c.own.lastStep = 101 + (1 << 40);
        refuses(c, abi.encodeWithSelector(Bisection.WrongSteps.selector, 101 + (1 << 40), 100));
        c = challengeOf(50, 50);
        c.claimedSig = signed(ACCUSER, c.claimed);
        refuses(c, abi.encodeWithSelector(Typed.WrongSigner.selector, accuser, provider));
        c = challengeOf(50, 50);
        c.priorSig = signed(ACCUSER, c.prior);
        refuses(c, abi.encodeWithSelector(Typed.WrongSigner.selector, accuser, provider));
    }

    function testTheLongestChallenge() public {
        uint256 id = begin(terms(), challengeOf(50, 1 << 40));
        vm.assertEq(bisection.gameOf(id).hi, 1 << 40);
        // A record that never ends is bounded too, and one that ends before it begins is over at once.
        id = begin(terms(), challengeOf((1 << 40) + 7, 50));
        vm.assertEq(bisection.gameOf(id).hi, bisection.MAX_STEPS());
        vm.assertEq(bisection.gameOf(id).theirs, Records.end(challengeOf((1 << 40) + 7, 50).claimed));
        Bisection.Challenge memory c = challengeOf(0, 50);
        c.claimed.lastStep = 99;
        c.claimedSig = signed(PROVIDER, c.claimed);
        id = begin(terms(), c);
        vm.assertEq(bisection.gameOf(id).hi, 50);
        vm.assertEq(bisection.gameOf(id).theirs, bisection.OVER());
    }

    function testTermsHaveToBeSignedAndYoung() public {
        Terms memory t = terms();
        bytes32 name = idOf(t);
        Bisection.Challenge memory c = challengeOf(50, 50);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER, name));
        vm.prank(accuser);
        vm.expectPartialRevert(Typed.WrongSigner.selector);
        bisection.challenge(t, b, b, c);
        vm.prank(accuser);
        vm.expectPartialRevert(Typed.WrongSigner.selector);
        bisection.challenge(t, a, a, c);
        vm.warp(uint256(t.deadline) + t.window + 86_400 + 1);
        vm.prank(accuser);
        vm.expectPartialRevert(Disputes.TooLate.selector);
        bisection.challenge(t, a, b, c);
    }

    function testWhoIsConvictedIsNotChallenged() public {
        Terms memory t = terms();
        uint256 accusation = accuse(accuser, t, chargeOf(provider));
        decide(questionOf(accusation), Committee.Ballot.Guilty);
        disputes.rule(accusation, t);
        refuses(challengeOf(50, 50), abi.encodeWithSelector(Disputes.AlreadyPunished.selector, provider));
    }

    function testTheBondCoversTheVerifier() public {
        vm.mockCall(address(committee), abi.encodeCall(committee.price, ()), abi.encode(GAME_BOND + 1));
        refuses(challengeOf(50, 50), abi.encodeWithSelector(Bisection.BondBelowCost.selector, GAME_BOND, GAME_BOND + 1));
        vm.mockCall(address(committee), abi.encodeCall(committee.price, ()), abi.encode(GAME_BOND));
        game(50);
    }

    function testItNarrowsToTheFirstLie() public {
        uint256 id = game(50);
        uint256 rounds = play(id, 18, NEVER);
        vm.assertEq(rounds, 3, "log 50 to the base of 4");
        Bisection.Game memory g = bisection.gameOf(id);
        vm.assertEq(g.lo, 17);
        vm.assertEq(g.hi, 18);
        vm.assertEq(g.first, value(17, NEVER));
        vm.assertEq(g.theirs, value(18, 18));
        vm.assertEq(g.own, value(18, NEVER));
        IVerifier.Question memory q = committee.questionOf(g.question);
        vm.assertEq(q.subject, keccak256(abi.encode(g.terms, id, g.hi, g.first, g.theirs, g.own)));
        vm.assertEq(q.evidence, 0);
        vm.assertEq(q.size, 0);
        vm.assertEq(q.accuser, accuser);
        vm.assertEq(q.accused, provider);
        vm.assertEq(q.consumer, consumer);
        vm.assertEq(q.provider, provider);
    }

    function testMovesAreAnnounced() public {
        accuse(accuser, terms(), chargeOf(provider)); // the verifier's first question
        uint256 id = game(8); // places 2, 4, 6
        bytes32[] memory theirs = list(id, 3);
        bytes32[] memory own = list(id, NEVER);
        vm.expectEmit();
        emit Bisection.Said(id, theirs, block.timestamp + CLOCK);
        say(id, theirs);
        stageIs(id, Bisection.Stage.Challenger);
        vm.expectEmit();
        emit Bisection.Narrowed(id, 2, 4, own[0], theirs[1], own[1], block.timestamp + CLOCK);
        respond(id, theirs, own);
        theirs = list(id, 3); // place 3
        own = list(id, NEVER);
        say(id, theirs);
        bytes32 subject = keccak256(abi.encode(idOf(terms()), id, uint64(3), value(2, NEVER), theirs[0], own[0]));
        vm.expectEmit();
        emit Bisection.Asked(id, 2, subject, 3, value(2, NEVER), theirs[0], own[0]);
        respond(id, theirs, own);
        stageIs(id, Bisection.Stage.Asked);
    }

    function testFuzzATruthfulPartyIsNeverFarFromTheTruth(uint64 steps, uint64 providerLies, uint64 challengerLies) public {
        // Where the game ends, both agree on what is at its beginning, and if one of them told the truth all the way that is true and the other's end is
        // not.
        steps = 2 + steps % 1000;
        providerLies = 1 + providerLies % steps;
        uint256 id = game(steps);
        play(id, providerLies, NEVER);
        Bisection.Game memory g = bisection.gameOf(id);
        vm.assertEq(g.hi - g.lo, 1);
        if (g.lo > 0) vm.assertEq(g.first, value(g.lo, NEVER));
        if (g.hi < steps) {
            vm.assertEq(g.own, value(g.hi, NEVER));
            vm.assertTrue(g.theirs != value(g.hi, NEVER));
        }
        vm.assertEq(g.hi, providerLies < steps ? providerLies : steps, "the first lie");
        challengerLies = 1 + challengerLies % steps;
        id = game(steps);
        play(id, NEVER, challengerLies);
        g = bisection.gameOf(id);
        if (g.lo > 0) vm.assertEq(g.first, value(g.lo, NEVER));
        if (g.hi < steps) {
            vm.assertEq(g.theirs, value(g.hi, NEVER));
            vm.assertTrue(g.own != value(g.hi, NEVER));
        }
    }

    function testAGameOfOneStepIsAskedAtOnce() public {
        uint256 id = game(1);
        stageIs(id, Bisection.Stage.Asked);
        vm.assertEq(bisection.gameOf(id).hi, 1);
    }

    function testMovesAreMadeByWhoseTurnItIs() public {
        uint256 id = game(50);
        bytes32[] memory l = list(id, NEVER);
        vm.expectRevert(abi.encodeWithSelector(Bisection.NotYourTurn.selector, accuser, provider));
        vm.prank(accuser);
        bisection.say(id, l);
        vm.expectRevert(abi.encodeWithSelector(Bisection.WrongStage.selector, id, Bisection.Stage.Provider, Bisection.Stage.Challenger));
        vm.prank(accuser);
        bisection.respond(id, l, l);
        say(id, l);
        vm.expectRevert(abi.encodeWithSelector(Bisection.WrongStage.selector, id, Bisection.Stage.Challenger, Bisection.Stage.Provider));
        vm.prank(provider);
        bisection.say(id, l);
        vm.expectRevert(abi.encodeWithSelector(Bisection.NotYourTurn.selector, provider, accuser));
        vm.prank(provider);
        bisection.respond(id, l, l);
    }

    function testListsHaveTheirLengthAndAreTheSame() public {
        uint256 id = game(50);
        vm.expectRevert(abi.encodeWithSelector(Bisection.WrongCount.selector, 2, 3));
        vm.prank(provider);
        bisection.say(id, new bytes32[](2));
        bytes32[] memory l = list(id, NEVER);
        say(id, l);
        bytes32[] memory other = list(id, 1);
        vm.expectRevert(
            abi.encodeWithSelector(Bisection.WrongList.selector, keccak256(abi.encode(other)), keccak256(abi.encode(l)))
        );
        vm.prank(accuser);
        bisection.respond(id, other, l);
        vm.expectRevert(abi.encodeWithSelector(Bisection.WrongCount.selector, 4, 3));
        vm.prank(accuser);
        bisection.respond(id, l, new bytes32[](4));
    }

    // ---- clocks ----

    function testEachHasOneClock() public {
        uint256 id = game(50);
        pass(1, 400);
        say(id, list(id, 18));
        vm.assertEq(bisection.gameOf(id).providerClock, CLOCK - 400);
        vm.assertEq(bisection.gameOf(id).challengerClock, CLOCK);
        pass(1, 700);
        respond(id, list(id, 18), list(id, NEVER));
        vm.assertEq(bisection.gameOf(id).challengerClock, CLOCK - 700);
        vm.assertEq(bisection.gameOf(id).providerClock, CLOCK - 400);
        pass(1, CLOCK - 400 + 1);
        bytes32[] memory l = list(id, 18);
        vm.expectRevert(abi.encodeWithSelector(Bisection.ClockRanOut.selector, block.timestamp, block.timestamp - 1));
        vm.prank(provider);
        bisection.say(id, l);
        vm.warp(block.timestamp - 1);
        vm.expectRevert(abi.encodeWithSelector(Bisection.ClockRuns.selector, block.timestamp, block.timestamp));
        bisection.timeout(id, terms());
        say(id, l);
        vm.assertEq(bisection.gameOf(id).providerClock, 0);
    }

    function testASilentProviderLoses() public {
        Terms memory t = terms();
        docket.open(idOf(t), IMarket.State.Opened);
        uint256 id = game(50);
        vm.warp(block.timestamp + CLOCK + 1);
        vm.expectEmit();
        emit Bisection.Ended(id, accuser, 0, 300 * ONE);
        bisection.timeout(id, t);
        vm.assertEq(staked(provider), 700 * ONE);
        vm.assertEq(balance(accuser), 1000 * ONE + 120 * ONE, "its bond and its share");
        vm.assertEq(docket.convictions(idOf(t)), 1);
        vm.assertTrue(disputes.convicted(idOf(t), provider));
        vm.assertTrue(staking.stakes(provider).jailedUntil > block.timestamp);
        stageIs(id, Bisection.Stage.Over);
        vm.expectPartialRevert(Bisection.WrongStage.selector);
        bisection.timeout(id, t);
    }

    function testASilentChallengerLoses() public {
        Terms memory t = terms();
        docket.open(idOf(t), IMarket.State.Opened);
        uint256 id = game(50);
        pass(1, 100);
        say(id, list(id, 18));
        uint256 limit = block.timestamp + CLOCK;
        vm.warp(limit - 1);
        vm.expectRevert(abi.encodeWithSelector(Bisection.ClockRuns.selector, limit - 1, limit));
        bisection.timeout(id, t);
        vm.warp(limit + 1);
        bisection.timeout(id, t);
        vm.assertEq(staked(provider), 1000 * ONE);
        vm.assertEq(balance(provider), 1000 * ONE + GAME_BOND);
        vm.assertEq(balance(accuser), 1000 * ONE - GAME_BOND);
        vm.assertTrue(docket.holds(idOf(t)) == 0);
        vm.assertEq(balance(address(bisection)), 0);
    }

    function testOfTheRightTermsOnly() public {
        uint256 id = game(50);
        vm.warp(block.timestamp + CLOCK + 1);
        Terms memory t = terms();
        t.bond++;
        vm.expectRevert(abi.encodeWithSelector(Bisection.WrongTerms.selector, idOf(t), idOf(terms())));
        bisection.timeout(id, t);
        vm.expectRevert(abi.encodeWithSelector(Bisection.WrongStage.selector, 7, Bisection.Stage.None, Bisection.Stage.Provider));
        bisection.timeout(7, t);
    }

    // ---- answers ----

    function asked(Committee.Ballot ballot) internal returns (uint256 id) {
        docket.open(idOf(terms()), IMarket.State.Sealed);
        id = game(8);
        play(id, 3, NEVER);
        stageIs(id, Bisection.Stage.Asked);
        Terms memory t = terms();
        vm.expectPartialRevert(Bisection.NotAnswered.selector);
        bisection.rule(id, t);
        vm.warp(block.timestamp + CLOCK + 1);
        vm.expectPartialRevert(Bisection.WrongStage.selector); // no clock runs while the verifier is asked
        bisection.timeout(id, t);
        if (ballot == Committee.Ballot.None) {
            committee.close(bisection.gameOf(id).question);
        } else {
            vm.warp(block.timestamp - CLOCK);
            decide(bisection.gameOf(id).question, ballot);
        }
        bisection.rule(id, t);
        stageIs(id, Bisection.Stage.Over);
        vm.assertEq(balance(address(bisection)), 0);
        vm.expectPartialRevert(Bisection.WrongStage.selector);
        bisection.rule(id, t);
    }

    function testGuiltyByAnswer() public {
        asked(Committee.Ballot.Guilty);
        vm.assertEq(staked(provider), 700 * ONE);
        vm.assertEq(balance(accuser), 1000 * ONE - SIZE * FEE + 120 * ONE);
        vm.assertEq(docket.convictions(idOf(terms())), 1);
        vm.assertTrue(docket.holds(idOf(terms())) == 1);
    }

    function testInnocentByAnswer() public {
        asked(Committee.Ballot.Innocent);
        vm.assertEq(staked(provider), 1000 * ONE);
        vm.assertEq(balance(provider), 1000 * ONE + GAME_BOND - SIZE * FEE);
        vm.assertTrue(docket.holds(idOf(terms())) == 0);
        vm.assertEq(docket.convictions(idOf(terms())), 0);
    }

    function testNoAnswerGivesTheBondBack() public {
        uint256 id = asked(Committee.Ballot.None);
        vm.assertEq(staked(provider), 1000 * ONE);
        vm.assertEq(balance(provider), 1000 * ONE);
        vm.assertEq(balance(accuser), 1000 * ONE - SIZE * FEE, "less what the committee cost that it did not draw");
        vm.assertTrue(docket.holds(idOf(terms())) == 0);
        vm.assertEq(bisection.gameOf(id).bond, GAME_BOND);
    }

    function testADearerVerifierIsPaidByTheChallenger() public {
        // Other games' bonds must not pay for it.
        game(50);
        uint256 id = game(8);
        vm.assertEq(balance(address(bisection)), 2 * GAME_BOND);
        P[] memory p = new P[](3);
        uint64[] memory v = new uint64[](3);
        (p[0], p[1], p[2]) = (P.VoterFee, P.AccuserBond, P.BisectionBond);
        (v[0], v[1], v[2]) = (10e9, 100e9, 100e9);
        parameters.set(p, v);
        play(id, 3, NEVER);
        vm.assertEq(bisection.gameOf(id).bond, 100 * ONE);
        vm.assertEq(balance(address(bisection)), GAME_BOND);
        decide(bisection.gameOf(id).question, Committee.Ballot.Innocent);
        bisection.rule(id, terms());
        vm.assertEq(balance(address(bisection)), GAME_BOND, "the other game's");
        vm.assertEq(balance(provider), 1000 * ONE + 50 * ONE);
    }

    function testFuzzNobodyWhoMovesInTimeLoses(uint64 steps, uint64 lie, uint16[8] memory waits, bool silent) public {
        // An honest provider that answers within its clock keeps its stake whatever the challenger does, and gets the bond.
        steps = 2 + steps % 200;
        uint256 id = game(steps);
        uint64 lieFrom = 1 + lie % steps;
        for (uint256 i = 0; bisection.gameOf(id).stage == Bisection.Stage.Provider; i++) {
            Bisection.Game memory g = bisection.gameOf(id);
            pass(1, uint256(waits[i % 8]) % (uint256(g.providerClock) / 2 + 1));
            bytes32[] memory theirs = list(id, NEVER);
            bytes32[] memory own = list(id, lieFrom);
            say(id, theirs);
            if (silent && i == 1) {
                pass(1, CLOCK + 1);
                bisection.timeout(id, terms());
                break;
            }
            respond(id, theirs, own);
        }
        if (bisection.gameOf(id).stage == Bisection.Stage.Asked) {
            decide(bisection.gameOf(id).question, Committee.Ballot.Innocent);
            bisection.rule(id, terms());
        }
        vm.assertEq(staked(provider), 1000 * ONE);
        vm.assertGe(balance(provider), 1000 * ONE + GAME_BOND - SIZE * FEE, "the bond");
        vm.assertEq(balance(address(bisection)), 0);
    }
}
