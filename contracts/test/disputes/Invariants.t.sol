// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bisection} from "../../src/Bisection.sol";
import {Committee} from "../../src/Committee.sol";
import {Interval, Records} from "../../src/Records.sol";
import {IntervalCommit, Typed} from "../../src/Typed.sol";
import {IDisputes} from "../../src/interfaces/IDisputes.sol";
import {IMarket, Terms} from "../../src/interfaces/IMarket.sol";
import {IVerifier} from "../../src/interfaces/IVerifier.sol";
import {vm} from "../Vm.sol";
import {Board} from "./Bisection.t.sol";

/// Anybody does anything in any order: accusations that are true or false, games in which either side lies, votes that are honest, silent or
/// wrong, seats that come and go, and time that passes. The provider of these terms is honest and answers; another one lies. Forge calls the
/// functions below at random.
contract Crowd is Board {
    uint256 internal constant LIAR = 0x11A2;
    uint256 internal constant SELDOM = 8; // moves are about what is over one time in so many
    address public liar = vm.addr(LIAR);

    mapping(uint256 => bool) internal isTrue; // accusation: whether its evidence is
    mapping(uint256 => bool) internal gameTrue; // game: whether the challenger tells the truth
    mapping(uint256 => uint64) internal lies; // game: the place from which the liar lies
    mapping(uint256 => bool) internal againstLiar; // game
    mapping(uint256 => bool) internal guiltyByQuestion;
    uint256 internal salts;
    uint256 internal offences;
    uint128 internal epoch; // a liar that was convicted goes on under other terms
    mapping(uint256 => uint128) internal epochOf; // accusation
    mapping(uint256 => uint128) internal epochOfGame;

    // What is open, so that no call has to look at everything that ever was. In the end everything is looked at, see tidy.
    uint256[] internal openAccusations;
    uint256[] internal openGames;
    uint256[] internal openQuestions;

    /// Drops what has ended since.
    modifier swept() {
        for (uint256 i = openAccusations.length; i > 0; i--) {
            if (disputes.accusationOf(openAccusations[i - 1]).stage == IDisputes.Stage.Over) drop(openAccusations, i - 1);
        }
        for (uint256 i = openGames.length; i > 0; i--) {
            if (bisection.gameOf(openGames[i - 1]).stage == Bisection.Stage.Over) drop(openGames, i - 1);
        }
        for (uint256 i = openQuestions.length; i > 0; i--) {
            if (committee.caseOf(openQuestions[i - 1]).stage == Committee.Stage.Over) drop(openQuestions, i - 1);
        }
        _;
    }

    function drop(uint256[] storage list, uint256 i) private {
        list[i] = list[list.length - 1];
        list.pop();
    }

    function setUp() public override {
        super.setUp();
        give(liar, 1000 * ONE, 500_000 * ONE);
        give(accuser, 1e6 * ONE, 0);
        give(consumer, 1e6 * ONE, 0);
    }

    function termsOf(bool ofLiar) public view returns (Terms memory t) {
        return termsOf(ofLiar, epoch);
    }

    function termsOf(bool ofLiar, uint128 when) internal view returns (Terms memory t) {
        t = terms();
        if (ofLiar) (t.provider, t.price) = (liar, t.price + when);
        // So that accusations never come too late while the clock jumps.
        t.opens = t.deadline = type(uint40).max;
    }

    function signTerms(Terms memory t) internal view returns (bytes memory, bytes memory) {
        bytes32 name = idOf(t);
        return (sign(CONSUMER, name), sign(t.provider == liar ? LIAR : PROVIDER, name));
    }

    // ---- what forge calls ----

    function wait(uint16 time, uint8 blocks) external {
        pass(blocks % 40, time % 300);
    }

    function accuse(bool ofLiar, bool truthful, bool byConsumer) external swept {
        if (ofLiar && disputes.convicted(idOf(termsOf(true)), liar)) epoch++;
        Terms memory t = termsOf(ofLiar);
        docket.open(idOf(t), IMarket.State.Sealed);
        address by = byConsumer ? consumer : accuser;
        IDisputes.Charge memory c = IDisputes.Charge(t.provider, keccak256(abi.encode("e", salts++)), 1, bytes32(salts));
        claim(by, disputes.accusationSubject(idOf(t), c.accused, c.evidence, c.size), c.salt);
        (bytes memory a, bytes memory b) = signTerms(t);
        vm.prank(by);
        uint256 id = disputes.accuse(t, a, b, c, "");
        epochOf[id] = epoch;
        isTrue[id] = ofLiar && truthful; // of an honest provider there is no true evidence
        guiltyByQuestion[questionOf(id)] = isTrue[id];
        openAccusations.push(id);
        openQuestions.push(questionOf(id));
    }

    function challenge(bool ofLiar, bool truthful, uint8 steps, uint8 lieFrom) external swept {
        if (ofLiar && disputes.convicted(idOf(termsOf(true)), liar)) epoch++;
        Terms memory t = termsOf(ofLiar);
        docket.open(idOf(t), IMarket.State.Sealed);
        uint64 n = 1 + uint64(steps) % 60;
        Bisection.Challenge memory c;
        c.claimed = Interval(0, n, "claimed", "t", 1, 1);
        bytes32 hash = keccak256(abi.encode(Typed.INTERVAL_COMMIT, IntervalCommit(t.job, 0, Records.hash(c.claimed))));
        c.claimedSig = plain(ofLiar ? LIAR : PROVIDER, hash);
        c.own = Interval(0, n, "own", "t", 1, 1);
        (bytes memory a, bytes memory b) = signTerms(t);
        vm.prank(accuser);
        uint256 id = bisection.challenge(t, a, b, c);
        gameTrue[id] = ofLiar && truthful; // who challenges what is true lies
        againstLiar[id] = ofLiar;
        epochOfGame[id] = epoch;
        lies[id] = 1 + uint64(lieFrom) % n;
        openGames.push(id);
        asked(bisection.gameOf(id).question, gameTrue[id]);
    }

    function asked(uint256 question, bool guilty) private {
        if (question == 0) return;
        guiltyByQuestion[question] = guilty;
        openQuestions.push(question);
    }

    /// Both sides of a game move, unless this one is to be silent. The honest provider always moves.
    function move(uint8 which, bool silent) external swept {
        uint256 id = someGame(which);
        if (id == 0) return;
        Bisection.Game memory g = bisection.gameOf(id);
        if (g.stage != Bisection.Stage.Provider) return;
        if (silent && againstLiar[id]) return;
        bytes32[] memory theirs = list(id, againstLiar[id] && gameTrue[id] ? lies[id] : type(uint64).max);
        bytes32[] memory own = list(id, gameTrue[id] ? type(uint64).max : lies[id]);
        if (block.timestamp > g.since + g.providerClock) return; // the honest one is never late, see wind
        vm.prank(g.provider);
        bisection.say(id, theirs);
        if (silent) return;
        vm.prank(accuser);
        bisection.respond(id, theirs, own);
        asked(bisection.gameOf(id).question, gameTrue[id]);
    }

    function draw(uint8 which, bytes32 randomness) external swept {
        uint256 q = inStage(which, Committee.Stage.Drawing);
        if (q == 0) return;
        Committee.Case memory c = committee.caseOf(q);
        if (block.number <= c.seedBlock) vm.roll(c.seedBlock + 1);
        if (block.timestamp > c.end) return committee.close(q);
        if (block.number > c.seedBlock + 256) return committee.reseed(q);
        committee.draw(q, header(c.seedBlock, randomness));
    }

    /// A member votes for what is true; the last two of a committee lie or keep silent as they like, unless that were a majority.
    function vote(uint8 which, uint8 mood) external swept {
        uint256 q = inStage(which, Committee.Stage.Voting);
        if (q == 0) return;
        Committee.Case memory c = committee.caseOf(q);
        if (block.timestamp == c.end) pass(1, 1);
        if (block.timestamp > c.end + c.voteClock) return committee.close(q);
        address[] memory all = committee.committeeOf(q, c.round);
        uint256 true_ = 0;
        for (uint256 i = 0; i < all.length; i++) {
            Committee.Ballot ballot = guiltyByQuestion[q] ? Committee.Ballot.Guilty : Committee.Ballot.Innocent;
            if (true_ > SIZE / 2) {
                if (mood % 4 == 1) ballot = guiltyByQuestion[q] ? Committee.Ballot.Innocent : Committee.Ballot.Guilty;
                if (mood % 4 == 2) ballot = Committee.Ballot.Unavailable;
                if (mood % 4 == 3) continue;
            }
            Committee.Member memory m = committee.memberOf(q, c.round, all[i]);
            true_ += m.seats;
            if (m.promised == 0 && m.ballot == Committee.Ballot.None && block.timestamp <= c.end) {
                promiseAs(q, all[i], ballot);
                c = committee.caseOf(q);
            } else if (m.promised != 0 && block.timestamp > c.end && block.timestamp <= c.end + c.voteClock) {
                if (m.promised == committee.ballotHash(q, c.round, all[i], ballot, "vote")) voteAs(q, all[i], ballot);
            }
        }
    }

    function close(uint8 which) external {
        uint256 q = one(which, committee.questions());
        if (q == 0) return;
        try committee.close(q) {} catch {}
    }

    function rule(uint8 which) external swept {
        uint256 id = one(which, disputes.accusations());
        if (id == 0) return;
        uint256 n = openAccusations.length;
        if (n > 0 && which % SELDOM != 0) id = openAccusations[which % n];
        IDisputes.Accusation memory a = disputes.accusationOf(id);
        try disputes.rule(id, termsOf(a.accused == liar, epochOf[id])) {} catch {}
    }

    function ruleGame(uint8 which) external swept {
        uint256 id = someGame(which);
        if (id == 0) return;
        try bisection.rule(id, termsOf(againstLiar[id], epochOfGame[id])) {} catch {}
    }

    function timeout(uint8 which) external swept {
        uint256 id = someGame(which);
        if (id == 0) return;
        Bisection.Game memory g = bisection.gameOf(id);
        // The honest provider has a working clock: it moves before anybody can say that it did not.
        if (g.stage == Bisection.Stage.Provider && !againstLiar[id]) return;
        try bisection.timeout(id, termsOf(againstLiar[id], epochOfGame[id])) {} catch {}
    }

    function equivocate(bool promised) external {
        if (staked(liar) < 10_000 * ONE) give(liar, 0, 100_000 * ONE);
        bytes32 job = keccak256(abi.encode("offence", offences++));
        prove(
            consumer,
            IDisputes.Kind.IntervalCommit,
            stated(LIAR, IntervalCommit(job, 1, "a")),
            stated(LIAR, IntervalCommit(job, 1, promised ? bytes32("b") : bytes32("c")))
        );
    }

    function seat(uint8 which, bool leaves) external {
        uint256 n = committee.pool();
        uint256 slot = uint256(which) % n;
        (address account,, uint48 until) = committee.seats(slot);
        if (account == address(0)) {
            uint256[] memory s = new uint256[](1);
            s[0] = slot;
            vm.prank(juror);
            try committee.enlist(s) {} catch {}
        } else if (until != committee.SITTING()) {
            try committee.vacate(slot) {} catch {}
        } else if (leaves && which % 16 == 0) {
            vm.prank(account);
            committee.resign(slot);
        }
    }

    /// A question in that stage, zero if there is none.
    function inStage(uint8 which, Committee.Stage stage) internal view returns (uint256) {
        uint256 n = openQuestions.length;
        for (uint256 i = 0; i < n; i++) {
            uint256 q = openQuestions[(which + i) % n];
            if (committee.caseOf(q).stage == stage) return q;
        }
        return 0;
    }

    /// A game, most often one that is open.
    function someGame(uint8 which) internal view returns (uint256) {
        uint256 n = openGames.length;
        return n > 0 && which % SELDOM != 0 ? openGames[which % n] : one(which, bisection.games());
    }

    function one(uint8 which, uint256 n) internal pure returns (uint256) {
        return n == 0 ? 0 : 1 + uint256(which) % n;
    }

    // ---- what is read ----

    /// What the courts should hold, from everything that is open.
    function owed() external view returns (uint256 ofDisputes, uint256 ofBisection, uint256 ofCommittee) {
        uint256 price = committee.price();
        for (uint256 i = 0; i < openAccusations.length; i++) {
            IDisputes.Accusation memory a = disputes.accusationOf(openAccusations[i]);
            if (a.stage != IDisputes.Stage.Open) continue;
            ofDisputes += a.bond;
            (IVerifier.Answer answer, uint256 spent) = committee.answer(a.question);
            ofDisputes -= answer == IVerifier.Answer.Pending ? price : spent;
        }
        for (uint256 i = 0; i < openGames.length; i++) {
            Bisection.Game memory g = bisection.gameOf(openGames[i]);
            if (g.stage == Bisection.Stage.Over) continue;
            ofBisection += g.bond;
            if (g.stage != Bisection.Stage.Asked) continue;
            (IVerifier.Answer answer, uint256 spent) = committee.answer(g.question);
            ofBisection -= answer == IVerifier.Answer.Pending ? price : spent;
        }
        for (uint256 i = 0; i < openQuestions.length; i++) {
            if (committee.caseOf(openQuestions[i]).stage != Committee.Stage.Over) ofCommittee += price;
        }
    }

    /// How many things are open by the lists, and by looking at each there ever was.
    function tidy() external swept returns (uint256 listed, uint256 counted) {
        listed = openAccusations.length + openGames.length + openQuestions.length;
        for (uint256 i = 1; i <= disputes.accusations(); i++) {
            if (disputes.accusationOf(i).stage != IDisputes.Stage.Over) counted++;
        }
        for (uint256 i = 1; i <= bisection.games(); i++) {
            if (bisection.gameOf(i).stage != Bisection.Stage.Over) counted++;
        }
        for (uint256 i = 1; i <= committee.questions(); i++) {
            if (committee.caseOf(i).stage != Committee.Stage.Over) counted++;
        }
    }

    function held() external view returns (uint256, uint256, uint256) {
        return (balance(address(disputes)), balance(address(bisection)), balance(address(committee)));
    }

    /// How many answers there were, and how many of them convicted: what the run has reached.
    function reached() external view returns (uint256 all, uint256 guilty) {
        for (uint256 i = 1; i <= committee.questions(); i++) {
            (IVerifier.Answer answer,) = committee.answer(i);
            if (answer == IVerifier.Answer.Guilty) guilty++;
            if (answer != IVerifier.Answer.Pending && answer != IVerifier.Answer.NoAnswer) all++;
        }
    }

    function honest() external view returns (uint256 stake, uint256 loose, bool convicted) {
        return (staked(provider), balance(provider), disputes.convicted(idOf(termsOf(false)), provider));
    }

    function free() external view returns (uint256 counted, uint256 blank) {
        counted = committee.free();
        for (uint256 i = 0; i < committee.pool(); i++) {
            (address account,,) = committee.seats(i);
            if (account == address(0)) blank++;
        }
    }

    /// Waits for every bound and ends everything, as anybody may.
    function finish() external {
        pass(1, 2 * CLOCK + 1);
        for (uint256 i = 1; i <= bisection.games(); i++) {
            Bisection.Game memory g = bisection.gameOf(i);
            if (g.stage == Bisection.Stage.Provider && !againstLiar[i]) {
                vm.warp(g.since + g.providerClock);
                bytes32[] memory l = list(i, type(uint64).max);
                vm.prank(provider);
                bisection.say(i, l);
                vm.warp(block.timestamp + CLOCK + 1);
            }
        }
        uint256 from = block.timestamp + 8 * CLOCK;
        vm.warp(from);
        for (uint256 round = 0; round < 3; round++) {
            for (uint256 i = 1; i <= committee.questions(); i++) {
                if (committee.caseOf(i).stage != Committee.Stage.Over) {
                    if (committee.caseOf(i).end + REVEAL >= block.timestamp) vm.warp(block.timestamp + COMMIT + REVEAL);
                    committee.close(i);
                }
            }
            vm.warp(block.timestamp + committee.longest());
        }
        for (uint256 i = 1; i <= disputes.accusations(); i++) {
            IDisputes.Accusation memory a = disputes.accusationOf(i);
            if (a.stage == IDisputes.Stage.Open) disputes.rule(i, termsOf(a.accused == liar, epochOf[i]));
        }
        for (uint256 i = 1; i <= bisection.games(); i++) {
            Bisection.Game memory g = bisection.gameOf(i);
            if (g.stage == Bisection.Stage.Asked) bisection.rule(i, termsOf(againstLiar[i], epochOfGame[i]));
            else if (g.stage != Bisection.Stage.Over) bisection.timeout(i, termsOf(againstLiar[i], epochOfGame[i]));
        }
    }
}

