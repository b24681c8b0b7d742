// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// Holds the treasury and carries out what was voted, after a delay. Nobody else has a say: the governor alone proposes and cancels, anybody executes,
/// and there is no administrator. No vote can change the roles, nor move the delay out of its bounds.
contract Timelock is TimelockController {
    uint256 public immutable MIN_DELAY;
    uint256 public immutable MAX_DELAY;

    error RolesAreFixed();
    error DelayOutOfBounds(uint256 delay, uint256 min, uint256 max);

    constructor(address governor, uint256 delay, uint256 minDelay, uint256 maxDelay)
        TimelockController(delay, _one(governor), _one(address(0)), address(0))
    {
        if (delay < minDelay || delay > maxDelay) revert DelayOutOfBounds(delay, minDelay, maxDelay);
        (MIN_DELAY, MAX_DELAY) = (minDelay, maxDelay);
    }

    function updateDelay(uint256 delay) public override {
        if (delay < MIN_DELAY || delay > MAX_DELAY) revert DelayOutOfBounds(delay, MIN_DELAY, MAX_DELAY);
        super.updateDelay(delay);
    }

    function grantRole(bytes32, address) public pure override {
        revert RolesAreFixed();
    }

    function revokeRole(bytes32, address) public pure override {
        revert RolesAreFixed();
    }

    function renounceRole(bytes32, address) public pure override {
        revert RolesAreFixed();
    }

    function _one(address account) private pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = account;
    }
}
