// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bisection} from "../../src/Bisection.sol";
import {Committee} from "../../src/Committee.sol";
import {Disputes} from "../../src/Disputes.sol";
import {Market} from "../../src/Market.sol";
import {Interval, Records} from "../../src/Records.sol";
import {IntervalCommit, Typed, VerdictCommit} from "../../src/Typed.sol";
import {IDisputes} from "../../src/interfaces/IDisputes.sol";
import {Acceptance, IMarket, Receipt, Terms, Voucher} from "../../src/interfaces/IMarket.sol";
import {P} from "../../src/interfaces/IParameters.sol";
import {System} from "../System.sol";
import {vm} from "../Vm.sol";

/// Calls nobody should have made.
contract Grumpy {
    fallback() external payable {
        revert("was called");
    }
}

/// Disputes with the market itself: what happens to the money of a job, and what an attacker tries.
contract TrialTest is System {
    uint256 internal constant STRANGER = 0x57A;
    address internal stranger = vm.addr(STRANGER);
    uint256 internal salts;

    uint256 internal constant BOND = 20 * GWR; // of an accuser
    uint256 internal constant FEES = 5 * GWR; // of a committee

    function setUp() public override {
        super.setUp();
        fund(stranger, 1000 * GWR);
        for (uint256 i = 0; i < VALIDATORS; i++) {
            uint256[] memory slot = new uint256[](1);
            slot[0] = committee.pool();
            vm.prank(validator(i));
            committee.enlist(slot);
        }
        vm.warp(block.timestamp + 1);
    }

    // ---- moves ----

    function accuse(address by, Terms memory t, address accused) internal returns (uint256 id) {
        IDisputes.Charge memory c = IDisputes.Charge(accused, keccak256("evidence"), 100, bytes32(++salts));
        bytes32 name = market.idOf(t);
        bytes32 claim = disputes.claimHash(by, disputes.accusationSubject(name, accused, c.evidence, c.size), c.salt);
        vm.prank(by);
        disputes.claim(claim);
        vm.roll(block.number + 1);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER_KEY, name));
        vm.prank(by);
        return disputes.accuse(t, a, b, c, accused == t.provider ? bytes("") : candidates());
    }

    function decide(uint256 question, Committee.Ballot ballot) internal {
        Committee.Case memory c = committee.caseOf(question);
        if (block.number <= c.seedBlock) vm.roll(c.seedBlock + 1);
        bytes memory header = headerOf(c.seedBlock, "fate");
        vm.setBlockhash(c.seedBlock, keccak256(header));
        committee.draw(question, header);
        address[] memory all = committee.committeeOf(question, c.round);
        for (uint256 i = 0; i < all.length; i++) {
            bytes32 hash = committee.ballotHash(question, c.round, all[i], ballot, "s");
            vm.prank(all[i]);
            committee.commit(question, hash);
        }
        vm.warp(block.timestamp + 1);
        for (uint256 i = 0; i < all.length; i++) {
            vm.prank(all[i]);
            committee.vote(question, ballot, "s");
        }
        committee.close(question);
    }

    function ruled(uint256 id, Terms memory t, Committee.Ballot ballot) internal {
        decide(disputes.accusationOf(id).question, ballot);
        disputes.rule(id, t);
    }

    function sealedJob() internal returns (Terms memory t, bytes32 id, Receipt memory r) {
        t = termsOf("job");
        id = openJob(t);
        r = commitJob(t);
        sealJob(t, r, "random");
    }

    function deposit() internal view returns (uint256) {
        return market.purses(consumer).deposit;
    }

    /// Tokens are somewhere: with accounts, in the market, staked, with the courts, with the treasury.
    function allTokens() internal view returns (uint256 sum) {
        sum = token.balanceOf(address(this)) + token.balanceOf(consumer) + token.balanceOf(provider) + token.balanceOf(stranger);
        for (uint256 i = 0; i < VALIDATORS; i++) {
            sum += token.balanceOf(validator(i));
        }
        sum += token.balanceOf(address(market)) + token.balanceOf(address(staking)) + token.balanceOf(address(timelock));
        sum += token.balanceOf(address(disputes)) + token.balanceOf(address(committee)) + token.balanceOf(address(bisection));
    }

    function purse(address who) internal view returns (uint256) {
        return uint256(market.purses(who).deposit) + market.purses(who).earned;
    }

    /// The market's tokens are those of its accounts and of open escrow.
    function marketIsWhole(uint256 escrow) internal view {
        uint256 sum = purse(consumer) + purse(provider) + escrow;
        for (uint256 i = 0; i < VALIDATORS; i++) {
            sum += purse(validator(i));
        }
        vm.assertEq(token.balanceOf(address(market)), sum, "the market's tokens");
        vm.assertEq(allTokens(), token.totalSupply(), "tokens are somewhere");
    }

    // ---- what a ruling does to a job ----

    function testAGuiltyProviderIsNotPaid() public {
        (Terms memory t, bytes32 id,) = sealedJob();
        uint256 accusation = accuse(stranger, t, provider);
        vm.assertEq(market.jobs(id).holds, 1);
        judge(id, 0, 3, IMarket.Value.Valid); // its friends say that all is well
        vm.warp(block.timestamp + t.window + 1);
        vm.expectPartialRevert(bytes4(keccak256("Holding(uint256,uint256)")));
        market.settle(t);
        ruled(accusation, t, Committee.Ballot.Guilty);
        vm.assertEq(deposit(), 5_000 * GWR, "the consumer has everything back");
        vm.assertEq(market.purses(provider).earned, 0);
        vm.assertEq(staking.slashableOf(provider), 4_500 * GWR, "the bond is gone");
        vm.assertEq(staking.stakes(provider).locked, 0);
        vm.assertEq(token.balanceOf(stranger), 1000 * GWR - FEES + 250 * GWR);
        vm.assertEq(token.balanceOf(address(timelock)), 100 * GWR);
        vm.assertEq(token.totalSupply(), GENESIS - 150 * GWR, "burnt");
        vm.expectPartialRevert(bytes4(keccak256("WrongState(bytes32,uint8)")));
        market.settle(t);
        marketIsWhole(0);
    }

    function testAnInnocentProviderIsPaidAndHasTheBond() public {
        (Terms memory t, bytes32 id,) = sealedJob();
        judge(id, 0, 3, IMarket.Value.Valid);
        uint256 accusation = accuse(consumer, t, provider);
        vm.warp(block.timestamp + t.window + 1);
        vm.expectPartialRevert(bytes4(keccak256("Holding(uint256,uint256)")));
        market.settle(t);
        ruled(accusation, t, Committee.Ballot.Innocent);
        vm.assertEq(market.jobs(id).holds, 0);
        market.settle(t);
        vm.assertEq(market.purses(provider).earned, 100 * GWR);
        vm.assertEq(token.balanceOf(provider), 5_000 * GWR + BOND - FEES);
        vm.assertEq(staking.slashableOf(provider), 5_000 * GWR);
        marketIsWhole(0);
    }

    function testAJurorThatFoundALieAccusesAndKeepsItsStake() public {
        (Terms memory t, bytes32 id,) = sealedJob();
        address juror = market.seats(id, 0).juror;
        judge(id, 0, 1, IMarket.Value.Invalid, 3);
        uint256 accusation = accuse(juror, t, provider);
        vm.assertEq(uint256(market.seats(id, 0).state), uint256(IMarket.SeatState.Accusing));
        // Its clock has stopped: it owes nothing while the accusation is open.
        vm.warp(block.timestamp + t.clock + 1);
        ruled(accusation, t, Committee.Ballot.Guilty);
        vm.assertEq(staking.slashableOf(juror), 1_000 * GWR);
        vm.assertEq(deposit(), 5_000 * GWR);
        marketIsWhole(0);
    }

    /// Seat first says value, the others up to end valid.
    function judge(bytes32 id, uint256 first, uint256 end, IMarket.Value value, uint256 all) internal {
        for (uint256 i = 0; i < all; i++) {
            commitVerdict(id, i, i >= first && i < end ? value : IMarket.Value.Valid);
        }
        for (uint256 i = 0; i < all; i++) {
            openVerdict(id, i, i >= first && i < end ? value : IMarket.Value.Valid);
        }
    }

    function testAJurorThatAccusesFalselyIsReplaced() public {
        (Terms memory t, bytes32 id, Receipt memory r) = sealedJob();
        address juror = market.seats(id, 0).juror;
        judge(id, 0, 1, IMarket.Value.Invalid, 3);
        uint256 accusation = accuse(juror, t, provider);
        ruled(accusation, t, Committee.Ballot.Innocent);
        vm.assertEq(uint256(market.seats(id, 0).state), uint256(IMarket.SeatState.Out));
        market.replace(t, r, candidates());
        judge(id, 3, 4, IMarket.Value.Valid);
        vm.warp(block.timestamp + t.window + 1);
        market.settle(t);
        vm.assertEq(market.purses(provider).earned, 100 * GWR);
        vm.assertEq(market.purses(juror).earned, 0);
        marketIsWhole(0);
    }

    function testAConvictedJurorLosesItsSeat() public {
        (Terms memory t, bytes32 id, Receipt memory r) = sealedJob();
        judge(id, 0, 3, IMarket.Value.Valid);
        address juror = market.seats(id, 1).juror;
        uint256 accusation = accuse(provider, t, juror);
        ruled(accusation, t, Committee.Ballot.Guilty);
        vm.assertEq(uint256(market.seats(id, 1).state), uint256(IMarket.SeatState.Out));
        vm.assertEq(market.jobs(id).valid, 2);
        vm.assertEq(market.jobs(id).holds, 0);
        vm.assertEq(staking.slashableOf(juror), 800 * GWR);
        vm.warp(block.timestamp + t.window + 1);
        vm.expectPartialRevert(bytes4(keccak256("NotEnoughVerdicts(uint256,uint256)")));
        market.settle(t);
        market.replace(t, r, candidates());
        judge(id, 3, 4, IMarket.Value.Valid);
        market.settle(t);
        vm.assertEq(market.purses(juror).earned, 0);
        marketIsWhole(0);
    }

    function receiptStatement(Receipt memory r) internal pure returns (IDisputes.Statement memory) {
        return IDisputes.Statement(abi.encode(r), signReceipt(PROVIDER_KEY, r));
    }

    function equivocate(address by, IDisputes.Kind kind, IDisputes.Statement memory a, IDisputes.Statement memory b) internal {
        bytes32 claim = disputes.claimHash(by, disputes.equivocationSubject(kind, a.message, b.message), "s");
        vm.prank(by);
        disputes.claim(claim);
        vm.roll(block.number + 1);
        vm.prank(by);
        disputes.equivocation(kind, a, b, "s");
    }

    function testTwoReceiptsEndTheJob() public {
        (Terms memory t,, Receipt memory r) = sealedJob();
        Receipt memory other = receiptOf(t);
        other.hash = "another";
        equivocate(stranger, IDisputes.Kind.Receipt, receiptStatement(r), receiptStatement(other));
        disputes.annul(t, provider);
        vm.assertEq(deposit(), 5_000 * GWR);
        // A fifth of its stake for the contradiction, then the bond.
        vm.assertEq(staking.slashableOf(provider), 5_000 * GWR - 1_000 * GWR - 500 * GWR);
        vm.assertEq(token.balanceOf(stranger), 1000 * GWR + 750 * GWR);
        marketIsWhole(0);
    }

    function testTwoPromisesCostTheSeat() public {
        (Terms memory t, bytes32 id,) = sealedJob();
        address juror = market.seats(id, 2).juror;
        VerdictCommit memory v = VerdictCommit(t.job, "r", juror, "a");
        VerdictCommit memory w = VerdictCommit(t.job, "r", juror, "b");
        equivocate(
            stranger,
            IDisputes.Kind.VerdictCommit,
            IDisputes.Statement(abi.encode(v), sign(keyOf(juror), Typed.digest(Typed.PLAIN, keccak256(abi.encode(Typed.VERDICT_COMMIT, v))))),
            IDisputes.Statement(abi.encode(w), sign(keyOf(juror), Typed.digest(Typed.PLAIN, keccak256(abi.encode(Typed.VERDICT_COMMIT, w)))))
        );
        disputes.annul(t, juror);
        vm.assertEq(uint256(market.seats(id, 2).state), uint256(IMarket.SeatState.Out));
        vm.assertEq(uint256(market.jobs(id).state), uint256(IMarket.State.Sealed), "the job goes on");
    }

    function challenge(Terms memory t) internal returns (uint256) {
        Bisection.Challenge memory c;
        c.claimed = Interval(0, 100, "claimed", "t", 1, 1);
        bytes32 hash = keccak256(abi.encode(Typed.INTERVAL_COMMIT, IntervalCommit(t.job, 0, Records.hash(c.claimed))));
        c.claimedSig = sign(PROVIDER_KEY, Typed.digest(Typed.PLAIN, hash));
        c.own = Interval(0, 100, "own", "t", 1, 1);
        bytes32 name = market.idOf(t);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER_KEY, name));
        vm.prank(stranger);
        return bisection.challenge(t, a, b, c);
    }

    function testAProviderThatLeavesAGameLosesTheJob() public {
        (Terms memory t, bytes32 id,) = sealedJob();
        uint256 game = challenge(t);
        vm.assertEq(market.jobs(id).holds, 1);
        vm.warp(block.timestamp + 2 hours + 1);
        bisection.timeout(game, t);
        vm.assertEq(deposit(), 5_000 * GWR);
        vm.assertEq(staking.slashableOf(provider), 4_500 * GWR);
        vm.assertEq(token.balanceOf(stranger), 1000 * GWR + 250 * GWR);
        marketIsWhole(0);
    }

    function testAChallengerThatLeavesPaysTheProvider() public {
        (Terms memory t, bytes32 id,) = sealedJob();
        judge(id, 0, 3, IMarket.Value.Valid);
        uint256 game = challenge(t);
        bytes32[] memory values = new bytes32[](7);
        vm.prank(provider);
        bisection.say(game, values);
        vm.warp(block.timestamp + 2 hours + 1);
        bisection.timeout(game, t);
        vm.assertEq(market.jobs(id).holds, 0);
        market.settle(t);
        vm.assertEq(token.balanceOf(provider), 5_000 * GWR + BOND);
        vm.assertEq(market.purses(provider).earned, 100 * GWR);
        marketIsWhole(0);
    }

    // ---- what an attacker tries ----

    function testNoAccusationFreezesAJobForEver() public {
        (Terms memory t, bytes32 id,) = sealedJob();
        judge(id, 0, 3, IMarket.Value.Valid);
        uint256 since = market.jobs(id).since;
        accuse(consumer, t, provider); // and nobody ever looks at it
        uint256 until = since + t.window + 1 days + 2 days;
        vm.warp(until);
        vm.expectPartialRevert(bytes4(keccak256("Holding(uint256,uint256)")));
        market.settle(t);
        vm.warp(until + 1);
        market.settle(t);
        vm.assertEq(market.purses(provider).earned, 100 * GWR);
    }

    function testStakeThatLeavesIsStillThereForTheAccusation() public {
        // It is paid, and takes everything out at once; the accusation comes as late as it may and lasts as long as it can.
        (Terms memory t, bytes32 id,) = sealedJob();
        judge(id, 0, 3, IMarket.Value.Valid);
        vm.warp(block.timestamp + t.window + 1);
        market.settle(t);
        vm.prank(provider);
        staking.requestUnbond(5_000 * GWR);
        vm.warp(uint256(t.deadline) + t.window + 1 days);
        uint256 accusation = accuse(stranger, t, provider);
        ruled(accusation, t, Committee.Ballot.Guilty);
        vm.assertEq(staking.slashableOf(provider), 4_500 * GWR);
        vm.prank(provider);
        vm.expectPartialRevert(bytes4(keccak256("TooEarly(uint256,uint256)")));
        staking.withdraw();
    }

    function testSpamCostsTheAccuserAndFeedsTheAccused() public {
        // The ratio of griefing: what an accuser without evidence loses for each token that the accused loses. The accused loses none, and has nothing
        // to send; so what is measured is what it wins.
        (Terms memory t,,) = sealedJob();
        uint256 before = token.balanceOf(provider);
        for (uint256 i = 1; i <= 3; i++) {
            ruled(accuse(stranger, t, provider), t, Committee.Ballot.Innocent);
            vm.assertEq(token.balanceOf(stranger), 1000 * GWR - i * BOND, "a bond each time");
            vm.assertEq(token.balanceOf(provider), before + i * (BOND - FEES), "to the accused and the voters");
        }
        // And without even serving something to look at.
        ruled(accuse(stranger, t, provider), t, Committee.Ballot.Unavailable);
        vm.assertEq(token.balanceOf(stranger), 1000 * GWR - 3 * BOND - FEES);
        vm.assertEq(staking.slashableOf(provider), 5_000 * GWR);
    }

    function testGasOfSpamIsTheAccusers() public {
        (Terms memory t,,) = sealedJob();
        IDisputes.Charge memory c = IDisputes.Charge(provider, keccak256("evidence"), 100, "salt");
        bytes32 name = market.idOf(t);
        bytes32 claim = disputes.claimHash(stranger, disputes.accusationSubject(name, provider, c.evidence, c.size), c.salt);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER_KEY, name));
        vm.startPrank(stranger);
        uint256 left = gasleft();
        disputes.claim(claim);
        uint256 accusers = left - gasleft();
        vm.roll(block.number + 1);
        left = gasleft();
        uint256 id = disputes.accuse(t, a, b, c, "");
        accusers += left - gasleft();
        vm.stopPrank();
        uint256 question = disputes.accusationOf(id).question;
        vm.roll(committee.caseOf(question).seedBlock + 1);
        bytes memory header = headerOf(committee.caseOf(question).seedBlock, "fate");
        vm.setBlockhash(committee.caseOf(question).seedBlock, keccak256(header));
        committee.draw(question, header);
        address one = committee.committeeOf(question, 1)[0];
        bytes32 hash = committee.ballotHash(question, 1, one, Committee.Ballot.Innocent, "s");
        vm.startPrank(one);
        left = gasleft();
        committee.commit(question, hash);
        uint256 members = left - gasleft();
        vm.warp(committee.caseOf(question).end + 1);
        left = gasleft();
        committee.vote(question, Committee.Ballot.Innocent, "s");
        members += left - gasleft();
        vm.stopPrank();
        // The accused sends nothing. A member has less gas to pay than the accuser, and its fee besides.
        emit Gas(accusers, members);
        vm.assertLt(members, accusers / 3, "a member's gas, of the accuser's");
    }

    event Gas(uint256 accuser, uint256 member);

    function testTransfersCallNobody() public {
        // Money goes to whoever it is owed to, even a contract that refuses everything: nobody can hold up a ruling by being paid.
        Grumpy grumpy = new Grumpy();
        token.transfer(address(grumpy), 100 * GWR);
        vm.startPrank(address(grumpy));
        token.approve(address(disputes), type(uint256).max);
        vm.stopPrank();
        (Terms memory t,,) = sealedJob();
        uint256 id = accuse(address(grumpy), t, provider);
        ruled(id, t, Committee.Ballot.Guilty);
        vm.assertEq(token.balanceOf(address(grumpy)), 100 * GWR - FEES + 250 * GWR);
    }

    function testSignaturesAreOfOneMarketOnOneChain() public {
        Terms memory t = termsOf("job");
        bytes memory here = signTerms(CONSUMER, t);
        bytes32 id = market.idOf(t);
        vm.chainId(7);
        vm.assertTrue(market.idOf(t) != id, "another chain");
        vm.prank(provider);
        vm.expectPartialRevert(Typed.WrongSigner.selector);
        market.open(t, here);
        vm.chainId(31_337);
        Market other = new Market(token, parameters, staking, lottery, address(disputes));
        vm.assertTrue(other.idOf(t) != id, "another market");
        vm.prank(provider);
        vm.expectPartialRevert(Typed.WrongSigner.selector);
        other.open(t, here);
    }

    function testNoTypeStandsForAnother() public {
        // The same words under another type, or in another domain, have another digest.
        Voucher memory v = Voucher(consumer, provider, uint128(GWR));
        bytes32 voucher = keccak256(abi.encode(Typed.VOUCHER, v));
        vm.assertTrue(voucher != keccak256(abi.encode(Typed.INTERVAL_COMMIT, v)));
        vm.assertTrue(Typed.digest(market.domain(), voucher) != Typed.digest(Typed.PLAIN, voucher));
        Voucher[] memory all = new Voucher[](1);
        bytes[] memory signatures = new bytes[](1);
        (all[0], signatures[0]) = (v, sign(CONSUMER, Typed.digest(Typed.PLAIN, voucher)));
        vm.expectPartialRevert(Typed.WrongSigner.selector);
        market.redeem(all, signatures);
    }

    function testTheGuiltyCannotConvictItselfCheaply() public {
        // A friend accuses it with the true evidence, to have the challenger's share stay at home. What is burnt and the treasury's is lost all the
        // same, the consumer has its money back, and who accuses later is refused.
        (Terms memory t,,) = sealedJob();
        uint256 wealth = token.balanceOf(stranger) + token.balanceOf(provider) + staking.slashableOf(provider);
        ruled(accuse(stranger, t, provider), t, Committee.Ballot.Guilty);
        uint256 left = token.balanceOf(stranger) + token.balanceOf(provider) + staking.slashableOf(provider);
        vm.assertEq(wealth - left, 250 * GWR + FEES, "half of the bond and the fees");
        vm.assertEq(deposit(), 5_000 * GWR);
    }

    /// Each knows the others for ever: there is nobody who could change it.
    function testContractsNameEachOther() public view {
        address[6] memory tokens = [
            address(market.token()), address(staking.token()), address(committee.token()), address(disputes.token()), address(bisection.token()), address(governor.token())
        ];
        for (uint256 i = 0; i < 6; i++) {
            vm.assertEq(tokens[i], address(token));
        }
        address[5] memory numbers = [
            address(market.parameters()),
            address(staking.parameters()),
            address(committee.parameters()),
            address(disputes.parameters()),
            address(bisection.parameters())
        ];
        for (uint256 i = 0; i < 5; i++) {
            vm.assertEq(numbers[i], address(parameters));
        }
        vm.assertEq(address(market.staking()), address(staking));
        vm.assertEq(address(committee.staking()), address(staking));
        vm.assertEq(address(disputes.staking()), address(staking));
        vm.assertEq(address(lottery.staking()), address(staking));
        vm.assertEq(address(market.lottery()), address(lottery));
        vm.assertEq(market.disputes(), address(disputes));
        vm.assertEq(staking.market(), address(market));
        vm.assertEq(staking.disputes(), address(disputes));
        vm.assertEq(staking.committee(), address(committee));
        vm.assertEq(staking.bisection(), address(bisection));
        vm.assertEq(staking.treasury(), address(timelock));
        vm.assertEq(committee.treasury(), address(timelock));
        vm.assertEq(address(disputes.market()), address(market));
        vm.assertEq(address(disputes.verifier()), address(committee));
        vm.assertEq(disputes.bisection(), address(bisection));
        vm.assertEq(address(bisection.market()), address(market));
        vm.assertEq(address(bisection.disputes()), address(disputes));
        vm.assertEq(address(bisection.verifier()), address(committee));
        vm.assertEq(parameters.timelock(), address(timelock));
        vm.assertEq(token.minter(), address(timelock));
        vm.assertEq(governor.timelock(), address(timelock));
    }

    function testOnlyDisputesReachTheMarket() public {
        (Terms memory t, bytes32 id,) = sealedJob();
        bytes memory why = abi.encodeWithSelector(Market.OnlyDisputes.selector, address(this), address(disputes));
        vm.expectRevert(why);
        market.hold(id, stranger);
        vm.expectRevert(why);
        market.unhold(id, stranger);
        vm.expectRevert(why);
        market.convicted(t);
        vm.expectRevert(why);
        market.unseat(id, stranger);
    }

    function testAnAccusationAfterTheEndOnlySlashes() public {
        (Terms memory t, bytes32 id,) = sealedJob();
        judge(id, 0, 3, IMarket.Value.Valid);
        uint256 accusation = accuse(stranger, t, provider);
        Acceptance memory a = Acceptance(id, "r", new address[](0));
        market.accept(t, a, signAcceptance(CONSUMER, a)); // the consumer takes it all the same
        vm.assertEq(market.purses(provider).earned, 100 * GWR);
        ruled(accusation, t, Committee.Ballot.Guilty);
        vm.assertEq(staking.slashableOf(provider), 4_500 * GWR);
        vm.assertEq(market.purses(provider).earned, 100 * GWR);
        marketIsWhole(0);
    }

    function testFuzzMoneyInIsMoneyOutWhateverIsRuled(uint8 ballot, bool aboutJuror, bool before, uint8 verdicts) public {
        (Terms memory t, bytes32 id,) = sealedJob();
        address accused = aboutJuror ? market.seats(id, verdicts % 3).juror : provider;
        uint256 accusation;
        if (before) accusation = accuse(stranger, t, accused);
        for (uint256 i = 0; i < 3; i++) {
            commitVerdict(id, i, verdicts >> i & 1 == 1 ? IMarket.Value.Valid : IMarket.Value.Unavailable);
        }
        for (uint256 i = 0; i < 3; i++) {
            openVerdict(id, i, verdicts >> i & 1 == 1 ? IMarket.Value.Valid : IMarket.Value.Unavailable);
        }
        if (!before) accusation = accuse(stranger, t, accused);
        marketIsWhole(106 * GWR);
        ruled(accusation, t, Committee.Ballot(1 + ballot % 3));
        bool over = market.jobs(id).state == IMarket.State.Done;
        marketIsWhole(over ? 0 : 106 * GWR);
        if (!over) {
            vm.warp(block.timestamp + 30 days);
            if (market.jobs(id).valid == 3) market.settle(t);
            else market.abandon(t);
        }
        marketIsWhole(0);
        vm.assertEq(staking.stakes(provider).locked, 0);
        if (1 + ballot % 3 != 1 || aboutJuror) vm.assertEq(staking.slashableOf(provider), 5_000 * GWR);
    }
}
