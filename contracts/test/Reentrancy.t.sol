// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";

import {Market} from "../src/Market.sol";
import {Staking} from "../src/Staking.sol";
import {Token} from "../src/Token.sol";
import {P} from "../src/interfaces/IParameters.sol";
import {System} from "./System.sol";
import {vm} from "./Vm.sol";

/// A token that answers every call with true, and calls whoever calls it back.
contract CallingToken {
    bytes private back;
    bool private inside;
    bytes4 public refused;
    uint256 public calls;

    function next(bytes calldata back_) external {
        (back, refused, calls) = (back_, 0, 0);
    }

    fallback(bytes calldata) external returns (bytes memory) {
        if (back.length > 0 && !inside) {
            inside = true;
            calls++;
            (bool ok, bytes memory why) = msg.sender.call(back);
            refused = ok ? bytes4(0) : bytes4(why);
            inside = false;
        }
        return abi.encode(true);
    }
}

/// The market's own token calls nobody. Where another one did, what moves it could not be entered a second time.
contract ReentrancyTest is System {
    CallingToken private calling;

    function entered(bytes memory back) private {
        calling.next(back);
    }

    function stopped() private view {
        vm.assertTrue(calling.calls() > 0, "the token was not asked");
        vm.assertEq(bytes32(calling.refused()), bytes32(ReentrancyGuard.ReentrancyGuardReentrantCall.selector));
    }

    function testStakingIsEnteredOnce() public {
        calling = new CallingToken();
        Staking s = new Staking(Token(address(calling)), parameters, address(this), address(this), address(committee), address(this), address(1));
        entered(abi.encodeCall(s.stakeFor, (address(7), 1)));
        s.stakeFor(address(this), 1000);
        stopped();
        entered(abi.encodeCall(s.stakeFor, (address(7), 1)));
        s.slash(address(this), 100, address(0));
        stopped();
        s.requestUnbond(900);
        vm.warp(s.stakes(address(this)).unbondsAt);
        entered(abi.encodeCall(s.stakeFor, (address(7), 1)));
        s.withdraw();
        stopped();
        vm.assertEq(s.stakes(address(7)).staked, 0);
    }

    function testPursesAreEnteredOnce() public {
        calling = new CallingToken();
        Market m = new Market(Token(address(calling)), parameters, staking, lottery, address(this));
        entered(abi.encodeCall(m.depositFor, (address(7), 1)));
        m.depositFor(address(this), 1000);
        stopped();
        m.requestWithdraw(400);
        vm.warp(block.timestamp + parameters.get(P.WithdrawNotice));
        entered(abi.encodeCall(m.depositFor, (address(7), 1)));
        m.withdraw();
        stopped();
        vm.assertEq(m.available(address(7)), 0);
    }
}
