// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Bisection} from "../../src/Bisection.sol";
import {Committee} from "../../src/Committee.sol";
import {Disputes} from "../../src/Disputes.sol";
import {Parameters} from "../../src/Parameters.sol";
import {Staking} from "../../src/Staking.sol";
import {Token} from "../../src/Token.sol";
import {IntervalCommit, Typed, VerdictCommit} from "../../src/Typed.sol";
import {IDisputes} from "../../src/interfaces/IDisputes.sol";
import {IMarket, Receipt, Terms} from "../../src/interfaces/IMarket.sol";
import {IParameters, P, PARAMETERS} from "../../src/interfaces/IParameters.sol";
import {IStaking} from "../../src/interfaces/IStaking.sol";
import {IVerifier} from "../../src/interfaces/IVerifier.sol";
import {vm} from "../Vm.sol";

/// Stands where the market is and writes down what it is told, so that a test sees it. The market itself is in Trial.t.sol.
contract Docket {
    mapping(bytes32 => IMarket.State) public state;
    mapping(bytes32 => int256) public holds;
    mapping(bytes32 => uint256) public convictions;
    mapping(bytes32 => mapping(address => uint256)) public unseated;

    function domain() public view returns (bytes32) {
        return Typed.domainOf(block.chainid, address(this));
    }

    function idOf(Terms calldata t) public view returns (bytes32) {
        return Typed.digest(domain(), Typed.hash(t));
    }

    function jobs(bytes32 id) external view returns (IMarket.Job memory job) {
        job.state = state[id];
    }

    function open(bytes32 id, IMarket.State s) external {
        state[id] = s;
    }

    function hold(bytes32 id, address) external returns (bool) {
        if (state[id] == IMarket.State.None || state[id] == IMarket.State.Done) return false;
        holds[id]++;
        return true;
    }

    function unhold(bytes32 id, address) external {
        holds[id]--;
    }

    function convicted(Terms calldata t) external {
        convictions[idOf(t)]++;
    }

    function unseat(bytes32 id, address juror) external {
        unseated[id][juror]++;
    }
}

