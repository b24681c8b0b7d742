// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bisection} from "../../src/Bisection.sol";
import {Interval, Records} from "../../src/Records.sol";
import {vm} from "../Vm.sol";
import {Court} from "./Court.sol";

/// Hashes as the nodes make them: the values are those of proto/msg.HashOf and runtime/trace.
contract RecordsTest is Court {
    function check(Interval memory r, bytes32 hash, bytes32 end, bytes32 begin) internal pure {
        vm.assertEq(Records.hash(r), hash, "hash");
        vm.assertEq(Records.end(r), end, "end");
        vm.assertEq(Records.begin(r), begin, "begin");
    }

    function testHashesAreThoseOfTheNodes() public pure {
        check(
            Interval(0, 0, 0, 0, 0, 0),
            0x935f1b91f626c4b9a9f40797991b8dec0dbd5a0609e92771fad32cbad6662065,
            0x3f7942a4e2b5e74eda23508d106d1cfbfa12535036cacd53be3f33bfd3974313,
            0x9ffb4aa97675f031ac42ccc733771fb448e09f770de78f35134fa5f59758fa91
        );
        check(
            Interval(23, 24, bytes32(bytes1(0x01)), bytes32(bytes1(0x02)), 255, 256),
            0xfb2d3043d068a78e41de01411292bebad6035d01a9e80595690ec6680e0df908,
            0x16f28a996a30086c20c928fd763dbcd5f99e1d9b92ddad0fb051c66a56d98b79,
            0x88773d29a554d2a73e49764e8284acdbad6121232aaa623044e4526e025856e0
        );
        check(
            Interval(65_535, 65_536, bytes32(bytes1(0x03)), bytes32(bytes1(0x04)), (1 << 32) - 1, 1 << 32),
            0xe47fd19a4a79ef648379be093fd58d926d1c38cef50ed375f3c3ea0012603fe5,
            0x64c94d977cbed4f9349ca8761a3e154d7d49d21e8b1b93d2d0074d98f888315e,
            0x96b663969bd10aaf32b62ae45374d596dfe14fd358540c9ce04adf7d45de9b8e
        );
        check(
            Interval(type(uint64).max, type(uint64).max, bytes32(bytes1(0x05)), bytes32(bytes1(0x06)), 1, 22),
            0x87de8bc89f0df6c6e5bd9b31f80465c6cb4655cb315a9d39368b8fcd60ef2390,
            0x6d45ecbc290669c068650d8ddc591aa33fbc09fe8c8913184a5711dcb89667e0,
            0xd45ea354ffe7e8b97ab5acbcf5bcea2468eed9e564f0abde5f8e78a258ac8aee
        );
        vm.assertEq(Records.first(), 0x9ffb4aa97675f031ac42ccc733771fb448e09f770de78f35134fa5f59758fa91);
    }

    function testOverIsThatOfTheNodes() public view {
        vm.assertEq(bisection.OVER(), 0x05b52fcf52c48ea2fd180c34c16cf349d829cd4c199b55c07d76fd2f385a50a0);
    }

    function places(uint64 lo, uint64 hi, uint64 n, uint64 first, uint64 second, uint64 middle, uint64 last) internal view {
        vm.assertEq(bisection.count(lo, hi, 64), n, "how many");
        vm.assertEq(bisection.place(lo, hi, 64, 1), first, "first");
        vm.assertEq(bisection.place(lo, hi, 64, 2), second, "second");
        vm.assertEq(bisection.place(lo, hi, 64, n / 2 + 1), middle, "middle");
        vm.assertEq(bisection.place(lo, hi, 64, n), last, "last");
    }

    function testPlacesAreThoseOfTheNodes() public view {
        places(0, 100, 63, 1, 3, 50, 98);
        places(3, 1_000_003, 63, 15_628, 31_253, 500_003, 984_378);
        places(100, 104, 3, 101, 102, 102, 103);
        places(5, 69, 63, 6, 7, 37, 68);
        places(5, 70, 63, 6, 7, 37, 68);
        places(0, 1 << 40, 63, 17_179_869_184, 34_359_738_368, 549_755_813_888, 1_082_331_758_592);
    }

    function testFuzzPlacesAscend(uint64 lo, uint64 n, uint8 w) public view {
        n = 2 + n % (1 << 40);
        lo = lo % (1 << 60);
        uint64 width = 2 + uint64(w) % 255;
        uint64 hi = lo + n;
        uint64 before = lo;
        uint64 count = bisection.count(lo, hi, width);
        vm.assertTrue(count >= 1 && count < width);
        for (uint64 i = 1; i <= count; i++) {
            uint64 at_ = bisection.place(lo, hi, width, i);
            vm.assertTrue(at_ > before && at_ < hi, "between, ascending");
            // No stretch is longer than its share: the game ends in log(n) rounds.
            vm.assertTrue(at_ - before <= n / width + 1);
            before = at_;
        }
        vm.assertTrue(hi - before <= n / width + 1);
    }

    function testFuzzDifferentRecordsHaveDifferentHashes(Interval memory a, Interval memory b) public pure {
        bool same = keccak256(abi.encode(a)) == keccak256(abi.encode(b));
        vm.assertEq(Records.hash(a) == Records.hash(b), same);
    }
}
