// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {GovernorVotesQuorumFraction} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";

/// Votes of the token over everything that is governed. How votes are held is fixed when it is deployed (but for the quorum, between bounds), so
/// that no vote can end voting.
contract GwrunGovernor is Governor, GovernorCountingSimple, GovernorVotes, GovernorVotesQuorumFraction, GovernorTimelockControl {
    uint256 public constant MIN_QUORUM = 1; // per cent of the supply
    uint256 public constant MAX_QUORUM = 20;

    uint48 private immutable DELAY;
    uint32 private immutable PERIOD;
    uint256 private immutable THRESHOLD;

    error TimelockIsFixed();
    error QuorumOutOfBounds(uint256 percent, uint256 min, uint256 max);

    /// delay and period in seconds, threshold in the token's smallest unit, quorum in per cent of the supply.
    constructor(IVotes token_, TimelockController timelock_, uint48 delay, uint32 period, uint256 threshold, uint256 quorum_)
        Governor("gwrun")
        GovernorVotes(token_)
        GovernorVotesQuorumFraction(quorum_)
        GovernorTimelockControl(timelock_)
    {
        (DELAY, PERIOD, THRESHOLD) = (delay, period, threshold);
    }

    function votingDelay() public view override returns (uint256) {
        return DELAY;
    }

    function votingPeriod() public view override returns (uint256) {
        return PERIOD;
    }

    function proposalThreshold() public view override returns (uint256) {
        return THRESHOLD;
    }

    function updateTimelock(TimelockController) public pure override {
        revert TimelockIsFixed();
    }

    function _updateQuorumNumerator(uint256 percent) internal override {
        if (percent < MIN_QUORUM || percent > MAX_QUORUM) revert QuorumOutOfBounds(percent, MIN_QUORUM, MAX_QUORUM);
        super._updateQuorumNumerator(percent);
    }

    // What two parents define has to be said again.

    function state(uint256 id) public view override(Governor, GovernorTimelockControl) returns (ProposalState) {
        return super.state(id);
    }

    function proposalNeedsQueuing(uint256 id) public view override(Governor, GovernorTimelockControl) returns (bool) {
        return super.proposalNeedsQueuing(id);
    }

    function _queueOperations(uint256 id, address[] memory to, uint256[] memory values, bytes[] memory data, bytes32 description)
        internal
        override(Governor, GovernorTimelockControl)
        returns (uint48)
    {
        return super._queueOperations(id, to, values, data, description);
    }

    function _executeOperations(uint256 id, address[] memory to, uint256[] memory values, bytes[] memory data, bytes32 description)
        internal
        override(Governor, GovernorTimelockControl)
    {
        super._executeOperations(id, to, values, data, description);
    }

    function _cancel(address[] memory to, uint256[] memory values, bytes[] memory data, bytes32 description)
        internal
        override(Governor, GovernorTimelockControl)
        returns (uint256)
    {
        return super._cancel(to, values, data, description);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
