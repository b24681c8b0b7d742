// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Market} from "../../src/Market.sol";
import {Parameters} from "../../src/Parameters.sol";
import {Staking} from "../../src/Staking.sol";
import {Token} from "../../src/Token.sol";
import {IMarket, Terms} from "../../src/interfaces/IMarket.sol";
import {P, PARAMETERS} from "../../src/interfaces/IParameters.sol";
import {IStaking} from "../../src/interfaces/IStaking.sol";
import {vm} from "../Vm.sol";
import {Network} from "./Network.sol";

/// What holds after whatever moves.
contract MarketInvariant {
    Network private network;
    Token private token;
    Market private market;
    Staking private staking;
    Parameters private parameters;
    address private timelock;
    address[] private accounts;
    uint256[] private stakedAtFirst;
    bool[] private honest;

    // As forge reads it.
    struct Selectors {
        address addr;
        bytes4[] selectors;
    }

    uint256 private supply;

    function setUp() public {
        network = new Network();
        (address t, address m, address s, address p, address l) = network.system();
        (token, market, staking, parameters, timelock) = (Token(t), Market(m), Staking(s), Parameters(p), l);
        accounts = network.accounts();
        for (uint256 i = 0; i < accounts.length; i++) {
            stakedAtFirst.push(staking.stakes(accounts[i]).staked);
            honest.push(network.isHonest(accounts[i]));
        }
        supply = token.totalSupply();
    }

    function targetContracts() public view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(network);
    }

    function excludeSelectors() public view returns (Selectors[] memory list) {
        list = new Selectors[](1);
        list[0].addr = address(network);
        list[0].selectors = new bytes4[](1);
        list[0].selectors[0] = bytes4(keccak256("setUp()"));
    }

    /// After every move.
    function invariantHolds() public view {
        moneyIsKept();
        bondsAreHeld();
        seatsAreCounted();
        theHonestKeepTheirStake();
    }

    /// After the last.
    function afterInvariant() public view {
        nobodyPaysMoreThanItSigned();
        numbersAreInBounds();
    }

    /// Money in is money out and money held, in each contract to the unit.
    function moneyIsKept() private view {
        uint256 held = 0;
        uint256 staked = 0;
        for (uint256 i = 0; i < accounts.length; i++) {
            Market.Purse memory p = market.purses(accounts[i]);
            held += uint256(p.deposit) + p.earned;
            staked += staking.stakes(accounts[i]).staked;
        }
        Terms[] memory open = network.openJobs();
        for (uint256 i = 0; i < open.length; i++) {
            held += open[i].price + uint256(open[i].fee) * open[i].validators;
        }
        vm.assertEq(token.balanceOf(address(market)), held, "the market holds what it owes");
        vm.assertEq(token.balanceOf(address(staking)), staked, "staking holds what is staked");
        vm.assertLe(token.totalSupply(), supply, "nothing is minted but by a vote");
        vm.assertLe(token.totalSupply(), token.cap(), "the cap");
    }

    /// Bonds are held exactly as long as their jobs are open, and what is held or leaves is there.
    function bondsAreHeld() private view {
        Terms[] memory open = network.openJobs();
        for (uint256 i = 0; i < accounts.length; i++) {
            uint256 bonds = 0;
            for (uint256 k = 0; k < open.length; k++) {
                if (open[k].provider == accounts[i]) bonds += open[k].bond;
            }
            IStaking.Stake memory s = staking.stakes(accounts[i]);
            vm.assertEq(s.locked, bonds, "bonds");
            vm.assertLe(s.unbonding, s.staked, "what leaves");
        }
    }

    /// Who does in time what it owes keeps its stake, whatever the others do.
    function theHonestKeepTheirStake() private view {
        for (uint256 i = 0; i < accounts.length; i++) {
            if (honest[i]) vm.assertGe(staking.stakes(accounts[i]).staked, stakedAtFirst[i], "stake of who is honest");
        }
    }

    function nobodyPaysMoreThanItSigned() private view {
        for (uint256 i = 0; i < accounts.length; i++) {
            for (uint256 k = 0; k < accounts.length; k++) {
                vm.assertLe(market.redeemed(accounts[i], accounts[k]), network.signed(accounts[i], accounts[k]), "vouchers");
            }
        }
    }

    /// Seats count as they are.
    function seatsAreCounted() private view {
        Terms[] memory open = network.openJobs();
        for (uint256 i = 0; i < open.length; i++) {
            bytes32 id = market.idOf(open[i]);
            IMarket.Job memory job = market.jobs(id);
            vm.assertTrue(job.state != IMarket.State.None && job.state != IMarket.State.Done, "open jobs are open");
            vm.assertLe(job.seats, 2 * open[i].validators, "seats");
            uint256 waiting = 0;
            uint256 valid = 0;
            uint256 live = 0;
            for (uint256 k = 0; k < job.seats; k++) {
                IMarket.SeatState s = market.seats(id, k).state;
                if (s == IMarket.SeatState.Seated) waiting++;
                if (s == IMarket.SeatState.Valid) valid++;
                if (s != IMarket.SeatState.Out) live++;
            }
            vm.assertEq(job.waiting, waiting, "waiting");
            vm.assertEq(job.valid, valid, "valid");
            vm.assertLe(live, open[i].validators, "seats in use");
        }
    }

    function numbersAreInBounds() private view {
        for (uint256 i = 0; i < PARAMETERS; i++) {
            (uint64 min, uint64 max) = network.limits(P(i));
            uint64 v = parameters.get(P(i));
            vm.assertTrue(v >= min && v <= max, "bounds");
        }
        vm.assertEq(uint256(parameters.get(P.ChallengerBPS)) + parameters.get(P.TreasuryBPS) + parameters.get(P.BurnBPS), 10000);
    }
}
