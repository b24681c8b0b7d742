// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Token} from "./Token.sol";
import {IParameters, P, Word} from "./interfaces/IParameters.sol";
import {IReserve} from "./interfaces/IReserve.sol";
import {IStaking, VALIDATOR} from "./interfaces/IStaking.sol";

/// Stakes of providers and validators, and the registry by which they are found. Stake leaves only after a delay that is longer than the longest
/// course of accusations (Parameters), and can be slashed all the while.
contract Staking is IStaking, ReentrancyGuardTransient {
    using SafeERC20 for Token;

    uint256 public constant MAX_ENDPOINT = 256; // bytes
    uint256 public constant MAX_PAGE = 256; // nodes

    Token public immutable token;
    IParameters public immutable parameters;
    address public immutable market;
    address public immutable disputes;
    address public immutable committee;
    address public immutable bisection;
    address public immutable treasury;

    uint256 private constant MIN_STAKE_WORD = uint256(P.MinStake) / 4;
    uint256 private constant SHARES_WORD = uint256(P.ChallengerBPS) / 4;

    struct Entry {
        uint8 roles;
        bytes8 device;
        uint32 place; // in accounts, from 1; 0 where it is not registered
        string endpoint;
    }

    mapping(address => Stake) private _stakes;
    mapping(address => Entry) private entries;
    address[] private accounts;

    error OnlyCourts(address found);
    error OnlyMarket(address found);
    error NothingGiven();
    error TooLittleFree(uint256 wanted, uint256 free);
    error SeatsNeed(uint256 reserved, uint256 left);
    error TooEarly(uint256 from, uint256 now_);
    error NotEligible(address account, uint256 active, uint256 least, uint64 jailedUntil);
    error EndpointTooLong(uint256 length, uint256 most);
    error NotRegistered(address account);
    error StillStaked(address account, uint256 active, uint256 least);

    constructor(
        Token token_,
        IParameters parameters_,
        address market_,
        address disputes_,
        address committee_,
        address bisection_,
        address treasury_
    ) {
        (token, parameters, market, treasury) = (token_, parameters_, market_, treasury_);
        (disputes, committee, bisection) = (disputes_, committee_, bisection_);
    }

    // Staking

    function stake(uint256 amount) external {
        stakeFor(msg.sender, amount);
    }

    /// Stakes the caller's tokens for another: an operator's node need not hold them.
    function stakeFor(address account, uint256 amount) public nonReentrant {
        if (amount == 0) revert NothingGiven();
        Stake storage s = _stakes[account];
        s.staked += uint128(amount); // below the token's cap
        emit Staked(account, amount, s.staked);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// stake with the token's permit in place of an approval. A permit that somebody else has already shown does not hinder it.
    function stakeWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        try token.permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        stakeFor(msg.sender, amount);
    }

    /// Begins to take out stake that no bond holds. With what already leaves it waits the whole delay again: one request at a time stays one word.
    function requestUnbond(uint256 amount) external {
        Stake storage s = _stakes[msg.sender];
        if (amount == 0) revert NothingGiven();
        uint256 free = _free(s);
        if (amount > free) revert TooLittleFree(amount, free);
        // Seats in the committee keep their stake until no question can call them: nobody chooses, with the beacon in view, whether it is drawn.
        uint256 left = s.staked - s.unbonding - amount;
        uint256 seats = IReserve(committee).reserved(msg.sender);
        if (left < seats) revert SeatsNeed(seats, left);
        s.unbonding += uint128(amount);
        s.unbondsAt = uint64(block.timestamp) + parameters.get(P.UnbondDelay);
        emit UnbondRequested(msg.sender, amount, s.unbonding, s.unbondsAt);
    }

    /// Stakes again what was to leave.
    function cancelUnbond() external {
        Stake storage s = _stakes[msg.sender];
        if (s.unbonding == 0) revert NothingGiven();
        emit Staked(msg.sender, s.unbonding, s.staked);
        (s.unbonding, s.unbondsAt) = (0, 0);
    }

    function withdraw() external nonReentrant {
        Stake storage s = _stakes[msg.sender];
        uint128 amount = s.unbonding;
        if (amount == 0) revert NothingGiven();
        if (block.timestamp < s.unbondsAt) revert TooEarly(s.unbondsAt, block.timestamp);
        s.staked -= amount;
        (s.unbonding, s.unbondsAt) = (0, 0);
        emit Withdrawn(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    // What the market and the courts do

    function lock(address account, uint256 amount) external {
        if (msg.sender != market) revert OnlyMarket(msg.sender);
        Stake storage s = _stakes[account];
        uint256 free = _free(s);
        if (amount > free) revert TooLittleFree(amount, free);
        uint256 least = _least();
        if (s.staked - s.unbonding < least || s.jailedUntil > block.timestamp) {
            revert NotEligible(account, s.staked - s.unbonding, least, s.jailedUntil);
        }
        s.locked += uint128(amount);
        emit Locked(account, amount, s.locked);
    }

    function unlock(address account, uint256 amount) external {
        if (msg.sender != market) revert OnlyMarket(msg.sender);
        Stake storage s = _stakes[account];
        s.locked -= uint128(amount);
        emit Unlocked(account, amount, s.locked);
    }

    function slash(address account, uint256 amount, address challenger) public nonReentrant returns (uint256 taken) {
        if (msg.sender != market && msg.sender != disputes && msg.sender != committee && msg.sender != bisection) revert OnlyCourts(msg.sender);
        return _slash(account, amount, challenger);
    }

    function convict(address account, uint256 amount, address challenger) external returns (uint256 taken) {
        taken = slash(account, amount, challenger);
        uint64 until = uint64(block.timestamp) + parameters.get(P.JailTime);
        _stakes[account].jailedUntil = until;
        emit Jailed(account, until);
    }

    // What was to leave is taken first, so that the bonds of other jobs stay covered as long as can be. locked stays the sum of the bonds even where
    // less than that is left: nothing is free before it is.
    function _slash(address account, uint256 amount, address challenger) private returns (uint256 taken) {
        Stake storage s = _stakes[account];
        taken = amount < s.staked ? amount : s.staked;
        if (taken == 0) return 0;
        s.staked -= uint128(taken);
        s.unbonding -= uint128(taken < s.unbonding ? taken : s.unbonding);

        uint256 shares = parameters.word(SHARES_WORD);
        uint256 toChallenger = taken * Word.get(shares, P.ChallengerBPS) / 10000;
        uint256 burnt = taken * Word.get(shares, P.BurnBPS) / 10000;
        if (challenger == address(0)) toChallenger = 0;
        uint256 toTreasury = taken - toChallenger - burnt;
        emit Slashed(account, challenger, taken, toChallenger, toTreasury, burnt);
        // The token is ours: a transfer calls nobody and refuses nobody.
        if (toChallenger > 0) token.safeTransfer(challenger, toChallenger);
        if (toTreasury > 0) token.safeTransfer(treasury, toTreasury);
        if (burnt > 0) token.burn(burnt);
    }

    // The registry

    /// Puts the caller's node on the list, or changes what it says. It needs the least stake, so that the list cannot be flooded for nothing.
    function register(uint8 roles, bytes8 device, string calldata endpoint) external {
        if (bytes(endpoint).length > MAX_ENDPOINT) revert EndpointTooLong(bytes(endpoint).length, MAX_ENDPOINT);
        uint256 least = _least();
        uint256 active = activeOf(msg.sender);
        if (active < least) revert NotEligible(msg.sender, active, least, _stakes[msg.sender].jailedUntil);
        Entry storage e = entries[msg.sender];
        if (e.place == 0) {
            accounts.push(msg.sender);
            e.place = uint32(accounts.length);
        }
        (e.roles, e.device, e.endpoint) = (roles, device, endpoint);
        emit Registered(msg.sender, roles, device, endpoint);
    }

    function unregister() external {
        _remove(msg.sender);
    }

    /// Takes a node off the list that has not the least stake any more. Anybody may.
    function prune(address account) external {
        uint256 least = _least();
        uint256 active = activeOf(account);
        if (active >= least) revert StillStaked(account, active, least);
        _remove(account);
    }

    function _remove(address account) private {
        uint32 place = entries[account].place;
        if (place == 0) revert NotRegistered(account);
        address last = accounts[accounts.length - 1];
        accounts[place - 1] = last;
        entries[last].place = place;
        accounts.pop();
        delete entries[account];
        emit Unregistered(account);
    }

    // Reading

    function stakes(address account) external view returns (Stake memory) {
        return _stakes[account];
    }

    function activeOf(address account) public view returns (uint256) {
        Stake storage s = _stakes[account];
        return s.staked - s.unbonding;
    }

    function slashableOf(address account) external view returns (uint256) {
        return _stakes[account].staked;
    }

    /// Active stake that no bond holds: what new bonds can be of.
    function freeOf(address account) external view returns (uint256) {
        return _free(_stakes[account]);
    }

    function mayJudge(address account) external view returns (bool) {
        return entries[account].roles & VALIDATOR != 0 && _stakes[account].jailedUntil <= block.timestamp && activeOf(account) >= _least();
    }

    function nodeCount() external view returns (uint256) {
        return accounts.length;
    }

    function nodes(uint256 from, uint256 n) external view returns (Node[] memory page) {
        uint256 count = accounts.length;
        if (from >= count) return page;
        if (n > MAX_PAGE) n = MAX_PAGE;
        if (n > count - from) n = count - from;
        page = new Node[](n);
        for (uint256 i = 0; i < n; i++) {
            address account = accounts[from + i];
            Entry storage e = entries[account];
            page[i] = Node(account, e.roles, e.device, _stakes[account].jailedUntil, uint128(activeOf(account)), e.endpoint);
        }
    }

    function _free(Stake storage s) private view returns (uint256) {
        uint256 active = s.staked - s.unbonding;
        return active > s.locked ? active - s.locked : 0;
    }

    function _least() private view returns (uint256) {
        return Word.amount(parameters.word(MIN_STAKE_WORD), P.MinStake);
    }
}
