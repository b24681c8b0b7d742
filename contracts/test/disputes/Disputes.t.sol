// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Committee} from "../../src/Committee.sol";
import {Disputes} from "../../src/Disputes.sol";
import {IntervalCommit, Typed, VerdictCommit} from "../../src/Typed.sol";
import {IDisputes} from "../../src/interfaces/IDisputes.sol";
import {IMarket, Receipt, Terms} from "../../src/interfaces/IMarket.sol";
import {P} from "../../src/interfaces/IParameters.sol";
import {IVerifier} from "../../src/interfaces/IVerifier.sol";
import {vm} from "../Vm.sol";
import {Court} from "./Court.sol";

contract ClaimsTest is Court {
    function testClaimIsNeeded() public {
        IDisputes.Statement memory a = stated(PROVIDER, receipt("a"));
        IDisputes.Statement memory b = stated(PROVIDER, receipt("b"));
        vm.prank(accuser);
        vm.expectPartialRevert(Disputes.NotClaimed.selector);
        disputes.equivocation(IDisputes.Kind.Receipt, a, b, "salt");
    }

    function testClaimOfAnotherIsWorthNothing() public {
        // Who sees the proof on its way cannot use the claim that was made for it.
        IDisputes.Statement memory a = stated(PROVIDER, receipt("a"));
        IDisputes.Statement memory b = stated(PROVIDER, receipt("b"));
        claimEquivocation(accuser, IDisputes.Kind.Receipt, a, b);
        vm.prank(consumer);
        vm.expectPartialRevert(Disputes.NotClaimed.selector);
        disputes.equivocation(IDisputes.Kind.Receipt, a, b, "salt");
        // Its own claim is too young in the block in which the proof is seen.
        bytes32 hash = disputes.claimHash(consumer, disputes.equivocationSubject(IDisputes.Kind.Receipt, a.message, b.message), "s");
        vm.prank(consumer);
        disputes.claim(hash);
        vm.prank(consumer);
        vm.expectRevert(abi.encodeWithSelector(Disputes.ClaimTooYoung.selector, block.number, block.number + 2));
        disputes.equivocation(IDisputes.Kind.Receipt, a, b, "s");
        vm.prank(accuser);
        disputes.equivocation(IDisputes.Kind.Receipt, a, b, "salt");
        vm.assertEq(disputes.equivocated(keccak256("job"), provider), accuser);
    }

    function testClaimAges() public {
        IDisputes.Statement memory a = stated(PROVIDER, receipt("a"));
        IDisputes.Statement memory b = stated(PROVIDER, receipt("b"));
        bytes32 hash = disputes.claimHash(accuser, disputes.equivocationSubject(IDisputes.Kind.Receipt, a.message, b.message), "salt");
        vm.prank(accuser);
        disputes.claim(hash);
        vm.assertEq(disputes.claims(hash), block.number);
        pass(1, 12);
        vm.prank(accuser);
        vm.expectRevert(abi.encodeWithSelector(Disputes.ClaimTooYoung.selector, block.number - 1, block.number + 1));
        disputes.equivocation(IDisputes.Kind.Receipt, a, b, "salt");
        pass(1, 12);
        vm.prank(accuser);
        disputes.equivocation(IDisputes.Kind.Receipt, a, b, "salt");
        vm.assertEq(disputes.claims(hash), 0, "a claim is used once");
    }

    function testEvenWithoutAnAgeAClaimIsABlockOld() public {
        set(P.ClaimBlocks, 0);
        IDisputes.Statement memory a = stated(PROVIDER, receipt("a"));
        IDisputes.Statement memory b = stated(PROVIDER, receipt("b"));
        bytes32 hash = disputes.claimHash(accuser, disputes.equivocationSubject(IDisputes.Kind.Receipt, a.message, b.message), "salt");
        vm.prank(accuser);
        disputes.claim(hash);
        vm.prank(accuser);
        vm.expectRevert(abi.encodeWithSelector(Disputes.ClaimTooYoung.selector, block.number, block.number));
        disputes.equivocation(IDisputes.Kind.Receipt, a, b, "salt");
    }

    function testClaimCannotBeMadeYounger() public {
        vm.expectEmit();
        emit IDisputes.Claimed(address(this), "c");
        disputes.claim("c");
        uint256 made = block.number;
        pass(1, 12);
        vm.prank(consumer);
        vm.expectRevert(abi.encodeWithSelector(Disputes.ClaimKnown.selector, bytes32("c")));
        disputes.claim("c");
        vm.assertEq(disputes.claims("c"), made);
    }

    function testHashesAreThoseThatNodesMake() public view {
        vm.assertEq(disputes.claimHash(accuser, "subject", "salt"), keccak256(abi.encode(accuser, bytes32("subject"), bytes32("salt"))));
        vm.assertEq(
            disputes.equivocationSubject(IDisputes.Kind.VerdictCommit, "a", "b"),
            keccak256(abi.encode(uint8(2), keccak256("a"), keccak256("b")))
        );
        vm.assertEq(
            disputes.accusationSubject("t", accuser, "e", 7), keccak256(abi.encode(bytes32("t"), accuser, bytes32("e"), uint64(7)))
        );
        vm.assertEq(
            committee.ballotHash(3, 2, accuser, Committee.Ballot.Innocent, "salt"),
            keccak256(abi.encode(block.chainid, address(committee), uint256(3), uint8(2), accuser, uint8(2), bytes32("salt")))
        );
    }

    function testClaimHidesItsSubject() public view {
        bytes32 s = disputes.accusationSubject("t", accuser, "e", 1);
        vm.assertTrue(disputes.claimHash(accuser, s, "1") != disputes.claimHash(accuser, s, "2"));
        vm.assertTrue(disputes.claimHash(accuser, s, "1") != disputes.claimHash(consumer, s, "1"));
        vm.assertTrue(s != disputes.accusationSubject("u", accuser, "e", 1));
        vm.assertTrue(s != disputes.accusationSubject("t", consumer, "e", 1));
        vm.assertTrue(s != disputes.accusationSubject("t", accuser, "f", 1));
        vm.assertTrue(s != disputes.accusationSubject("t", accuser, "e", 2));
        bytes32 q = disputes.equivocationSubject(IDisputes.Kind.Receipt, "a", "b");
        vm.assertTrue(q != disputes.equivocationSubject(IDisputes.Kind.VerdictCommit, "a", "b"));
        vm.assertTrue(q != disputes.equivocationSubject(IDisputes.Kind.Receipt, "c", "b"));
        vm.assertTrue(q != disputes.equivocationSubject(IDisputes.Kind.Receipt, "a", "c"));
    }
}

