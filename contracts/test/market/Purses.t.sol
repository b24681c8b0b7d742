// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Typed} from "../../src/Typed.sol";
import {IMarket, Voucher} from "../../src/interfaces/IMarket.sol";
import {P} from "../../src/interfaces/IParameters.sol";
import {Purses} from "../../src/market/Purses.sol";
import {System} from "../System.sol";
import {vm} from "../Vm.sol";

contract PursesTest is System {
    function redeemOne(uint256 key, Voucher memory v) internal {
        Voucher[] memory vs = new Voucher[](1);
        bytes[] memory signatures = new bytes[](1);
        (vs[0], signatures[0]) = (v, signVoucher(key, v));
        market.redeem(vs, signatures);
    }

    function testDeposit() public {
        vm.expectEmit();
        emit IMarket.Deposited(consumer, consumer, 7, 5_000 * GWR + 7);
        vm.prank(consumer);
        market.deposit(7);
        vm.assertEq(market.purses(consumer).deposit, 5_000 * GWR + 7);
        vm.assertEq(token.balanceOf(address(market)), 5_000 * GWR + 7);
        vm.expectRevert(Purses.NothingGiven.selector);
        market.deposit(0);
    }

    function testDepositForAnother() public {
        token.approve(address(market), 5);
        vm.expectEmit();
        emit IMarket.Deposited(provider, address(this), 5, 5);
        market.depositFor(provider, 5);
        vm.assertEq(market.purses(provider).deposit, 5);
        vm.assertEq(market.purses(address(this)).deposit, 0);
    }

    function testDepositWithPermit() public {
        address owner = vm.addr(0xe1);
        token.transfer(owner, 100);
        bytes32 typehash = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 digest = Typed.digest(token.DOMAIN_SEPARATOR(), keccak256(abi.encode(typehash, owner, market, 60, 0, block.timestamp)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(0xe1, digest);
        // Whoever shows the permit first does not hinder it.
        token.permit(owner, address(market), 60, block.timestamp, v, r, s);
        vm.prank(owner);
        market.depositWithPermit(60, block.timestamp, v, r, s);
        vm.assertEq(market.purses(owner).deposit, 60);
        vm.prank(owner);
        vm.expectRevert();
        market.depositWithPermit(40, block.timestamp, v, r, s);
    }

    function testWithdrawAfterNotice() public {
        uint64 leaves = uint64(block.timestamp + 8 days);
        vm.expectEmit();
        emit IMarket.WithdrawRequested(consumer, 1_000, leaves);
        vm.startPrank(consumer);
        market.requestWithdraw(1_000);
        vm.assertEq(market.available(consumer), 5_000 * GWR - 1_000);
        vm.expectRevert(abi.encodeWithSelector(Purses.TooEarly.selector, leaves, block.timestamp));
        market.withdraw();
        vm.warp(leaves - 1);
        vm.expectRevert(abi.encodeWithSelector(Purses.TooEarly.selector, leaves, leaves - 1));
        market.withdraw();
        vm.warp(leaves);
        uint256 before = token.balanceOf(consumer);
        vm.expectEmit();
        emit IMarket.Withdrawn(consumer, 1_000);
        market.withdraw();
        vm.assertEq(token.balanceOf(consumer), before + 1_000);
        vm.assertEq(market.available(consumer), 5_000 * GWR - 1_000);
        vm.assertEq(market.purses(consumer).leavesAt, 0);
        vm.expectRevert(Purses.NothingGiven.selector);
        market.withdraw();
    }

    function testAWithdrawalIsAskedForOnceAndCanBeTakenBack() public {
        vm.startPrank(consumer);
        market.requestWithdraw(1_000);
        market.requestWithdraw(300);
        vm.assertEq(market.purses(consumer).leaving, 300);
        market.requestWithdraw(0);
        vm.assertEq(market.available(consumer), 5_000 * GWR);
        uint256 more = 5_000 * GWR + 1;
        vm.expectRevert(abi.encodeWithSelector(Purses.TooLittleDeposit.selector, consumer, more, 5_000 * GWR));
        market.requestWithdraw(more);
    }

    /// What is owed is drawn from what is asked for too, and the withdrawal gives what is left.
    function testVouchersDrawOnWhatIsLeaving() public {
        vm.prank(consumer);
        market.requestWithdraw(5_000 * GWR);
        vm.assertEq(market.available(consumer), 0);
        redeemOne(CONSUMER, Voucher(consumer, provider, uint128(4_000 * GWR)));
        vm.assertEq(market.purses(provider).earned, 4_000 * GWR);
        vm.assertEq(market.available(consumer), 0);
        vm.warp(block.timestamp + 8 days);
        uint256 before = token.balanceOf(consumer);
        vm.prank(consumer);
        market.withdraw();
        vm.assertEq(token.balanceOf(consumer), before + 1_000 * GWR);
    }

    function testRedeemIsCumulative() public {
        vm.expectEmit();
        emit IMarket.Redeemed(consumer, provider, 100, 100);
        redeemOne(CONSUMER, Voucher(consumer, provider, 100));
        redeemOne(CONSUMER, Voucher(consumer, provider, 100)); // nothing more
        redeemOne(CONSUMER, Voucher(consumer, provider, 40)); // an older one
        redeemOne(CONSUMER, Voucher(consumer, provider, 150));
        vm.assertEq(market.purses(provider).earned, 150);
        vm.assertEq(market.redeemed(consumer, provider), 150);
        vm.assertEq(market.purses(consumer).deposit, 5_000 * GWR - 150);

        uint256 before = token.balanceOf(provider);
        vm.expectEmit();
        emit IMarket.Collected(provider, 150);
        vm.prank(provider);
        market.collect();
        vm.assertEq(token.balanceOf(provider), before + 150);
        vm.assertEq(market.purses(provider).earned, 0);
        vm.prank(provider);
        vm.expectRevert(Purses.NothingGiven.selector);
        market.collect();
    }

    function testRedeemManyAtOnce() public {
        Voucher[] memory vs = new Voucher[](3);
        bytes[] memory signatures = new bytes[](3);
        vs[0] = Voucher(consumer, provider, 100);
        vs[1] = Voucher(vm.addr(0xe2), provider, 50); // who has no deposit
        vs[2] = Voucher(consumer, validator(0), 7);
        (signatures[0], signatures[1], signatures[2]) = (signVoucher(CONSUMER, vs[0]), signVoucher(0xe2, vs[1]), signVoucher(CONSUMER, vs[2]));
        vm.recordLogs();
        market.redeem(vs, signatures);
        vm.assertEq(vm.getRecordedLogs().length, 2); // of what gives nothing, nothing is said
        vm.assertEq(market.purses(provider).earned, 100);
        vm.assertEq(market.purses(validator(0)).earned, 7);
        vm.assertEq(market.redeemed(vm.addr(0xe2), provider), 0);
        vm.expectRevert(abi.encodeWithSelector(Purses.UnevenVouchers.selector, 3, 2));
        market.redeem(vs, new bytes[](2));
    }

    function testWhatADepositDoesNotCoverStaysOwed() public {
        redeemOne(CONSUMER, Voucher(consumer, provider, uint128(5_100 * GWR)));
        vm.assertEq(market.purses(provider).earned, 5_000 * GWR);
        vm.prank(consumer);
        market.deposit(300 * GWR);
        redeemOne(CONSUMER, Voucher(consumer, provider, uint128(5_100 * GWR)));
        vm.assertEq(market.purses(provider).earned, 5_100 * GWR);
        vm.assertEq(market.purses(consumer).deposit, 200 * GWR);
    }

    function testRefusesVouchersOfOthersAndOfOtherMarkets() public {
        Voucher[] memory vs = new Voucher[](1);
        bytes[] memory signatures = new bytes[](1);
        vs[0] = Voucher(consumer, provider, 100);
        signatures[0] = signVoucher(PROVIDER_KEY, vs[0]);
        vm.expectRevert(abi.encodeWithSelector(Typed.WrongSigner.selector, provider, consumer));
        market.redeem(vs, signatures);
        // The same on another chain, and for another market.
        signatures[0] = signVoucher(CONSUMER, vs[0]);
        vm.chainId(5);
        vm.expectPartialRevert(Typed.WrongSigner.selector);
        market.redeem(vs, signatures);
        signatures[0] = sign(CONSUMER, Typed.digest(Typed.domainOf(5, address(staking)), keccak256(abi.encode(Typed.VOUCHER, vs[0]))));
        vm.expectPartialRevert(Typed.WrongSigner.selector);
        market.redeem(vs, signatures);
        signatures[0] = signVoucher(CONSUMER, vs[0]);
        market.redeem(vs, signatures);
    }

    /// Whatever is signed and whatever there is: nothing is made or lost, and nobody draws more than was signed.
    function testFuzzVouchers(uint128[4] memory totals, uint96 left) public {
        for (uint256 i = 0; i < 4; i++) {
            redeemOne(CONSUMER, Voucher(consumer, i % 2 == 0 ? provider : validator(0), totals[i]));
        }
        uint256 most = totals[0] > totals[2] ? totals[0] : totals[2];
        vm.assertLe(market.redeemed(consumer, provider), most, "drawn");
        vm.assertEq(market.redeemed(consumer, provider), market.purses(provider).earned);
        vm.assertEq(
            market.purses(consumer).deposit + market.purses(provider).earned + market.purses(validator(0)).earned, 5_000 * GWR
        );
        uint256 deposit = market.purses(consumer).deposit;
        vm.prank(consumer);
        if (left > deposit) vm.expectPartialRevert(Purses.TooLittleDeposit.selector);
        market.requestWithdraw(left);
        vm.assertLe(market.available(consumer), deposit, "available");
    }
}
