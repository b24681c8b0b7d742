// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Deterrence} from "../Deterrence.sol";
import {Typed} from "../Typed.sol";
import {Acceptance, Terms, Voucher} from "../interfaces/IMarket.sol";
import {P, Word} from "../interfaces/IParameters.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {Purses} from "./Purses.sol";

/// Opened jobs: their money, their bond, and every end that needs no jury.
abstract contract Escrow is Purses {
    IStaking public immutable staking;

    mapping(bytes32 id => Job) internal _jobs;
    mapping(bytes32 id => mapping(uint256 => Seat)) internal _seats;

    error WrongState(bytes32 id, State found);
    error OnlyProvider(address found, address wanted);
    error OnlyParties(address found);
    error NotPaid(uint256 redeemed, uint256 total);
    error TooLate(uint256 until, uint256 now_);
    error WrongTerms(bytes32 found, bytes32 wanted);
    error TooManyJurors(uint256 found, uint256 most);
    // What is wrong with terms.
    error SameParties(address account);
    error DeadlineOutOfBounds(uint256 deadline, uint256 last);
    error OpensOutOfBounds(uint256 opens, uint256 last);
    error WindowOutOfBounds(uint256 window, uint256 min, uint256 max);
    error ClockOutOfBounds(uint256 clock, uint256 min, uint256 max);
    error ValidatorsOutOfBounds(uint256 validators, uint256 min, uint256 max);
    error SampleOutOfBounds(uint256 samplePPM, uint256 max);
    error SavingTooSmall(uint256 saving, uint256 least);
    error NotDeterred(uint256 price, uint256 bond, uint256 saving);

    constructor(IStaking staking_) {
        staking = staking_;
    }

    function idOf(Terms calldata t) public view returns (bytes32) {
        return Typed.digest(domain(), Typed.hash(t));
    }

    /// Refuses terms that would not be opened now for what they say: what nodes ask before they sign.
    function check(Terms calldata t) public view {
        if (t.consumer == t.provider) revert SameParties(t.consumer);
        uint256 rules = parameters.word(0);
        uint256 limits = parameters.word(1);
        uint256 last = block.timestamp + Word.get(limits, P.MaxDuration);
        if (t.deadline > last) revert DeadlineOutOfBounds(t.deadline, last);
        if (t.window < Word.get(rules, P.MinWindow) || t.window > Word.get(rules, P.MaxWindow)) {
            revert WindowOutOfBounds(t.window, Word.get(rules, P.MinWindow), Word.get(rules, P.MaxWindow));
        }
        if (t.clock < Word.get(limits, P.MinClock) || t.clock > Word.get(limits, P.MaxClock)) {
            revert ClockOutOfBounds(t.clock, Word.get(limits, P.MinClock), Word.get(limits, P.MaxClock));
        }
        if (t.validators == 0 || t.validators > Word.get(limits, P.MaxValidators)) {
            revert ValidatorsOutOfBounds(t.validators, 1, Word.get(limits, P.MaxValidators));
        }
        uint256 course = parameters.word(2);
        last = uint256(t.deadline) + t.window + Word.get(course, P.VerdictBound) + Word.get(course, P.DisputeBound);
        if (t.opens > last) revert OpensOutOfBounds(t.opens, last);
        if (t.samplePPM > Deterrence.MILLION) revert SampleOutOfBounds(t.samplePPM, Deterrence.MILLION);
        uint256 least = (uint256(t.price) * Word.get(rules, P.SavingPPM) + Deterrence.MILLION - 1) / Deterrence.MILLION;
        if (t.saving < least) revert SavingTooSmall(t.saving, least);
        if (!Deterrence.holds(t.samplePPM, t.validators, Word.get(rules, P.CollusionPPM), t.price, t.bond, t.saving)) {
            revert NotDeterred(t.price, t.bond, t.saving);
        }
    }

    /// Takes the price and the jurors' fees out of the consumer's deposit and holds the provider's bond. The provider sends it itself: its bid is signed
    /// terms, and a consumer that could open each bid it was given would take the penalty of every provider that it never let begin.
    function open(Terms calldata t, bytes calldata consumerSignature) external {
        if (msg.sender != t.provider) revert OnlyProvider(msg.sender, t.provider);
        if (block.timestamp > t.opens) revert TooLate(t.opens, block.timestamp);
        bytes32 id = idOf(t);
        Job storage job = _jobs[id];
        if (job.state != State.None) revert WrongState(id, job.state);
        check(t);
        Typed.check(id, consumerSignature, t.consumer);

        uint256 escrow = _escrow(t);
        Purse storage p = _purses[t.consumer];
        if (escrow > p.deposit) revert TooLittleDeposit(t.consumer, escrow, p.deposit);
        p.deposit -= uint128(escrow);
        (job.state, job.clock, job.since) = (State.Opened, t.clock, uint40(block.timestamp));
        emit Opened(t.job, t.consumer, t.provider, id, escrow, t.bond);
        staking.lock(t.provider, t.bond);
    }

    /// Pays by the consumer's word: the provider its price, and each juror named its fee. Once a jury sits, those of it that have promised or given a
    /// verdict are paid in place of who is named: a consumer cannot save their fees by being quick.
    function accept(Terms calldata t, Acceptance calldata a, bytes calldata signature) external {
        (bytes32 id, Job storage job) = _open(t);
        if (a.terms != id) revert WrongTerms(a.terms, id);
        Typed.check(Typed.digest(domain(), Typed.hash(a)), signature, t.consumer);
        uint256 fees;
        if (job.state == State.Sealed) {
            fees = _payJury(id, job, t.fee, true);
        } else {
            if (a.jurors.length > t.validators) revert TooManyJurors(a.jurors.length, t.validators);
            for (uint256 i = 0; i < a.jurors.length; i++) {
                _earn(a.jurors[i], t.fee);
            }
            fees = a.jurors.length * t.fee;
        }
        _earn(t.provider, t.price);
        _end(t, id, End.Accepted, t.price + fees);
    }

    /// Gives the escrow back by the provider's word that it is paid once it has drawn total of the consumer by vouchers; the one given is redeemed where it
    /// has not yet. So a job that was paid by voucher cannot be paid here again. A total of 0 gives the job back. The provider itself may show it until
    /// it has committed; later only the consumer, since a provider must not get away from its jury.
    function release(Terms calldata t, uint128 total, bytes calldata providerSignature, Voucher calldata v, bytes calldata consumerSignature) external {
        (bytes32 id, Job storage job) = _open(t);
        if (msg.sender != t.consumer && (msg.sender != t.provider || job.state != State.Opened)) revert OnlyParties(msg.sender);
        Typed.check(Typed.digest(domain(), Typed.release(id, total)), providerSignature, t.provider);
        uint256 fees = job.state == State.Sealed ? _payJury(id, job, t.fee, true) : 0;
        // The escrow may be what the voucher is paid of.
        _end(t, id, End.Released, fees);
        if (redeemed[t.consumer][t.provider] >= total) return;
        if (v.consumer == t.consumer && v.payee == t.provider) _redeem(v, consumerSignature);
        if (redeemed[t.consumer][t.provider] < total) revert NotPaid(redeemed[t.consumer][t.provider], total);
    }

    /// Ends a job whose deadline has passed without a receipt: the consumer has everything back and its share of the penalty.
    function expire(Terms calldata t) external {
        (bytes32 id, Job storage job) = _open(t);
        if (job.state != State.Opened) revert WrongState(id, job.state);
        uint256 due = _due(t, job);
        if (block.timestamp <= due) revert TooEarly(due + 1, block.timestamp);
        _end(t, id, End.Expired, 0);
        uint256 penalty = uint256(t.bond) * parameters.get(P.ExpirePPM) / Deterrence.MILLION;
        staking.slash(t.provider, penalty, t.consumer);
    }

    function jobs(bytes32 id) external view returns (Job memory) {
        return _jobs[id];
    }

    /// The job of terms, if it is open.
    function _open(Terms calldata t) internal view returns (bytes32 id, Job storage job) {
        id = idOf(t);
        job = _jobs[id];
        if (job.state == State.None || job.state == State.Done) revert WrongState(id, job.state);
    }

    /// The last second for the receipt. A job may be opened after its deadline, because its consumer did not pay for what was done in time: then the
    /// receipt follows within a clock.
    function _due(Terms calldata t, Job storage job) internal view returns (uint256) {
        uint256 late = uint256(job.since) + t.clock;
        return t.deadline > late ? t.deadline : late;
    }

    function _escrow(Terms calldata t) internal pure returns (uint256) {
        return uint256(t.price) + uint256(t.fee) * t.validators;
    }

    /// Ends a job of whose escrow so much was paid: the rest is the consumer's deposit again, the bond is free. One word stays: the same
    /// terms can never be opened again.
    function _end(Terms calldata t, bytes32 id, End how, uint256 paid) internal {
        uint256 refund = _escrow(t) - paid;
        _purses[t.consumer].deposit += uint128(refund);
        uint256 seats_ = _jobs[id].seats;
        for (uint256 i = 0; i < seats_; i++) {
            delete _seats[id][i];
        }
        delete _jobs[id];
        _jobs[id].state = State.Done;
        emit Ended(t.job, t.consumer, t.provider, id, how, paid, refund);
        staking.unlock(t.provider, t.bond);
    }

    /// Credits the fee to each juror that found the result valid, or, where the consumer ends it early, has promised too.
    function _payJury(bytes32 id, Job storage job, uint256 fee, bool promised) internal returns (uint256 paid) {
        uint256 seats_ = job.seats;
        for (uint256 i = 0; i < seats_; i++) {
            Seat storage seat = _seats[id][i];
            if (seat.state == SeatState.Valid || promised && seat.state == SeatState.Promised) {
                _earn(seat.juror, fee);
                paid += fee;
            }
        }
    }
}
