// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Header} from "../../src/Header.sol";
import {Typed} from "../../src/Typed.sol";
import {IMarket, Receipt, Terms} from "../../src/interfaces/IMarket.sol";
import {PROVIDER} from "../../src/interfaces/IStaking.sol";
import {Escrow} from "../../src/market/Escrow.sol";
import {Jury} from "../../src/market/Jury.sol";
import {Purses} from "../../src/market/Purses.sol";
import {System} from "../System.sol";
import {vm} from "../Vm.sol";

contract JuryTest is System {
    Terms private t;
    Receipt private r;
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        t = termsOf("job");
        id = openJob(t);
    }

    function committed() private {
        r = commitJob(t);
    }

    function sealedJob() private {
        committed();
        sealJob(t, r, "random");
    }

    function seat(uint256 i) private view returns (IMarket.Seat memory) {
        return market.seats(id, i);
    }

    function inState(IMarket.State state) private view {
        vm.assertEq(uint256(market.jobs(id).state), uint256(state));
    }

    function seatIn(uint256 i, IMarket.SeatState state) private view {
        vm.assertEq(uint256(seat(i).state), uint256(state));
    }

    // Committing and sealing

    function testCommitFixesTheReceipt() public {
        r = receiptOf(t);
        bytes memory signature = signReceipt(PROVIDER_KEY, r);
        vm.expectEmit();
        emit IMarket.Committed("job", id, r.hash, uint64(block.number + 4));
        market.commit(t, r, signature);
        inState(IMarket.State.Committed);
        vm.assertEq(market.jobs(id).seedBlock, block.number + 4);
        vm.assertEq(market.jobs(id).since, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongState.selector, id, IMarket.State.Committed));
        market.commit(t, r, signature);
    }

    function testCommitIsTheProvidersForThisJob() public {
        r = receiptOf(t);
        bytes memory signature = signReceipt(CONSUMER, r);
        vm.expectRevert(abi.encodeWithSelector(Typed.WrongSigner.selector, consumer, provider));
        market.commit(t, r, signature);
        r.provider = consumer;
        signature = signReceipt(CONSUMER, r);
        vm.expectRevert(abi.encodeWithSelector(Escrow.OnlyProvider.selector, consumer, provider));
        market.commit(t, r, signature);
        r = receiptOf(t);
        r.job = "other";
        signature = signReceipt(PROVIDER_KEY, r);
        vm.expectRevert(abi.encodeWithSelector(Jury.WrongReceipt.selector, bytes32("other"), bytes32("job")));
        market.commit(t, r, signature);
    }

    function testSealDrawsTheJury() public {
        committed();
        uint256 number = market.jobs(id).seedBlock;
        bytes memory header = headerOf(number, "random");
        vm.expectRevert(abi.encodeWithSelector(Header.UnknownBlock.selector, number, block.number));
        market.seal(t, r, header, candidates());
        uint256 before = vm.snapshotState();
        sealJob(t, r, "random");
        address[3] memory jury = [seat(0).juror, seat(1).juror, seat(2).juror];
        bytes32 seed = market.jobs(id).seed;
        vm.revertToState(before);
        vm.roll(number + 1);
        vm.setBlockhash(number, keccak256(header));
        bytes memory packed = candidates();
        vm.expectEmit();
        emit IMarket.Sealed("job", id, seed);
        for (uint256 i = 0; i < 3; i++) {
            vm.expectEmit();
            emit IMarket.Seated(id, jury[i], i);
        }
        market.seal(t, r, header, packed);
        inState(IMarket.State.Sealed);
        IMarket.Job memory job = market.jobs(id);
        vm.assertEq(job.seats, 3);
        vm.assertEq(job.waiting, 3);
        vm.assertEq(job.draws, 3);
        vm.assertEq(job.promises, block.timestamp + 300);
        vm.assertEq(job.seed, sha256(abi.encodePacked("gwrun chain beacon 1\x00", t.job, r.trace, bytes32("random"))));
        for (uint256 i = 0; i < 3; i++) {
            keyOf(seat(i).juror); // one of the cast
            vm.assertTrue(seat(i).juror != seat((i + 1) % 3).juror, "twice");
            seatIn(i, IMarket.SeatState.Seated);
            vm.assertEq(seat(i).until, block.timestamp + 300);
        }
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongState.selector, id, IMarket.State.Sealed));
        market.seal(t, r, header, candidates());
    }

    function testSealTakesWhatWasCommittedOnly() public {
        committed();
        uint256 number = market.jobs(id).seedBlock;
        bytes memory header = headerOf(number, "random");
        vm.roll(number + 1);
        vm.setBlockhash(number, keccak256(header));
        r.device = "gpu";
        bytes32 wrong = keccak256(abi.encode(Typed.RECEIPT, r));
        vm.expectRevert(abi.encodeWithSelector(Jury.WrongReceipt.selector, wrong, market.jobs(id).receipt));
        market.seal(t, r, header, candidates());
        r.device = "cpu";
        bytes memory packed = abi.encodePacked(candidates(), address(type(uint160).max), uint32(1), bytes8(0));
        vm.expectRevert(abi.encodeWithSelector(Jury.WrongCandidates.selector, keccak256(packed), t.candidates));
        market.seal(t, r, header, packed);
        header = headerOf(number, "chosen");
        vm.expectPartialRevert(Header.WrongHeader.selector);
        market.seal(t, r, header, candidates());
    }

    function testReseedOnlyWhatIsForgotten() public {
        committed();
        uint256 number = market.jobs(id).seedBlock;
        vm.roll(number + 256);
        vm.expectRevert(abi.encodeWithSelector(Jury.StillKnown.selector, number, number + 256));
        market.reseed(t);
        vm.roll(number + 257);
        vm.expectEmit();
        emit IMarket.Reseeded("job", id, uint64(number + 261));
        market.reseed(t);
        vm.assertEq(market.jobs(id).seedBlock, number + 261);
        sealJob(t, r, "random");
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongState.selector, id, IMarket.State.Sealed));
        market.reseed(t);
    }

    /// Who may not judge is passed over: without the role, below the least stake, or in jail. Parties are never drawn.
    function testSealPassesOverWhoMayNotJudge() public {
        committed();
        for (uint256 i = 0; i < VALIDATORS; i++) {
            vm.startPrank(validator(i));
            if (i == 1) staking.requestUnbond(1_000 * GWR - 100 * GWR + 1);
            else if (i == 2) staking.requestUnbond(1_000 * GWR - 100 * GWR); // the least stays
            else if (i > 3 && i % 2 == 0) staking.register(PROVIDER, "cpu", "");
            else if (i > 3) staking.unregister();
            vm.stopPrank();
        }
        vm.prank(address(disputes));
        staking.convict(validator(3), 1, address(0));
        sealJob(t, r, "random");
        vm.assertEq(market.jobs(id).seats, 2);
        vm.assertEq(market.jobs(id).draws, 12);
        address a = seat(0).juror;
        address b = seat(1).juror;
        vm.assertTrue(a == validator(0) && b == validator(2) || a == validator(2) && b == validator(0), "the two that may");
    }

    // Verdicts

    function testVerdictsArePromisedThenOpened() public {
        sealedJob();
        address juror = seat(0).juror;
        bytes32 hash = market.verdictHash(id, juror, IMarket.Value.Valid, 0, bytes32(0));
        vm.expectRevert(abi.encodeWithSelector(Jury.WrongSeat.selector, id, 0, juror, IMarket.SeatState.Seated));
        market.commitVerdict(id, 0, hash);
        vm.startPrank(juror);
        vm.expectRevert(abi.encodeWithSelector(Jury.WrongSeat.selector, id, 1, seat(1).juror, IMarket.SeatState.Seated));
        market.commitVerdict(id, 1, hash);
        vm.expectRevert(Jury.NoPromise.selector);
        market.commitVerdict(id, 0, 0);
        vm.expectEmit();
        emit IMarket.Promised(id, juror, 0);
        market.commitVerdict(id, 0, hash);
        vm.expectRevert(abi.encodeWithSelector(Jury.WrongSeat.selector, id, 0, juror, IMarket.SeatState.Promised));
        market.commitVerdict(id, 0, hash);
        // Nobody sees a verdict that could be copied while others still promise.
        uint256 until = block.timestamp + 300;
        vm.expectRevert(abi.encodeWithSelector(Jury.OthersPromise.selector, until, 2));
        market.openVerdict(id, 0, IMarket.Value.Valid, 0, 0);
        vm.stopPrank();

        commitVerdict(id, 1, IMarket.Value.Valid);
        commitVerdict(id, 2, IMarket.Value.Valid);
        vm.assertEq(market.jobs(id).waiting, 0);
        vm.prank(juror);
        vm.expectEmit();
        emit IMarket.Verdict(id, juror, 0, IMarket.Value.Valid, 0);
        market.openVerdict(id, 0, IMarket.Value.Valid, 0, 0);
        vm.assertEq(market.jobs(id).valid, 1);
        seatIn(0, IMarket.SeatState.Valid);
        vm.prank(juror);
        vm.expectRevert(abi.encodeWithSelector(Jury.WrongSeat.selector, id, 0, juror, IMarket.SeatState.Valid));
        market.openVerdict(id, 0, IMarket.Value.Valid, 0, 0);
    }

    function testPromisesEndWithTheirClock() public {
        sealedJob();
        commitVerdict(id, 0, IMarket.Value.Valid);
        vm.warp(seat(1).until);
        commitVerdict(id, 1, IMarket.Value.Valid);
        address juror = seat(0).juror;
        vm.prank(juror);
        vm.expectPartialRevert(Jury.OthersPromise.selector);
        market.openVerdict(id, 0, IMarket.Value.Valid, 0, 0);
        uint256 until = seat(2).until;
        vm.warp(until + 1);
        juror = seat(2).juror;
        vm.prank(juror);
        vm.expectRevert(abi.encodeWithSelector(Escrow.TooLate.selector, until, until + 1));
        market.commitVerdict(id, 2, "hash");
        openVerdict(id, 0, IMarket.Value.Valid);
    }

    /// A promise opens as what it was, by who made it.
    function testOpeningsHaveToFit() public {
        sealedJob();
        for (uint256 i = 0; i < 3; i++) {
            commitVerdict(id, i, IMarket.Value.Valid);
        }
        bytes32 promised = seat(1).commitment;
        address juror = seat(1).juror;
        vm.startPrank(juror);
        bytes32 wrong = market.verdictHash(id, juror, IMarket.Value.Invalid, 0, bytes32(uint256(1)));
        vm.expectRevert(abi.encodeWithSelector(Jury.WrongOpening.selector, wrong, promised));
        market.openVerdict(id, 1, IMarket.Value.Invalid, 0, bytes32(uint256(1)));
        wrong = market.verdictHash(id, juror, IMarket.Value.Valid, 1, bytes32(uint256(1)));
        vm.expectRevert(abi.encodeWithSelector(Jury.WrongOpening.selector, wrong, promised));
        market.openVerdict(id, 1, IMarket.Value.Valid, 1, bytes32(uint256(1)));
        wrong = market.verdictHash(id, juror, IMarket.Value.Valid, 0, bytes32(0));
        vm.expectRevert(abi.encodeWithSelector(Jury.WrongOpening.selector, wrong, promised));
        market.openVerdict(id, 1, IMarket.Value.Valid, 0, 0);
        vm.stopPrank();
        address other = seat(0).juror;
        vm.prank(other);
        vm.expectRevert(abi.encodeWithSelector(Jury.WrongSeat.selector, id, 1, juror, IMarket.SeatState.Promised));
        market.openVerdict(id, 1, IMarket.Value.Valid, 0, bytes32(uint256(1)));
    }

    /// A promise that was copied opens for nobody but who it was made by.
    function testACopiedPromiseOpensNothing() public {
        sealedJob();
        address first = seat(0).juror;
        address thief = seat(1).juror;
        bytes32 hash = market.verdictHash(id, first, IMarket.Value.Valid, 0, "salt");
        vm.prank(first);
        market.commitVerdict(id, 0, hash);
        vm.prank(thief);
        market.commitVerdict(id, 1, hash);
        commitVerdict(id, 2, IMarket.Value.Valid);
        vm.prank(first);
        market.openVerdict(id, 0, IMarket.Value.Valid, 0, "salt");
        vm.prank(thief);
        vm.expectPartialRevert(Jury.WrongOpening.selector);
        market.openVerdict(id, 1, IMarket.Value.Valid, 0, "salt");
    }

    function testAPromiseOfNoVerdictOpensNothing() public {
        sealedJob();
        for (uint256 i = 0; i < 3; i++) {
            commitVerdict(id, i, IMarket.Value.None);
        }
        address juror = seat(0).juror;
        vm.prank(juror);
        vm.expectRevert(abi.encodeWithSelector(Jury.WrongValue.selector, IMarket.Value.None));
        market.openVerdict(id, 0, IMarket.Value.None, 0, 0);
    }

    // Replacing

    function testSilentJurorsAreSlashedAndReplaced() public {
        sealedJob();
        vm.expectRevert(abi.encodeWithSelector(Jury.NothingToReplace.selector, id));
        market.replace(t, r, candidates());
        commitVerdict(id, 0, IMarket.Value.Valid);
        vm.warp(seat(1).until);
        vm.expectRevert(abi.encodeWithSelector(Jury.NothingToReplace.selector, id));
        market.replace(t, r, candidates());
        vm.warp(block.timestamp + 1);
        address silent = seat(1).juror;
        vm.expectEmit();
        emit IMarket.Unseated(id, silent, 1, 10 * GWR); // SilentPPM of 1000
        replaceBy(address(0xca11), 2);
        vm.assertEq(staking.stakes(silent).staked, 990 * GWR);
        IMarket.Job memory job = market.jobs(id);
        vm.assertEq(job.seats, 5);
        vm.assertEq(job.draws, 5);
        vm.assertEq(job.waiting, 2);
        vm.assertEq(job.promises, block.timestamp + 300);
        seatIn(1, IMarket.SeatState.Out);
        seatIn(2, IMarket.SeatState.Out);
        seatIn(3, IMarket.SeatState.Seated);
        for (uint256 i = 0; i < 5; i++) {
            for (uint256 k = 0; k < i; k++) {
                vm.assertTrue(seat(i).juror != seat(k).juror, "drawn twice");
            }
        }
        // Who promised in time opens when the new ones have promised.
        commitVerdict(id, 3, IMarket.Value.Valid);
        commitVerdict(id, 4, IMarket.Value.Valid);
        openVerdict(id, 0, IMarket.Value.Valid);
        openVerdict(id, 3, IMarket.Value.Valid);
        openVerdict(id, 4, IMarket.Value.Valid);
        vm.warp(uint256(market.jobs(id).since) + t.window + 1);
        market.settle(t);
        vm.assertEq(market.purses(silent).earned, 0);
    }

    /// Replaces late jurors, so many: what they lose is the treasury's and burnt, to the last token, and whoever has them replaced gets nothing.
    function replaceBy(address who, uint256 late) private {
        uint256[4] memory before = purse(who);
        vm.prank(who);
        market.replace(t, r, candidates());
        nobodyEarned(before, who, late);
    }

    /// What an account has, the treasury, what is staked and what there is.
    function purse(address who) private view returns (uint256[4] memory) {
        return [token.balanceOf(who), token.balanceOf(address(timelock)), token.balanceOf(address(staking)), token.totalSupply()];
    }

    function nobodyEarned(uint256[4] memory before, address who, uint256 late) private view {
        uint256[4] memory now_ = purse(who);
        vm.assertEq(now_[0], before[0], "who calls earns nothing");
        vm.assertEq(now_[1], before[1] + late * 7 * GWR, "the challenger's half and its own fifth are the treasury's");
        vm.assertEq(now_[2], before[2] - late * 10 * GWR, "a hundredth of each stake");
        vm.assertEq(now_[3], before[3] - late * 3 * GWR, "the rest is burnt");
    }

    /// No reason to let a juror's clock run out: neither of the parties, nor another juror, gets anything of what the late lose.
    function testNobodyEarnsByAJurorsSilence() public {
        address[5] memory callers = [provider, consumer, address(0xca11), address(0), address(0)];
        sealedJob();
        commitVerdict(id, 0, IMarket.Value.Valid);
        callers[3] = seat(0).juror;
        callers[4] = seat(1).juror; // late itself
        vm.warp(block.timestamp + 301);
        for (uint256 i = 0; i < callers.length; i++) {
            uint256 snapshot = vm.snapshotState();
            replaceBy(callers[i], 2);
            vm.revertToState(snapshot);
        }
        vm.warp(uint256(market.jobs(id).since) + t.window + 1 days + 1);
        for (uint256 i = 0; i < callers.length; i++) {
            uint256 snapshot = vm.snapshotState();
            uint256[4] memory before = purse(callers[i]);
            vm.prank(callers[i]);
            market.abandon(t);
            nobodyEarned(before, callers[i], 3);
            vm.revertToState(snapshot);
        }
    }

    /// A provider that is convicted in the end has lost its bond, whatever it did to its jurors before.
    function testAGuiltyProviderGetsNothingBackOfItsJurors() public {
        sealedJob();
        uint256 before = token.balanceOf(provider) + staking.stakes(provider).staked;
        vm.startPrank(provider);
        vm.warp(block.timestamp + 301);
        market.replace(t, r, candidates());
        vm.warp(block.timestamp + 301);
        market.replace(t, r, candidates());
        vm.stopPrank();
        vm.prank(address(disputes));
        market.convicted(t);
        vm.prank(address(disputes));
        staking.convict(provider, t.bond, address(0xacc));
        vm.assertEq(token.balanceOf(provider) + staking.stakes(provider).staked, before - t.bond);
    }

    /// The seats of a jury are drawn in the order of one draw, whenever they are filled.
    function testReplacementsFollowTheDraw() public {
        sealedJob();
        vm.warp(block.timestamp + 301);
        market.replace(t, r, candidates());
        vm.assertEq(market.jobs(id).seats, 6);
        (address[] memory all, uint256 draws) = lottery.jury(candidates(), "cpu", new address[](0), market.jobs(id).seed, 0, 6, 64);
        vm.assertEq(draws, 6);
        for (uint256 i = 0; i < 6; i++) {
            vm.assertEq(seat(i).juror, all[i]);
        }
    }

    function testPromisesThatAreNotOpenedAreSilence() public {
        sealedJob();
        for (uint256 i = 0; i < 3; i++) {
            commitVerdict(id, i, IMarket.Value.Valid);
        }
        openVerdict(id, 0, IMarket.Value.Valid);
        openVerdict(id, 1, IMarket.Value.Valid);
        vm.warp(uint256(market.jobs(id).promises) + 300);
        vm.expectRevert(abi.encodeWithSelector(Jury.NothingToReplace.selector, id));
        market.replace(t, r, candidates());
        vm.warp(block.timestamp + 1);
        market.replace(t, r, candidates());
        seatIn(2, IMarket.SeatState.Out);
        vm.assertEq(market.jobs(id).seats, 4);
        vm.assertEq(market.jobs(id).valid, 2);
    }

    function testAnInvalidVerdictOwesAnAccusation() public {
        sealedJob();
        judge(id, 0, 3, IMarket.Value.Invalid);
        seatIn(0, IMarket.SeatState.Invalid);
        address liar = seat(1).juror;
        address honest = seat(0).juror;
        vm.prank(address(disputes));
        market.hold(id, honest);
        seatIn(0, IMarket.SeatState.Accusing);
        vm.warp(seat(1).until);
        vm.expectRevert(abi.encodeWithSelector(Jury.NothingToReplace.selector, id));
        market.replace(t, r, candidates());
        vm.warp(block.timestamp + 1);
        market.replace(t, r, candidates());
        vm.assertEq(staking.stakes(liar).staked, 990 * GWR);
        vm.assertEq(staking.stakes(honest).staked, 1_000 * GWR);
        vm.assertEq(market.jobs(id).seats, 5);
    }

    /// What somebody could not check costs nobody anything, and is checked by another.
    function testUnavailableIsReplacedWithoutASlash() public {
        sealedJob();
        address juror = seat(0).juror;
        commitVerdict(id, 0, IMarket.Value.Unavailable);
        commitVerdict(id, 1, IMarket.Value.Valid);
        commitVerdict(id, 2, IMarket.Value.Valid);
        openVerdict(id, 0, IMarket.Value.Unavailable);
        seatIn(0, IMarket.SeatState.Out);
        market.replace(t, r, candidates());
        vm.assertEq(staking.stakes(juror).staked, 1_000 * GWR);
        seatIn(3, IMarket.SeatState.Seated);
        vm.assertEq(market.jobs(id).waiting, 1);
    }

    /// Twice as many seats as validators, no more: the work of every transaction stays bounded.
    function testSeatsAreBounded() public {
        sealedJob();
        vm.warp(block.timestamp + 301);
        market.replace(t, r, candidates());
        vm.assertEq(market.jobs(id).seats, 6);
        vm.warp(block.timestamp + 301);
        market.replace(t, r, ""); // slashes, has no seats left, and so asks for no candidates
        vm.assertEq(market.jobs(id).seats, 6);
        seatIn(5, IMarket.SeatState.Out);
        vm.assertEq(market.jobs(id).waiting, 0);
        vm.expectRevert(abi.encodeWithSelector(Jury.NothingToReplace.selector, id));
        market.replace(t, r, candidates());
    }

    /// Where two are wanted and there is room for one, one is seated.
    function testAsManyAreSeatedAsThereIsRoomFor() public {
        sealedJob();
        commitVerdict(id, 0, IMarket.Value.Valid);
        vm.warp(block.timestamp + 301);
        market.replace(t, r, candidates());
        vm.warp(block.timestamp + 301);
        market.replace(t, r, candidates());
        vm.assertEq(market.jobs(id).seats, 6);
        seatIn(5, IMarket.SeatState.Seated);
        vm.assertEq(market.jobs(id).waiting, 1);
    }

    function testReplaceTakesWhatWasCommittedOnly() public {
        committed();
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongState.selector, id, IMarket.State.Committed));
        market.replace(t, r, candidates());
        sealJob(t, r, "random");
        vm.warp(block.timestamp + 301);
        r.trace = "other";
        vm.expectPartialRevert(Jury.WrongReceipt.selector);
        market.replace(t, r, candidates());
    }

    // Ends

    function testSettlePaysWhenTheWindowIsOver() public {
        sealedJob();
        vm.expectRevert(abi.encodeWithSelector(Jury.NotEnoughVerdicts.selector, 0, 3));
        market.settle(t);
        judge(id, 0, 3, IMarket.Value.Valid);
        uint256 closes = uint256(market.jobs(id).since) + t.window;
        vm.warp(closes);
        vm.expectRevert(abi.encodeWithSelector(Purses.TooEarly.selector, closes + 1, closes));
        market.settle(t);
        vm.warp(closes + 1);
        vm.expectEmit();
        emit IMarket.Ended("job", consumer, provider, id, IMarket.End.Settled, 106 * GWR, 0);
        market.settle(t);
        vm.assertEq(market.purses(provider).earned, 100 * GWR);
        vm.assertEq(staking.stakes(provider).locked, 0);
    }

    function testSettleNeedsAJury() public {
        committed();
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongState.selector, id, IMarket.State.Committed));
        market.settle(t);
    }

    function testAbandonRefundsAndPaysWhoWorked() public {
        sealedJob();
        address worked = seat(0).juror;
        address silent = seat(1).juror;
        commitVerdict(id, 0, IMarket.Value.Valid);
        commitVerdict(id, 2, IMarket.Value.Unavailable);
        vm.warp(block.timestamp + 301);
        openVerdict(id, 0, IMarket.Value.Valid);
        openVerdict(id, 2, IMarket.Value.Unavailable);
        uint256 bound = uint256(market.jobs(id).since) + t.window + 1 days;
        vm.warp(bound);
        vm.expectRevert(abi.encodeWithSelector(Purses.TooEarly.selector, bound + 1, bound));
        market.abandon(t);
        vm.warp(bound + 1);
        vm.expectEmit();
        emit IMarket.Ended("job", consumer, provider, id, IMarket.End.Abandoned, 2 * GWR, 104 * GWR);
        uint256[4] memory before = purse(address(0xca11));
        vm.prank(address(0xca11));
        market.abandon(t);
        nobodyEarned(before, address(0xca11), 1);
        vm.assertEq(market.purses(consumer).deposit, 4_998 * GWR);
        vm.assertEq(market.purses(worked).earned, 2 * GWR);
        vm.assertEq(market.purses(provider).earned, 0);
        vm.assertEq(staking.stakes(silent).staked, 990 * GWR);
        vm.assertEq(staking.freeOf(provider), 5_000 * GWR);
    }

    function testAbandonWhatNobodySealed() public {
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongState.selector, id, IMarket.State.Opened));
        market.abandon(t);
        committed();
        vm.warp(block.timestamp + t.window + 1 days + 1);
        market.abandon(t);
        vm.assertEq(market.purses(consumer).deposit, 5_000 * GWR);
        vm.assertEq(staking.stakes(provider).staked, 5_000 * GWR);
    }

    function testWhatCanBeSettledIsNotAbandoned() public {
        sealedJob();
        judge(id, 0, 3, IMarket.Value.Valid);
        vm.warp(block.timestamp + 30 days);
        vm.expectRevert(abi.encodeWithSelector(Escrow.WrongState.selector, id, IMarket.State.Sealed));
        market.abandon(t);
        market.settle(t);
    }

    function testWorkIsBounded() public {
        // Of 256 candidates none may judge: 64 draws, and no jury.
        vm.assertEq(market.MAX_DRAWS(), 64);
        bytes memory packed;
        for (uint160 i = 1; i <= 256; i++) {
            packed = abi.encodePacked(packed, address(i << 80), uint32(i), bytes8("gpu"));
        }
        t.job = "many";
        t.candidates = keccak256(packed);
        id = openJob(t);
        committed();
        uint256 number = market.jobs(id).seedBlock;
        bytes memory header = headerOf(number, "random");
        vm.roll(number + 1);
        vm.setBlockhash(number, keccak256(header));
        uint256 before = gasleft();
        market.seal(t, r, header, packed);
        vm.assertLe(before - gasleft(), 2_000_000, "gas of sealing by 256 candidates of whom none may judge");
        vm.assertEq(market.jobs(id).seats, 0);
        vm.assertEq(market.jobs(id).draws, 0);
        (address[] memory jurors, uint256 draws) = lottery.jury(packed, "cpu", new address[](0), "seed", 0, 3, 64);
        vm.assertEq(jurors.length, 0);
        vm.assertEq(draws, 64);
        (jurors, draws) = lottery.jury(candidates(), "cpu", new address[](0), "seed", 100, 3, 64); // more than there are
        vm.assertEq(jurors.length, 0);
        vm.assertEq(draws, 12);
        vm.expectRevert(abi.encodeWithSelector(Jury.NothingToReplace.selector, id));
        market.replace(t, r, packed);
    }

    /// Draws that were made before are passed over to the last candidate, however little it weighs.
    function testTheDrawGoesOnWhereItWas() public view {
        address[] memory all = new address[](VALIDATORS);
        for (uint256 i = 0; i < VALIDATORS; i++) {
            all[i] = validator(i);
        }
        sort(all);
        bytes memory packed;
        for (uint256 i = 0; i < VALIDATORS; i++) {
            packed = abi.encodePacked(packed, all[i], uint32(1), bytes8("cpu"));
        }
        (address[] memory whole,) = lottery.jury(packed, "cpu", new address[](0), "seed", 0, VALIDATORS, 64);
        vm.assertEq(whole.length, VALIDATORS);
        for (uint256 skip = 0; skip <= VALIDATORS; skip++) {
            (address[] memory rest, uint256 draws) = lottery.jury(packed, "cpu", new address[](0), "seed", skip, VALIDATORS, 64);
            vm.assertEq(rest.length, VALIDATORS - skip);
            vm.assertEq(draws, VALIDATORS);
            for (uint256 i = 0; i < rest.length; i++) {
                vm.assertEq(rest[i], whole[skip + i]);
            }
        }
    }
}
