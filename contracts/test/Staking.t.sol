// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Staking} from "../src/Staking.sol";
import {Typed} from "../src/Typed.sol";
import {P} from "../src/interfaces/IParameters.sol";
import {IStaking, PROVIDER, VALIDATOR} from "../src/interfaces/IStaking.sol";
import {System} from "./System.sol";
import {Vm, vm} from "./Vm.sol";

contract StakingTest is System {
    address private constant NODE = address(0x0de);

    function setUp() public override {
        super.setUp();
        fund(NODE, 1_000);
        fund(address(0xfee), 100_000 * GWR);
    }

    function locked(uint256 amount) private {
        vm.prank(address(market));
        staking.lock(provider, amount);
    }

    function slash(address account, uint256 amount) private returns (uint256) {
        vm.prank(address(disputes));
        return staking.slash(account, amount, address(0xca11));
    }

    function testStake() public {
        vm.expectEmit();
        emit IStaking.Staked(NODE, 600, 600);
        vm.startPrank(NODE);
        staking.stake(600);
        staking.stake(400);
        vm.assertEq(staking.activeOf(NODE), 1_000);
        vm.assertEq(staking.slashableOf(NODE), 1_000);
        vm.assertEq(staking.freeOf(NODE), 1_000);
        vm.assertEq(token.balanceOf(NODE), 0);
        vm.expectRevert(Staking.NothingGiven.selector);
        staking.stake(0);
    }

    function testStakeForAnother() public {
        vm.prank(NODE);
        staking.stakeFor(address(7), 100);
        vm.assertEq(staking.stakes(address(7)).staked, 100);
        vm.assertEq(staking.stakes(NODE).staked, 0);
    }

    function testStakeWithPermit() public {
        address owner = vm.addr(0xe1);
        token.transfer(owner, 100);
        bytes32 typehash = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 digest = Typed.digest(token.DOMAIN_SEPARATOR(), keccak256(abi.encode(typehash, owner, staking, 60, 0, block.timestamp)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(0xe1, digest);
        token.permit(owner, address(staking), 60, block.timestamp, v, r, s);
        vm.prank(owner);
        staking.stakeWithPermit(60, block.timestamp, v, r, s);
        vm.assertEq(staking.stakes(owner).staked, 60);
    }

    function testStakeLeavesAfterTheDelay() public {
        uint64 leaves = uint64(block.timestamp + parameters.get(P.UnbondDelay));
        vm.startPrank(NODE);
        staking.stake(1_000);
        vm.expectRevert(Staking.NothingGiven.selector);
        staking.requestUnbond(0);
        vm.expectRevert(abi.encodeWithSelector(Staking.TooLittleFree.selector, 1_001, 1_000));
        staking.requestUnbond(1_001);
        vm.expectRevert(Staking.NothingGiven.selector);
        staking.withdraw();
        vm.expectEmit();
        emit IStaking.UnbondRequested(NODE, 300, 300, leaves);
        staking.requestUnbond(300);
        vm.assertEq(staking.activeOf(NODE), 700);
        vm.assertEq(staking.slashableOf(NODE), 1_000);
        vm.warp(leaves - 1);
        vm.expectRevert(abi.encodeWithSelector(Staking.TooEarly.selector, leaves, leaves - 1));
        staking.withdraw();
        vm.warp(leaves);
        vm.expectEmit();
        emit IStaking.Withdrawn(NODE, 300);
        staking.withdraw();
        vm.assertEq(token.balanceOf(NODE), 300);
        vm.assertEq(staking.stakes(NODE).staked, 700);
        vm.assertEq(staking.stakes(NODE).unbonding, 0);
        vm.assertEq(staking.stakes(NODE).unbondsAt, 0);
    }

    function testASecondRequestWaitsAnew() public {
        vm.startPrank(NODE);
        staking.stake(1_000);
        staking.requestUnbond(300);
        vm.warp(block.timestamp + 5 days);
        staking.requestUnbond(700);
        vm.assertEq(staking.stakes(NODE).unbonding, 1_000);
        vm.assertEq(staking.stakes(NODE).unbondsAt, block.timestamp + parameters.get(P.UnbondDelay));
        vm.expectRevert(abi.encodeWithSelector(Staking.TooLittleFree.selector, 1, 0));
        staking.requestUnbond(1);
    }

    function testCancelUnbond() public {
        vm.startPrank(NODE);
        staking.stake(1_000);
        vm.expectRevert(Staking.NothingGiven.selector);
        staking.cancelUnbond();
        staking.requestUnbond(300);
        vm.expectEmit();
        emit IStaking.Staked(NODE, 300, 1_000);
        staking.cancelUnbond();
        vm.assertEq(staking.activeOf(NODE), 1_000);
        vm.assertEq(staking.stakes(NODE).unbondsAt, 0);
        vm.expectRevert(Staking.NothingGiven.selector);
        staking.withdraw();
    }

    // Bonds

    function testLockHoldsStake() public {
        vm.expectRevert(abi.encodeWithSelector(Staking.OnlyMarket.selector, address(this)));
        staking.lock(provider, 1);
        vm.expectRevert(abi.encodeWithSelector(Staking.OnlyMarket.selector, address(this)));
        staking.unlock(provider, 1);
        vm.expectEmit();
        emit IStaking.Locked(provider, 3_000 * GWR, 3_000 * GWR);
        locked(3_000 * GWR);
        locked(500 * GWR);
        vm.assertEq(staking.freeOf(provider), 1_500 * GWR);
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(Staking.TooLittleFree.selector, 1_500 * GWR + 1, 1_500 * GWR));
        staking.requestUnbond(1_500 * GWR + 1);
        vm.prank(address(market));
        vm.expectRevert(abi.encodeWithSelector(Staking.TooLittleFree.selector, 1_500 * GWR + 1, 1_500 * GWR));
        staking.lock(provider, 1_500 * GWR + 1);
        vm.expectEmit();
        emit IStaking.Unlocked(provider, 3_000 * GWR, 500 * GWR);
        vm.prank(address(market));
        staking.unlock(provider, 3_000 * GWR);
        vm.assertEq(staking.freeOf(provider), 4_500 * GWR);
    }

    function testLockNeedsStandingStake() public {
        vm.prank(NODE);
        staking.stake(1_000);
        vm.prank(address(market));
        vm.expectRevert(abi.encodeWithSelector(Staking.NotEligible.selector, NODE, 1_000, 100 * GWR, 0));
        staking.lock(NODE, 1);
        vm.prank(address(disputes));
        staking.convict(provider, 0, address(0));
        uint64 until = uint64(block.timestamp + 30 days);
        vm.prank(address(market));
        vm.expectRevert(abi.encodeWithSelector(Staking.NotEligible.selector, provider, 5_000 * GWR, 100 * GWR, until));
        staking.lock(provider, 1);
        vm.warp(until);
        locked(1);
    }

    /// What leaves is not standing: a bond needs the least stake beside it.
    function testLockCountsNoStakeThatLeaves() public {
        vm.prank(provider);
        staking.requestUnbond(4_900 * GWR + 1);
        vm.prank(address(market));
        vm.expectRevert(abi.encodeWithSelector(Staking.NotEligible.selector, provider, 100 * GWR - 1, 100 * GWR, 0));
        staking.lock(provider, 1);
        vm.prank(provider);
        staking.cancelUnbond();
        vm.prank(provider);
        staking.requestUnbond(4_900 * GWR);
        locked(100 * GWR);
        vm.assertEq(staking.freeOf(provider), 0);
    }

    // Slashing

    function testOnlyCourtsSlash() public {
        vm.expectRevert(abi.encodeWithSelector(Staking.OnlyCourts.selector, address(this)));
        staking.slash(provider, 1, address(0));
        vm.expectRevert(abi.encodeWithSelector(Staking.OnlyCourts.selector, address(this)));
        staking.convict(provider, 1, address(0));
        address[4] memory courts = [address(market), address(disputes), address(committee), address(bisection)];
        for (uint256 i = 0; i < 4; i++) {
            vm.prank(courts[i]);
            vm.assertEq(staking.slash(provider, 10, address(0)), 10);
        }
    }

    function testSlashedStakeIsShared() public {
        uint256 supply = token.totalSupply();
        uint256 treasury = token.balanceOf(address(timelock));
        vm.expectEmit();
        emit IStaking.Slashed(provider, address(0xca11), 1_001, 500, 201, 300); // what rounding leaves is the treasury's
        vm.assertEq(slash(provider, 1_001), 1_001);
        vm.assertEq(token.balanceOf(address(0xca11)), 500);
        vm.assertEq(token.balanceOf(address(timelock)), treasury + 201);
        vm.assertEq(token.totalSupply(), supply - 300);
        // Without a challenger its share is the treasury's.
        vm.prank(address(disputes));
        staking.slash(provider, 1_000, address(0));
        vm.assertEq(token.balanceOf(address(timelock)), treasury + 201 + 700);
        // Dust: nothing is lost in rounding.
        vm.assertEq(slash(provider, 1), 1);
        vm.assertEq(token.balanceOf(address(timelock)), treasury + 201 + 700 + 1);
        vm.assertEq(slash(provider, 0), 0);
        vm.assertEq(token.balanceOf(address(staking)), 17_000 * GWR - 1_001 - 1_000 - 1);
    }

    /// A share of nothing is not sent: as many transfers as there are shares.
    function testSharesOfNothingAreNotSent() public {
        vm.recordLogs();
        slash(provider, 1); // all of it rounding, the treasury's
        vm.assertEq(transfers(), 1);
        P[] memory ps = new P[](2);
        uint64[] memory vs = new uint64[](2);
        (ps[0], vs[0], ps[1], vs[1]) = (P.TreasuryBPS, 0, P.BurnBPS, 5000);
        vm.prank(address(timelock));
        parameters.set(ps, vs);
        vm.recordLogs();
        slash(provider, 1_000);
        vm.assertEq(transfers(), 2); // challenger, and burnt
    }

    function transfers() private returns (uint256 n) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; i++) {
            if (logs[i].emitter == address(token) && logs[i].topics[0] == keccak256("Transfer(address,address,uint256)")) n++;
        }
    }

    function testNoMoreIsTakenThanThereIs() public {
        vm.prank(NODE);
        staking.stake(1_000);
        vm.assertEq(slash(NODE, 1_001), 1_000);
        vm.assertEq(slash(NODE, 1), 0);
        vm.assertEq(staking.stakes(NODE).staked, 0);
    }

    /// Stake that leaves is slashed first, and is gone then.
    function testLeavingStakeIsSlashed() public {
        vm.startPrank(NODE);
        staking.stake(1_000);
        staking.requestUnbond(400);
        vm.stopPrank();
        slash(NODE, 300);
        vm.assertEq(staking.stakes(NODE).unbonding, 100);
        vm.assertEq(staking.activeOf(NODE), 600);
        slash(NODE, 300);
        vm.assertEq(staking.stakes(NODE).unbonding, 0);
        vm.assertEq(staking.activeOf(NODE), 400);
        vm.warp(block.timestamp + 30 days);
        vm.prank(NODE);
        vm.expectRevert(Staking.NothingGiven.selector);
        staking.withdraw();
    }

    /// Bonds stay what they are where a slash leaves less than they are in all: nothing is free until they are.
    function testSlashBelowTheBonds() public {
        locked(4_000 * GWR);
        slash(provider, 3_000 * GWR);
        vm.assertEq(staking.freeOf(provider), 0);
        vm.assertEq(staking.stakes(provider).locked, 4_000 * GWR);
        vm.prank(address(market));
        staking.unlock(provider, 3_000 * GWR);
        vm.assertEq(staking.freeOf(provider), 1_000 * GWR);
    }

    function testConvictJails() public {
        uint64 until = uint64(block.timestamp + 30 days);
        vm.expectEmit();
        emit IStaking.Jailed(validator(0), until);
        vm.prank(address(disputes));
        vm.assertEq(staking.convict(validator(0), 10, address(0xca11)), 10);
        vm.assertFalse(staking.mayJudge(validator(0)));
        vm.assertEq(staking.stakes(validator(0)).jailedUntil, until);
        vm.warp(until - 1);
        vm.assertFalse(staking.mayJudge(validator(0)));
        vm.warp(until);
        vm.assertTrue(staking.mayJudge(validator(0)));
    }

    // Registry

    function testRegisterNeedsTheLeastStake() public {
        vm.startPrank(NODE);
        staking.stake(1_000);
        vm.expectRevert(abi.encodeWithSelector(Staking.NotEligible.selector, NODE, 1_000, 100 * GWR, 0));
        staking.register(VALIDATOR, "cpu", "");
        vm.stopPrank();
        vm.prank(address(0xfee));
        staking.stakeFor(NODE, 100 * GWR - 1_001);
        vm.prank(NODE);
        vm.expectPartialRevert(Staking.NotEligible.selector);
        staking.register(VALIDATOR, "cpu", "");
        vm.prank(address(0xfee));
        staking.stakeFor(NODE, 1);
        vm.expectEmit();
        emit IStaking.Registered(NODE, VALIDATOR, "cpu", "quic://node");
        vm.startPrank(NODE);
        staking.register(VALIDATOR, "cpu", "quic://node");
        vm.assertTrue(staking.mayJudge(NODE));
        vm.assertEq(staking.nodeCount(), 14);
        staking.register(PROVIDER, "gpu", "elsewhere"); // changes what it says
        vm.assertFalse(staking.mayJudge(NODE));
        vm.assertEq(staking.nodeCount(), 14);
        IStaking.Node memory node = staking.nodes(13, 5)[0];
        vm.assertEq(node.account, NODE);
        vm.assertEq(node.endpoint, "elsewhere");
        vm.assertEq(node.roles, PROVIDER);
        vm.assertEq(bytes32(node.device), bytes32(bytes8("gpu")));
        vm.assertEq(node.active, 100 * GWR);
    }

    function testEndpointsAreShort() public {
        vm.startPrank(provider);
        staking.register(PROVIDER, "cpu", string(new bytes(256)));
        vm.assertEq(staking.MAX_ENDPOINT(), 256);
        vm.expectRevert(abi.encodeWithSelector(Staking.EndpointTooLong.selector, 257, 256));
        staking.register(PROVIDER, "cpu", string(new bytes(257)));
    }

    function testUnregister() public {
        vm.expectEmit();
        emit IStaking.Unregistered(validator(3));
        vm.prank(validator(3));
        staking.unregister();
        vm.assertEq(staking.nodeCount(), 12);
        vm.assertEq(staking.nodes(4, 1)[0].account, validator(11)); // the last took its place
        vm.assertFalse(staking.mayJudge(validator(3)));
        vm.prank(validator(3));
        vm.expectRevert(abi.encodeWithSelector(Staking.NotRegistered.selector, validator(3)));
        staking.unregister();
        // The one that was moved, and the last itself, can leave too.
        vm.prank(validator(11));
        staking.unregister();
        vm.prank(validator(10));
        staking.unregister();
        vm.assertEq(staking.nodeCount(), 10);
        vm.assertEq(staking.nodes(4, 1)[0].account, validator(9));
    }

    function testPruneWhoHasNoStake() public {
        vm.expectRevert(abi.encodeWithSelector(Staking.StillStaked.selector, validator(0), 1_000 * GWR, 100 * GWR));
        staking.prune(validator(0));
        slash(validator(0), 900 * GWR);
        vm.expectPartialRevert(Staking.StillStaked.selector);
        staking.prune(validator(0));
        slash(validator(0), 1);
        staking.prune(validator(0));
        vm.assertEq(staking.nodeCount(), 12);
    }

    function testPages() public view {
        vm.assertEq(staking.nodes(0, 100).length, 13);
        vm.assertEq(staking.nodes(0, type(uint256).max).length, 13);
        vm.assertEq(staking.nodes(12, 100).length, 1);
        vm.assertEq(staking.nodes(13, 100).length, 0);
        vm.assertEq(staking.nodes(type(uint256).max, type(uint256).max).length, 0);
        vm.assertEq(staking.nodes(2, 3).length, 3);
        vm.assertEq(staking.nodes(2, 3)[2].account, validator(3));
    }

    function testPagesAreBounded() public {
        for (uint256 i = 0; i < 250; i++) {
            address account = address(uint160(0xbb00 + i));
            vm.prank(address(0xfee));
            staking.stakeFor(account, 100 * GWR);
            vm.prank(account);
            staking.register(VALIDATOR, "cpu", "");
        }
        vm.assertEq(staking.nodes(0, 1_000).length, 256);
        vm.assertEq(staking.MAX_PAGE(), 256);
    }

    /// Whatever is staked, asked for, held and slashed in whatever order: the sums hold, and what is held is there.
    function testFuzzSums(uint64[6] memory amounts, uint8[6] memory moves) public {
        fund(NODE, 1_000 * GWR);
        vm.prank(NODE);
        staking.stake(500 * GWR);
        uint256 bonds = 0;
        for (uint256 i = 0; i < 6; i++) {
            uint256 amount = amounts[i];
            uint256 move = moves[i] % 6;
            IStaking.Stake memory s = staking.stakes(NODE);
            if (move == 0 || move == 1) {
                vm.prank(NODE);
                if (move == 0) try staking.stake(amount) {} catch {}
                else try staking.requestUnbond(amount) {} catch {}
            } else if (move == 2) {
                vm.prank(address(market));
                try staking.lock(NODE, amount) {
                    bonds += amount;
                } catch {}
            } else if (move == 3 && bonds >= amount) {
                vm.prank(address(market));
                staking.unlock(NODE, amount);
                bonds -= amount;
            } else if (move == 4) {
                vm.assertEq(slash(NODE, amount), amount < s.staked ? amount : s.staked);
            } else {
                vm.warp(block.timestamp + 20 days);
                vm.prank(NODE);
                try staking.withdraw() {} catch {}
            }
            s = staking.stakes(NODE);
            vm.assertLe(s.unbonding, s.staked, "what leaves is there");
            vm.assertEq(s.locked, bonds);
            vm.assertEq(token.balanceOf(address(staking)), 17_000 * GWR + s.staked);
        }
    }
}