contract InvariantsTest {
    Crowd internal crowd;

    function setUp() public {
        crowd = new Crowd();
        crowd.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(crowd);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        bytes4[] memory s = new bytes4[](12);
        s[0] = Crowd.wait.selector;
        s[1] = bytes4(keccak256("accuse(bool,bool,bool)"));
        s[2] = Crowd.challenge.selector;
        s[3] = Crowd.move.selector;
        s[4] = bytes4(keccak256("draw(uint8,bytes32)"));
        s[5] = bytes4(keccak256("vote(uint8,uint8)"));
        s[6] = Crowd.close.selector;
        s[7] = Crowd.rule.selector;
        s[8] = Crowd.ruleGame.selector;
        s[9] = Crowd.timeout.selector;
        s[10] = Crowd.equivocate.selector;
        s[11] = Crowd.seat.selector;
        targets[0] = FuzzSelector(address(crowd), s);
    }

    /// After every move.
    function invariantCourtsHold() external view {
        bondsAreThere();
        innocentLosesNothing();
        freeSeatsAreCounted();
    }

    /// Bonds in = bonds out + bonds held, of each court for itself.
    function bondsAreThere() private view {
        (uint256 d, uint256 b, uint256 c) = crowd.owed();
        (uint256 hd, uint256 hb, uint256 hc) = crowd.held();
        vm.assertEq(hd, d, "disputes");
        vm.assertEq(hb, b, "bisection");
        vm.assertEq(hc, c, "committee");
    }

    /// An innocent party that answers loses nothing, whoever accuses it of what.
    function innocentLosesNothing() private view {
        (uint256 stake, uint256 loose, bool convicted) = crowd.honest();
        vm.assertEq(stake, 1000e18, "stake");
        vm.assertGe(loose, 1000e18, "tokens");
        vm.assertFalse(convicted, "convicted");
    }

    function freeSeatsAreCounted() private view {
        (uint256 counted, uint256 blank) = crowd.free();
        vm.assertEq(counted, blank);
    }

    event Reached(uint256 answers, uint256 guilty);

    /// Nothing is frozen: at the end of its bounds anybody ends everything, and no court holds anything.
    function afterInvariant() external {
        (uint256 all, uint256 guilty) = crowd.reached();
        emit Reached(all, guilty);
        (uint256 listed, uint256 counted) = crowd.tidy();
        vm.assertEq(listed, counted, "what is open is looked at");
        crowd.finish();
        (uint256 hd, uint256 hb, uint256 hc) = crowd.held();
        vm.assertEq(hd + hb + hc, 0, "something is frozen");
        (uint256 stake, uint256 loose,) = crowd.honest();
        vm.assertEq(stake, 1000e18, "stake, at the end");
        vm.assertGe(loose, 1000e18, "tokens, at the end");
    }
}