contract EquivocationTest is Court {
    function slashes(address guilty, address by, uint256 before) internal view {
        vm.assertEq(staked(guilty), before / 2, "half of its stake");
        vm.assertEq(balance(by), 1000 * ONE + before / 2 * 4 / 10, "the challenger's share");
        vm.assertEq(balance(treasury), before / 2 * 3 / 10, "the treasury's share");
        vm.assertTrue(staking.stakes(guilty).jailedUntil > block.timestamp, "jailed");
    }

    function testTwoReceipts() public {
        IDisputes.Statement memory a = stated(PROVIDER, receipt("a"));
        IDisputes.Statement memory b = stated(PROVIDER, receipt("b"));
        claimEquivocation(accuser, IDisputes.Kind.Receipt, a, b);
        vm.expectEmit();
        emit IDisputes.Equivocated(provider, keccak256("job"), accuser, IDisputes.Kind.Receipt, 500 * ONE);
        vm.prank(accuser);
        disputes.equivocation(IDisputes.Kind.Receipt, a, b, "salt");
        slashes(provider, accuser, 1000 * ONE);
        vm.assertEq(disputes.equivocated(keccak256("job"), provider), accuser);
    }

    function testTwoRecords() public {
        prove(accuser, IDisputes.Kind.IntervalCommit, stated(PROVIDER, IntervalCommit("j", 7, "a")), stated(PROVIDER, IntervalCommit("j", 7, "b")));
        slashes(provider, accuser, 1000 * ONE);
    }

    function testTwoPromises() public {
        prove(
            accuser,
            IDisputes.Kind.VerdictCommit,
            stated(JUROR, VerdictCommit("j", "r", juror, "a")),
            stated(JUROR, VerdictCommit("j", "r", juror, "b"))
        );
        slashes(juror, accuser, 1000 * ONE);
    }

    function refuses(IDisputes.Kind kind, IDisputes.Statement memory a, IDisputes.Statement memory b, bytes4 why) internal {
        claimEquivocation(accuser, kind, a, b);
        vm.prank(accuser);
        vm.expectPartialRevert(why);
        disputes.equivocation(kind, a, b, "salt");
        vm.assertEq(staked(provider), 1000 * ONE);
        vm.assertEq(staked(juror), 1000 * ONE);
    }

    function testWhatAgreesIsNone() public {
        bytes4 none = Disputes.NoContradiction.selector;
        Receipt memory r = receipt("a");
        refuses(IDisputes.Kind.Receipt, stated(PROVIDER, r), stated(PROVIDER, r), none);
        Receipt memory other = receipt("b");
        other.job = "another";
        refuses(IDisputes.Kind.Receipt, stated(PROVIDER, r), stated(PROVIDER, other), none);
        // A receipt that names another is another's, whoever signed it.
        other = receipt("b");
        other.provider = juror;
        refuses(IDisputes.Kind.Receipt, stated(PROVIDER, r), stated(PROVIDER, other), none);

        IntervalCommit memory c = IntervalCommit("j", 7, "a");
        refuses(IDisputes.Kind.IntervalCommit, stated(PROVIDER, c), stated(PROVIDER, c), none);
        refuses(IDisputes.Kind.IntervalCommit, stated(PROVIDER, c), stated(PROVIDER, IntervalCommit("j", 8, "b")), none);
        refuses(IDisputes.Kind.IntervalCommit, stated(PROVIDER, c), stated(PROVIDER, IntervalCommit("k", 7, "b")), none);

        VerdictCommit memory v = VerdictCommit("j", "r", juror, "a");
        refuses(IDisputes.Kind.VerdictCommit, stated(JUROR, v), stated(JUROR, v), none);
        refuses(IDisputes.Kind.VerdictCommit, stated(JUROR, v), stated(JUROR, VerdictCommit("k", "r", juror, "b")), none);
        refuses(IDisputes.Kind.VerdictCommit, stated(JUROR, v), stated(JUROR, VerdictCommit("j", "s", juror, "b")), none);
        refuses(IDisputes.Kind.VerdictCommit, stated(JUROR, v), stated(JUROR, VerdictCommit("j", "r", provider, "b")), none);
    }

    function testOfTwoSignersIsNone() public {
        IDisputes.Statement memory a = stated(PROVIDER, IntervalCommit("j", 7, "a"));
        IDisputes.Statement memory b = stated(JUROR, IntervalCommit("j", 7, "b"));
        claimEquivocation(accuser, IDisputes.Kind.IntervalCommit, a, b);
        vm.prank(accuser);
        vm.expectRevert(abi.encodeWithSelector(Disputes.DifferentSigners.selector, provider, juror));
        disputes.equivocation(IDisputes.Kind.IntervalCommit, a, b, "salt");
    }

    function testWhoSignsInAnothersNameContradictsNothing() public {
        refuses(
            IDisputes.Kind.Receipt, stated(JUROR, receipt("a")), stated(JUROR, receipt("b")), Disputes.NotItsSigner.selector
        );
        refuses(
            IDisputes.Kind.VerdictCommit,
            stated(PROVIDER, VerdictCommit("j", "r", juror, "a")),
            stated(PROVIDER, VerdictCommit("j", "r", juror, "b")),
            Disputes.NotItsSigner.selector
        );
        IDisputes.Statement memory a = stated(JUROR, receipt("a"));
        claimEquivocation(accuser, IDisputes.Kind.Receipt, a, a);
        vm.prank(accuser);
        vm.expectRevert(abi.encodeWithSelector(Disputes.NotItsSigner.selector, juror, provider));
        disputes.equivocation(IDisputes.Kind.Receipt, a, a, "salt");
    }

    function testKindsDoNotMix() public {
        // A message of one kind read as another's length is refused, and its signature is for its own type.
        IDisputes.Statement memory c = stated(PROVIDER, IntervalCommit("j", 7, "a"));
        refuses(IDisputes.Kind.Receipt, c, c, Disputes.WrongLength.selector);
        refuses(IDisputes.Kind.VerdictCommit, c, c, Disputes.WrongLength.selector);
        IDisputes.Statement memory r = stated(PROVIDER, receipt("a"));
        refuses(IDisputes.Kind.IntervalCommit, r, r, Disputes.WrongLength.selector);
        vm.prank(accuser); // its claim stands
        vm.expectRevert(abi.encodeWithSelector(Disputes.WrongLength.selector, 96, 224));
        disputes.equivocation(IDisputes.Kind.Receipt, c, c, "salt");
    }

    function testSignaturesOfAMarketAreNone() public {
        // The same struct signed for another domain says nothing here.
        IntervalCommit memory a = IntervalCommit("j", 7, "a");
        IDisputes.Statement memory x = stated(PROVIDER, a);
        x.signature = sign(PROVIDER, Typed.digest(docket.domain(), keccak256(abi.encode(Typed.INTERVAL_COMMIT, a))));
        refuses(IDisputes.Kind.IntervalCommit, x, stated(PROVIDER, IntervalCommit("j", 7, "b")), Disputes.DifferentSigners.selector);
    }

    function testOnceForAJob() public {
        prove(accuser, IDisputes.Kind.IntervalCommit, stated(PROVIDER, IntervalCommit("j", 7, "a")), stated(PROVIDER, IntervalCommit("j", 7, "b")));
        IDisputes.Statement memory a = stated(PROVIDER, IntervalCommit("j", 8, "a"));
        IDisputes.Statement memory b = stated(PROVIDER, IntervalCommit("j", 8, "b"));
        claimEquivocation(consumer, IDisputes.Kind.IntervalCommit, a, b);
        vm.prank(consumer);
        vm.expectRevert(abi.encodeWithSelector(Disputes.AlreadyPunished.selector, provider));
        disputes.equivocation(IDisputes.Kind.IntervalCommit, a, b, "salt");
        // In another job it is another offence.
        prove(consumer, IDisputes.Kind.IntervalCommit, stated(PROVIDER, IntervalCommit("k", 7, "a")), stated(PROVIDER, IntervalCommit("k", 7, "b")));
        vm.assertEq(staked(provider), 250 * ONE);
    }

    function testWithoutStakeItWaits() public {
        uint256 key = 0xD1;
        IDisputes.Statement memory a = stated(key, IntervalCommit("j", 7, "a"));
        IDisputes.Statement memory b = stated(key, IntervalCommit("j", 7, "b"));
        claimEquivocation(accuser, IDisputes.Kind.IntervalCommit, a, b);
        vm.prank(accuser);
        vm.expectRevert(abi.encodeWithSelector(Disputes.NothingAtStake.selector, vm.addr(key)));
        disputes.equivocation(IDisputes.Kind.IntervalCommit, a, b, "salt");
        give(vm.addr(key), 0, 10 * ONE);
        vm.prank(accuser);
        disputes.equivocation(IDisputes.Kind.IntervalCommit, a, b, "salt");
        vm.assertEq(staked(vm.addr(key)), 5 * ONE);
    }

    function testUnbondingStakeIsStillThere() public {
        vm.prank(provider);
        staking.requestUnbond(1000 * ONE);
        prove(accuser, IDisputes.Kind.Receipt, stated(PROVIDER, receipt("a")), stated(PROVIDER, receipt("b")));
        vm.assertEq(staked(provider), 500 * ONE);
    }

    struct Pair {
        uint256 keyA;
        uint256 keyB;
        bytes32 job;
        uint64 i;
        uint64 j;
        bytes32 x;
        bytes32 y;
    }

    function testFuzzOnlyTheSignerOfBothIsSlashed(Pair memory p) public {
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        p.keyA = p.keyA % (order - 1) + 1;
        p.keyB = p.keyB % 2 == 0 ? p.keyA : p.keyB % (order - 1) + 1;
        p.j = p.j % 2 == 0 ? p.i : p.j;
        address who = vm.addr(p.keyA);
        if (staked(who) == 0) give(who, 0, 100 * ONE);
        uint256 before = staked(who);
        IDisputes.Statement memory a = stated(p.keyA, IntervalCommit(p.job, p.i, p.x));
        IDisputes.Statement memory b = stated(p.keyB, IntervalCommit(p.job, p.j, p.y));
        claimEquivocation(accuser, IDisputes.Kind.IntervalCommit, a, b);
        bool excludes = p.keyA == p.keyB && p.i == p.j && p.x != p.y;
        vm.prank(accuser);
        try disputes.equivocation(IDisputes.Kind.IntervalCommit, a, b, "salt") {
            vm.assertTrue(excludes, "slashed without a contradiction");
            vm.assertEq(staked(who), before - before * 500_000 / 1e6);
        } catch {
            vm.assertFalse(excludes, "a contradiction was refused");
            vm.assertEq(staked(who), before);
        }
    }

    // ---- what follows for an open job ----

    function testAnnulEndsAnOpenJob() public {
        Terms memory t = terms();
        docket.open(idOf(t), IMarket.State.Committed);
        prove(accuser, IDisputes.Kind.Receipt, stated(PROVIDER, receipt("a")), stated(PROVIDER, receipt("b")));
        vm.expectEmit();
        emit IDisputes.Annulled(idOf(t), provider);
        disputes.annul(t, provider);
        vm.assertEq(docket.convictions(idOf(t)), 1);
        vm.assertEq(staked(provider), 200 * ONE, "half its stake, then the bond");
        vm.assertEq(balance(accuser), 1000 * ONE + 800 * ONE * 4 / 10, "both shares to who proved it, whoever annuls");
        vm.assertTrue(disputes.convicted(idOf(t), provider));
        vm.expectRevert(abi.encodeWithSelector(Disputes.AlreadyPunished.selector, provider));
        disputes.annul(t, provider);
    }

    function testAnnulTakesAJurorsSeat() public {
        Terms memory t = terms();
        docket.open(idOf(t), IMarket.State.Sealed);
        prove(
            accuser,
            IDisputes.Kind.VerdictCommit,
            stated(JUROR, VerdictCommit(t.job, "r", juror, "a")),
            stated(JUROR, VerdictCommit(t.job, "r", juror, "b"))
        );
        disputes.annul(t, juror);
        vm.assertEq(docket.unseated(idOf(t), juror), 1);
        vm.assertEq(docket.convictions(idOf(t)), 0);
        vm.assertEq(staked(juror), 500 * ONE, "not slashed again");
    }

    function testAnnulNeedsAnEquivocationAndAnOpenJob() public {
        Terms memory t = terms();
        vm.expectRevert(abi.encodeWithSelector(Disputes.NoEquivocation.selector, t.job, provider));
        disputes.annul(t, provider);
        prove(accuser, IDisputes.Kind.Receipt, stated(PROVIDER, receipt("a")), stated(PROVIDER, receipt("b")));
        vm.expectRevert(abi.encodeWithSelector(Disputes.NotOpen.selector, idOf(t)));
        disputes.annul(t, provider);
        docket.open(idOf(t), IMarket.State.Done);
        vm.expectRevert(abi.encodeWithSelector(Disputes.NotOpen.selector, idOf(t)));
        disputes.annul(t, provider);
    }
}

