// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Deterrence} from "../Deterrence.sol";
import {Header} from "../Header.sol";
import {Lottery} from "../Lottery.sol";
import {Typed} from "../Typed.sol";
import {Receipt, Terms} from "../interfaces/IMarket.sol";
import {P, Word} from "../interfaces/IParameters.sol";
import {Escrow} from "./Escrow.sol";

/// The course that is taken where consumer and provider do not end a job themselves: the receipt is fixed, a later block's randomness draws a jury,
/// its verdicts are promised, then opened, and decide.
abstract contract Jury is Escrow {
    /// Draws that are made for one job, those that met somebody who may not judge included: what bounds the work of seal and replace.
    uint256 public constant MAX_DRAWS = 64;

    Lottery public immutable lottery;

    uint256 private constant COURSE_WORD = uint256(P.SeedDelay) / 4;

    error WrongReceipt(bytes32 found, bytes32 wanted);
    error WrongCandidates(bytes32 found, bytes32 wanted);
    error StillKnown(uint256 seedBlock, uint256 now_);
    error WrongSeat(bytes32 id, uint256 seat, address juror, SeatState state);
    error NoPromise();
    error OthersPromise(uint256 until, uint256 waiting);
    error WrongOpening(bytes32 found, bytes32 wanted);
    error WrongValue(Value value);
    error NothingToReplace(bytes32 id);
    error NotEnoughVerdicts(uint256 found, uint256 wanted);
    error Holding(uint256 accusations, uint256 until);

    constructor(Lottery lottery_) {
        lottery = lottery_;
    }

    /// Fixes the receipt, and the block whose randomness will draw the jury. Anybody may send what the provider signed.
    function commit(Terms calldata t, Receipt calldata r, bytes calldata signature) external {
        (bytes32 id, Job storage job) = _open(t);
        if (job.state != State.Opened) revert WrongState(id, job.state);
        uint256 due = _due(t, job);
        if (block.timestamp > due) revert TooLate(due, block.timestamp);
        if (r.job != t.job) revert WrongReceipt(r.job, t.job);
        if (r.provider != t.provider) revert OnlyProvider(r.provider, t.provider);
        bytes32 hash = Typed.hash(r);
        Typed.check(Typed.digest(Typed.PLAIN, hash), signature, t.provider);
        job.state = State.Committed;
        (job.since, job.seedBlock, job.receipt) = (uint40(block.timestamp), _seedBlock(), hash);
        emit Committed(t.job, id, r.hash, job.seedBlock);
    }

    /// Names a new block where the chain has forgotten the one that was named, because nobody sealed the job in time.
    function reseed(Terms calldata t) external {
        (bytes32 id, Job storage job) = _open(t);
        if (job.state != State.Committed) revert WrongState(id, job.state);
        if (!Header.forgotten(job.seedBlock)) revert StillKnown(job.seedBlock, block.number);
        job.seedBlock = _seedBlock();
        emit Reseeded(t.job, id, job.seedBlock);
    }

    /// Draws the jury by the named block's header. Whoever sends it chooses nothing.
    function seal(Terms calldata t, Receipt calldata r, bytes calldata header, bytes calldata candidates) external {
        (bytes32 id, Job storage job) = _open(t);
        if (job.state != State.Committed) revert WrongState(id, job.state);
        bytes32 seed = lottery.seedOf(t.job, r.trace, header, job.seedBlock);
        job.seed = seed;
        job.state = State.Sealed;
        emit Sealed(t.job, id, seed);
        _seat(t, r, candidates, job, id, t.validators);
    }

    /// Binds the caller to a verdict: hash is verdictHash, whose salt keeps the others from copying it.
    function commitVerdict(bytes32 id, uint256 seat, bytes32 hash) external {
        Job storage job = _jobs[id];
        Seat storage s = _seats[id][seat];
        if (s.juror != msg.sender || s.state != SeatState.Seated) revert WrongSeat(id, seat, s.juror, s.state);
        if (block.timestamp > s.until) revert TooLate(s.until, block.timestamp);
        if (hash == 0) revert NoPromise();
        s.state = SeatState.Promised;
        s.commitment = hash;
        job.waiting--;
        emit Promised(id, msg.sender, seat);
    }

    /// What commitVerdict takes: bound to the job and the juror, so that a copied one is worth nothing.
    function verdictHash(bytes32 id, address juror, Value value, uint64 interval, bytes32 salt) public pure returns (bytes32) {
        return keccak256(abi.encode(id, juror, value, interval, salt));
    }

    /// Opens the caller's verdict, once all have promised or their clock has run out. interval is the first that it found invalid or could not check.
    function openVerdict(bytes32 id, uint256 seat, Value value, uint64 interval, bytes32 salt) external {
        Job storage job = _jobs[id];
        Seat storage s = _seats[id][seat];
        if (s.juror != msg.sender || s.state != SeatState.Promised) revert WrongSeat(id, seat, s.juror, s.state);
        if (job.waiting > 0 && block.timestamp <= job.promises) revert OthersPromise(job.promises, job.waiting);
        bytes32 hash = verdictHash(id, msg.sender, value, interval, salt);
        if (hash != s.commitment) revert WrongOpening(hash, s.commitment);
        emit Verdict(id, msg.sender, seat, value, interval);
        if (value == Value.Valid) {
            s.state = SeatState.Valid;
            job.valid++;
        } else if (value == Value.Invalid) {
            s.state = SeatState.Invalid;
            s.until = uint40(block.timestamp) + job.clock;
        } else if (value == Value.Unavailable) {
            s.state = SeatState.Out;
        } else {
            revert WrongValue(value);
        }
    }

    /// Slashes the jurors that were silent past their clock and fills empty seats from the draw, as long as there are candidates and no more than
    /// twice as many seats as validators.
    function replace(Terms calldata t, Receipt calldata r, bytes calldata candidates) external {
        (bytes32 id, Job storage job) = _open(t);
        if (job.state != State.Sealed) revert WrongState(id, job.state);
        (uint256 live, uint256 silent) = _dismiss(id, job);
        uint256 before = job.seats;
        uint256 end = before + t.validators - live;
        if (end > 2 * uint256(t.validators)) end = 2 * uint256(t.validators);
        if (end > before) _seat(t, r, candidates, job, id, end - before);
        if (silent == 0 && job.seats == before) revert NothingToReplace(id);
    }

    /// Pays provider and jurors when every juror has found the result valid, the window is over and no accusation holds it.
    function settle(Terms calldata t) external {
        (bytes32 id, Job storage job) = _open(t);
        if (job.state != State.Sealed) revert WrongState(id, job.state);
        if (job.valid < t.validators) revert NotEnoughVerdicts(job.valid, t.validators);
        uint256 closes = uint256(job.since) + t.window;
        if (block.timestamp <= closes) revert TooEarly(closes + 1, block.timestamp);
        _notHeld(t, job);
        uint256 fees = _payJury(id, job, t.fee, false);
        _earn(t.provider, t.price);
        _end(t, id, End.Settled, t.price + fees);
    }

    /// Gives a job up that has not enough verdicts when its window and the bound behind it are over: the price goes back, the bond is free, and
    /// nobody is to blame but jurors that were silent. Those that did their work are paid. Time in which accusations held it does not count.
    function abandon(Terms calldata t) external {
        (bytes32 id, Job storage job) = _open(t);
        if (job.state == State.Opened) revert WrongState(id, job.state);
        // A false accusation must not cost the provider the time for the verdicts behind it.
        uint256 from = uint256(job.since) + t.window;
        uint256 held = _heldUntil(t, job);
        if (job.resumed > from) from = job.resumed < held ? job.resumed : held;
        uint256 bound = from + Word.get(parameters.word(COURSE_WORD), P.VerdictBound);
        if (block.timestamp <= bound) revert TooEarly(bound + 1, block.timestamp);
        if (job.valid >= t.validators) revert WrongState(id, job.state); // it can be settled
        _notHeld(t, job);
        _dismiss(id, job);
        _end(t, id, End.Abandoned, _payJury(id, job, t.fee, false));
    }

    function seats(bytes32 id, uint256 seat) external view returns (Seat memory) {
        return _seats[id][seat];
    }

    function _seedBlock() private view returns (uint40) {
        return uint40(block.number + parameters.get(P.SeedDelay));
    }

    /// The last second at which accusations hold a job, however many there are.
    function _heldUntil(Terms calldata t, Job storage job) private view returns (uint256) {
        uint256 course = parameters.word(COURSE_WORD);
        return uint256(job.since) + t.window + Word.get(course, P.VerdictBound) + Word.get(course, P.DisputeBound);
    }

    function _notHeld(Terms calldata t, Job storage job) private view {
        if (job.holds == 0) return;
        uint256 until = _heldUntil(t, job);
        if (block.timestamp <= until) revert Holding(job.holds, until);
    }

    /// Fills up to wanted seats with the next of the draw who may judge.
    function _seat(Terms calldata t, Receipt calldata r, bytes calldata candidates, Job storage job, bytes32 id, uint256 wanted) private {
        (address[] memory jurors, uint256 draws) = _draw(t, r, candidates, job, wanted);
        uint256 place = job.seats;
        uint40 until = uint40(block.timestamp) + job.clock;
        for (uint256 i = 0; i < jurors.length; i++) {
            _seats[id][place] = Seat(jurors[i], SeatState.Seated, until, 0);
            emit Seated(id, jurors[i], place);
            place++;
        }
        if (jurors.length == 0) return;
        job.waiting += uint8(jurors.length);
        (job.seats, job.draws, job.promises) = (uint8(place), uint8(draws), until);
    }

    function _draw(Terms calldata t, Receipt calldata r, bytes calldata candidates, Job storage job, uint256 wanted)
        private
        view
        returns (address[] memory, uint256)
    {
        bytes32 hash = Typed.hash(r);
        if (hash != job.receipt) revert WrongReceipt(hash, job.receipt);
        hash = keccak256(candidates);
        if (hash != t.candidates) revert WrongCandidates(hash, t.candidates);
        address[] memory parties = new address[](2);
        (parties[0], parties[1]) = (t.consumer, t.provider);
        return lottery.jury(candidates, r.device, parties, job.seed, job.draws, wanted, MAX_DRAWS);
    }

    /// Slashes and takes out who was silent past its clock: without a promise, without opening it, or without the accusation that an invalid
    /// verdict owes. Gives how many seats are left in use, and how many were silent.
    function _dismiss(bytes32 id, Job storage job) private returns (uint256 live, uint256 silent) {
        uint256 count = job.seats;
        uint256 opens = uint256(job.promises) + job.clock;
        for (uint256 i = 0; i < count; i++) {
            Seat storage s = _seats[id][i];
            SeatState state = s.state;
            if (state == SeatState.Out) continue;
            bool late;
            if (state == SeatState.Promised) late = block.timestamp > opens;
            else if (state == SeatState.Seated || state == SeatState.Invalid) late = block.timestamp > s.until;
            if (!late) {
                live++;
                continue;
            }
            silent++;
            s.state = SeatState.Out;
            if (state == SeatState.Seated) job.waiting--;
            emit Unseated(id, s.juror, i, _penalize(s.juror));
        }
    }

    /// Nobody is paid for another's silence: a share of it for whoever calls would be a reason to let clocks run out, and a provider about to be
    /// convicted could win back of its jurors what it loses.
    function _penalize(address juror) private returns (uint256) {
        uint256 share = Word.get(parameters.word(COURSE_WORD), P.SilentPPM);
        return staking.slash(juror, staking.slashableOf(juror) * share / Deterrence.MILLION, address(0));
    }
}
