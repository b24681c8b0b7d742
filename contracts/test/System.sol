// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Bisection} from "../src/Bisection.sol";
import {Committee} from "../src/Committee.sol";
import {Disputes} from "../src/Disputes.sol";
import {GwrunGovernor} from "../src/Governor.sol";
import {Lottery} from "../src/Lottery.sol";
import {Market} from "../src/Market.sol";
import {Parameters} from "../src/Parameters.sol";
import {Staking} from "../src/Staking.sol";
import {Timelock} from "../src/Timelock.sol";
import {Token} from "../src/Token.sol";
import {Typed} from "../src/Typed.sol";
import {Acceptance, IMarket, Receipt, Terms, Voucher} from "../src/interfaces/IMarket.sol";
import {P, PARAMETERS} from "../src/interfaces/IParameters.sol";
import {PROVIDER, VALIDATOR} from "../src/interfaces/IStaking.sol";
import {vm} from "./Vm.sol";

/// Everything deployed, in the order in which it is deployed anywhere, and a cast of accounts with tokens: what every test begins with.
abstract contract System {
    uint256 internal constant GWR = 1e18;
    uint256 internal constant CAP = 1_000_000_000 * GWR;
    uint256 internal constant GENESIS = 100_000_000 * GWR;

    Token internal token;
    Timelock internal timelock;
    GwrunGovernor internal governor;
    Parameters internal parameters;
    Staking internal staking;
    Lottery internal lottery;
    Market internal market;
    Committee internal committee;
    Disputes internal disputes;
    Bisection internal bisection;

    // A consumer, a provider and validators, by their keys.
    uint256 internal constant CONSUMER = 0xc0;
    uint256 internal constant PROVIDER_KEY = 0xb0;
    uint256 internal constant FIRST_VALIDATOR = 0xa000;
    uint256 internal constant VALIDATORS = 12;
    address internal consumer = vm.addr(CONSUMER);
    address internal provider = vm.addr(PROVIDER_KEY);

    /// Value and bounds of each parameter; tests may change them before they deploy.
    uint64[PARAMETERS] internal value;
    uint64[PARAMETERS] internal min;
    uint64[PARAMETERS] internal max;

    function bound(P p, uint64 least, uint64 v, uint64 most) internal {
        (min[uint256(p)], value[uint256(p)], max[uint256(p)]) = (least, v, most);
    }

    function bounds() internal virtual {
        bound(P.CollusionPPM, 0, 330_000, 900_000);
        bound(P.SavingPPM, 0, 100_000, 1_000_000);
        bound(P.MinWindow, 60, 600, 1 days);
        bound(P.MaxWindow, 600, 3 days, 7 days);
        bound(P.MinClock, 10, 60, 600);
        bound(P.MaxClock, 60, 1 hours, 4 hours);
        bound(P.MaxDuration, 1 hours, 7 days, 14 days);
        bound(P.MaxValidators, 1, 8, 16);
        bound(P.SeedDelay, 1, 4, 64);
        bound(P.VerdictBound, 1 hours, 1 days, 3 days);
        bound(P.DisputeBound, 1 hours, 2 days, 7 days);
        bound(P.SilentPPM, 0, 10_000, 100_000);
        bound(P.MinStake, 1e9, 100e9, 100_000e9);
        bound(P.UnbondDelay, 1 days, 21 days, 60 days);
        bound(P.JailTime, 0, 30 days, 365 days);
        bound(P.WithdrawNotice, 1 hours, 8 days, 30 days);
        bound(P.ChallengerBPS, 0, 5000, 8000);
        bound(P.TreasuryBPS, 0, 2000, 8000);
        bound(P.BurnBPS, 1000, 3000, 10000);
        bound(P.ConvictPPM, 10_000, 200_000, 1_000_000);
        bound(P.AccuserBond, 1e9, 20e9, 10_000e9);
        bound(P.AccuseGrace, 10 minutes, 1 days, 3 days);
        bound(P.ClaimBlocks, 1, 1, 64);
        bound(P.VoterFee, 0, 1e9, 100e9);
        bound(P.CommitteeSize, 3, 5, 15);
        bound(P.CommitteeDelay, 1, 4, 64);
        bound(P.CommitteeCommit, 60, 2 hours, 1 days);
        bound(P.CommitteeReveal, 60, 1 hours, 1 days);
        bound(P.CommitteeSilentPPM, 0, 10_000, 100_000);
        bound(P.BisectionWidth, 2, 8, 64);
        bound(P.BisectionClock, 60, 2 hours, 1 days);
        bound(P.BisectionBond, 1e9, 20e9, 10_000e9);
        bound(P.ExpirePPM, 0, 100_000, 1_000_000);
    }

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        vm.roll(1000);
        bounds();
        deploy();
        cast();
    }

    /// The addresses follow from the deployer's nonce, so that all can name each other and no key has to join them afterwards.
    function deploy() internal {
        uint256 n = vm.getNonce(address(this));
        address[10] memory where;
        for (uint256 i = 0; i < 10; i++) {
            where[i] = vm.computeCreateAddress(address(this), n + i);
        }
        address[] memory holders = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        (holders[0], amounts[0]) = (address(this), GENESIS);
        token = new Token(where[1], CAP, holders, amounts);
        timelock = new Timelock(where[2], 2 days, 1 days, 30 days);
        governor = new GwrunGovernor(token, timelock, 1 days, 7 days, 1000 * GWR, 4);
        parameters = new Parameters(where[1], value, min, max);
        staking = new Staking(token, parameters, where[6], where[8], where[7], where[9], where[1]);
        lottery = new Lottery(staking);
        market = new Market(token, parameters, staking, lottery, where[8]);
        committee = new Committee(token, staking, parameters, where[1]);
        disputes = new Disputes(token, staking, market, parameters, committee, where[9]);
        bisection = new Bisection(token, market, parameters, disputes, committee);
        require(address(bisection) == where[9], "addresses are not what was computed");
    }

    /// The provider and the validators have stake and stand in the registry, the consumer has a deposit.
    function cast() internal virtual {
        vm.label(consumer, "consumer");
        vm.label(provider, "provider");
        fund(consumer, 10_000 * GWR);
        vm.prank(consumer);
        market.deposit(5_000 * GWR);
        enrol(provider, 5_000 * GWR, PROVIDER);
        for (uint256 i = 0; i < VALIDATORS; i++) {
            enrol(validator(i), 1_000 * GWR, VALIDATOR);
        }
    }

    /// Tokens, with which the market and staking may do what the account says.
    function fund(address account, uint256 amount) internal {
        token.transfer(account, amount);
        vm.startPrank(account);
        token.approve(address(market), type(uint256).max);
        token.approve(address(staking), type(uint256).max);
        token.approve(address(disputes), type(uint256).max);
        token.approve(address(bisection), type(uint256).max);
        vm.stopPrank();
    }

    function enrol(address account, uint256 amount, uint8 roles) internal {
        fund(account, 2 * amount);
        vm.startPrank(account);
        staking.stake(amount);
        staking.register(roles, "cpu", "quic://host:1");
        vm.stopPrank();
    }

    function validator(uint256 i) internal pure returns (address) {
        return vm.addr(FIRST_VALIDATOR + i);
    }

    /// The key of an account of the cast.
    function keyOf(address account) internal view returns (uint256) {
        if (account == consumer) return CONSUMER;
        if (account == provider) return PROVIDER_KEY;
        for (uint256 i = 0; i < VALIDATORS; i++) {
            if (account == validator(i)) return FIRST_VALIDATOR + i;
        }
        revert("nobody's key");
    }

    /// All validators as candidates of the same weight on the same kind of device, ascending.
    function candidates() internal view virtual returns (bytes memory packed) {
        address[] memory all = new address[](VALIDATORS);
        for (uint256 i = 0; i < VALIDATORS; i++) {
            all[i] = validator(i);
        }
        sort(all);
        for (uint256 i = 0; i < VALIDATORS; i++) {
            packed = abi.encodePacked(packed, all[i], uint32(1000), bytes8("cpu"));
        }
    }

    function sort(address[] memory all) internal pure {
        for (uint256 i = 1; i < all.length; i++) {
            for (uint256 k = i; k > 0 && all[k - 1] > all[k]; k--) {
                (all[k - 1], all[k]) = (all[k], all[k - 1]);
            }
        }
    }

    /// Terms that hold: three validators that replay a tenth each.
    function termsOf(bytes32 job) internal view returns (Terms memory t) {
        t.job = job;
        t.consumer = consumer;
        t.provider = provider;
        t.price = uint128(100 * GWR);
        t.fee = uint128(2 * GWR);
        t.bond = uint128(500 * GWR);
        t.saving = uint128(50 * GWR);
        t.opens = uint64(block.timestamp + 1 hours);
        t.deadline = uint64(block.timestamp + 2 hours);
        t.window = 1 hours;
        t.clock = 300;
        t.samplePPM = 100_000;
        t.validators = 3;
        t.candidates = keccak256(candidates());
    }

    function receiptOf(Terms memory t) internal view returns (Receipt memory) {
        return Receipt(t.job, keccak256(abi.encode("receipt", t.job)), keccak256(abi.encode("trace", t.job)), 40, uint64(block.timestamp), t.provider, "cpu");
    }

    // Signatures

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function signTerms(uint256 key, Terms memory t) internal view returns (bytes memory) {
        return sign(key, market.idOf(t));
    }

    function signReceipt(uint256 key, Receipt memory r) internal pure returns (bytes memory) {
        return sign(key, Typed.digest(Typed.PLAIN, keccak256(abi.encode(Typed.RECEIPT, r))));
    }

    function signVoucher(uint256 key, Voucher memory v) internal view returns (bytes memory) {
        return sign(key, Typed.digest(market.domain(), keccak256(abi.encode(Typed.VOUCHER, v))));
    }

    function signAcceptance(uint256 key, Acceptance memory a) internal view returns (bytes memory) {
        bytes32 hash = keccak256(abi.encode(Typed.ACCEPTANCE, a.terms, a.receipt, keccak256(abi.encodePacked(a.jurors))));
        return sign(key, Typed.digest(market.domain(), hash));
    }

    function signRelease(uint256 key, Terms memory t, uint128 total) internal view returns (bytes memory) {
        return sign(key, Typed.digest(market.domain(), Typed.release(market.idOf(t), total)));
    }

    // The course of a job

    function openJob(Terms memory t) internal returns (bytes32 id) {
        bytes memory signature = signTerms(CONSUMER, t);
        vm.prank(t.provider);
        market.open(t, signature);
        return market.idOf(t);
    }

    function commitJob(Terms memory t) internal returns (Receipt memory r) {
        r = receiptOf(t);
        market.commit(t, r, signReceipt(keyOf(t.provider), r));
    }

    /// A header as a chain has them, with a randomness of ours.
    function headerOf(uint256 number, bytes32 randomness) internal view returns (bytes memory) {
        bytes memory fields = abi.encodePacked(
            hex"a0", keccak256("parent"), hex"a0", keccak256("uncles"), hex"94", address(0xbeef), hex"a0", keccak256("state"), hex"a0", keccak256("tx")
        );
        fields = abi.encodePacked(fields, hex"a0", keccak256("receipts"), hex"b90100", new bytes(256), hex"80", hex"83", uint24(number));
        fields = abi.encodePacked(fields, hex"8401c9c380", hex"82", uint16(0x5208), hex"84", uint32(block.timestamp), hex"83", "gwr");
        fields = abi.encodePacked(fields, hex"a0", randomness, hex"88", bytes8(0), hex"8407735940");
        return abi.encodePacked(hex"f9", uint16(fields.length), fields);
    }

    /// Lets the seed block come, and seals by it.
    function sealJob(Terms memory t, Receipt memory r, bytes32 randomness) internal {
        uint256 number = market.jobs(market.idOf(t)).seedBlock;
        bytes memory header = headerOf(number, randomness);
        if (block.number <= number) vm.roll(number + 1);
        vm.setBlockhash(number, keccak256(header));
        market.seal(t, r, header, candidates());
    }

    function commitVerdict(bytes32 id, uint256 seat, IMarket.Value verdict) internal {
        address juror = market.seats(id, seat).juror;
        bytes32 hash = market.verdictHash(id, juror, verdict, 0, bytes32(seat));
        vm.prank(juror);
        market.commitVerdict(id, seat, hash);
    }

    function openVerdict(bytes32 id, uint256 seat, IMarket.Value verdict) internal {
        vm.prank(market.seats(id, seat).juror);
        market.openVerdict(id, seat, verdict, 0, bytes32(seat));
    }

    /// All seats from first to end promise a verdict and open it.
    function judge(bytes32 id, uint256 first, uint256 end, IMarket.Value verdict) internal {
        for (uint256 i = first; i < end; i++) {
            commitVerdict(id, i, verdict);
        }
        for (uint256 i = first; i < end; i++) {
            openVerdict(id, i, verdict);
        }
    }
}