contract AccusationTest is Court {
    function testAccusationAsks() public {
        Terms memory t = terms();
        docket.open(idOf(t), IMarket.State.Opened);
        uint256 id = accuse(accuser, t, chargeOf(provider));
        IDisputes.Accusation memory a = disputes.accusationOf(id);
        vm.assertEq(a.terms, idOf(t));
        vm.assertEq(a.accuser, accuser);
        vm.assertEq(a.accused, provider);
        vm.assertEq(a.bond, BOND);
        vm.assertTrue(a.held);
        vm.assertTrue(a.stage == IDisputes.Stage.Open);
        vm.assertEq(balance(accuser), 950 * ONE);
        vm.assertEq(balance(address(committee)), 2 * SIZE * FEE);
        vm.assertEq(balance(address(disputes)), BOND - 2 * SIZE * FEE);
        vm.assertTrue(docket.holds(idOf(t)) == 1);
        IVerifier.Question memory q = committee.questionOf(a.question);
        vm.assertEq(q.subject, idOf(t));
        vm.assertEq(q.evidence, keccak256("evidence"));
        vm.assertEq(q.size, 12_345);
        vm.assertEq(q.accuser, accuser);
        vm.assertEq(q.accused, provider);
        vm.assertEq(q.consumer, consumer);
        vm.assertEq(q.provider, provider);
    }

    function testAccusationIsAnnounced() public {
        Terms memory t = terms();
        IDisputes.Charge memory c = chargeOf(provider);
        claimAccusation(accuser, t, c);
        bytes32 name = idOf(t);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER, name));
        vm.expectEmit();
        emit IDisputes.Accused(1, t.job, provider, accuser, name, c.evidence, c.size, 1);
        vm.prank(accuser);
        disputes.accuse(t, a, b, c, "");
    }

    function testOfAJobNeverOpenedNothingIsHeld() public {
        Terms memory t = terms();
        uint256 id = accuse(accuser, t, chargeOf(provider));
        vm.assertFalse(disputes.accusationOf(id).held);
        decide(questionOf(id), Committee.Ballot.Guilty);
        disputes.rule(id, t);
        vm.assertEq(staked(provider), 700 * ONE);
        vm.assertTrue(docket.holds(idOf(t)) == 0);
    }

    function testGuiltyProvider() public {
        Terms memory t = terms();
        docket.open(idOf(t), IMarket.State.Sealed);
        uint256 id = accuse(accuser, t, chargeOf(provider));
        decide(questionOf(id), Committee.Ballot.Guilty);
        vm.expectEmit();
        emit IDisputes.Ruled(id, t.job, provider, IVerifier.Answer.Guilty, SIZE * FEE, 300 * ONE);
        disputes.rule(id, t);
        vm.assertEq(docket.convictions(idOf(t)), 1, "the market gives the consumer its money back");
        vm.assertTrue(docket.holds(idOf(t)) == 1, "a job that has ended needs no release");
        vm.assertEq(staked(provider), 700 * ONE, "the bond that it signed");
        vm.assertTrue(staking.stakes(provider).jailedUntil > block.timestamp, "jailed");
        vm.assertEq(balance(accuser), 1000 * ONE - SIZE * FEE + 120 * ONE, "its bond, less the voters' fees, and its share");
        vm.assertEq(balance(address(disputes)), 0);
        vm.assertEq(balance(address(committee)), 0);
        vm.assertTrue(disputes.convicted(idOf(t), provider));
        vm.expectRevert(abi.encodeWithSelector(Disputes.WrongStage.selector, id, IDisputes.Stage.Over, IDisputes.Stage.Open));
        disputes.rule(id, t);
    }

    function testGuiltyJuror() public {
        Terms memory t = terms();
        docket.open(idOf(t), IMarket.State.Sealed);
        uint256 id = accuse(accuser, t, chargeOf(juror));
        decide(questionOf(id), Committee.Ballot.Guilty);
        disputes.rule(id, t);
        vm.assertEq(staked(juror), 500 * ONE, "a governed share of its stake");
        vm.assertEq(staked(provider), 1000 * ONE);
        vm.assertEq(docket.unseated(idOf(t), juror), 1);
        vm.assertEq(docket.convictions(idOf(t)), 0);
        vm.assertTrue(docket.holds(idOf(t)) == 0, "the job goes on");
        vm.assertTrue(disputes.convicted(t.job, juror));
    }

    function testGuiltyPaysTheCosts() public {
        // A bond so small that a share of it would not cover the voters: who proves a small lie is not out of pocket.
        Terms memory t = terms();
        t.bond = 1;
        uint256 id = accuse(accuser, t, chargeOf(provider));
        decide(questionOf(id), Committee.Ballot.Guilty);
        disputes.rule(id, t);
        vm.assertEq(balance(accuser), 1000 * ONE);
        vm.assertEq(staked(provider), 1000 * ONE - SIZE * FEE * 10 / 4);
    }

    function testWithoutAShareOfChallengersNoCostsAreTaken() public {
        P[] memory p = new P[](2);
        uint64[] memory v = new uint64[](2);
        (p[0], v[0], p[1], v[1]) = (P.ChallengerBPS, 0, P.TreasuryBPS, 7000);
        parameters.set(p, v);
        Terms memory t = terms();
        uint256 id = accuse(accuser, t, chargeOf(provider));
        decide(questionOf(id), Committee.Ballot.Guilty);
        disputes.rule(id, t);
        vm.assertEq(staked(provider), 700 * ONE);
        vm.assertEq(balance(accuser), 1000 * ONE - SIZE * FEE);
    }

    function testInnocentGetsTheBond() public {
        Terms memory t = terms();
        docket.open(idOf(t), IMarket.State.Sealed);
        uint256 id = accuse(accuser, t, chargeOf(provider));
        decide(questionOf(id), Committee.Ballot.Innocent);
        disputes.rule(id, t);
        vm.assertEq(staked(provider), 1000 * ONE);
        vm.assertEq(balance(provider), 1000 * ONE + BOND - SIZE * FEE);
        vm.assertEq(balance(accuser), 1000 * ONE - BOND);
        vm.assertEq(balance(address(disputes)), 0);
        vm.assertTrue(docket.holds(idOf(t)) == 0);
        vm.assertEq(docket.convictions(idOf(t)), 0);
        vm.assertFalse(disputes.convicted(idOf(t), provider));
    }

    function testNoAnswerGivesTheBondBack() public {
        // A committee that keeps silent, twice.
        Terms memory t = terms();
        docket.open(idOf(t), IMarket.State.Sealed);
        uint256 id = accuse(accuser, t, chargeOf(provider));
        for (uint256 round = 0; round < 2; round++) {
            draw(questionOf(id), bytes32(round));
            pass(1, COMMIT + 1);
            committee.close(questionOf(id));
        }
        disputes.rule(id, t);
        vm.assertEq(balance(accuser), 1000 * ONE);
        vm.assertEq(balance(provider), 1000 * ONE);
        vm.assertEq(staked(provider), 1000 * ONE);
        vm.assertTrue(docket.holds(idOf(t)) == 0);
    }

    function testWhoAsksAndDoesNotDrawPaysTheCommittee() public {
        Terms memory t = terms();
        docket.open(idOf(t), IMarket.State.Sealed);
        uint256 id = accuse(accuser, t, chargeOf(provider));
        pass(1, COMMIT + 1);
        committee.close(questionOf(id));
        disputes.rule(id, t);
        vm.assertEq(balance(accuser), 1000 * ONE - SIZE * FEE);
        vm.assertEq(balance(provider), 1000 * ONE);
        vm.assertTrue(docket.holds(idOf(t)) == 0);
    }

    function testWithheldEvidenceCostsTheAccuser() public {
        Terms memory t = terms();
        uint256 id = accuse(accuser, t, chargeOf(provider));
        decide(questionOf(id), Committee.Ballot.Unavailable);
        disputes.rule(id, t);
        vm.assertEq(balance(accuser), 1000 * ONE - SIZE * FEE);
        vm.assertEq(balance(treasury), SIZE * FEE, "nobody earns by saying so");
        vm.assertEq(staked(provider), 1000 * ONE);
        vm.assertEq(balance(provider), 1000 * ONE);
    }

    function testPendingCannotBeRuled() public {
        Terms memory t = terms();
        uint256 id = accuse(accuser, t, chargeOf(provider));
        vm.expectRevert(abi.encodeWithSelector(Disputes.NotAnswered.selector, questionOf(id)));
        disputes.rule(id, t);
        Terms memory other = terms();
        other.bond++;
        vm.expectRevert(abi.encodeWithSelector(Disputes.WrongTerms.selector, idOf(other), idOf(t)));
        disputes.rule(id, other);
        vm.expectRevert(abi.encodeWithSelector(Disputes.WrongStage.selector, 9, IDisputes.Stage.None, IDisputes.Stage.Open));
        disputes.rule(9, t);
    }

    function testBothMustHaveSigned() public {
        Terms memory t = terms();
        IDisputes.Charge memory c = chargeOf(provider);
        claimAccusation(accuser, t, c);
        bytes32 name = idOf(t);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER, name));
        vm.prank(accuser);
        vm.expectRevert(abi.encodeWithSelector(Typed.WrongSigner.selector, provider, consumer));
        disputes.accuse(t, b, b, c, "");
        vm.prank(accuser);
        vm.expectRevert(abi.encodeWithSelector(Typed.WrongSigner.selector, consumer, provider));
        disputes.accuse(t, a, a, c, "");
    }

    function testOnlyPartiesAreAccused() public {
        Terms memory t = terms();
        IDisputes.Charge memory c = chargeOf(accuser);
        claimAccusation(accuser, t, c);
        bytes32 name = idOf(t);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER, name));
        vm.prank(accuser);
        vm.expectRevert(abi.encodeWithSelector(Disputes.NotInvolved.selector, accuser));
        disputes.accuse(t, a, b, c, packed());
        bytes memory more = abi.encodePacked(packed(), accuser, uint32(1), bytes8(0));
        vm.prank(accuser);
        vm.expectRevert(abi.encodeWithSelector(Disputes.WrongCandidates.selector, keccak256(more), keccak256(packed())));
        disputes.accuse(t, a, b, c, more);
    }

    function testTheLastCandidateIsOne() public {
        Terms memory t = terms();
        IDisputes.Charge memory c = chargeOf(0xFFfFfFffFFfffFFfFFfFFFFFffFFFffffFfFFFfF);
        uint256 id = accuse(accuser, t, c);
        vm.assertEq(disputes.accusationOf(id).accused, c.accused);
    }

    function testItIsTooLateOnce() public {
        Terms memory t = terms();
        IDisputes.Charge memory c = chargeOf(provider);
        claimAccusation(accuser, t, c);
        bytes32 name = idOf(t);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER, name));
        uint256 limit = uint256(t.deadline) + t.window + 86_400;
        vm.warp(limit + 1);
        vm.prank(accuser);
        vm.expectRevert(abi.encodeWithSelector(Disputes.TooLate.selector, limit + 1, limit));
        disputes.accuse(t, a, b, c, "");
        vm.warp(limit);
        vm.prank(accuser);
        disputes.accuse(t, a, b, c, "");
    }

    function testWhatOpensLateCanBeAccusedLate() public {
        Terms memory t = terms();
        t.opens = t.deadline + 1000;
        IDisputes.Charge memory c = chargeOf(provider);
        claimAccusation(accuser, t, c);
        bytes32 name = idOf(t);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER, name));
        vm.warp(uint256(t.opens) + t.window + 86_400);
        vm.prank(accuser);
        disputes.accuse(t, a, b, c, "");
    }

    function testABondBelowTheCostIsRefused() public {
        // The parameters do not allow it of this committee; another verifier may cost what it likes.
        vm.mockCall(address(committee), abi.encodeCall(committee.price, ()), abi.encode(BOND + 1));
        Terms memory t = terms();
        IDisputes.Charge memory c = chargeOf(provider);
        claimAccusation(accuser, t, c);
        bytes32 name = idOf(t);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER, name));
        vm.prank(accuser);
        vm.expectRevert(abi.encodeWithSelector(Disputes.BondBelowCost.selector, BOND, BOND + 1));
        disputes.accuse(t, a, b, c, "");
        vm.mockCall(address(committee), abi.encodeCall(committee.price, ()), abi.encode(BOND));
        vm.prank(accuser);
        disputes.accuse(t, a, b, c, "");
    }

    function testWhoIsConvictedIsNotAccusedAgain() public {
        Terms memory t = terms();
        uint256 id = accuse(accuser, t, chargeOf(provider));
        decide(questionOf(id), Committee.Ballot.Guilty);
        disputes.rule(id, t);
        IDisputes.Charge memory c = chargeOf(provider);
        c.salt = "other";
        claimAccusation(consumer, t, c);
        bytes32 name = idOf(t);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER, name));
        vm.prank(consumer);
        vm.expectRevert(abi.encodeWithSelector(Disputes.AlreadyPunished.selector, provider));
        disputes.accuse(t, a, b, c, "");
    }

    function testASmallBondIsNoShield() public {
        // A provider that has a friend convict it under other terms about the same job still loses the bond of these.
        Terms memory small = terms();
        small.bond = 1;
        uint256 first = accuse(consumer, small, chargeOf(provider));
        decide(questionOf(first), Committee.Ballot.Guilty);
        disputes.rule(first, small);
        uint256 before = staked(provider);
        Terms memory t = terms();
        uint256 second = accuse(accuser, t, chargeOf(provider));
        decide(questionOf(second), Committee.Ballot.Guilty);
        disputes.rule(second, t);
        vm.assertEq(staked(provider), before - 300 * ONE);
    }

    function testAJurorIsConvictedOnceForAJobWhoeverSignsTerms() public {
        Terms memory t = terms();
        Terms memory other = terms();
        other.price++;
        uint256 first = accuse(accuser, t, chargeOf(juror));
        uint256 second = accuse(accuser, other, chargeOf(juror));
        decide(questionOf(first), Committee.Ballot.Guilty);
        decide(questionOf(second), Committee.Ballot.Guilty);
        disputes.rule(first, t);
        disputes.rule(second, other);
        vm.assertEq(staked(juror), 500 * ONE - SIZE * FEE * 10 / 4, "the second time only the costs");
        vm.assertEq(balance(accuser), 1000 * ONE - SIZE * FEE + 200 * ONE, "costs of the second come back");
    }

    function testTwoAtOnceBothEnd() public {
        // A friend's weak accusation does not keep a true one out, and the other way round.
        Terms memory t = terms();
        docket.open(idOf(t), IMarket.State.Sealed);
        IDisputes.Charge memory weak = chargeOf(provider);
        weak.evidence = "nothing";
        uint256 first = accuse(consumer, t, weak);
        uint256 second = accuse(accuser, t, chargeOf(provider));
        vm.assertTrue(docket.holds(idOf(t)) == 2);
        decide(questionOf(first), Committee.Ballot.Innocent);
        disputes.rule(first, t);
        vm.assertTrue(docket.holds(idOf(t)) == 1);
        decide(questionOf(second), Committee.Ballot.Guilty);
        disputes.rule(second, t);
        vm.assertEq(staked(provider), 700 * ONE);
    }

    function testOnlyBisectionActsForIt() public {
        Terms memory t = terms();
        vm.expectRevert(abi.encodeWithSelector(Disputes.OnlyBisection.selector, address(this)));
        disputes.begin(t, "", "", accuser);
        vm.expectRevert(abi.encodeWithSelector(Disputes.OnlyBisection.selector, address(this)));
        disputes.end("", accuser);
        vm.expectRevert(abi.encodeWithSelector(Disputes.OnlyBisection.selector, address(this)));
        disputes.convict(t, accuser, 0);
    }

    function testFuzzMoneyIn(uint8 kind, bool aboutJuror, uint96 bond) public {
        // Whatever the answer: nothing stays with the courts, and only who was found guilty has less stake.
        Terms memory t = terms();
        t.bond = bond % uint96(400 * ONE);
        address accused = aboutJuror ? juror : provider;
        uint256 all = balance(accuser) + balance(accused);
        uint256 id = accuse(accuser, t, chargeOf(accused));
        Committee.Ballot ballot = Committee.Ballot(1 + kind % 3);
        decide(questionOf(id), ballot);
        disputes.rule(id, t);
        vm.assertEq(balance(address(disputes)) + balance(address(committee)), 0);
        bool guilty = ballot == Committee.Ballot.Guilty;
        vm.assertEq(guilty, staked(accused) < 1000 * ONE);
        vm.assertEq(staked(aboutJuror ? provider : juror), 1000 * ONE);
        if (guilty) vm.assertGe(balance(accuser) + 1, 1000 * ONE, "who was right has its costs back");
        else vm.assertEq(balance(accuser) + balance(accused) + SIZE * FEE, all);
        if (ballot == Committee.Ballot.Innocent) vm.assertGe(balance(accused), 1000 * ONE, "an innocent one loses nothing");
    }
}
