// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Who needs an account's stake to stay.
interface IReserve {
    /// Active stake that an account cannot unbond.
    function reserved(address account) external view returns (uint256);
}
