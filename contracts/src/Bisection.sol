// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IDisputes} from "./interfaces/IDisputes.sol";
import {IMarket, Terms} from "./interfaces/IMarket.sol";
import {IParameters, P} from "./interfaces/IParameters.sol";
import {IVerifier} from "./interfaces/IVerifier.sol";
import {Interval, Records} from "./Records.sol";
import {IntervalCommit, Typed} from "./Typed.sol";

/// @title A dispute about an interval for parties that do not answer each other
/// @notice Provider and challenger have different records of an interval. In turn, provider first, both say what held at the same places of it, and
/// the first stretch is kept at whose end they differ: at its beginning they agree, so it is true if one of them is honest. When one step is left
/// the verifier is asked whether what the provider says of its end is right. Whoever tells the truth at every turn cannot lose
/// (host/dispute plays the same game off the chain, further down).
///
/// Each has one clock for all its moves, as in chess. Who lets it run out has lost; anybody may say so. Only hashes of lists are kept: the
/// provider's list comes once more with the challenger's answer to it.
contract Bisection {
    using SafeERC20 for IERC20;

    enum Stage {
        None,
        Provider, // has to say
        Challenger, // has to answer
        Asked, // the verifier
        Over
    }

    struct Game {
        bytes32 terms;
        address challenger;
        Stage stage;
        bool held;
        address provider;
        uint96 bond; // the challenger's
        address consumer;
        uint64 lo; // the last place where they agree
        uint64 hi; // the first where they are known not to
        uint48 since; // of the turn
        uint32 providerClock; // seconds left
        uint32 challengerClock;
        uint16 width;
        bytes32 first; // at lo, by both
        bytes32 theirs; // at hi, by the provider
        bytes32 own; // at hi, by the challenger
        bytes32 list; // hash of what the provider just said
        uint256 question;
    }

    /// @param prior the record before the interval, signed by the provider; ignored for interval 0
    /// @param claimed the provider's record of the interval
    /// @param own the challenger's
    struct Challenge {
        Interval prior;
        bytes priorSig;
        Interval claimed;
        bytes claimedSig;
        Interval own;
    }

    /// @notice Steps that an interval can have here: more than any has, and few enough rounds.
    uint64 public constant MAX_STEPS = 1 << 40;
    /// @notice What is said of a place behind the end of a party's interval (host/dispute.Over).
    bytes32 public constant OVER = sha256("gwrun Over\x00\xa0");

    IERC20 public immutable token;
    IMarket public immutable market;
    IParameters public immutable parameters;
    IDisputes public immutable disputes;
    IVerifier public immutable verifier;

    mapping(uint256 id => Game) internal _games;
    uint256 public games;

    event Begun(
        uint256 indexed id, bytes32 indexed job, address indexed provider, address challenger, bytes32 terms, uint64 interval, uint64 steps
    );
    event Said(uint256 indexed id, bytes32[] values, uint256 challengerUntil);
    event Narrowed(uint256 indexed id, uint64 lo, uint64 hi, bytes32 first, bytes32 theirs, bytes32 own, uint256 providerUntil);
    event Asked(uint256 indexed id, uint256 question, bytes32 subject, uint64 step, bytes32 first, bytes32 theirs, bytes32 own);
    event Ended(uint256 indexed id, address indexed winner, uint256 spent, uint256 slashed);

    error WrongInterval(uint64 found, uint64 wanted);
    error WrongSteps(uint64 found, uint64 after_);
    error Agreed(bytes32 record);
    error BondBelowCost(uint256 bond, uint256 cost);
    error WrongStage(uint256 id, Stage found, Stage wanted);
    error NotYourTurn(address found, address wanted);
    error ClockRanOut(uint256 found, uint256 limit);
    error ClockRuns(uint256 found, uint256 limit);
    error WrongCount(uint256 found, uint256 wanted);
    error WrongList(bytes32 found, bytes32 wanted);
    error WrongTerms(bytes32 found, bytes32 wanted);
    error NotAnswered(uint256 question);

    constructor(IERC20 token_, IMarket market_, IParameters parameters_, IDisputes disputes_, IVerifier verifier_) {
        token = token_;
        market = market_;
        parameters = parameters_;
        disputes = disputes_;
        verifier = verifier_;
    }

    /// @notice Challenges a record that the provider signed, with a bond.
    function challenge(Terms calldata terms, bytes calldata consumerSig, bytes calldata providerSig, Challenge calldata c)
        external
        returns (uint256 id)
    {
        id = ++games;
        Game storage g = _games[id];
        uint64 lo;
        (lo, g.first) = _beginning(terms, c);
        _ends(g, lo, terms, c);
        g.challenger = msg.sender;
        g.provider = terms.provider;
        g.consumer = terms.consumer;
        g.width = uint16(parameters.get(P.BisectionWidth));
        g.providerClock = g.challengerClock = uint32(parameters.get(P.BisectionClock));
        g.since = uint48(block.timestamp);
        uint256 bond = parameters.amount(P.BisectionBond);
        uint256 cost = verifier.price();
        if (bond < cost) revert BondBelowCost(bond, cost);
        g.bond = uint96(bond);
        (g.terms, g.held) = disputes.begin(terms, consumerSig, providerSig, msg.sender);
        token.safeTransferFrom(msg.sender, address(this), bond);
        emit Begun(id, terms.job, terms.provider, msg.sender, g.terms, c.claimed.index, g.hi);
        g.stage = Stage.Provider;
        if (g.hi == 1) _leaf(id, g);
    }

    /// @dev the steps done before the interval, and what held there
    function _beginning(Terms calldata terms, Challenge calldata c) internal pure returns (uint64 step, bytes32 point) {
        if (c.claimed.index == 0) return (0, Records.first());
        if (c.prior.index != c.claimed.index - 1) revert WrongInterval(c.prior.index, c.claimed.index - 1);
        _signed(terms, c.prior, c.priorSig);
        return (c.prior.lastStep, Records.begin(c.prior));
    }

    /// @dev places are counted from the interval's beginning; of a place behind its own end a party says that it was over
    function _ends(Game storage g, uint64 before, Terms calldata terms, Challenge calldata c) internal {
        bytes32 record = _signed(terms, c.claimed, c.claimedSig);
        if (c.own.index != c.claimed.index) revert WrongInterval(c.own.index, c.claimed.index);
        if (Records.hash(c.own) == record) revert Agreed(record);
        if (c.own.lastStep <= before || c.own.lastStep - before > MAX_STEPS) revert WrongSteps(c.own.lastStep, before);
        uint64 mine = c.own.lastStep - before;
        // The provider's may be anything that it signed; one that ends before it begins, or never, is as wrong as any.
        uint64 theirs = c.claimed.lastStep > before ? c.claimed.lastStep - before : 0;
        if (theirs > MAX_STEPS) theirs = MAX_STEPS;
        g.hi = theirs > mine ? theirs : mine;
        g.theirs = theirs == g.hi ? Records.end(c.claimed) : OVER;
        g.own = mine == g.hi ? Records.end(c.own) : OVER;
    }

    function _signed(Terms calldata terms, Interval calldata r, bytes calldata signature) internal pure returns (bytes32 record) {
        record = Records.hash(r);
        bytes32 hash = keccak256(abi.encode(Typed.INTERVAL_COMMIT, IntervalCommit(terms.job, r.index, record)));
        Typed.check(Typed.digest(Typed.PLAIN, hash), signature, terms.provider);
    }

    /// @notice The places of which the next values are asked: place i of n, from 1 on.
    function place(uint64 lo, uint64 hi, uint64 width, uint64 i) public pure returns (uint64) {
        uint64 n = hi - lo;
        if (n <= width) return lo + i;
        // n / width and what is left over apart, as host/dispute does.
        return lo + i * (n / width) + i * (n % width) / width;
    }

    /// @notice How many values are asked for: those between, at most width - 1.
    function count(uint64 lo, uint64 hi, uint64 width) public pure returns (uint64) {
        return (hi - lo < width ? hi - lo : width) - 1;
    }

    /// @notice The provider says what held at the places between.
    function say(uint256 id, bytes32[] calldata values) external {
        Game storage g = _turn(id, Stage.Provider);
        if (msg.sender != g.provider) revert NotYourTurn(msg.sender, g.provider);
        g.providerClock -= _used(g, g.providerClock);
        _counts(g, values.length);
        g.list = keccak256(abi.encode(values));
        g.stage = Stage.Challenger;
        emit Said(id, values, block.timestamp + g.challengerClock);
    }

    /// @notice The challenger answers what the provider said, theirs once more, with what it says held there.
    function respond(uint256 id, bytes32[] calldata theirs, bytes32[] calldata own) external {
        Game storage g = _turn(id, Stage.Challenger);
        if (msg.sender != g.challenger) revert NotYourTurn(msg.sender, g.challenger);
        g.challengerClock -= _used(g, g.challengerClock);
        bytes32 hash = keccak256(abi.encode(theirs));
        if (hash != g.list) revert WrongList(hash, g.list);
        _counts(g, own.length);
        _narrow(g, theirs, own);
        emit Narrowed(id, g.lo, g.hi, g.first, g.theirs, g.own, block.timestamp + g.providerClock);
        g.stage = Stage.Provider;
        if (g.hi - g.lo == 1) _leaf(id, g);
    }

    /// @dev keeps the first stretch at whose end they differ; if none of these differs it is the last
    function _narrow(Game storage g, bytes32[] calldata theirs, bytes32[] calldata own) internal {
        uint256 agreed = 0;
        while (agreed < own.length && theirs[agreed] == own[agreed]) agreed++;
        uint64 lo = g.lo;
        if (agreed > 0) {
            g.lo = place(lo, g.hi, g.width, uint64(agreed));
            g.first = own[agreed - 1];
        }
        if (agreed < own.length) {
            g.hi = place(lo, g.hi, g.width, uint64(agreed + 1));
            g.theirs = theirs[agreed];
            g.own = own[agreed];
        }
    }

    function _leaf(uint256 id, Game storage g) internal {
        g.stage = Stage.Asked;
        bytes32 subject = keccak256(abi.encode(g.terms, id, g.hi, g.first, g.theirs, g.own));
        uint256 cost = verifier.price();
        if (cost > g.bond) {
            // It may have become dearer since the game began. Both ways here are the challenger's own moves.
            token.safeTransferFrom(g.challenger, address(this), cost - g.bond);
            g.bond = uint96(cost);
        }
        token.forceApprove(address(verifier), cost);
        g.question = verifier.ask(IVerifier.Question(subject, 0, 0, g.challenger, g.provider, g.consumer, g.provider));
        emit Asked(id, g.question, subject, g.hi, g.first, g.theirs, g.own);
    }

    /// @notice Ends a game whose party let its clock run out. Anybody may.
    function timeout(uint256 id, Terms calldata terms) external {
        Game storage g = _games[id];
        bool provider = g.stage == Stage.Provider;
        if (!provider && g.stage != Stage.Challenger) revert WrongStage(id, g.stage, Stage.Provider);
        uint256 limit = uint256(g.since) + (provider ? g.providerClock : g.challengerClock);
        if (block.timestamp <= limit) revert ClockRuns(block.timestamp, limit);
        _end(id, g, terms, provider ? IVerifier.Answer.Guilty : IVerifier.Answer.Innocent, 0);
    }

    /// @notice Ends a game as the verifier answered. Anybody may.
    function rule(uint256 id, Terms calldata terms) external {
        Game storage g = _games[id];
        if (g.stage != Stage.Asked) revert WrongStage(id, g.stage, Stage.Asked);
        (IVerifier.Answer answer, uint256 spent) = verifier.answer(g.question);
        if (answer == IVerifier.Answer.Pending) revert NotAnswered(g.question);
        _end(id, g, terms, answer, spent);
    }

    /// @dev the loser pays: a provider with its bond in the job, and what the verifier cost; a challenger with its bond, to the provider
    function _end(uint256 id, Game storage g, Terms calldata terms, IVerifier.Answer answer, uint256 spent) internal {
        bytes32 name = market.idOf(terms);
        if (name != g.terms) revert WrongTerms(name, g.terms);
        g.stage = Stage.Over;
        address winner = answer == IVerifier.Answer.Innocent ? g.provider : g.challenger;
        uint256 slashed = 0;
        if (answer == IVerifier.Answer.Guilty) slashed = disputes.convict(terms, g.challenger, spent);
        else if (g.held) disputes.end(name, g.challenger);
        emit Ended(id, answer == IVerifier.Answer.NoAnswer ? address(0) : winner, spent, slashed);
        token.safeTransfer(winner, g.bond - spent);
    }

    function gameOf(uint256 id) external view returns (Game memory) {
        return _games[id];
    }

    function _turn(uint256 id, Stage stage) internal view returns (Game storage g) {
        g = _games[id];
        if (g.stage != stage) revert WrongStage(id, g.stage, stage);
    }

    /// @dev the seconds that a move took
    function _used(Game storage g, uint32 clock) internal returns (uint32 used) {
        uint256 limit = uint256(g.since) + clock;
        if (block.timestamp > limit) revert ClockRanOut(block.timestamp, limit);
        used = uint32(block.timestamp - g.since);
        g.since = uint48(block.timestamp);
    }

    function _counts(Game storage g, uint256 found) internal view {
        uint256 wanted = count(g.lo, g.hi, g.width);
        if (found != wanted) revert WrongCount(found, wanted);
    }
}
