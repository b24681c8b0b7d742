// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Acceptance, IMarket, Receipt, Terms, Voucher} from "../../src/interfaces/IMarket.sol";
import {P, PARAMETERS} from "../../src/interfaces/IParameters.sol";
import {System} from "../System.sol";
import {vm} from "../Vm.sol";

/// A network whose parties move at random. Some are honest: the provider of the cast, its consumer and the first half of the validators do what they
/// owe before their time is up. The others do whatever the fuzzer says, and a court convicts any of them at any time.
contract Network is System {
    uint256 private constant MOST_JOBS = 8;
    uint256 private constant HONEST = 6; // of the validators
    uint256 private constant SELDOM = 5; // moves that end a job at once are made one time in so many

    // The rogue provider and consumer are two of the rogue validators: parties are never drawn, so they judge other jobs.
    address public rogueProvider = validator(VALIDATORS - 1);
    address public rogueConsumer = validator(VALIDATORS - 2);

    Terms[] public open;
    Receipt[] public receipts;
    bool[] private committed;
    uint256 public made; // how many jobs there were
    mapping(bytes32 id => address[]) private accusers;
    mapping(bytes32 id => mapping(uint256 seat => IMarket.Value)) private promised;
    mapping(address consumer => mapping(address payee => uint128)) public signed; // the highest voucher

    mapping(string move => uint256) public done;

    // Made once: keys make accounts slowly.
    address[] private all;
    mapping(address account => bool) public isHonest;
    mapping(address account => uint256) private keys;
    bytes private packed;

    constructor() {
        setUp();
        for (uint256 i = 0; i < VALIDATORS; i++) {
            all.push(validator(i));
            isHonest[all[i]] = i < HONEST;
            keys[all[i]] = FIRST_VALIDATOR + i;
        }
        all.push(consumer);
        all.push(provider);
        (isHonest[consumer], isHonest[provider]) = (true, true);
        (keys[consumer], keys[provider]) = (CONSUMER, PROVIDER_KEY);
        packed = candidates();
        vm.prank(rogueConsumer);
        market.deposit(900 * GWR);
        fund(rogueProvider, 5_000 * GWR);
        vm.prank(rogueProvider);
        staking.stake(3_000 * GWR);
    }

    // What invariants look at

    function system() external view returns (address, address, address, address, address) {
        return (address(token), address(market), address(staking), address(parameters), address(timelock));
    }

    function accounts() public view returns (address[] memory) {
        return all;
    }

    function openJobs() external view returns (Terms[] memory) {
        return open;
    }

    function candidates() internal view override returns (bytes memory) {
        return packed.length > 0 ? packed : super.candidates();
    }

    function limits(P p) external view returns (uint64, uint64) {
        return (min[uint256(p)], max[uint256(p)]);
    }

    // The honest

    /// What honest parties owe by now is done. Gives whether one of them has to be asked again soon.
    function duties() private returns (bool soon) {
        for (uint256 i = 0; i < open.length; i++) {
            Terms memory t = open[i];
            bytes32 id = market.idOf(t);
            if (t.provider == provider) {
                if (market.jobs(id).state == IMarket.State.Opened) commitAt(i);
                if (market.jobs(id).state == IMarket.State.Committed) sealAt(i);
            }
            if (verdicts(id)) soon = true;
        }
    }

    function verdicts(bytes32 id) private returns (bool soon) {
        IMarket.Job memory job = market.jobs(id);
        if (job.state != IMarket.State.Sealed) return false;
        for (uint256 i = 0; i < job.seats; i++) {
            IMarket.Seat memory s = market.seats(id, i);
            if (s.state == IMarket.SeatState.Seated && isHonest[s.juror]) commitVerdict(id, i, IMarket.Value.Valid);
        }
        job = market.jobs(id);
        for (uint256 i = 0; i < job.seats; i++) {
            IMarket.Seat memory s = market.seats(id, i);
            if (s.state != IMarket.SeatState.Promised || !isHonest[s.juror]) continue;
            if (job.waiting == 0 || block.timestamp > job.promises) openVerdict(id, i, IMarket.Value.Valid);
            else soon = true;
        }
    }

    function commitAt(uint256 i) private {
        receipts[i] = receiptOf(open[i]);
        market.commit(open[i], receipts[i], signReceipt(keys[open[i].provider], receipts[i]));
        committed[i] = true;
        done["commit"]++;
    }

    function sealAt(uint256 i) private {
        sealJob(open[i], receipts[i], keccak256(abi.encode(made, i, block.number)));
        done["seal"]++;
    }

    // Moves

    function moveOpenAnother(uint96 price, uint8 validators, bool rogueC) external {
        moveOpen(price, price, validators, false, rogueC);
    }

    function moveOpen(uint96 price, uint96 fee, uint8 validators, bool rogueP, bool rogueC) public {
        if (open.length == MOST_JOBS) return;
        Terms memory t = termsOf(bytes32(made));
        (t.price, t.fee, t.validators) = (uint128(price % (50 * GWR)), uint128(fee % (3 * GWR)), validators % 4 + 1);
        t.saving = uint128((uint256(t.price) + 9) / 10);
        t.bond = uint128(100 * GWR);
        t.samplePPM = 500_000;
        if (rogueP) t.provider = rogueProvider;
        if (rogueC) t.consumer = rogueConsumer;
        bytes memory signature = signTerms(keys[t.consumer], t);
        vm.prank(t.provider);
        try market.open(t, signature) {
            open.push(t);
            receipts.push();
            committed.push(false);
            made++;
            done["open"]++;
        } catch {}
    }

    function moveLong(uint32 time) external {
        moveWait(time);
        moveWait(time / 2);
    }

    /// Time passes; honest parties have looked before.
    function moveWait(uint32 time) public {
        bool soon = duties();
        vm.warp(block.timestamp + (soon ? time % 200 : time % 2 days) + 1);
        vm.roll(block.number + time % 20 + 1);
        duties();
        done["wait"]++;
    }

    function pick(uint256 which) private view returns (bool, uint256, Terms memory t, bytes32 id) {
        if (open.length == 0) return (false, 0, t, id);
        uint256 i = which % open.length;
        t = open[i];
        return (true, i, t, market.idOf(t));
    }

    function remove(uint256 i) private {
        uint256 last = open.length - 1;
        open[i] = open[last];
        receipts[i] = receipts[last];
        committed[i] = committed[last];
        open.pop();
        receipts.pop();
        committed.pop();
    }

    function moveAccept(uint256 which, uint8 jurors) external {
        (bool any, uint256 i, Terms memory t, bytes32 id) = pick(which);
        if (!any || which % SELDOM != 0) return;
        address[] memory named = new address[](jurors % 5);
        for (uint256 k = 0; k < named.length; k++) {
            named[k] = all[k];
        }
        Acceptance memory a = Acceptance(id, 0, named);
        try market.accept(t, a, signAcceptance(keys[t.consumer], a)) {
            remove(i);
            done["accept"]++;
        } catch {}
    }

    function moveRelease(uint256 which, uint96 total, bool byProvider) external {
        (bool any, uint256 i, Terms memory t,) = pick(which);
        if (!any || which % SELDOM != 0 || (byProvider && t.provider == provider)) return;
        uint128 sum = total % uint128(100 * GWR);
        Voucher memory v = Voucher(t.consumer, t.provider, sum);
        bytes memory word = signRelease(keys[t.provider], t, sum);
        bytes memory signature = signVoucher(keys[t.consumer], v);
        if (sum > signed[t.consumer][t.provider]) signed[t.consumer][t.provider] = sum;
        vm.prank(byProvider ? t.provider : t.consumer);
        try market.release(t, sum, word, v, signature) {
            remove(i);
            done["release"]++;
        } catch {}
    }

    function moveCommit(uint256 which) external {
        (bool any, uint256 i, Terms memory t, bytes32 id) = pick(which);
        if (!any || committed[i] || market.jobs(id).state != IMarket.State.Opened || block.timestamp > t.deadline) return;
        commitAt(i);
    }

    function moveSeal(uint256 which) external {
        (bool any, uint256 i,, bytes32 id) = pick(which);
        if (!any || market.jobs(id).state != IMarket.State.Committed) return;
        if (block.number > uint256(market.jobs(id).seedBlock) + 256) {
            market.reseed(open[i]);
            done["reseed"]++;
        }
        sealAt(i);
    }

    /// The rogue of a jury promise something, mostly valid, and open what they promised.
    function moveVerdict(uint256 which, uint8 what) external {
        (bool any,,, bytes32 id) = pick(which);
        if (!any) return;
        uint256 seats = market.jobs(id).seats;
        for (uint256 i = 0; i < seats; i++) {
            IMarket.Seat memory s = market.seats(id, i);
            if (isHonest[s.juror]) continue;
            IMarket.Value v = IMarket.Value(what % 8 < 4 ? what % 8 : 1);
            vm.startPrank(s.juror);
            if (s.state == IMarket.SeatState.Seated) {
                try market.commitVerdict(id, i, market.verdictHash(id, s.juror, v, 0, bytes32(i))) {
                    promised[id][i] = v;
                    done["promise"]++;
                } catch {}
            } else if (s.state == IMarket.SeatState.Promised) {
                try market.openVerdict(id, i, promised[id][i], 0, bytes32(i)) {
                    done["verdict"]++;
                } catch {}
            }
            vm.stopPrank();
        }
    }

    function moveReplace(uint256 which, uint8 by) external {
        (bool any, uint256 i, Terms memory t,) = pick(which);
        if (!any || !committed[i]) return;
        uint256 before = token.balanceOf(all[by % VALIDATORS]);
        vm.prank(all[by % VALIDATORS]);
        try market.replace(t, receipts[i], packed) {
            vm.assertEq(token.balanceOf(all[by % VALIDATORS]), before, "nobody earns by another's silence");
            done["replace"]++;
        } catch {}
    }

    /// Whatever can end does, whoever asks.
    function moveEnd() external {
        for (uint256 i = open.length; i > 0; i--) {
            end(i - 1);
        }
    }

    /// Where a job is not paid for, its consumer has the price back.
    function end(uint256 i) private {
        Terms memory t = open[i];
        uint256 before = market.purses(t.consumer).deposit;
        uint256 fees = uint256(t.fee) * t.validators;
        try market.settle(t) {
            vm.assertEq(market.purses(t.consumer).deposit, before, "what the jury accepted is paid");
            done["settle"]++;
            return remove(i);
        } catch {}
        try market.expire(t) {
            vm.assertEq(market.purses(t.consumer).deposit, before + t.price + fees, "what expired is refunded");
            done["expire"]++;
            return remove(i);
        } catch {}
        try market.abandon(t) {
            vm.assertGe(market.purses(t.consumer).deposit, before + t.price, "what was abandoned is refunded");
            done["abandon"]++;
            remove(i);
        } catch {}
    }

    /// Nothing is frozen: a job that is past its bounds is ended by anybody.
    function moveBound(uint256 which) external {
        (bool any, uint256 i, Terms memory t, bytes32 id) = pick(which);
        if (!any) return;
        IMarket.Job memory j = market.jobs(id);
        uint256 course = uint256(parameters.get(P.VerdictBound)) * 2 + parameters.get(P.DisputeBound);
        if (j.state == IMarket.State.Opened) {
            if (block.timestamp <= t.deadline || block.timestamp <= uint256(j.since) + t.clock) return;
            market.expire(t);
        } else {
            if (block.timestamp <= uint256(j.since) + t.window + course) return;
            if (j.valid == t.validators) market.settle(t);
            else market.abandon(t);
        }
        remove(i);
        done["bound"]++;
    }

    // Money and stake

    function moveVoucher(uint96 total, uint8 payee, bool rogue) external {
        address from = rogue ? rogueConsumer : consumer;
        address to = payee % 3 == 0 ? provider : all[payee % VALIDATORS];
        Voucher[] memory vs = new Voucher[](1);
        bytes[] memory signatures = new bytes[](1);
        vs[0] = Voucher(from, to, total % uint128(20 * GWR));
        if (vs[0].total > signed[from][to]) signed[from][to] = vs[0].total;
        signatures[0] = signVoucher(keys[from], vs[0]);
        market.redeem(vs, signatures);
        done["redeem"]++;
    }

    function movePurse(uint8 who, uint96 amount, uint8 what) external {
        address a = all[who % (VALIDATORS + 2)];
        vm.startPrank(a);
        if (what % 4 == 0) try market.deposit(amount % (50 * GWR)) {} catch {}
        else if (what % 4 == 1) try market.requestWithdraw(amount % (500 * GWR)) {} catch {}
        else if (what % 4 == 2) try market.withdraw() {} catch {}
        else try market.collect() {} catch {}
        vm.stopPrank();
    }

    function moveStake(uint8 who, uint96 amount, uint8 what) external {
        address a = all[who % (VALIDATORS + 2)];
        // Who is honest leaves its stake where it said it is.
        if (isHonest[a] && what % 5 != 0) return;
        vm.startPrank(a);
        if (what % 5 == 0) try staking.stake(amount % (50 * GWR)) {} catch {}
        else if (what % 5 == 1) try staking.requestUnbond(amount % (500 * GWR)) {} catch {}
        else if (what % 5 == 2) try staking.withdraw() {} catch {}
        else if (what % 5 == 3) try staking.cancelUnbond() {} catch {}
        else try staking.prune(all[amount % VALIDATORS]) {} catch {}
        vm.stopPrank();
    }

    // The courts, which convict nobody who is honest

    function moveHold(uint256 which, uint8 accuser) external {
        (bool any,,, bytes32 id) = pick(which);
        if (!any || accusers[id].length == 3) return;
        address a = all[accuser % VALIDATORS];
        vm.prank(address(disputes));
        if (market.hold(id, a)) {
            accusers[id].push(a);
            done["hold"]++;
        }
    }

    function moveUnhold(uint256 which) external {
        (bool any,,, bytes32 id) = pick(which);
        if (!any || accusers[id].length == 0) return;
        address a = accusers[id][accusers[id].length - 1];
        accusers[id].pop();
        vm.prank(address(disputes));
        market.unhold(id, a);
        done["unhold"]++;
    }

    function moveConvict(uint256 which, uint96 amount) external {
        (bool any, uint256 i, Terms memory t,) = pick(which);
        if (!any || which % SELDOM != 0 || isHonest[t.provider]) return;
        uint256 before = market.purses(t.consumer).deposit;
        vm.startPrank(address(disputes));
        market.convicted(t);
        staking.convict(t.provider, amount % (t.bond + 1), all[0]);
        vm.stopPrank();
        vm.assertEq(market.purses(t.consumer).deposit, before + t.price + uint256(t.fee) * t.validators, "who was cheated has all back");
        remove(i);
        done["convict"]++;
    }

    function moveUnseat(uint256 which, uint8 juror, uint96 amount) external {
        (bool any,,, bytes32 id) = pick(which);
        address a = all[juror % VALIDATORS];
        if (!any || which % SELDOM != 0 || isHonest[a]) return;
        vm.startPrank(address(disputes));
        market.unseat(id, a);
        staking.convict(a, amount % (20 * GWR), all[0]);
        vm.stopPrank();
        done["unseat"]++;
    }

    /// Votes set whatever they can, and mostly back what it was, so that jobs go on being opened.
    function moveVote(uint8 which, uint64 v) external {
        uint256 i = which % PARAMETERS;
        P[] memory ps = new P[](1);
        uint64[] memory vs = new uint64[](1);
        (ps[0], vs[0]) = (P(i), v % 8 == 0 ? v : v % 8 == 1 ? min[i] + v % (max[i] - min[i] + 1) : value[i]);
        vm.prank(address(timelock));
        try parameters.set(ps, vs) {
            vm.assertTrue(vs[0] >= min[i] && vs[0] <= max[i] && parameters.get(P(i)) == vs[0], "no number out of its bounds");
            done["vote"]++;
        } catch {}
    }
}
