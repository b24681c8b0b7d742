// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Header} from "../src/Header.sol";
import {System} from "./System.sol";
import {vm} from "./Vm.sol";

/// What takes headers from calldata, called from outside.
contract Headers {
    function field(bytes calldata header) external pure returns (bytes32) {
        return Header.field(header);
    }

    function prevrandao(bytes calldata header, uint256 number) external view returns (bytes32) {
        return Header.prevrandao(header, number);
    }

    function forgotten(uint256 number) external view returns (bool) {
        return Header.forgotten(number);
    }
}

contract HeaderTest is System {
    Headers private headers;

    function setUp() public override {
        vm.warp(1_800_000_000);
        vm.roll(1000);
        headers = new Headers();
    }

    function testFindsTheFieldInAHeader() public view {
        vm.assertEq(headers.field(headerOf(990, "randomness")), "randomness");
        // Fields may have any length: an empty extra data, a small number, no bytes of gas used.
        bytes memory fields = abi.encodePacked(hex"a0", bytes32(0), hex"a0", bytes32(0), hex"94", bytes20(0), hex"a0", bytes32(0), hex"a0", bytes32(0), hex"a0", bytes32(0));
        fields = abi.encodePacked(fields, hex"b90100", new bytes(256), hex"8005088080", hex"b838", new bytes(56), hex"a0", bytes32("r"));
        bytes memory header = abi.encodePacked(hex"f9", uint16(fields.length), fields);
        vm.assertEq(headers.field(header), "r");
        // The list may be long enough for three bytes of length, and what follows does not count.
        vm.assertEq(headers.field(abi.encodePacked(hex"fa", uint24(fields.length), fields, "more")), "r");
    }

    /// The edges of what RLP has: a short list, single bytes, strings of 55 bytes, and as long as it may be.
    function testFieldsOfEveryLength() public {
        bytes memory small = abi.encodePacked(hex"80808080808080808080807f01", hex"a0", bytes32("r"));
        vm.assertEq(headers.field(abi.encodePacked(uint8(0xc0 + small.length), small)), "r");
        bytes memory middle = abi.encodePacked(hex"808080808080808080808001", hex"b7", new bytes(55), hex"a0", bytes32("r"));
        bytes memory header = abi.encodePacked(hex"f8", uint8(middle.length), middle);
        vm.assertEq(headers.field(header), "r");
        vm.assertEq(headers.field(abi.encodePacked(header, new bytes(4096 - header.length))), "r");
        vm.expectRevert(abi.encodeWithSelector(Header.NotAHeader.selector, 4097));
        headers.field(abi.encodePacked(header, new bytes(4097 - header.length)));
        // A length in four bytes is read, one in five is not; nor is a field that is not 32 bytes long.
        bytes memory long = abi.encodePacked(hex"808080808080808080808001", hex"bb00000038", new bytes(56), hex"a0", bytes32("r"));
        vm.assertEq(headers.field(abi.encodePacked(hex"f8", uint8(long.length), long)), "r");
        long = abi.encodePacked(hex"808080808080808080808001", hex"bc0000000038", new bytes(56), hex"a0", bytes32("r"));
        vm.expectPartialRevert(Header.NotAHeader.selector);
        headers.field(abi.encodePacked(hex"f8", uint8(long.length), long));
        small = abi.encodePacked(hex"80808080808080808080808001", hex"9f", bytes32("r"));
        vm.expectPartialRevert(Header.NotAHeader.selector);
        headers.field(abi.encodePacked(uint8(0xc0 + small.length), small));
    }

    function testRefusesWhatIsNoHeader() public {
        bytes memory good = headerOf(990, "randomness");
        bytes[7] memory bad = [bytes(""), hex"f9", new bytes(40), abi.encodePacked(good, new bytes(4096)), hex"c3010203", hex"f8c1c1", abi.encodePacked(hex"c180bb", bytes32(0))];
        for (uint256 i = 0; i < bad.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(Header.NotAHeader.selector, bad[i].length));
            headers.field(bad[i]);
        }
    }

    /// Cut anywhere before the end of its field it is refused; nothing is read behind what was given.
    function testFuzzRefusesACutHeader(uint16 at_) public {
        bytes memory good = headerOf(990, "randomness");
        uint256 end = good.length - 9 - 5; // nonce and base fee follow
        uint256 n = uint256(at_) % end;
        bytes memory cut = new bytes(n);
        for (uint256 i = 0; i < n; i++) {
            cut[i] = good[i];
        }
        vm.expectRevert(abi.encodeWithSelector(Header.NotAHeader.selector, n));
        headers.field(cut);
        assembly ("memory-safe") {
            mstore(good, end)
        }
        vm.assertEq(headers.field(good), "randomness");
    }

    /// Any bytes at all: an answer or a refusal of ours, nothing else.
    function testFuzzAnyBytes(bytes calldata any) public view {
        try headers.field(any) {}
        catch (bytes memory reason) {
            vm.assertEq(bytes32(bytes4(reason)), bytes32(Header.NotAHeader.selector), "reason");
        }
    }

    function testTakesTheNamedBlockOnly() public {
        bytes memory header = headerOf(990, "randomness");
        vm.setBlockhash(990, keccak256(header));
        vm.assertEq(headers.prevrandao(header, 990), "randomness");

        bytes memory other = headerOf(990, "mine");
        vm.expectRevert(abi.encodeWithSelector(Header.WrongHeader.selector, 990, keccak256(other), keccak256(header)));
        headers.prevrandao(other, 990);
        vm.expectRevert(abi.encodeWithSelector(Header.UnknownBlock.selector, 1000, 1000));
        headers.prevrandao(header, 1000);
        vm.roll(990 + 257);
        vm.expectRevert(abi.encodeWithSelector(Header.UnknownBlock.selector, 990, 990 + 257));
        headers.prevrandao(header, 990);
    }

    function testForgetsAfter256Blocks() public view {
        vm.assertFalse(headers.forgotten(1000));
        vm.assertFalse(headers.forgotten(744));
        vm.assertTrue(headers.forgotten(743));
        vm.assertFalse(headers.forgotten(2000));
    }
}
