// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// The token that jobs are paid and stakes are held in. What its genesis allots is made once; more, up to the cap, only by governance.
contract Token is ERC20, ERC20Permit, ERC20Capped, ERC20Votes {
    /// Who may mint: the timelock.
    address public immutable minter;

    error OnlyMinter(address found, address wanted);
    error CapTooLarge(uint256 cap, uint256 most);
    error UnevenGenesis(uint256 holders, uint256 amounts);

    constructor(address minter_, uint256 cap_, address[] memory holders, uint256[] memory amounts)
        ERC20("gwrun", "GWR")
        ERC20Permit("gwrun")
        ERC20Capped(cap_)
    {
        if (cap_ > type(uint128).max) revert CapTooLarge(cap_, type(uint128).max); // so that sums fit where contracts hold them
        if (holders.length != amounts.length) revert UnevenGenesis(holders.length, amounts.length);
        minter = minter_;
        for (uint256 i = 0; i < holders.length; i++) {
            _mint(holders[i], amounts[i]);
        }
    }

    function mint(address to, uint256 amount) external {
        if (msg.sender != minter) revert OnlyMinter(msg.sender, minter);
        _mint(to, amount);
    }

    /// Burns tokens of the caller: the share of slashed stake that nobody gets.
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    /// Votes are counted by time, not by block, so that a voting period means the same on every chain (ERC-6372).
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Capped, ERC20Votes) {
        super._update(from, to, value);
    }
}
