// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GwrunGovernor} from "../src/Governor.sol";
import {Parameters} from "../src/Parameters.sol";
import {Timelock} from "../src/Timelock.sol";
import {Token} from "../src/Token.sol";
import {P} from "../src/interfaces/IParameters.sol";
import {System} from "./System.sol";
import {vm} from "./Vm.sol";

contract GovernanceTest is System {
    address private constant VOTER = address(0x507e);

    function setUp() public override {
        super.setUp();
        token.transfer(VOTER, 10_000_000 * GWR);
        vm.prank(VOTER);
        token.delegate(VOTER);
        vm.warp(block.timestamp + 1);
    }

    /// A proposal that is voted through, up to the call that carries it out.
    function queued(address target, bytes memory call) private returns (address[] memory to, uint256[] memory values, bytes[] memory calls) {
        to = new address[](1);
        values = new uint256[](1);
        calls = new bytes[](1);
        (to[0], calls[0]) = (target, call);
        vm.prank(VOTER);
        uint256 id = governor.propose(to, values, calls, "why");
        vm.warp(block.timestamp + 1 days + 1);
        vm.prank(VOTER);
        governor.castVote(id, 1);
        vm.assertTrue(governor.proposalNeedsQueuing(id));
        vm.warp(block.timestamp + 7 days + 1);
        vm.assertEq(uint256(governor.state(id)), uint256(IGovernor.ProposalState.Succeeded));
        governor.queue(to, values, calls, keccak256("why"));
        vm.warp(block.timestamp + 2 days);
    }

    function voted(address target, bytes memory call) private {
        (address[] memory to, uint256[] memory values, bytes[] memory calls) = queued(target, call);
        governor.execute(to, values, calls, keccak256("why"));
    }

    function votedInVain(address target, bytes memory call, bytes memory reason) private {
        (address[] memory to, uint256[] memory values, bytes[] memory calls) = queued(target, call);
        vm.expectRevert(reason);
        governor.execute(to, values, calls, keccak256("why"));
    }

    function one(P p, uint64 v) private pure returns (bytes memory) {
        P[] memory ps = new P[](1);
        uint64[] memory vs = new uint64[](1);
        (ps[0], vs[0]) = (p, v);
        return abi.encodeCall(Parameters.set, (ps, vs));
    }

    function testAVoteSetsANumber() public {
        voted(address(parameters), one(P.SeedDelay, 7));
        vm.assertEq(parameters.get(P.SeedDelay), 7);
    }

    function testNoVotePassesABound() public {
        votedInVain(address(parameters), one(P.SeedDelay, 65), abi.encodeWithSelector(Parameters.OutOfBounds.selector, P.SeedDelay, 65, 1, 64));
    }

    function testAVoteMintsUpToTheCap() public {
        voted(address(token), abi.encodeCall(Token.mint, (VOTER, CAP - GENESIS)));
        vm.assertEq(token.totalSupply(), CAP);
        votedInVain(address(token), abi.encodeCall(Token.mint, (VOTER, 1)), abi.encodeWithSelector(ERC20Capped.ERC20ExceededCap.selector, CAP + 1, CAP));
    }

    function testAVoteSpendsTheTreasury() public {
        token.transfer(address(timelock), 5);
        voted(address(token), abi.encodeCall(token.transfer, (address(9), 5)));
        vm.assertEq(token.balanceOf(address(9)), 5);
    }

    function testNoVoteChangesWhoGoverns() public {
        bytes32 role = timelock.PROPOSER_ROLE();
        votedInVain(address(timelock), abi.encodeCall(timelock.grantRole, (role, VOTER)), abi.encodeWithSelector(Timelock.RolesAreFixed.selector));
    }

    function testRolesAreFixed() public {
        bytes32 role = timelock.PROPOSER_ROLE();
        bytes memory reason = abi.encodeWithSelector(Timelock.RolesAreFixed.selector);
        vm.startPrank(address(timelock));
        vm.expectRevert(reason);
        timelock.grantRole(role, VOTER);
        vm.expectRevert(reason);
        timelock.revokeRole(role, address(governor));
        vm.stopPrank();
        vm.prank(address(governor));
        vm.expectRevert(reason);
        timelock.renounceRole(role, address(governor));
        vm.assertTrue(timelock.hasRole(role, address(governor)));
        vm.assertTrue(timelock.hasRole(timelock.EXECUTOR_ROLE(), address(0)));
        vm.assertTrue(timelock.hasRole(timelock.CANCELLER_ROLE(), address(governor)));
        vm.assertFalse(timelock.hasRole(timelock.DEFAULT_ADMIN_ROLE(), address(this)));
        vm.assertFalse(timelock.hasRole(role, address(this)));
        vm.assertFalse(timelock.hasRole(role, address(0)));
        vm.assertFalse(timelock.hasRole(timelock.CANCELLER_ROLE(), address(0)));
    }

    function testTheDelayStaysInBounds() public {
        vm.startPrank(address(timelock));
        timelock.updateDelay(1 days);
        timelock.updateDelay(30 days);
        vm.assertEq(timelock.getMinDelay(), 30 days);
        vm.expectRevert(abi.encodeWithSelector(Timelock.DelayOutOfBounds.selector, 1 days - 1, 1 days, 30 days));
        timelock.updateDelay(1 days - 1);
        vm.expectRevert(abi.encodeWithSelector(Timelock.DelayOutOfBounds.selector, 30 days + 1, 1 days, 30 days));
        timelock.updateDelay(30 days + 1);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(TimelockController.TimelockUnauthorizedCaller.selector, address(this)));
        timelock.updateDelay(2 days);
        vm.assertEq(timelock.MIN_DELAY(), 1 days);
        vm.assertEq(timelock.MAX_DELAY(), 30 days);
        vm.expectRevert(abi.encodeWithSelector(Timelock.DelayOutOfBounds.selector, 4, 5, 6));
        new Timelock(VOTER, 4, 5, 6);
        vm.expectRevert(abi.encodeWithSelector(Timelock.DelayOutOfBounds.selector, 7, 5, 6));
        new Timelock(VOTER, 7, 5, 6);
        vm.assertEq(new Timelock(VOTER, 5, 5, 6).getMinDelay(), 5);
        vm.assertEq(new Timelock(VOTER, 6, 5, 6).getMinDelay(), 6);
    }

    function testHowVotesAreHeldIsFixed() public {
        vm.assertEq(governor.votingDelay(), 1 days);
        vm.assertEq(governor.votingPeriod(), 7 days);
        vm.assertEq(governor.proposalThreshold(), 1000 * GWR);
        vm.expectRevert(GwrunGovernor.TimelockIsFixed.selector);
        governor.updateTimelock(timelock);
    }

    function testTheQuorumStaysInBounds() public {
        vm.assertEq(governor.MIN_QUORUM(), 1);
        vm.assertEq(governor.MAX_QUORUM(), 20);
        voted(address(governor), abi.encodeCall(governor.updateQuorumNumerator, (10)));
        vm.assertEq(governor.quorumNumerator(), 10);
        votedInVain(
            address(governor),
            abi.encodeCall(governor.updateQuorumNumerator, (21)),
            abi.encodeWithSelector(GwrunGovernor.QuorumOutOfBounds.selector, 21, 1, 20)
        );
        vm.expectRevert(abi.encodeWithSelector(GwrunGovernor.QuorumOutOfBounds.selector, 0, 1, 20));
        new GwrunGovernor(token, timelock, 1, 1, 0, 0);
        new GwrunGovernor(token, timelock, 1, 1, 0, 1);
        new GwrunGovernor(token, timelock, 1, 1, 0, 20);
    }

    function testAProposalThatDoesNotReachTheQuorumFails() public {
        token.transfer(address(5), 3_999_999 * GWR); // below 4% of the supply
        vm.prank(address(5));
        token.delegate(address(5));
        vm.warp(block.timestamp + 1);
        address[] memory to = new address[](1);
        bytes[] memory calls = new bytes[](1);
        (to[0], calls[0]) = (address(parameters), one(P.SeedDelay, 7));
        vm.prank(address(5));
        uint256 id = governor.propose(to, new uint256[](1), calls, "why");
        vm.warp(block.timestamp + 1 days + 1);
        vm.prank(address(5));
        governor.castVote(id, 1);
        vm.warp(block.timestamp + 7 days + 1);
        vm.assertEq(uint256(governor.state(id)), uint256(IGovernor.ProposalState.Defeated));
    }

    function testWhoHasTooFewVotesDoesNotPropose() public {
        address[] memory to = new address[](1);
        vm.prank(consumer);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, consumer, 0, 1000 * GWR));
        governor.propose(to, new uint256[](1), new bytes[](1), "why");
    }

    /// Until it is voted on, who proposed may take it back.
    function testCancel() public {
        address[] memory to = new address[](1);
        bytes[] memory calls = new bytes[](1);
        (to[0], calls[0]) = (address(parameters), one(P.SeedDelay, 7));
        vm.startPrank(VOTER);
        uint256 id = governor.propose(to, new uint256[](1), calls, "why");
        governor.cancel(to, new uint256[](1), calls, keccak256("why"));
        vm.assertEq(uint256(governor.state(id)), uint256(IGovernor.ProposalState.Canceled));
    }

    // Token

    function testToken() public {
        vm.assertEq(token.name(), "gwrun");
        vm.assertEq(token.symbol(), "GWR");
        vm.assertEq(token.cap(), CAP);
        vm.assertEq(token.totalSupply(), GENESIS);
        vm.assertEq(token.minter(), address(timelock));
        vm.assertEq(token.CLOCK_MODE(), "mode=timestamp");
        vm.assertEq(token.clock(), block.timestamp);
        vm.assertEq(token.nonces(VOTER), 0);
        vm.expectRevert(abi.encodeWithSelector(Token.OnlyMinter.selector, address(this), address(timelock)));
        token.mint(address(this), 1);
        uint256 before = token.balanceOf(address(this));
        token.burn(7);
        vm.assertEq(token.totalSupply(), GENESIS - 7);
        vm.assertEq(token.balanceOf(address(this)), before - 7);
    }

    function testGenesisIsWithinTheCap() public {
        address[] memory holders = new address[](2);
        uint256[] memory amounts = new uint256[](2);
        (holders[0], amounts[0], holders[1], amounts[1]) = (address(1), 60, address(2), 40);
        vm.assertEq(new Token(VOTER, 100, holders, amounts).balanceOf(address(2)), 40);
        vm.expectRevert(abi.encodeWithSelector(ERC20Capped.ERC20ExceededCap.selector, 100, 99));
        new Token(VOTER, 99, holders, amounts);
        vm.expectRevert(abi.encodeWithSelector(Token.UnevenGenesis.selector, 2, 1));
        new Token(VOTER, 100, holders, new uint256[](1));
        uint256 most = type(uint128).max;
        new Token(VOTER, most, holders, amounts);
        vm.expectRevert(abi.encodeWithSelector(Token.CapTooLarge.selector, most + 1, most));
        new Token(VOTER, most + 1, holders, amounts);
    }
}
