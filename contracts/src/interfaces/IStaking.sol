// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// Roles in the registry, as bits.
uint8 constant PROVIDER = 1;
uint8 constant VALIDATOR = 2;

interface IStaking {
    /// What is held for an account. staked is everything that can be slashed, unbonding a part of it that leaves at unbondsAt, locked what bonds of
    /// opened jobs hold of the rest.
    struct Stake {
        uint128 staked;
        uint128 locked;
        uint128 unbonding;
        uint64 unbondsAt;
        uint64 jailedUntil;
    }

    /// A registered node as others find it.
    struct Node {
        address account;
        uint8 roles;
        bytes8 device;
        uint64 jailedUntil;
        uint128 active;
        string endpoint;
    }

    event Staked(address indexed account, uint256 amount, uint256 staked);
    event UnbondRequested(address indexed account, uint256 amount, uint256 unbonding, uint64 unbondsAt);
    event Withdrawn(address indexed account, uint256 amount);
    event Locked(address indexed account, uint256 amount, uint256 locked);
    event Unlocked(address indexed account, uint256 amount, uint256 locked);
    event Slashed(address indexed account, address indexed challenger, uint256 amount, uint256 toChallenger, uint256 toTreasury, uint256 burnt);
    event Jailed(address indexed account, uint64 until);
    event Registered(address indexed account, uint8 roles, bytes8 device, string endpoint);
    event Unregistered(address indexed account);

    function stakes(address account) external view returns (Stake memory);

    /// Stake that is not leaving: what counts for weights, eligibility and new bonds.
    function activeOf(address account) external view returns (uint256);

    /// Everything that can still be slashed.
    function slashableOf(address account) external view returns (uint256);

    /// Whether an account may be drawn to judge: it asked for it (role VALIDATOR in the registry), has the least active stake, and is not in jail.
    function mayJudge(address account) external view returns (bool);

    function nodeCount() external view returns (uint256);

    /// A page of the registry, at most 256 nodes.
    function nodes(uint256 from, uint256 n) external view returns (Node[] memory);

    /// Holds a bond of a provider's free active stake; only the market may.
    function lock(address account, uint256 amount) external;

    /// Frees a bond; only the market may.
    function unlock(address account, uint256 amount) external;

    /// Takes up to amount of an account's stake, shares it between challenger, treasury and burning, and gives what was taken. Without a
    /// challenger (zero) its share is the treasury's. Only the market, disputes, committee and bisection may.
    function slash(address account, uint256 amount, address challenger) external returns (uint256 taken);

    /// slash, and jail: for who was convicted.
    function convict(address account, uint256 amount, address challenger) external returns (uint256 taken);
}
