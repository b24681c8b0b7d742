// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IParameters, P} from "./interfaces/IParameters.sol";
import {IReserve} from "./interfaces/IReserve.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {IVerifier} from "./interfaces/IVerifier.sol";
import {Header} from "./Header.sol";

/// @title Drawn committees that look at evidence and vote
/// @notice Whoever has stake may take seats here, one for each `MinStake` of it. For a question seats are drawn among all of them, by the beacon
/// of a block that lies behind the question, never seats of its parties. Seats and not the job's candidates: those the consumer names, so they
/// could be its own. One seat a share of stake: who splits its stake over accounts is drawn as often as before.
///
/// Members fetch the evidence from the accuser, verify it, promise a hash of their vote that binds it to them, and open it when all have
/// promised or the clock ran out. A vote so cannot be copied. Most of all seats drawn decide; without that another committee is asked, once.
///
/// Every question ends within `longest()`, whoever is silent, and anybody may end it. There is no owner.
contract Committee is IVerifier, IReserve {
    using SafeERC20 for IERC20;

    /// @notice What a member may say. Unavailable: the accuser did not bring the evidence.
    enum Ballot {
        None,
        Guilty,
        Innocent,
        Unavailable
    }

    enum Stage {
        None,
        Drawing,
        Voting,
        Over
    }

    /// @param account who has the seat, zero if it is free
    /// @param from when it was taken: it is drawn only for questions asked later
    /// @param until when it was left, or `SITTING`: it is drawn only for questions asked before
    struct Seat {
        address account;
        uint48 from;
        uint48 until;
    }

    struct Case {
        Stage stage;
        Answer answer;
        uint8 round; // 1 or 2
        uint16 wanted; // seats in a committee
        uint48 asked;
        uint48 end; // of the draw, then of the promises; votes may be opened for `voteClock` behind it
        uint32 promiseClock;
        uint32 voteClock;
        uint64 seedBlock;
        uint32 pool; // seats there were when it was asked
        uint128 fee; // for each seat
        uint128 spent;
        address asker;
    }

    struct Member {
        bytes32 promised;
        uint16 seats;
        Ballot ballot;
    }

    uint48 public constant SITTING = type(uint48).max;
    /// @notice Blocks whose hash a contract can see.
    uint256 public constant LOOKBACK = 256;
    uint8 public constant ROUNDS = 2;
    /// @notice Draws that are tried for each seat of a committee.
    uint256 public constant TRIES = 16;

    IERC20 public immutable token;
    IStaking public immutable staking;
    IParameters public immutable parameters;
    /// @notice Where the fees of a committee go that was asked for nothing.
    address public immutable treasury;

    /// @notice Blanks that vacate drops from the end of the list in one call.
    uint256 public constant TRIM = 8;

    Seat[] public seats;
    /// @notice Seats of the list that nobody has. They are taken before the list grows: else a little stake, moved from slot to slot, could make it
    /// so long that no draw finds anybody.
    uint256 public free;
    /// @notice Seats of an account that it has not got rid of yet.
    mapping(address account => uint256) public seatsOf;
    mapping(uint256 id => Case) internal _cases;
    mapping(uint256 id => Question) internal _questions;
    mapping(uint256 id => mapping(uint8 round => address[])) internal _committee;
    mapping(uint256 id => mapping(uint8 round => mapping(address account => Member))) internal _members;
    mapping(uint256 id => mapping(uint8 round => uint16[4])) internal _tally; // seats by ballot; of None those that promised
    uint256 public questions;

    event Enlisted(address indexed account, uint256 slot);
    event Left(address indexed account, uint256 slot, uint256 vacantAfter);
    event Vacated(address indexed account, uint256 slot);
    event Asked(uint256 indexed id, address indexed asker, address indexed accused, Question question, uint256 seedBlock);
    event Reseeded(uint256 indexed id, uint256 seedBlock);
    event Drawn(uint256 indexed id, uint8 round, address[] members, uint256 promiseUntil);
    event Promised(uint256 indexed id, uint8 round, address indexed member);
    event Bound(uint256 indexed id, uint8 round, uint256 voteUntil);
    event Voted(uint256 indexed id, uint8 round, address indexed member, Ballot ballot);
    event Paid(uint256 indexed id, address indexed member, uint256 amount);
    event Penalised(uint256 indexed id, address indexed member, uint256 amount);
    event Undecided(uint256 indexed id, uint256 seedBlock);
    event Answered(uint256 indexed id, Answer answer, uint256 spent);

    error NotEnoughStake(address account, uint256 stake, uint256 wanted);
    error SlotTaken(uint256 slot);
    error SlotsFree(uint256 free);
    error NotYours(uint256 slot, address holder);
    error NotSitting(uint256 slot);
    error StillBound(uint256 slot, uint256 until);
    error WrongStage(uint256 id, Stage found, Stage wanted);
    error TooEarly(uint256 found, uint256 wanted);
    error TooLate(uint256 found, uint256 limit);
    error SeedGone(uint256 seedBlock, uint256 found);
    error SeedThere(uint256 seedBlock, uint256 found);
    error NotMember(uint256 id, address account);
    error AlreadyPromised(uint256 id, address account);
    error NothingPromised(uint256 id, address account);
    error EmptyPromise();
    error WrongVote(bytes32 found, bytes32 promised);
    error NoBallot();
    error Undecidable(uint256 voteUntil);

    constructor(IERC20 token_, IStaking staking_, IParameters parameters_, address treasury_) {
        token = token_;
        treasury = treasury_;
        staking = staking_;
        parameters = parameters_;
    }

    // ---- seats ----

    /// @notice Takes seats: each slot is the number of a free one, or, where none is free, how many there are. Whoever sits must vote when it is drawn.
    function enlist(uint256[] calldata slots) external {
        uint256 mine = seatsOf[msg.sender] + slots.length;
        seatsOf[msg.sender] = mine;
        uint256 wanted = mine * parameters.amount(P.MinStake);
        uint256 stake = staking.activeOf(msg.sender);
        if (stake < wanted || staking.stakes(msg.sender).jailedUntil > block.timestamp) revert NotEnoughStake(msg.sender, stake, wanted);
        for (uint256 i = 0; i < slots.length; i++) {
            uint256 slot = slots[i];
            Seat memory seat = Seat(msg.sender, uint48(block.timestamp), SITTING);
            if (slot == seats.length) {
                if (free > 0) revert SlotsFree(free);
                seats.push(seat);
            } else {
                if (seats[slot].account != address(0)) revert SlotTaken(slot);
                seats[slot] = seat;
                free--;
            }
            emit Enlisted(msg.sender, slot);
        }
    }

    /// @notice Gives a seat up: for questions asked from now on it is not there. Whose stake is no longer enough for its seats, anybody may
    /// unseat.
    function resign(uint256 slot) external {
        Seat storage seat = seats[slot];
        address holder = seat.account;
        if (holder == address(0) || seat.until != SITTING) revert NotSitting(slot);
        if (holder != msg.sender && _sound(holder)) revert NotYours(slot, holder);
        seat.until = uint48(block.timestamp);
        emit Left(holder, slot, block.timestamp + longest());
    }

    /// @notice Frees a seat that was given up, once no question can be open for which it could be drawn. Until then its stake stays.
    function vacate(uint256 slot) external {
        Seat storage seat = seats[slot];
        address holder = seat.account;
        if (holder == address(0)) revert NotSitting(slot);
        uint256 until = seat.until == SITTING ? SITTING : seat.until + longest();
        if (block.timestamp <= until) revert StillBound(slot, until);
        delete seats[slot];
        seatsOf[holder]--;
        free++;
        emit Vacated(holder, slot);
        // A blank is drawn by no question, nor is what is taken in its place later: the list can be shorter without changing any draw.
        for (uint256 i = 0; i < TRIM && seats.length > 0 && seats[seats.length - 1].account == address(0); i++) {
            seats.pop();
            free--;
        }
    }

    /// @notice Stake that an account cannot unbond because of its seats: otherwise it could choose after the beacon whether it is drawn.
    /// @inheritdoc IReserve
    function reserved(address account) external view returns (uint256) {
        return seatsOf[account] * parameters.amount(P.MinStake);
    }

    /// @notice How many seats there are, free ones counted.
    function pool() external view returns (uint256) {
        return seats.length;
    }

    // ---- questions ----

    /// @inheritdoc IVerifier
    function price() public view returns (uint256) {
        return uint256(ROUNDS) * parameters.get(P.CommitteeSize) * parameters.amount(P.VoterFee);
    }

    /// @inheritdoc IVerifier
    /// @dev each round has the clock of promises twice, first for its draw, and that of votes
    function longest() public view returns (uint256) {
        return ROUNDS * (2 * uint256(parameters.get(P.CommitteeCommit)) + parameters.get(P.CommitteeReveal));
    }

    /// @inheritdoc IVerifier
    function ask(Question calldata question) external returns (uint256 id) {
        id = ++questions;
        uint256 cost = price();
        Case storage c = _cases[id];
        c.stage = Stage.Drawing;
        c.round = 1;
        c.wanted = uint16(parameters.get(P.CommitteeSize));
        c.promiseClock = uint32(parameters.get(P.CommitteeCommit));
        c.voteClock = uint32(parameters.get(P.CommitteeReveal));
        c.asked = uint48(block.timestamp);
        c.end = uint48(block.timestamp + c.promiseClock);
        c.seedBlock = uint64(block.number + parameters.get(P.CommitteeDelay));
        c.pool = uint32(seats.length);
        c.fee = uint128(parameters.amount(P.VoterFee));
        c.asker = msg.sender;
        _questions[id] = question;
        emit Asked(id, msg.sender, question.accused, question, c.seedBlock);
        token.safeTransferFrom(msg.sender, address(this), cost);
    }

    /// @notice Takes another block for the beacon where nobody drew from the first while its hash could be seen.
    function reseed(uint256 id) external {
        Case storage c = _at(id, Stage.Drawing);
        if (block.number <= c.seedBlock + LOOKBACK) revert SeedThere(c.seedBlock, block.number);
        c.seedBlock = uint64(block.number + parameters.get(P.CommitteeDelay));
        emit Reseeded(id, c.seedBlock);
    }

    /// @notice Draws the committee. header is that of the seed's block, RLP encoded: whoever brings it has no choice.
    function draw(uint256 id, bytes calldata header) external {
        Case storage c = _at(id, Stage.Drawing);
        uint256 number = c.seedBlock;
        if (block.number <= number) revert TooEarly(block.number, number + 1);
        if (block.number > number + LOOKBACK) revert SeedGone(number, block.number);
        if (block.timestamp > c.end) revert TooLate(block.timestamp, c.end);
        bytes32 seed = sha256(
            abi.encodePacked(
                "gwrun committee beacon 1\x00", block.chainid, address(this), id, c.round, Header.prevrandao(header, number)
            )
        );
        if (!_draw(id, c, seed)) {
            _finish(id, c, Answer.NoAnswer, 0);
            return;
        }
        c.stage = Stage.Voting;
        c.end = uint48(block.timestamp + c.promiseClock);
        emit Drawn(id, c.round, _committee[id][c.round], c.end);
    }

    function _draw(uint256 id, Case storage c, bytes32 seed) internal returns (bool) {
        uint8 round = c.round;
        uint256 wanted = c.wanted;
        uint256 found = 0;
        uint256 n = c.pool;
        if (n == 0) return false;
        for (uint64 k = 0; k < wanted * TRIES; k++) {
            uint256 slot = uint256(sha256(abi.encodePacked("gwrun committee 2\x00", seed, k))) % n;
            if (slot >= seats.length) continue;
            Seat memory seat = seats[slot];
            if (!_drawable(id, c, seat, round)) continue;
            Member storage m = _members[id][round][seat.account];
            if (m.seats == 0) _committee[id][round].push(seat.account);
            m.seats++;
            if (++found == wanted) return true;
        }
        return false;
    }

    function _drawable(uint256 id, Case storage c, Seat memory seat, uint8 round) internal view returns (bool) {
        address a = seat.account;
        // Seats that were taken or left after the question was asked do not count: nobody can choose with the seed in view.
        if (a == address(0) || seat.from >= c.asked || seat.until < c.asked) return false;
        Question storage q = _questions[id];
        if (a == q.accuser || a == q.accused || a == q.consumer || a == q.provider) return false;
        if (round > 1 && _members[id][round - 1][a].seats > 0) return false;
        return _members[id][round][a].seats > 0 || _sound(a);
    }

    /// @dev whether an account has the stake of its seats, and is not in jail: nothing that it could change by itself when it sees the beacon
    function _sound(address account) internal view returns (bool) {
        IStaking.Stake memory s = staking.stakes(account);
        return s.jailedUntil <= block.timestamp && s.staked >= seatsOf[account] * parameters.amount(P.MinStake);
    }

    /// @notice The hash that a member promises.
    function ballotHash(uint256 id, uint8 round, address member, Ballot ballot, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), id, round, member, ballot, salt));
    }

    /// @notice Promises a vote. It binds its member: another's hash opens nothing.
    function commit(uint256 id, bytes32 hash) external {
        Case storage c = _at(id, Stage.Voting);
        uint8 round = c.round;
        Member storage m = _member(id, round);
        if (block.timestamp > c.end) revert TooLate(block.timestamp, c.end);
        if (m.promised != 0) revert AlreadyPromised(id, msg.sender);
        if (hash == 0) revert EmptyPromise();
        m.promised = hash;
        uint16[4] storage tally = _tally[id][round];
        tally[0] += m.seats;
        emit Promised(id, round, msg.sender);
        if (tally[0] == c.wanted) {
            c.end = uint48(block.timestamp); // all are bound: votes may be opened from the next second on
            emit Bound(id, round, block.timestamp + c.voteClock);
        }
    }

    /// @notice Opens a vote, once all have promised or the clock for it ran out.
    function vote(uint256 id, Ballot ballot, bytes32 salt) external {
        Case storage c = _at(id, Stage.Voting);
        uint8 round = c.round;
        Member storage m = _member(id, round);
        if (m.promised == 0) revert NothingPromised(id, msg.sender);
        if (block.timestamp <= c.end) revert TooEarly(block.timestamp, c.end + 1);
        if (block.timestamp > c.end + c.voteClock) revert TooLate(block.timestamp, c.end + c.voteClock);
        if (ballot == Ballot.None) revert NoBallot();
        bytes32 hash = ballotHash(id, round, msg.sender, ballot, salt);
        if (hash != m.promised) revert WrongVote(hash, m.promised);
        m.promised = 0; // opened: it cannot be opened again
        m.ballot = ballot;
        _tally[id][round][uint8(ballot)] += m.seats;
        emit Voted(id, round, msg.sender, ballot);
    }

    /// @notice Ends a round: when a majority is there or cannot be changed any more, or the clock for votes ran out, or no beacon was taken in
    /// time. Anybody may.
    function close(uint256 id) external {
        Case storage c = _cases[id];
        if (c.stage == Stage.Drawing) {
            if (block.timestamp <= c.end) revert TooEarly(block.timestamp, uint256(c.end) + 1);
            // Whoever asks has to draw, or to bring somebody to: asking for nothing, again and again, would hold up a job for the price of its gas.
            _finish(id, c, Answer.NoAnswer, c.round == 1 ? uint256(c.fee) * c.wanted : 0);
            return;
        }
        _at(id, Stage.Voting);
        uint16[4] storage tally = _tally[id][c.round];
        // Nobody is cut off: all who promised have voted behind the end of promises, or the clock of votes is over.
        uint256 last = uint256(c.end) + c.voteClock;
        bool all = block.timestamp > c.end && tally[1] + tally[2] + tally[3] == tally[0];
        if (!all && block.timestamp <= last) revert Undecidable(last);
        uint256 half = c.wanted / 2;
        if (tally[1] > half) return _finish(id, c, Answer.Guilty, 0);
        if (tally[2] > half) return _finish(id, c, Answer.Innocent, 0);
        // No evidence: what a committee costs is the accuser's to pay, and nobody's to earn, or it would pay to say so.
        if (tally[3] > half) return _finish(id, c, Answer.NoAnswer, uint256(c.fee) * c.wanted);
        if (c.round == ROUNDS) return _finish(id, c, Answer.NoAnswer, 0);
        c.round++;
        c.stage = Stage.Drawing;
        c.end = uint48(block.timestamp + c.promiseClock);
        c.seedBlock = uint64(block.number + parameters.get(P.CommitteeDelay));
        emit Undecided(id, c.seedBlock);
    }

    /// @dev pays who voted as it was decided, takes a share of stake from who voted the other way or not at all. Who could not check is left
    /// alone. forfeit goes to the treasury.
    function _finish(uint256 id, Case storage c, Answer value, uint256 forfeit) internal {
        bool drawn = c.stage == Stage.Voting;
        c.stage = Stage.Over;
        c.answer = value;
        uint256 spent = forfeit;
        if (forfeit > 0) token.safeTransfer(treasury, forfeit);
        uint8 rounds = drawn ? c.round : c.round - 1; // of the last nobody was asked
        for (uint8 round = 1; round <= rounds; round++) {
            spent += _settle(id, round, c.fee, value);
        }
        c.spent = uint128(spent);
        uint256 held = uint256(ROUNDS) * c.wanted * c.fee;
        emit Answered(id, value, spent);
        if (held > spent) token.safeTransfer(c.asker, held - spent);
    }

    function _settle(uint256 id, uint8 round, uint256 fee, Answer value) internal returns (uint256 spent) {
        address[] storage committee = _committee[id][round];
        for (uint256 i = 0; i < committee.length; i++) {
            address member = committee[i];
            Member storage m = _members[id][round][member];
            bool decided = value == Answer.Guilty || value == Answer.Innocent;
            if (decided && uint8(m.ballot) == uint8(value)) {
                uint256 amount = fee * m.seats;
                spent += amount;
                token.safeTransfer(member, amount);
                emit Paid(id, member, amount);
            } else if (m.ballot == Ballot.None || (decided && m.ballot != Ballot.Unavailable)) {
                uint256 amount = parameters.amount(P.MinStake) * m.seats * parameters.get(P.CommitteeSilentPPM) / 1e6;
                uint256 taken = staking.slash(member, amount, address(0));
                emit Penalised(id, member, taken);
            }
        }
    }

    // ---- views ----

    /// @inheritdoc IVerifier
    function answer(uint256 id) external view returns (Answer value, uint256 spent) {
        Case storage c = _cases[id];
        return (c.answer, c.spent);
    }

    function caseOf(uint256 id) external view returns (Case memory) {
        return _cases[id];
    }

    function questionOf(uint256 id) external view returns (Question memory) {
        return _questions[id];
    }

    function committeeOf(uint256 id, uint8 round) external view returns (address[] memory) {
        return _committee[id][round];
    }

    function memberOf(uint256 id, uint8 round, address account) external view returns (Member memory) {
        return _members[id][round][account];
    }

    /// @notice Seats by ballot; in the place of None those that promised.
    function tallyOf(uint256 id, uint8 round) external view returns (uint16[4] memory) {
        return _tally[id][round];
    }

    function _at(uint256 id, Stage stage) internal view returns (Case storage c) {
        c = _cases[id];
        if (c.stage != stage) revert WrongStage(id, c.stage, stage);
    }

    function _member(uint256 id, uint8 round) internal view returns (Member storage m) {
        m = _members[id][round][msg.sender];
        if (m.seats == 0) revert NotMember(id, msg.sender);
    }
}
