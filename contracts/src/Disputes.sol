// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IDisputes} from "./interfaces/IDisputes.sol";
import {IMarket, Receipt, Terms} from "./interfaces/IMarket.sol";
import {IParameters, P} from "./interfaces/IParameters.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {IVerifier} from "./interfaces/IVerifier.sol";
import {IntervalCommit, Typed, VerdictCommit} from "./Typed.sol";

/// @title Where lies are proven
/// @notice Two messages of one key that exclude each other are judged here at once. Everything else is an accusation: the accuser puts up a
/// bond, a verifier (a drawn committee) looks at the evidence, and who is wrong pays. The accused has nothing to do and nothing to put up: an
/// innocent one gets the bond.
///
/// A reward can be copied by whoever sees the proof of it on its way. So a proof is only taken from who claimed it some blocks before, by a hash
/// that says nothing.
contract Disputes is IDisputes {
    using SafeERC20 for IERC20;

    IERC20 public immutable token;
    IStaking public immutable staking;
    IMarket public immutable market;
    IParameters public immutable parameters;
    IVerifier public immutable verifier;
    address public immutable bisection;

    /// @notice The block in which a claim was made.
    mapping(bytes32 claim => uint256) public claims;
    /// @notice Who proved that a signer contradicted itself about a job.
    mapping(bytes32 job => mapping(address signer => address)) public equivocated;
    /// @notice Who was convicted. Of providers by terms, each with a bond of its own that it signed; of jurors by job, since anybody can sign terms
    /// about it.
    mapping(bytes32 termsOrJob => mapping(address account => bool)) public convicted;
    mapping(uint256 id => Accusation) internal _accusations;
    uint256 public accusations;

    error NotClaimed(bytes32 claim);
    error ClaimTooYoung(uint256 madeAt, uint256 usableFrom);
    error ClaimKnown(bytes32 claim);
    error DifferentSigners(address a, address b);
    error NotItsSigner(address found, address named);
    error NoContradiction();
    error WrongLength(uint256 found, uint256 wanted);
    error AlreadyPunished(address account);
    error NothingAtStake(address account);
    error NoEquivocation(bytes32 job, address account);
    error NotOpen(bytes32 terms);
    error WrongCandidates(bytes32 found, bytes32 wanted);
    error NotInvolved(address account);
    error TooLate(uint256 found, uint256 limit);
    error BondBelowCost(uint256 bond, uint256 cost);
    error WrongStage(uint256 id, Stage found, Stage wanted);
    error WrongTerms(bytes32 found, bytes32 wanted);
    error NotAnswered(uint256 question);
    error OnlyBisection(address caller);

    modifier onlyBisection() {
        if (msg.sender != bisection) revert OnlyBisection(msg.sender);
        _;
    }

    constructor(
        IERC20 token_,
        IStaking staking_,
        IMarket market_,
        IParameters parameters_,
        IVerifier verifier_,
        address bisection_
    ) {
        token = token_;
        staking = staking_;
        market = market_;
        parameters = parameters_;
        verifier = verifier_;
        bisection = bisection_;
    }

    // ---- claims ----

    /// @notice Claims what will be proven later, by claimHash. Only the first time counts: nobody can make another's claim younger.
    function claim(bytes32 hash) external {
        if (claims[hash] != 0) revert ClaimKnown(hash);
        claims[hash] = block.number;
        emit Claimed(msg.sender, hash);
    }

    /// @notice What is claimed: by whom, of what (equivocationSubject, accusationSubject), with a salt so that nobody can guess it.
    function claimHash(address by, bytes32 subject, bytes32 salt) public pure returns (bytes32) {
        return keccak256(abi.encode(by, subject, salt));
    }

    function equivocationSubject(Kind kind, bytes calldata a, bytes calldata b) public pure returns (bytes32) {
        return keccak256(abi.encode(kind, keccak256(a), keccak256(b)));
    }

    function accusationSubject(bytes32 terms, address accused, bytes32 evidence, uint64 size) public pure returns (bytes32) {
        return keccak256(abi.encode(terms, accused, evidence, size));
    }

    function _useClaim(bytes32 subject, bytes32 salt) internal {
        bytes32 hash = claimHash(msg.sender, subject, salt);
        uint256 madeAt = claims[hash];
        if (madeAt == 0) revert NotClaimed(hash);
        uint256 usableFrom = madeAt + parameters.get(P.ClaimBlocks);
        if (block.number <= madeAt || block.number < usableFrom) revert ClaimTooYoung(madeAt, usableFrom);
        delete claims[hash];
    }

    // ---- equivocation ----

    /// @notice Punishes the signer of two messages that exclude each other. Once for a job: who contradicts itself has lost there. Nobody has to be
    /// asked.
    function equivocation(Kind kind, Statement calldata a, Statement calldata b, bytes32 salt) external {
        _useClaim(equivocationSubject(kind, a.message, b.message), salt);
        (bytes32 job, address guilty) = _contradiction(kind, a, b);
        if (equivocated[job][guilty] != address(0)) revert AlreadyPunished(guilty);
        if (staking.slashableOf(guilty) == 0) revert NothingAtStake(guilty);
        equivocated[job][guilty] = msg.sender;
        uint256 slashed = staking.convict(guilty, _share(guilty), msg.sender);
        emit Equivocated(guilty, job, msg.sender, kind, slashed);
    }

    function _contradiction(Kind kind, Statement calldata a, Statement calldata b)
        internal
        pure
        returns (bytes32 job, address guilty)
    {
        (bytes32 place, bytes32 said, address named, bytes32 hash) = _read(kind, a.message);
        guilty = ECDSA.recover(Typed.digest(Typed.PLAIN, hash), a.signature);
        // A record names nobody: whoever signed it has.
        if (named != address(0) && named != guilty) revert NotItsSigner(guilty, named);
        (bytes32 otherPlace, bytes32 otherSaid,, bytes32 otherHash) = _read(kind, b.message);
        if (place != otherPlace || said == otherSaid) revert NoContradiction();
        address other = ECDSA.recover(Typed.digest(Typed.PLAIN, otherHash), b.signature);
        if (guilty != other) revert DifferentSigners(guilty, other);
        job = bytes32(a.message[:32]); // the first field of each kind
    }

    /// @dev What a message is about, what it says there, whom it names as its author (of both alike, since place has it), and its struct hash. The
    /// encoding of a struct of fixed size is just what EIP-712 hashes.
    function _read(Kind kind, bytes calldata m) internal pure returns (bytes32 place, bytes32 said, address named, bytes32 hash) {
        if (kind == Kind.Receipt) {
            _length(m, 7);
            Receipt memory r = abi.decode(m, (Receipt));
            // What is not the whole receipt's hash is a part of it, and differs where that differs.
            return (keccak256(abi.encode(r.job, r.provider)), r.hash, r.provider, keccak256(bytes.concat(Typed.RECEIPT, m)));
        }
        if (kind == Kind.IntervalCommit) {
            _length(m, 3);
            IntervalCommit memory c = abi.decode(m, (IntervalCommit));
            return (keccak256(abi.encode(c.job, c.index)), c.record, address(0), keccak256(bytes.concat(Typed.INTERVAL_COMMIT, m)));
        }
        _length(m, 4);
        VerdictCommit memory v = abi.decode(m, (VerdictCommit));
        return (
            keccak256(abi.encode(v.job, v.receipt, v.validator)),
            v.hash,
            v.validator,
            keccak256(bytes.concat(Typed.VERDICT_COMMIT, m))
        );
    }

    function _length(bytes calldata m, uint256 words) internal pure {
        if (m.length != 32 * words) revert WrongLength(m.length, 32 * words);
    }

    /// @notice Takes the consequence of an equivocation for a job that is open at the market: a provider's job ends as convicted, its bond is
    /// slashed for who proved it; a juror's seat is filled anew.
    function annul(Terms calldata terms, address guilty) external {
        address challenger = equivocated[terms.job][guilty];
        if (challenger == address(0)) revert NoEquivocation(terms.job, guilty);
        bytes32 id = market.idOf(terms);
        IMarket.State state = market.jobs(id).state;
        if (state == IMarket.State.None || state == IMarket.State.Done) revert NotOpen(id);
        if (guilty == terms.provider) {
            if (convicted[id][guilty]) revert AlreadyPunished(guilty);
            convicted[id][guilty] = true;
            market.convicted(terms);
            staking.slash(guilty, terms.bond, challenger);
        } else {
            market.unseat(id, guilty);
        }
        emit Annulled(id, guilty);
    }

    // ---- accusations ----

    /// @notice Accuses the provider of a job, or one of its candidates as a juror, of what the evidence proves. The terms that both signed are
    /// enough, the job need not have been opened. packed are the candidates, empty where the provider is accused. The accuser serves the blob
    /// that `evidence` names until there is an answer.
    function accuse(
        Terms calldata terms,
        bytes calldata consumerSig,
        bytes calldata providerSig,
        Charge calldata charge,
        bytes calldata packed
    ) external returns (uint256 id) {
        bytes32 name = _check(terms, consumerSig, providerSig);
        _useClaim(accusationSubject(name, charge.accused, charge.evidence, charge.size), charge.salt);
        if (charge.accused != terms.provider) _candidate(terms.candidates, packed, charge.accused);
        if (convicted[_offence(terms, name, charge.accused)][charge.accused]) revert AlreadyPunished(charge.accused);
        id = ++accusations;
        Accusation storage a = _accusations[id];
        a.terms = name;
        a.accuser = msg.sender;
        a.stage = Stage.Open;
        a.accused = charge.accused;
        a.bond = uint96(parameters.amount(P.AccuserBond));
        _ask(
            id,
            terms.job,
            IVerifier.Question(
                name, charge.evidence, charge.size, msg.sender, charge.accused, terms.consumer, terms.provider
            )
        );
    }

    function _ask(uint256 id, bytes32 job, IVerifier.Question memory q) internal {
        Accusation storage a = _accusations[id];
        uint256 bond = a.bond;
        uint256 cost = verifier.price();
        if (bond < cost) revert BondBelowCost(bond, cost);
        token.safeTransferFrom(msg.sender, address(this), bond);
        token.forceApprove(address(verifier), cost);
        a.question = verifier.ask(q);
        a.held = market.hold(q.subject, msg.sender);
        emit Accused(id, job, q.accused, msg.sender, q.subject, q.evidence, q.size, a.question);
    }

    /// @notice Rules as the verifier answered. Anybody may. Guilty: the accused is slashed, its challenger's share and the bond are the accuser's, and
    /// whatever the answer cost the guilty one pays. Innocent: what is left of the bond is the accused's. No answer: it goes back.
    function rule(uint256 id, Terms calldata terms) external {
        Accusation storage a = _accusations[id];
        if (a.stage != Stage.Open) revert WrongStage(id, a.stage, Stage.Open);
        bytes32 name = market.idOf(terms);
        if (name != a.terms) revert WrongTerms(name, a.terms);
        (IVerifier.Answer answer, uint256 spent) = verifier.answer(a.question);
        if (answer == IVerifier.Answer.Pending) revert NotAnswered(a.question);
        a.stage = Stage.Over;
        address accused = a.accused;
        uint256 slashed = 0;
        bool guilty = answer == IVerifier.Answer.Guilty;
        if (a.held && !(guilty && accused == terms.provider)) market.unhold(name, a.accuser);
        if (guilty) slashed = _convict(terms, name, accused, a.accuser, spent);
        emit Ruled(id, terms.job, accused, answer, spent, slashed);
        token.safeTransfer(answer == IVerifier.Answer.Innocent ? accused : a.accuser, a.bond - spent);
    }

    /// @dev slashes once for an offence; who was right later has its costs back.
    function _convict(Terms calldata terms, bytes32 name, address guilty, address challenger, uint256 cost)
        internal
        returns (uint256 slashed)
    {
        bytes32 offence = _offence(terms, name, guilty);
        uint256 share = parameters.get(P.ChallengerBPS);
        uint256 amount = share == 0 ? 0 : Math.ceilDiv(cost * 10_000, share);
        if (guilty == terms.provider) market.convicted(terms);
        if (convicted[offence][guilty]) return staking.slash(guilty, amount, challenger);
        convicted[offence][guilty] = true;
        if (guilty == terms.provider) {
            amount = Math.max(amount, terms.bond);
        } else {
            amount = Math.max(amount, _share(guilty));
            market.unseat(name, guilty);
        }
        return staking.convict(guilty, amount, challenger);
    }

    function _offence(Terms calldata terms, bytes32 name, address accused) internal pure returns (bytes32) {
        return accused == terms.provider ? name : terms.job;
    }

    /// @dev what a conviction without a bond takes
    function _share(address account) internal view returns (uint256) {
        return staking.slashableOf(account) * parameters.get(P.ConvictPPM) / 1e6;
    }

    /// @dev the terms are signed by both, and it is not too late to accuse about them
    function _check(Terms calldata terms, bytes calldata consumerSig, bytes calldata providerSig)
        internal
        view
        returns (bytes32 name)
    {
        name = market.idOf(terms);
        Typed.check(name, consumerSig, terms.consumer);
        Typed.check(name, providerSig, terms.provider);
        uint256 limit = Math.max(terms.opens, terms.deadline) + terms.window + parameters.get(P.AccuseGrace);
        if (block.timestamp > limit) revert TooLate(block.timestamp, limit);
    }

    /// @dev packed are 20 bytes of account, 4 of weight and 8 of device each
    function _candidate(bytes32 wanted, bytes calldata packed, address account) internal pure {
        bytes32 found = keccak256(packed);
        if (found != wanted) revert WrongCandidates(found, wanted);
        for (uint256 i = 0; i + 32 <= packed.length; i += 32) {
            if (address(bytes20(packed[i:i + 20])) == account) return;
        }
        revert NotInvolved(account);
    }

    function accusationOf(uint256 id) external view returns (Accusation memory) {
        return _accusations[id];
    }

    // ---- for Bisection ----

    /// @inheritdoc IDisputes
    function begin(Terms calldata terms, bytes calldata consumerSig, bytes calldata providerSig, address challenger)
        external
        onlyBisection
        returns (bytes32 id, bool held)
    {
        id = _check(terms, consumerSig, providerSig);
        if (convicted[id][terms.provider]) revert AlreadyPunished(terms.provider);
        held = market.hold(id, challenger);
    }

    /// @inheritdoc IDisputes
    function end(bytes32 id, address challenger) external onlyBisection {
        market.unhold(id, challenger);
    }

    /// @inheritdoc IDisputes
    function convict(Terms calldata terms, address challenger, uint256 cost) external onlyBisection returns (uint256 slashed) {
        return _convict(terms, market.idOf(terms), terms.provider, challenger, cost);
    }
}