/// Everything that disputes are made of, with people in it.
contract Court {
    uint256 internal constant ONE = 1e18;
    uint256 internal constant BOND = 50 * ONE;
    uint256 internal constant GAME_BOND = 60 * ONE;
    uint256 internal constant FEE = 2 * ONE;
    uint256 internal constant SEAT = 100 * ONE;
    uint256 internal constant PENALTY = 5 * ONE; // of a seat
    uint256 internal constant SIZE = 5;
    uint256 internal constant DELAY = 4; // blocks
    uint256 internal constant COMMIT = 600;
    uint256 internal constant REVEAL = 300;
    uint256 internal constant CLOCK = 1000;
    uint256 internal constant MEMBERS = 14;

    Token internal token;
    Parameters internal parameters;
    Staking internal staking;
    Docket internal docket;
    Committee internal committee;
    Disputes internal disputes;
    Bisection internal bisection;
    address internal treasury = address(0x7EA5);

    uint256 internal constant CONSUMER = 0xC0;
    uint256 internal constant PROVIDER = 0xB0;
    uint256 internal constant ACCUSER = 0xACC;
    uint256 internal constant JUROR = 0x10; // a candidate
    address internal consumer = vm.addr(CONSUMER);
    address internal provider = vm.addr(PROVIDER);
    address internal accuser = vm.addr(ACCUSER);
    address internal juror = vm.addr(JUROR);

    function values() internal pure returns (uint64[PARAMETERS] memory v) {
        v[uint256(P.CollusionPPM)] = 200_000;
        v[uint256(P.SavingPPM)] = 1_000_000;
        v[uint256(P.MinWindow)] = 60;
        v[uint256(P.MaxWindow)] = 3600;
        v[uint256(P.MinClock)] = 10;
        v[uint256(P.MaxClock)] = 600;
        v[uint256(P.MaxDuration)] = 86_400;
        v[uint256(P.MaxValidators)] = 16;
        v[uint256(P.SeedDelay)] = 4;
        v[uint256(P.VerdictBound)] = 3600;
        v[uint256(P.DisputeBound)] = 7200;
        v[uint256(P.SilentPPM)] = 10_000;
        v[uint256(P.MinStake)] = 100e9;
        v[uint256(P.UnbondDelay)] = 300_000;
        v[uint256(P.JailTime)] = 86_400;
        v[uint256(P.WithdrawNotice)] = 100_000;
        v[uint256(P.ChallengerBPS)] = 4000;
        v[uint256(P.TreasuryBPS)] = 3000;
        v[uint256(P.BurnBPS)] = 3000;
        v[uint256(P.ConvictPPM)] = 500_000;
        v[uint256(P.AccuserBond)] = 50e9;
        v[uint256(P.AccuseGrace)] = 86_400;
        v[uint256(P.ClaimBlocks)] = 2;
        v[uint256(P.VoterFee)] = 2e9;
        v[uint256(P.CommitteeSize)] = uint64(SIZE);
        v[uint256(P.CommitteeDelay)] = uint64(DELAY);
        v[uint256(P.CommitteeCommit)] = uint64(COMMIT);
        v[uint256(P.CommitteeReveal)] = uint64(REVEAL);
        v[uint256(P.CommitteeSilentPPM)] = 50_000;
        v[uint256(P.BisectionWidth)] = 4;
        v[uint256(P.BisectionClock)] = uint64(CLOCK);
        v[uint256(P.BisectionBond)] = 60e9;
        v[uint256(P.ExpirePPM)] = 100_000;
    }

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        vm.roll(1000);
        uint64[PARAMETERS] memory most;
        uint64[PARAMETERS] memory least;
        for (uint256 i = 0; i < PARAMETERS; i++) {
            most[i] = type(uint64).max;
        }
        address[] memory holders = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        (holders[0], amounts[0]) = (address(this), 1e9 * ONE);
        uint256 nonce = vm.getNonce(address(this));
        address[4] memory next; // staking, committee, disputes, bisection
        for (uint256 i = 0; i < 4; i++) {
            next[i] = vm.computeCreateAddress(address(this), nonce + 3 + i);
        }
        token = new Token(address(this), 2e9 * ONE, holders, amounts);
        parameters = new Parameters(address(this), values(), least, most);
        docket = new Docket();
        staking = new Staking(token, parameters, address(docket), next[2], next[1], next[3], treasury);
        committee = new Committee(token, staking, parameters, treasury);
        disputes = new Disputes(token, staking, IMarket(address(docket)), parameters, committee, next[3]);
        bisection = new Bisection(token, IMarket(address(docket)), parameters, disputes, committee);
        require(address(bisection) == next[3] && address(committee) == next[1], "addresses");

        give(provider, 1000 * ONE, 1000 * ONE);
        give(juror, 1000 * ONE, 1000 * ONE);
        give(accuser, 1000 * ONE, 0);
        give(consumer, 1000 * ONE, 0);
        for (uint256 i = 0; i < MEMBERS; i++) {
            give(member(i), 0, 200 * ONE);
            sit(member(i), 1);
        }
        vm.warp(block.timestamp + 1);
    }

    function memberKey(uint256 i) internal pure returns (uint256) {
        return 0x5EA7000 + i;
    }

    function member(uint256 i) internal pure returns (address) {
        return vm.addr(memberKey(i));
    }

    /// Gives an account tokens, approved to all courts, and stake.
    function give(address who, uint256 loose, uint256 stake) internal {
        token.transfer(who, loose);
        if (stake > 0) {
            token.approve(address(staking), stake);
            staking.stakeFor(who, stake);
        }
        vm.startPrank(who);
        token.approve(address(disputes), type(uint256).max);
        token.approve(address(bisection), type(uint256).max);
        token.approve(address(committee), type(uint256).max);
        vm.stopPrank();
    }

    function sit(address who, uint256 n) internal {
        uint256[] memory slots = new uint256[](n);
        for (uint256 i = 0; i < n; i++) {
            slots[i] = committee.pool() + i;
        }
        vm.prank(who);
        committee.enlist(slots);
    }

    function set(P parameter, uint64 value) internal {
        P[] memory p = new P[](1);
        uint64[] memory v = new uint64[](1);
        (p[0], v[0]) = (parameter, value);
        parameters.set(p, v);
    }

    function pass(uint256 blocks, uint256 time) internal {
        vm.roll(block.number + blocks);
        vm.warp(block.timestamp + time);
    }

    // ---- what is signed ----

    function packed() internal view returns (bytes memory) {
        address other = address(0xFFfFfFffFFfffFFfFFfFFFFFffFFFffffFfFFFfF);
        return abi.encodePacked(juror, uint32(10), bytes8("cpu"), other, uint32(5), bytes8("gpu"));
    }

    function terms() internal view returns (Terms memory t) {
        t.job = keccak256("job");
        t.consumer = consumer;
        t.provider = provider;
        t.price = uint128(100 * ONE);
        t.fee = uint128(ONE);
        t.bond = uint128(300 * ONE);
        t.saving = uint128(100 * ONE);
        t.opens = uint64(1_800_000_000 + 1000);
        t.deadline = uint64(1_800_000_000 + 5000);
        t.window = 600;
        t.clock = 60;
        t.samplePPM = 1_000_000;
        t.validators = 1;
        t.candidates = keccak256(packed());
    }

    function idOf(Terms memory t) internal view returns (bytes32) {
        return docket.idOf(t);
    }

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function plain(uint256 key, bytes32 structHash) internal pure returns (bytes memory) {
        return sign(key, Typed.digest(Typed.PLAIN, structHash));
    }

    function receipt(bytes32 hash) internal view returns (Receipt memory) {
        return Receipt(keccak256("job"), hash, keccak256("trace"), 3, 1_800_000_000, provider, bytes8("cpu"));
    }

    function stated(uint256 key, Receipt memory r) internal pure returns (IDisputes.Statement memory) {
        return IDisputes.Statement(abi.encode(r), plain(key, keccak256(abi.encode(Typed.RECEIPT, r))));
    }

    function stated(uint256 key, IntervalCommit memory c) internal pure returns (IDisputes.Statement memory) {
        return IDisputes.Statement(abi.encode(c), plain(key, keccak256(abi.encode(Typed.INTERVAL_COMMIT, c))));
    }

    function stated(uint256 key, VerdictCommit memory v) internal pure returns (IDisputes.Statement memory) {
        return IDisputes.Statement(abi.encode(v), plain(key, keccak256(abi.encode(Typed.VERDICT_COMMIT, v))));
    }

    // ---- what people do ----

    function claim(address by, bytes32 subject, bytes32 salt) internal {
        bytes32 hash = disputes.claimHash(by, subject, salt);
        vm.prank(by);
        disputes.claim(hash);
        pass(2, 24);
    }

    function claimEquivocation(address by, IDisputes.Kind kind, IDisputes.Statement memory a, IDisputes.Statement memory b)
        internal
    {
        claim(by, disputes.equivocationSubject(kind, a.message, b.message), "salt");
    }

    function prove(address by, IDisputes.Kind kind, IDisputes.Statement memory a, IDisputes.Statement memory b) internal {
        claimEquivocation(by, kind, a, b);
        vm.prank(by);
        disputes.equivocation(kind, a, b, "salt");
    }

    function chargeOf(address accused) internal pure returns (IDisputes.Charge memory) {
        return IDisputes.Charge(accused, keccak256("evidence"), 12_345, "salt");
    }

    function claimAccusation(address by, Terms memory t, IDisputes.Charge memory c) internal {
        claim(by, disputes.accusationSubject(idOf(t), c.accused, c.evidence, c.size), c.salt);
    }

    function accuse(address by, Terms memory t, IDisputes.Charge memory c) internal returns (uint256 id) {
        claimAccusation(by, t, c);
        bytes32 name = idOf(t);
        (bytes memory a, bytes memory b) = (sign(CONSUMER, name), sign(PROVIDER, name));
        vm.prank(by);
        return disputes.accuse(t, a, b, c, c.accused == t.provider ? bytes("") : packed());
    }

    /// A header whose only field that counts is the randomness, and whose hash the chain knows.
    function header(uint256 number, bytes32 randomness) internal returns (bytes memory h) {
        h = abi.encodePacked(uint8(0xc0 + 46), hex"80808080808080808080808080", uint8(0xa0), randomness);
        vm.setBlockhash(number, keccak256(h));
    }

    function draw(uint256 question, bytes32 randomness) internal returns (address[] memory) {
        Committee.Case memory c = committee.caseOf(question);
        if (block.number <= c.seedBlock) pass(c.seedBlock + 1 - block.number, 12);
        committee.draw(question, header(c.seedBlock, randomness));
        return committee.committeeOf(question, c.round);
    }

    function promiseAs(uint256 question, address who, Committee.Ballot ballot) internal {
        bytes32 hash = committee.ballotHash(question, committee.caseOf(question).round, who, ballot, "vote");
        vm.prank(who);
        committee.commit(question, hash);
    }

    function voteAs(uint256 question, address who, Committee.Ballot ballot) internal {
        vm.prank(who);
        committee.vote(question, ballot, "vote");
    }

    /// All of a committee vote alike.
    function decide(uint256 question, Committee.Ballot ballot) internal {
        address[] memory all = draw(question, "randomness");
        for (uint256 i = 0; i < all.length; i++) {
            promiseAs(question, all[i], ballot);
        }
        pass(1, 12);
        for (uint256 i = 0; i < all.length; i++) {
            voteAs(question, all[i], ballot);
        }
        committee.close(question);
    }

    function questionOf(uint256 accusation) internal view returns (uint256) {
        return disputes.accusationOf(accusation).question;
    }

    function balance(address who) internal view returns (uint256) {
        return token.balanceOf(who);
    }

    function staked(address who) internal view returns (uint256) {
        return staking.slashableOf(who);
    }
}
