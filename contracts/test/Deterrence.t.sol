// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Deterrence} from "../src/Deterrence.sol";
import {vm} from "./Vm.sol";

contract DeterrenceTest {
    function setUp() public {}

    function testChanceOfBeingCaught() public pure {
        vm.assertEq(Deterrence.caught(0, 16), 0);
        vm.assertEq(Deterrence.caught(1_000_000, 1), 1_000_000);
        vm.assertEq(Deterrence.caught(100_000, 1), 100_000);
        vm.assertEq(Deterrence.caught(100_000, 3), 271_000); // 1 - .729
        vm.assertEq(Deterrence.caught(1, 2), 1); // 1.999999 is rounded down
        vm.assertEq(Deterrence.caught(500_000, 16), 999_984); // 1 - 2^-16 = .99998474
        vm.assertEq(Deterrence.caught(300_000, 0), 0);
    }

    /// p(1-r)(R+S) = .271 * .67 * 600 = 108.942: enough for a saving of 54.471, not for more.
    function testRule() public pure {
        vm.assertTrue(Deterrence.holds(100_000, 3, 330_000, 100e18, 500e18, 54.471e18));
        vm.assertFalse(Deterrence.holds(100_000, 3, 330_000, 100e18, 500e18, 54.471e18 + 1));
        vm.assertFalse(Deterrence.holds(100_000, 3, 330_000, 100e18, 500e18 - 1, 54.471e18));
        vm.assertTrue(Deterrence.holds(0, 1, 0, 0, 0, 0));
        vm.assertFalse(Deterrence.holds(0, 16, 0, 1e18, 1e18, 1));
    }

    /// More checking never lowers the chance.
    function testFuzzChanceGrows(uint32 ppm, uint8 m) public pure {
        uint256 q = uint256(ppm) % 1_000_001;
        uint256 n = uint256(m) % 17;
        uint256 p = Deterrence.caught(q, n);
        vm.assertLe(p, 1_000_000, "a chance");
        vm.assertLe(p, Deterrence.caught(q, n + 1), "one more validator");
        if (q < 1_000_000) vm.assertLe(p, Deterrence.caught(q + 1, n), "a larger sample");
    }

    /// More at stake, less to save or less collusion never breaks the rule, and nothing overflows.
    function testFuzzRuleIsMonotone(uint128 price, uint128 bond, uint128 saving, uint32 ppm, uint32 collusion) public pure {
        uint256 q = uint256(ppm) % 1_000_001;
        uint256 r = uint256(collusion) % 1_000_000;
        if (!Deterrence.holds(q, 3, r, price, bond, saving)) return;
        vm.assertTrue(Deterrence.holds(q, 4, r, price, bond, saving), "one more validator");
        if (bond < type(uint128).max) vm.assertTrue(Deterrence.holds(q, 3, r, price, bond + 1, saving), "a larger bond");
        if (price < type(uint128).max) vm.assertTrue(Deterrence.holds(q, 3, r, price + 1, bond, saving), "a larger price");
        if (saving > 0) vm.assertTrue(Deterrence.holds(q, 3, r, price, bond, saving - 1), "less to save");
        if (r > 0) vm.assertTrue(Deterrence.holds(q, 3, r - 1, price, bond, saving), "less collusion");
    }
}
