// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Draw} from "../src/Draw.sol";
import {Vm, vm} from "./Vm.sol";

/// What takes its bytes from calldata, called from outside.
contract Urns {
    function rank(bytes calldata packed, bytes8 device, address[] memory without, bytes32 seed, string memory label, uint256 n)
        external
        pure
        returns (uint256[] memory places)
    {
        Draw.Urn memory urn = Draw.fill(packed, device, without, seed, label);
        places = new uint256[](packed.length / 32);
        uint256 k = 0;
        while (k < n) {
            (bool found, uint256 place) = Draw.next(urn);
            if (!found) break;
            places[k++] = place;
        }
        assembly ("memory-safe") {
            mstore(places, k)
        }
    }

    function empty() external pure returns (bool found, uint256 place) {
        Draw.Urn memory urn;
        return Draw.next(urn);
    }
}

contract DrawTest {
    Urns private immutable urns = new Urns();
    address[] private none;

    function setUp() public {}

    function word(address account, uint32 weight, bytes8 device) private pure returns (bytes memory) {
        return abi.encodePacked(account, weight, device);
    }

    /// The draws and seeds that Go computed (host/settle, TestDrawVectors).
    function testDrawsAsNodesDo() public view {
        string memory json = vm.readFile("testdata/draw.json");
        uint256 n = 0;
        for (; vm.keyExistsJson(json, path(".draws", n, "")); n++) {
            bytes memory packed = vm.parseJsonBytes(json, path(".draws", n, ".candidates"));
            vm.assertEq(keccak256(packed), vm.parseJsonBytes32(json, path(".draws", n, ".hash")));
            address[] memory parties = new address[](2);
            parties[0] = vm.parseJsonAddress(json, path(".draws", n, ".consumer"));
            parties[1] = vm.parseJsonAddress(json, path(".draws", n, ".provider"));
            address[] memory ranked = vm.parseJsonAddressArray(json, path(".draws", n, ".ranked"));
            uint256[] memory places = urns.rank(
                packed,
                bytes8(vm.parseJsonBytes(json, path(".draws", n, ".device"))),
                parties,
                vm.parseJsonBytes32(json, path(".draws", n, ".seed")),
                "draw",
                type(uint256).max
            );
            vm.assertEq(places.length, ranked.length, path("how many are drawn in draw", n, ""));
            for (uint256 i = 0; i < places.length; i++) {
                address drawn;
                uint256 at_ = 32 * places[i] + 20;
                assembly ("memory-safe") {
                    drawn := mload(add(packed, at_))
                }
                vm.assertEq(drawn, ranked[i], path("draw", n, ""));
            }
        }
        vm.assertEq(n, 36, "vectors");
        for (n = 0; vm.keyExistsJson(json, path(".seeds", n, "")); n++) {
            bytes32 job = vm.parseJsonBytes32(json, path(".seeds", n, ".job"));
            bytes32 trace = vm.parseJsonBytes32(json, path(".seeds", n, ".trace"));
            bytes32 randao = vm.parseJsonBytes32(json, path(".seeds", n, ".prevrandao"));
            vm.assertEq(Draw.seedOf(job, trace, randao), vm.parseJsonBytes32(json, path(".seeds", n, ".seed")));
        }
        vm.assertEq(n, 4, "seeds");
    }

    function path(string memory list, uint256 i, string memory field) private pure returns (string memory) {
        return string.concat(list, "[", vm.toString(i), "]", field);
    }

    /// Any weights: a permutation of the places that have some, and the same as with the weights that are left written out each time.
    function testFuzzDrawsWithoutPuttingBack(uint256 seed, uint8 count, uint8 zero) public view {
        uint256 n = uint256(count) % 40;
        bytes memory packed;
        uint256[] memory left = new uint256[](n);
        uint256 total = 0;
        address[] memory without = new address[](n > 0 ? 1 : 0);
        for (uint256 i = 0; i < n; i++) {
            uint32 w = uint32(uint256(keccak256(abi.encode(seed, i)))) >> (i % 32);
            if (w == 0) w = 1;
            address account = address(uint160(i + 1) << 80);
            packed = abi.encodePacked(packed, word(account, w, i % 2 == 0 ? bytes8("cpu") : bytes8("gpu")));
            left[i] = i % 2 == 0 ? w : uint256(w) * 4;
            if (i == zero % n) {
                without[0] = account;
                left[i] = 0;
            }
            total += left[i];
        }
        uint256[] memory places = urns.rank(packed, "cpu", without, bytes32(seed), "committee", type(uint256).max);
        vm.assertEq(places.length, n > 0 ? n - 1 : 0, "all but the one without weight are drawn");
        for (uint256 k = 0; k < places.length; k++) {
            uint256 ticket = uint256(sha256(abi.encodePacked("gwrun committee 2\x00", seed, uint64(k)))) % total;
            uint256 i = 0;
            for (; ticket >= left[i]; i++) {
                ticket -= left[i];
            }
            vm.assertEq(places[k], i, "place");
            total -= left[i];
            left[i] = 0;
        }
    }

    function testOnlyAskedForAreDrawn() public view {
        bytes memory packed = abi.encodePacked(word(address(1), 1, 0), word(address(2), 1, 0), word(address(3), 1, 0));
        vm.assertEq(urns.rank(packed, 0, none, "seed", "draw", 2).length, 2);
        vm.assertEq(urns.rank(packed, 0, none, "seed", "draw", 4).length, 3);
        vm.assertEq(urns.rank("", 0, none, "seed", "draw", 4).length, 0);
        (bool found, uint256 place) = urns.empty();
        vm.assertFalse(found);
        vm.assertEq(place, 0);
    }

    function testRefusesOddCandidates() public {
        bytes memory packed = abi.encodePacked(word(address(1), 1, 0), word(address(2), 1, 0));
        vm.expectRevert(abi.encodeWithSelector(Draw.OddCandidates.selector, 65, 8192));
        urns.rank(abi.encodePacked(packed, uint8(0)), 0, none, "seed", "draw", 1);

        bytes memory many;
        for (uint160 i = 1; i <= 256; i++) {
            many = abi.encodePacked(many, word(address(i), 1, 0));
        }
        urns.rank(many, 0, none, "seed", "draw", 1);
        vm.expectRevert(abi.encodeWithSelector(Draw.OddCandidates.selector, 257 * 32, 8192));
        urns.rank(abi.encodePacked(many, word(address(257), 1, 0)), 0, none, "seed", "draw", 1);
    }

    function testRefusesTheSameCandidateTwice() public {
        bytes memory twice = abi.encodePacked(word(address(1), 1, 0), word(address(2), 1, 0), word(address(2), 1, "cpu"));
        vm.expectRevert(abi.encodeWithSelector(Draw.OutOfOrder.selector, 2));
        urns.rank(twice, 0, none, "seed", "draw", 1);
        vm.expectRevert(abi.encodeWithSelector(Draw.OutOfOrder.selector, 1));
        urns.rank(abi.encodePacked(word(address(2), 1, 0), word(address(1), 1, 0)), 0, none, "seed", "draw", 1);
    }

    function testRefusesNoWeight() public {
        vm.expectRevert(abi.encodeWithSelector(Draw.NoWeight.selector, 1));
        urns.rank(abi.encodePacked(word(address(1), 1, 0), word(address(2), 0, 0)), 0, none, "seed", "draw", 1);
    }
}
