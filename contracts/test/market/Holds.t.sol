// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Market} from "../../src/Market.sol";
import {IMarket, Receipt, Terms} from "../../src/interfaces/IMarket.sol";
import {Jury} from "../../src/market/Jury.sol";
import {Purses} from "../../src/market/Purses.sol";
import {System} from "../System.sol";
import {vm} from "../Vm.sol";

/// What disputes tell the market, said here in their place.
contract HoldsTest is System {
    Terms private t;
    Receipt private r;
    bytes32 private id;
    address private court;
    uint256 private committed;

    function setUp() public override {
        super.setUp();
        court = address(disputes);
        t = termsOf("job");
        id = openJob(t);
        r = commitJob(t);
        committed = block.timestamp;
        sealJob(t, r, "random");
    }

    function hold(address accuser) private returns (bool) {
        vm.prank(court);
        return market.hold(id, accuser);
    }

    function unhold(address accuser) private {
        vm.prank(court);
        market.unhold(id, accuser);
    }

    function testOnlyDisputes() public {
        bytes memory reason = abi.encodeWithSelector(Market.OnlyDisputes.selector, address(this), court);
        vm.expectRevert(reason);
        market.hold(id, consumer);
        vm.expectRevert(reason);
        market.unhold(id, consumer);
        vm.expectRevert(reason);
        market.convicted(t);
        vm.expectRevert(reason);
        market.unseat(id, consumer);
    }

    function testHeldJobsWait() public {
        judge(id, 0, 3, IMarket.Value.Valid);
        vm.warp(committed + t.window + 1);
        vm.expectEmit();
        emit IMarket.Held(id, consumer, 1);
        vm.assertTrue(hold(consumer));
        hold(validator(0));
        uint256 until = committed + t.window + 3 days;
        vm.expectRevert(abi.encodeWithSelector(Jury.Holding.selector, 2, until));
        market.settle(t);
        unhold(consumer);
        vm.expectRevert(abi.encodeWithSelector(Jury.Holding.selector, 1, until));
        market.settle(t);
        vm.expectEmit();
        emit IMarket.Held(id, validator(0), 0);
        unhold(validator(0));
        market.settle(t);
    }

    /// However many accusations there are, and whether or not they end.
    function testNothingIsHeldPastTheBound() public {
        judge(id, 0, 3, IMarket.Value.Valid);
        hold(consumer);
        vm.warp(committed + t.window + 3 days);
        vm.expectPartialRevert(Jury.Holding.selector);
        market.settle(t);
        vm.warp(block.timestamp + 1);
        market.settle(t);
        vm.assertFalse(hold(consumer));
        unhold(consumer); // what ends later finds nothing
        vm.assertEq(market.jobs(id).holds, 0);
    }

    /// An accusation that came to nothing leaves time for the verdicts behind it.
    function testAFalseAccusationDoesNotCostTheProviderItsJob() public {
        judge(id, 0, 3, IMarket.Value.Invalid);
        for (uint256 i = 0; i < 3; i++) {
            hold(market.seats(id, i).juror);
        }
        vm.warp(committed + t.window + 1 days + 1);
        vm.expectPartialRevert(Jury.Holding.selector);
        market.abandon(t);
        for (uint256 i = 0; i < 3; i++) {
            address accuser = market.seats(id, i).juror;
            vm.expectEmit();
            emit IMarket.Unseated(id, accuser, i, 0);
            unhold(accuser);
        }
        uint256 bound = block.timestamp + 1 days;
        vm.expectRevert(abi.encodeWithSelector(Purses.TooEarly.selector, bound + 1, block.timestamp));
        market.abandon(t);
        market.replace(t, r, candidates());
        judge(id, 3, 6, IMarket.Value.Valid);
        market.settle(t);
        vm.assertEq(market.purses(provider).earned, 100 * GWR);
    }

    /// Nor do accusations that go on and on freeze the consumer's money: their time counts up to the bound, and no further.
    function testTimeOfAccusationsIsBounded() public {
        hold(consumer);
        uint256 held = committed + t.window + 3 days;
        vm.warp(held + 5);
        unhold(consumer);
        vm.warp(held + 1 days);
        vm.expectRevert(abi.encodeWithSelector(Purses.TooEarly.selector, held + 1 days + 1, held + 1 days));
        market.abandon(t);
        vm.warp(held + 1 days + 1);
        hold(consumer);
        market.abandon(t);
        vm.assertEq(market.purses(consumer).deposit, 5_000 * GWR);
    }

    function testHoldsWithoutASeat() public {
        hold(market.seats(id, 0).juror); // that has not found anything yet
        vm.assertEq(uint256(market.seats(id, 0).state), uint256(IMarket.SeatState.Seated));
        unhold(market.seats(id, 0).juror);
        vm.assertEq(uint256(market.seats(id, 0).state), uint256(IMarket.SeatState.Seated));
        vm.prank(court);
        vm.assertFalse(market.hold("nothing", consumer));
    }

    function testAConvictedProviderLeavesEverything() public {
        judge(id, 0, 3, IMarket.Value.Valid);
        hold(consumer);
        vm.expectEmit();
        emit IMarket.Ended("job", consumer, provider, id, IMarket.End.Convicted, 0, 106 * GWR);
        vm.prank(court);
        market.convicted(t);
        vm.assertEq(market.purses(consumer).deposit, 5_000 * GWR);
        vm.assertEq(market.purses(provider).earned, 0);
        vm.assertEq(staking.stakes(provider).locked, 0);
        vm.prank(court);
        market.convicted(t); // once
        vm.assertEq(market.purses(consumer).deposit, 5_000 * GWR);
        vm.prank(court);
        market.convicted(termsOf("never opened"));
    }

    function testAConvictedJurorIsReplaced() public {
        address seated = market.seats(id, 2).juror;
        vm.prank(court);
        market.unseat(id, seated);
        vm.assertEq(market.jobs(id).waiting, 2);
        commitVerdict(id, 0, IMarket.Value.Valid);
        commitVerdict(id, 1, IMarket.Value.Valid);
        openVerdict(id, 0, IMarket.Value.Valid);
        address liar = market.seats(id, 0).juror;
        vm.expectEmit();
        emit IMarket.Unseated(id, liar, 0, 0);
        vm.prank(court);
        market.unseat(id, liar);
        vm.assertEq(market.jobs(id).valid, 0);
        vm.prank(court);
        market.unseat(id, liar); // once
        vm.prank(court);
        market.unseat(id, consumer); // who has no seat
        vm.assertEq(market.jobs(id).waiting, 0);
        market.replace(t, r, candidates());
        vm.assertEq(market.jobs(id).seats, 5);
    }
}
