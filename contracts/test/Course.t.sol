// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Acceptance, IMarket, Receipt, Terms, Voucher} from "../src/interfaces/IMarket.sol";
import {System} from "./System.sol";
import {vm} from "./Vm.sol";

/// The two ways a job usually goes: by its consumer's word, and by a jury's.
contract CourseTest is System {
    function testAcceptedByItsConsumer() public {
        Terms memory t = termsOf("job");
        bytes32 id = openJob(t);
        vm.assertEq(market.purses(consumer).deposit, 5_000 * GWR - 106 * GWR);
        vm.assertEq(staking.stakes(provider).locked, t.bond);

        address[] memory jurors = new address[](2);
        (jurors[0], jurors[1]) = (validator(0), validator(1));
        Acceptance memory a = Acceptance(id, "receipt", jurors);
        market.accept(t, a, signAcceptance(CONSUMER, a));

        vm.assertEq(market.purses(provider).earned, 100 * GWR);
        vm.assertEq(market.purses(validator(0)).earned, 2 * GWR);
        vm.assertEq(market.purses(validator(1)).earned, 2 * GWR);
        vm.assertEq(market.purses(consumer).deposit, 5_000 * GWR - 104 * GWR);
        vm.assertEq(staking.stakes(provider).locked, 0);
        vm.assertEq(uint256(market.jobs(id).state), uint256(IMarket.State.Done));
    }

    function testSettledByItsJury() public {
        Terms memory t = termsOf("job");
        bytes32 id = openJob(t);
        Receipt memory r = commitJob(t);
        sealJob(t, r, "random");
        vm.assertEq(market.jobs(id).seats, 3);
        judge(id, 0, 3, IMarket.Value.Valid);
        address[3] memory jurors = [market.seats(id, 0).juror, market.seats(id, 1).juror, market.seats(id, 2).juror];
        vm.warp(block.timestamp + t.window + 1);
        market.settle(t);
        vm.assertEq(market.purses(provider).earned, 100 * GWR);
        for (uint256 i = 0; i < 3; i++) {
            vm.assertEq(market.purses(jurors[i]).earned, 2 * GWR);
        }
        vm.assertEq(market.purses(consumer).deposit, 5_000 * GWR - 106 * GWR);
        vm.assertEq(staking.stakes(provider).locked, 0);
        vm.assertEq(market.seats(id, 0).juror, address(0));
    }
}
