// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IntervalCommit, Typed, VerdictCommit} from "../src/Typed.sol";
import {Acceptance, Receipt, Terms, Voucher} from "../src/interfaces/IMarket.sol";
import {vm} from "./Vm.sol";

/// What takes structs from calldata, called from outside.
contract Hashes {
    function terms(Terms calldata t) external pure returns (bytes32) {
        return Typed.hash(t);
    }

    function receipt(Receipt calldata r) external pure returns (bytes32) {
        return Typed.hash(r);
    }

    function intervalCommit(IntervalCommit calldata c) external pure returns (bytes32) {
        return Typed.hash(c);
    }

    function verdictCommit(VerdictCommit calldata c) external pure returns (bytes32) {
        return Typed.hash(c);
    }

    function voucher(Voucher calldata v) external pure returns (bytes32) {
        return Typed.hash(v);
    }

    function acceptance(Acceptance calldata a) external pure returns (bytes32) {
        return Typed.hash(a);
    }

    function check(bytes32 digest, bytes calldata signature, address wanted) external pure {
        Typed.check(digest, signature, wanted);
    }
}

contract TypedTest {
    Hashes private immutable hashes = new Hashes();
    string private json;

    function setUp() public {
        json = vm.readFile("testdata/typed.json");
    }

    /// Each message as Go signs it (host/settle, TestTypedVectors): the same hash of its words, the same digest, the same signer.
    function testHashesAsNodesDo() public view {
        bytes32 plain = vm.parseJsonBytes32(json, ".plain");
        bytes32 domain = vm.parseJsonBytes32(json, ".domain");
        vm.assertEq(Typed.PLAIN, plain);
        vm.assertEq(Typed.domainOf(vm.parseJsonUint(json, ".chain"), vm.parseJsonAddress(json, ".market")), domain);

        compare(".terms", domain, ofWords(".terms", Hashes.terms.selector));
        compare(".receipt", plain, ofWords(".receipt", Hashes.receipt.selector));
        compare(".interval_commit", plain, ofWords(".interval_commit", Hashes.intervalCommit.selector));
        compare(".verdict_commit", plain, ofWords(".verdict_commit", Hashes.verdictCommit.selector));
        compare(".voucher", domain, ofWords(".voucher", Hashes.voucher.selector));
        bytes32[] memory fields = vm.parseJsonBytes32Array(json, ".release.fields");
        compare(".release", domain, Typed.release(fields[0], uint128(uint256(fields[1]))));

        fields = vm.parseJsonBytes32Array(json, ".acceptance.fields");
        address[] memory jurors = new address[](3);
        for (uint160 i = 3; i < 6; i++) {
            jurors[i - 3] = address(i << 152 | uint160(0xff) << 144 | i);
        }
        compare(".acceptance", domain, hashes.acceptance(Acceptance(fields[0], fields[1], jurors)));
        compare(".acceptance_of_nobody", domain, hashes.acceptance(Acceptance(fields[0], fields[1], new address[](0))));
    }

    /// A struct of fixed size is its words in calldata.
    function ofWords(string memory name, bytes4 selector) private view returns (bytes32) {
        bytes32[] memory fields = vm.parseJsonBytes32Array(json, string.concat(name, ".fields"));
        (bool ok, bytes memory out) = address(hashes).staticcall(abi.encodePacked(selector, fields));
        vm.assertTrue(ok, name);
        return abi.decode(out, (bytes32));
    }

    function compare(string memory name, bytes32 domain, bytes32 found) private view {
        vm.assertEq(found, vm.parseJsonBytes32(json, string.concat(name, ".struct")), name);
        bytes32 digest = Typed.digest(domain, found);
        vm.assertEq(digest, vm.parseJsonBytes32(json, string.concat(name, ".digest")), name);
        hashes.check(digest, vm.parseJsonBytes(json, string.concat(name, ".sig")), vm.parseJsonAddress(json, ".signer"));
    }

    /// As Solidity itself encodes them.
    function testFuzzHashIsOfTheEncodedStruct(Terms calldata t, Receipt calldata r, Voucher calldata v) public view {
        vm.assertEq(hashes.terms(t), keccak256(abi.encode(Typed.TERMS, t)));
        vm.assertEq(hashes.receipt(r), keccak256(abi.encode(Typed.RECEIPT, r)));
        vm.assertEq(hashes.voucher(v), keccak256(abi.encode(Typed.VOUCHER, v)));
    }

    function testFuzzChecksTheSigner(uint248 key, bytes32 digest) public {
        vm.assume(key != 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        hashes.check(digest, abi.encodePacked(r, s, v), vm.addr(key));
        vm.expectRevert(abi.encodeWithSelector(Typed.WrongSigner.selector, vm.addr(key), address(this)));
        hashes.check(digest, abi.encodePacked(r, s, v), address(this));
    }

    /// One signature has one form: neither the other s nor the short form of EIP-2098 is taken.
    function testRefusesOtherFormsOfASignature() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(7, "digest");
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes32 high = bytes32(order - uint256(s));
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, high));
        hashes.check("digest", abi.encodePacked(r, high, 55 - v), vm.addr(7));
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 64));
        hashes.check("digest", abi.encodePacked(r, s), vm.addr(7));
        vm.expectRevert(ECDSA.ECDSAInvalidSignature.selector);
        hashes.check("digest", abi.encodePacked(r, s, v - 27), vm.addr(7));
    }
}
