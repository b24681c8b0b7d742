// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Token} from "../Token.sol";
import {Typed} from "../Typed.sol";
import {IMarket, Voucher} from "../interfaces/IMarket.sol";
import {IParameters, P} from "../interfaces/IParameters.sol";

/// What accounts hold in the market: deposits, from which consumers pay, and what was earned, which its owner collects whenever it wants. A payment
/// moves numbers between the two, so that no receiver can refuse one and none costs a transfer.
abstract contract Purses is IMarket, ReentrancyGuardTransient {
    using SafeERC20 for Token;

    struct Purse {
        uint128 deposit;
        uint128 earned;
        uint128 leaving; // of the deposit, asked for
        uint64 leavesAt;
    }

    Token public immutable token;
    IParameters public immutable parameters;

    mapping(address => Purse) internal _purses;
    /// What a payee has redeemed of a consumer's vouchers, in all.
    mapping(address consumer => mapping(address payee => uint128)) public redeemed;

    error NothingGiven();
    error TooLittleDeposit(address account, uint256 wanted, uint256 deposit);
    error TooEarly(uint256 from, uint256 now_);
    error UnevenVouchers(uint256 vouchers, uint256 signatures);

    constructor(Token token_, IParameters parameters_) {
        (token, parameters) = (token_, parameters_);
    }

    /// By the chain that it is asked on: what was signed for one is not good on another that splits off.
    function domain() public view returns (bytes32) {
        return Typed.domainOf(block.chainid, address(this));
    }

    function deposit(uint256 amount) external {
        depositFor(msg.sender, amount);
    }

    /// Deposits the caller's tokens for another.
    function depositFor(address account, uint256 amount) public nonReentrant {
        if (amount == 0) revert NothingGiven();
        Purse storage p = _purses[account];
        p.deposit += uint128(amount); // below the token's cap
        emit Deposited(account, msg.sender, amount, p.deposit);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// deposit with the token's permit in place of an approval. A permit that somebody else has already shown does not hinder it.
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        try token.permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        depositFor(msg.sender, amount);
    }

    /// Asks for so much of the deposit, in place of what was asked for before; 0 asks for nothing. Until it is withdrawn, vouchers and openings still
    /// draw on it, but it does not count as cover (available).
    function requestWithdraw(uint256 amount) external {
        Purse storage p = _purses[msg.sender];
        if (amount > p.deposit) revert TooLittleDeposit(msg.sender, amount, p.deposit);
        p.leaving = uint128(amount);
        p.leavesAt = uint64(block.timestamp) + parameters.get(P.WithdrawNotice);
        emit WithdrawRequested(msg.sender, amount, p.leavesAt);
    }

    /// Pays out what was asked for, as far as it is still there.
    function withdraw() external nonReentrant {
        Purse storage p = _purses[msg.sender];
        uint128 amount = p.leaving < p.deposit ? p.leaving : p.deposit;
        if (amount == 0) revert NothingGiven();
        if (block.timestamp < p.leavesAt) revert TooEarly(p.leavesAt, block.timestamp);
        p.deposit -= amount;
        (p.leaving, p.leavesAt) = (0, 0);
        emit Withdrawn(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// Pays out what the caller earned.
    function collect() external nonReentrant {
        Purse storage p = _purses[msg.sender];
        uint128 amount = p.earned;
        if (amount == 0) revert NothingGiven();
        p.earned = 0;
        emit Collected(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// Moves what vouchers give from their consumers' deposits to their payees, whoever sends them. Of what a deposit does not cover the rest stays
    /// owed; a voucher that gives nothing more is passed over, so that one that was redeemed in between does not undo the others.
    function redeem(Voucher[] calldata vouchers, bytes[] calldata signatures) external {
        if (vouchers.length != signatures.length) revert UnevenVouchers(vouchers.length, signatures.length);
        for (uint256 i = 0; i < vouchers.length; i++) {
            _redeem(vouchers[i], signatures[i]);
        }
    }

    function _redeem(Voucher calldata v, bytes calldata signature) internal {
        uint128 before = redeemed[v.consumer][v.payee];
        if (v.total <= before) return;
        Typed.check(Typed.digest(domain(), Typed.hash(v)), signature, v.consumer);
        Purse storage p = _purses[v.consumer];
        uint128 amount = v.total - before;
        if (amount > p.deposit) amount = p.deposit;
        if (amount == 0) return;
        p.deposit -= amount;
        redeemed[v.consumer][v.payee] = before + amount;
        _purses[v.payee].earned += amount;
        emit Redeemed(v.consumer, v.payee, amount, before + amount);
    }

    function purses(address account) external view returns (Purse memory) {
        return _purses[account];
    }

    /// What of a deposit is not asked for: what a provider can count on until a withdrawal that is requested now takes effect. Vouchers to others
    /// may take it all the same, which is why credit has a limit and larger jobs are opened.
    function available(address account) external view returns (uint256) {
        Purse storage p = _purses[account];
        return p.deposit > p.leaving ? p.deposit - p.leaving : 0;
    }

    function _earn(address account, uint256 amount) internal {
        _purses[account].earned += uint128(amount);
    }
}
