// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Staking} from "../../src/Staking.sol";
import {Typed} from "../../src/Typed.sol";
import {Acceptance, IMarket, Receipt, Terms, Voucher} from "../../src/interfaces/IMarket.sol";
import {P} from "../../src/interfaces/IParameters.sol";
import {IStaking} from "../../src/interfaces/IStaking.sol";
import {Escrow} from "../../src/market/Escrow.sol";
import {Purses} from "../../src/market/Purses.sol";
import {System} from "../System.sol";
import {vm} from "../Vm.sol";

contract EscrowTest is System {
    Voucher private noVoucher;

    function accepted(Terms memory t, address[] memory jurors) private view returns (Acceptance memory a, bytes memory signature) {
        a = Acceptance(market.idOf(t), "receipt", jurors);
        signature = signAcceptance(CONSUMER, a);
    }

    function jury(uint256 n) private pure returns (address[] memory jurors) {
        jurors = new address[](n);
        for (uint256 i = 0; i < n; i++) {
            jurors[i] = validator(i);
        }
    }

    function state(Terms memory t) private view returns (uint256) {
        return uint256(market.jobs(market.idOf(t)).state);
    }

    // Opening

    function testOpenTakesEscrowAndBond() public {
        Terms memory t = termsOf("job");
        bytes32 id = market.idOf(t);
        bytes memory signature = signTerms(CONSUMER, t);
        vm.expectEmit();
        emit IMarket.Opened("job", consumer, provider, id, 106 * GWR, 500 * GWR);
        vm.prank(provider);
        market.open(t, signature);
        IMarket.Job memory job = market.jobs(id);
        vm.assertEq(uint256(job.state), uint256(IMarket.State.Opened));
        vm.assertEq(job.since, block.timestamp);
        vm.assertEq(job.clock, 300);
        vm.assertEq(market.purses(consumer).deposit, 4_894 * GWR);
        vm.assertEq(staking.freeOf(provider), 4_500 * GWR);
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongState.selector, id, IMarket.State.Opened));
        market.open(t, signature);
    }

    function testOnlyTheProviderOpens() public {
        Terms memory t = termsOf("job");
        bytes memory signature = signTerms(CONSUMER, t);
        vm.prank(consumer);
        vm.expectRevert(abi.encodeWithSelector(Escrow.OnlyProvider.selector, consumer, provider));
        market.open(t, signature);
        signature = signTerms(PROVIDER_KEY, t);
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(Typed.WrongSigner.selector, provider, consumer));
        market.open(t, signature);
    }

    /// Terms that were over can never be opened again, however they ended: what was signed is good once.
    function testNothingOpensTwice() public {
        Terms memory t = termsOf("job");
        openJob(t);
        (Acceptance memory a, bytes memory signature) = accepted(t, jury(0));
        market.accept(t, a, signature);
        bytes memory again = signTerms(CONSUMER, t);
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongState.selector, a.terms, IMarket.State.Done));
        market.open(t, again);
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongState.selector, a.terms, IMarket.State.Done));
        market.accept(t, a, signature);
    }

    function testOpenInTime() public {
        Terms memory t = termsOf("job");
        bytes memory signature = signTerms(CONSUMER, t);
        vm.warp(t.opens + 1);
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(Escrow.TooLate.selector, t.opens, t.opens + 1));
        market.open(t, signature);
        vm.warp(t.opens);
        vm.prank(provider);
        market.open(t, signature);
    }

    function refused(Terms memory t, bytes memory reason) private {
        bytes memory signature = signTerms(CONSUMER, t);
        vm.expectRevert(reason);
        market.check(t);
        vm.prank(t.provider);
        vm.expectRevert(reason);
        market.open(t, signature);
    }

    function testRefusesTermsOutOfBounds() public {
        Terms memory t = termsOf("job");
        t.provider = consumer;
        refused(t, abi.encodeWithSelector(Escrow.SameParties.selector, consumer));

        t = termsOf("job");
        t.deadline = uint64(block.timestamp + 7 days);
        market.check(t);
        t.deadline++;
        refused(t, abi.encodeWithSelector(Escrow.DeadlineOutOfBounds.selector, t.deadline, block.timestamp + 7 days));

        t = termsOf("job");
        t.opens = t.deadline + t.window + 3 days;
        market.check(t);
        t.opens++;
        refused(t, abi.encodeWithSelector(Escrow.OpensOutOfBounds.selector, t.opens, t.opens - 1));

        t = termsOf("job");
        (t.window, t.clock) = (600, 60);
        market.check(t);
        t.window = 599;
        refused(t, abi.encodeWithSelector(Escrow.WindowOutOfBounds.selector, 599, 600, 3 days));
        (t.window, t.clock) = (3 days, 1 hours);
        market.check(t);
        t.window++;
        refused(t, abi.encodeWithSelector(Escrow.WindowOutOfBounds.selector, 3 days + 1, 600, 3 days));
        (t.window, t.clock) = (3 days, 1 hours + 1);
        refused(t, abi.encodeWithSelector(Escrow.ClockOutOfBounds.selector, 1 hours + 1, 60, 1 hours));
        t.clock = 59;
        refused(t, abi.encodeWithSelector(Escrow.ClockOutOfBounds.selector, 59, 60, 1 hours));

        t = termsOf("job");
        t.validators = 8;
        market.check(t);
        t.validators = 9;
        refused(t, abi.encodeWithSelector(Escrow.ValidatorsOutOfBounds.selector, 9, 1, 8));
        t.validators = 0;
        refused(t, abi.encodeWithSelector(Escrow.ValidatorsOutOfBounds.selector, 0, 1, 8));
        (t.validators, t.samplePPM) = (1, 1_000_000);
        market.check(t);
        t.samplePPM++;
        refused(t, abi.encodeWithSelector(Escrow.SampleOutOfBounds.selector, 1_000_001, 1_000_000));
    }

    function testRefusesTermsThatDoNotDeter() public {
        Terms memory t = termsOf("job");
        t.saving = uint128(10 * GWR); // a tenth of the price: SavingPPM
        market.check(t);
        t.saving--;
        refused(t, abi.encodeWithSelector(Escrow.SavingTooSmall.selector, t.saving, 10 * GWR));
        t.price = uint128(100 * GWR) - 9; // a tenth is rounded up
        refused(t, abi.encodeWithSelector(Escrow.SavingTooSmall.selector, t.saving, 10 * GWR));
        t.price--;
        market.check(t);
        uint256 before = vm.snapshotState();
        P[] memory ps = new P[](1);
        uint64[] memory vs = new uint64[](1);
        (ps[0], vs[0]) = (P.SavingPPM, 1);
        vm.prank(address(timelock));
        parameters.set(ps, vs);
        (t.price, t.saving) = (1, 0); // a millionth too
        refused(t, abi.encodeWithSelector(Escrow.SavingTooSmall.selector, 0, 1));
        vm.revertToState(before);

        t = termsOf("job");
        t.saving = 54.471e18; // see DeterrenceTest
        market.check(t);
        t.saving++;
        refused(t, abi.encodeWithSelector(Escrow.NotDeterred.selector, t.price, t.bond, t.saving));
    }

    function testRefusesWhatIsNotCovered() public {
        Terms memory t = termsOf("job");
        t.fee = uint128(1_634 * GWR); // 100 + 3*1634 > 5000
        bytes memory signature = signTerms(CONSUMER, t);
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(Purses.TooLittleDeposit.selector, consumer, 5_002 * GWR, 5_000 * GWR));
        market.open(t, signature);

        t = termsOf("job");
        t.bond = uint128(5_000 * GWR) + 1;
        signature = signTerms(CONSUMER, t);
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(Staking.TooLittleFree.selector, t.bond, 5_000 * GWR));
        market.open(t, signature);
        // Stake that is asked for just before does not cover it either.
        t.bond--;
        signature = signTerms(CONSUMER, t);
        vm.prank(provider);
        staking.requestUnbond(1);
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(Staking.TooLittleFree.selector, t.bond, t.bond - 1));
        market.open(t, signature);
    }

    // Ends without a jury

    function testAcceptPaysOnce() public {
        Terms memory t = termsOf("job");
        openJob(t);
        (Acceptance memory a, bytes memory signature) = accepted(t, jury(2));
        vm.expectEmit();
        emit IMarket.Ended("job", consumer, provider, a.terms, IMarket.End.Accepted, 104 * GWR, 2 * GWR);
        market.accept(t, a, signature);
        vm.assertEq(market.purses(provider).earned, 100 * GWR);
        vm.assertEq(market.purses(validator(0)).earned, 2 * GWR);
        vm.assertEq(market.purses(validator(2)).earned, 0);
        vm.assertEq(market.purses(consumer).deposit, 4_896 * GWR);
        vm.assertEq(staking.freeOf(provider), 5_000 * GWR);
        IMarket.Job memory job = market.jobs(a.terms);
        vm.assertEq(uint256(job.state), uint256(IMarket.State.Done));
        vm.assertEq(uint256(job.since) + job.clock + job.seats + uint256(job.receipt), 0);
    }

    function testAcceptIsTheConsumersForTheseTerms() public {
        Terms memory t = termsOf("job");
        Terms memory other = termsOf("job");
        other.price--;
        openJob(t);
        openJob(other);
        (Acceptance memory a, bytes memory signature) = accepted(t, jury(4));
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongTerms.selector, a.terms, market.idOf(other)));
        market.accept(other, a, signature);
        vm.expectRevert(abi.encodeWithSelector(Escrow.TooManyJurors.selector, 4, 3));
        market.accept(t, a, signature);
        a.jurors = jury(1);
        vm.expectPartialRevert(Typed.WrongSigner.selector);
        market.accept(t, a, signature);
        signature = signAcceptance(PROVIDER_KEY, a);
        vm.expectRevert(abi.encodeWithSelector(Typed.WrongSigner.selector, provider, consumer));
        market.accept(t, a, signature);
    }

    function testAcceptAfterCommitAndWithAJury() public {
        Terms memory t = termsOf("one");
        openJob(t);
        commitJob(t);
        (Acceptance memory a, bytes memory signature) = accepted(t, jury(3));
        market.accept(t, a, signature);
        vm.assertEq(market.purses(validator(2)).earned, 2 * GWR);

        // Once a jury sits, who has promised is paid, whoever is named.
        t = termsOf("two");
        bytes32 id = openJob(t);
        sealJob(t, commitJob(t), "random");
        address juror = market.seats(id, 1).juror;
        uint256 before = market.purses(juror).earned;
        commitVerdict(id, 1, IMarket.Value.Valid);
        (a, signature) = accepted(t, jury(0));
        vm.expectEmit();
        emit IMarket.Ended("two", consumer, provider, id, IMarket.End.Accepted, 102 * GWR, 4 * GWR);
        market.accept(t, a, signature);
        vm.assertEq(market.purses(juror).earned, before + 2 * GWR);
        vm.assertEq(market.seats(id, 0).juror, address(0));
        vm.assertEq(market.seats(id, 1).commitment, 0);
    }

    function testAcceptNeedsAnOpenJob() public {
        Terms memory t = termsOf("job");
        (Acceptance memory a, bytes memory signature) = accepted(t, jury(0));
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongState.selector, a.terms, IMarket.State.None));
        market.accept(t, a, signature);
    }

    function testGivenBackByTheProvider() public {
        Terms memory t = termsOf("job");
        bytes32 id = openJob(t);
        bytes memory word = signRelease(PROVIDER_KEY, t, 0);
        vm.expectRevert(abi.encodeWithSelector(Escrow.OnlyParties.selector, address(this)));
        market.release(t, 0, word, noVoucher, "");
        vm.prank(provider);
        vm.expectEmit();
        emit IMarket.Ended("job", consumer, provider, id, IMarket.End.Released, 0, 106 * GWR);
        market.release(t, 0, word, noVoucher, "");
        vm.assertEq(market.purses(consumer).deposit, 5_000 * GWR);
        vm.assertEq(staking.freeOf(provider), 5_000 * GWR);
    }

    /// Who was paid by voucher cannot be paid for the same job once more: the consumer shows what the provider signed for the voucher.
    function testReleasedByAVoucher() public {
        Terms memory t = termsOf("job");
        bytes32 id = openJob(t);
        Receipt memory r = commitJob(t);
        bytes memory word = signRelease(PROVIDER_KEY, t, uint128(100 * GWR));
        vm.prank(provider); // it must not get away from its jury
        vm.expectRevert(abi.encodeWithSelector(Escrow.OnlyParties.selector, provider));
        market.release(t, uint128(100 * GWR), word, noVoucher, "");

        Voucher memory v = Voucher(consumer, provider, uint128(99 * GWR));
        bytes memory signature = signVoucher(CONSUMER, v);
        vm.startPrank(consumer);
        vm.expectRevert(abi.encodeWithSelector(Escrow.NotPaid.selector, 0, 100 * GWR));
        market.release(t, uint128(100 * GWR), word, noVoucher, "");
        vm.expectRevert(abi.encodeWithSelector(Escrow.NotPaid.selector, 99 * GWR, 100 * GWR));
        market.release(t, uint128(100 * GWR), word, v, signature);
        vm.stopPrank();
        sealJob(t, r, "random"); // nor does a jury that sits already change anything
        v.total = uint128(130 * GWR);
        signature = signVoucher(CONSUMER, v);
        vm.prank(consumer);
        market.release(t, uint128(100 * GWR), word, v, signature);
        vm.assertEq(market.purses(provider).earned, 130 * GWR);
        vm.assertEq(market.purses(consumer).deposit, 4_870 * GWR);
        vm.assertEq(uint256(market.jobs(id).state), uint256(IMarket.State.Done));
    }

    function testReleaseOfWhatWasDrawnBefore() public {
        Terms memory t = termsOf("job");
        openJob(t);
        Voucher[] memory vs = new Voucher[](1);
        bytes[] memory signatures = new bytes[](1);
        vs[0] = Voucher(consumer, provider, 50);
        signatures[0] = signVoucher(CONSUMER, vs[0]);
        market.redeem(vs, signatures);
        bytes memory word = signRelease(PROVIDER_KEY, t, 50);
        vm.prank(consumer);
        market.release(t, 50, word, noVoucher, "");
        vm.assertEq(market.purses(provider).earned, 50);
    }

    function testReleaseByAVoucherOfThisConsumerToThisProvider() public {
        Terms memory t = termsOf("job");
        openJob(t);
        bytes memory word = signRelease(PROVIDER_KEY, t, 50);
        for (uint256 i = 0; i < 2; i++) {
            Voucher memory v = i == 0 ? Voucher(consumer, validator(0), 50) : Voucher(validator(0), provider, 50);
            bytes memory signature = signVoucher(i == 0 ? CONSUMER : FIRST_VALIDATOR, v);
            vm.prank(consumer);
            vm.expectRevert(abi.encodeWithSelector(Escrow.NotPaid.selector, 0, 50));
            market.release(t, 50, word, v, signature);
        }
        // And by this provider's word about these terms and this total.
        vm.startPrank(consumer);
        vm.expectPartialRevert(Typed.WrongSigner.selector);
        market.release(t, 0, word, noVoucher, "");
        word = signRelease(CONSUMER, t, 0);
        vm.expectRevert(abi.encodeWithSelector(Typed.WrongSigner.selector, consumer, provider));
        market.release(t, 0, word, noVoucher, "");
    }

    /// The deposit may be nothing but what the escrow gives back.
    function testTheEscrowPaysTheVoucher() public {
        Terms memory t = termsOf("job");
        (t.price, t.fee, t.saving) = (uint128(500 * GWR), uint128(1_500 * GWR), uint128(60 * GWR));
        openJob(t);
        vm.assertEq(market.purses(consumer).deposit, 0);
        Voucher memory v = Voucher(consumer, provider, t.price);
        bytes memory signature = signVoucher(CONSUMER, v);
        bytes memory word = signRelease(PROVIDER_KEY, t, t.price);
        vm.prank(consumer);
        market.release(t, t.price, word, v, signature);
        vm.assertEq(market.purses(provider).earned, 500 * GWR);
        vm.assertEq(market.purses(consumer).deposit, 4_500 * GWR);
    }

    function testReleaseOfASealedJobPaysItsJury() public {
        Terms memory t = termsOf("job");
        bytes32 id = openJob(t);
        sealJob(t, commitJob(t), "random");
        commitVerdict(id, 0, IMarket.Value.Valid);
        address juror = market.seats(id, 0).juror;
        bytes memory word = signRelease(PROVIDER_KEY, t, 0);
        vm.prank(consumer);
        market.release(t, 0, word, noVoucher, "");
        vm.assertEq(market.purses(juror).earned, 2 * GWR);
        vm.assertEq(market.purses(consumer).deposit, 4_998 * GWR);
    }

    function testExpireRefundsAndPunishes() public {
        Terms memory t = termsOf("job");
        bytes32 id = openJob(t);
        vm.warp(t.deadline);
        vm.expectRevert(abi.encodeWithSelector(Purses.TooEarly.selector, t.deadline + 1, t.deadline));
        market.expire(t);
        vm.warp(t.deadline + 1);
        uint256 before = token.balanceOf(consumer);
        vm.expectEmit();
        emit IMarket.Ended("job", consumer, provider, id, IMarket.End.Expired, 0, 106 * GWR);
        vm.expectEmit();
        emit IStaking.Unlocked(provider, 500 * GWR, 0);
        vm.expectEmit();
        emit IStaking.Slashed(provider, consumer, 50 * GWR, 25 * GWR, 10 * GWR, 15 * GWR);
        market.expire(t);
        vm.assertEq(market.purses(consumer).deposit, 5_000 * GWR);
        vm.assertEq(token.balanceOf(consumer), before + 25 * GWR);
        vm.assertEq(staking.stakes(provider).staked, 4_950 * GWR);
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongState.selector, id, IMarket.State.Done));
        market.expire(t);
    }

    /// Opened late, since its consumer did not pay for what was done in time: a clock is left for the receipt.
    function testLateOpening() public {
        Terms memory t = termsOf("job");
        t.opens = t.deadline + 1 hours;
        vm.warp(t.opens);
        openJob(t);
        vm.warp(t.opens + t.clock);
        vm.expectRevert(abi.encodeWithSelector(Purses.TooEarly.selector, t.opens + t.clock + 1, t.opens + t.clock));
        market.expire(t);
        Receipt memory r = receiptOf(t);
        bytes memory signature = signReceipt(PROVIDER_KEY, r);
        vm.warp(t.opens + t.clock + 1);
        vm.expectRevert(abi.encodeWithSelector(Escrow.TooLate.selector, t.opens + t.clock, t.opens + t.clock + 1));
        market.commit(t, r, signature);
        vm.warp(t.opens + t.clock);
        market.commit(t, r, signature);
        vm.assertEq(state(t), uint256(IMarket.State.Committed));
    }

    function testWhatIsCommittedDoesNotExpire() public {
        Terms memory t = termsOf("job");
        bytes32 id = openJob(t);
        commitJob(t);
        vm.warp(t.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongState.selector, id, IMarket.State.Committed));
        market.expire(t);
    }

    /// Any terms that are in bounds: what was taken is given back or paid to the unit, by each way out.
    function testFuzzMoneyIsKept(uint96 price, uint96 fee, uint96 bond, uint8 jurors, uint8 how) public {
        Terms memory t = termsOf("job");
        (t.price, t.fee, t.bond) = (uint128(price % (1_000 * GWR)), uint128(fee % (1_000 * GWR)), uint128(bond % (4_000 * GWR)));
        t.saving = uint128((uint256(t.price) + 9) / 10);
        t.samplePPM = 1_000_000;
        try market.check(t) {}
        catch {
            return;
        }
        openJob(t);
        vm.assertEq(market.purses(consumer).deposit, 5_000 * GWR - t.price - 3 * uint256(t.fee));
        uint256 paid = 0;
        if (how % 3 == 0) {
            (Acceptance memory a, bytes memory signature) = accepted(t, jury(jurors % 4));
            market.accept(t, a, signature);
            paid = t.price + uint256(jurors % 4) * t.fee;
            vm.assertEq(market.purses(provider).earned, t.price);
        } else if (how % 3 == 1) {
            bytes memory word = signRelease(PROVIDER_KEY, t, 0);
            vm.prank(provider);
            market.release(t, 0, word, noVoucher, "");
        } else {
            vm.warp(t.deadline + 1);
            market.expire(t);
            vm.assertEq(staking.stakes(provider).staked, 5_000 * GWR - uint256(t.bond) / 10);
        }
        vm.assertEq(market.purses(consumer).deposit, 5_000 * GWR - paid);
        vm.assertEq(staking.stakes(provider).locked, 0);
        vm.assertEq(token.balanceOf(address(market)), 5_000 * GWR);
    }
}
