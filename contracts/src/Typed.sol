// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Acceptance, Receipt, Terms, Voucher} from "./interfaces/IMarket.sol";

/// A commitment to one interval's record, as a provider signs it.
struct IntervalCommit {
    bytes32 job;
    uint64 index;
    bytes32 record;
}

/// A promise of verdicts, as a validator signs it.
struct VerdictCommit {
    bytes32 job;
    bytes32 receipt;
    address validator;
    bytes32 hash;
}

/// EIP-712 hashes of everything that is signed (https://eips.ethereum.org/EIPS/eip-712). A struct of fixed size is encoded by abi.encode just as
/// the standard wants it: each field a word.
library Typed {
    error WrongSigner(address found, address wanted);

    bytes32 internal constant NAME = keccak256("gwrun");
    bytes32 internal constant VERSION = keccak256("1");

    bytes32 internal constant TERMS = keccak256(
        "Terms(bytes32 job,address consumer,address provider,uint128 price,uint128 fee,uint128 bond,uint128 saving,uint64 opens,uint64 deadline,uint32 window,uint32 clock,uint32 samplePPM,uint32 validators,bytes32 candidates)"
    );
    bytes32 internal constant RECEIPT = keccak256(
        "Receipt(bytes32 job,bytes32 hash,bytes32 trace,uint64 intervals,uint64 ended,address provider,bytes8 device)"
    );
    bytes32 internal constant INTERVAL_COMMIT = keccak256("IntervalCommit(bytes32 job,uint64 index,bytes32 record)");
    bytes32 internal constant VERDICT_COMMIT =
        keccak256("VerdictCommit(bytes32 job,bytes32 receipt,address validator,bytes32 hash)");
    bytes32 internal constant VOUCHER = keccak256("Voucher(address consumer,address payee,uint128 total)");
    bytes32 internal constant ACCEPTANCE = keccak256("Acceptance(bytes32 terms,bytes32 receipt,address[] jurors)");
    bytes32 internal constant RELEASE = keccak256("Release(bytes32 terms,uint128 total)");

    /// The domain of what is bound by the job it is about: receipts and commitments.
    bytes32 internal constant PLAIN =
        keccak256(abi.encode(keccak256("EIP712Domain(string name,string version)"), NAME, VERSION));

    /// The domain of what is said to one market on one chain.
    function domainOf(uint256 chain, address market) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                NAME,
                VERSION,
                chain,
                market
            )
        );
    }

    function digest(bytes32 domain, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function hash(Terms calldata t) internal pure returns (bytes32) {
        uint256 p;
        assembly ("memory-safe") {
            p := t
        }
        return _hash(TERMS, p, 14);
    }

    function hash(Receipt calldata r) internal pure returns (bytes32) {
        uint256 p;
        assembly ("memory-safe") {
            p := r
        }
        return _hash(RECEIPT, p, 7);
    }

    function hash(IntervalCommit calldata c) internal pure returns (bytes32) {
        return keccak256(abi.encode(INTERVAL_COMMIT, c));
    }

    function hash(VerdictCommit calldata c) internal pure returns (bytes32) {
        return keccak256(abi.encode(VERDICT_COMMIT, c));
    }

    function hash(Voucher calldata v) internal pure returns (bytes32) {
        uint256 p;
        assembly ("memory-safe") {
            p := v
        }
        return _hash(VOUCHER, p, 3);
    }

    function hash(Acceptance calldata a) internal pure returns (bytes32) {
        return keccak256(abi.encode(ACCEPTANCE, a.terms, a.receipt, keccak256(abi.encodePacked(a.jurors))));
    }

    // A struct of fixed size is its words in calldata as they are hashed. One with anything in bits that a field does not have hashes to what nobody signs.
    function _hash(bytes32 kind, uint256 place, uint256 words) private pure returns (bytes32 out) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, kind)
            calldatacopy(add(free, 32), place, mul(words, 32))
            out := keccak256(free, mul(add(words, 1), 32))
        }
    }

    function release(bytes32 terms, uint128 total) internal pure returns (bytes32) {
        return keccak256(abi.encode(RELEASE, terms, total));
    }

    /// Refuses a digest that wanted did not sign. A signature has one form: 65 bytes, the lower s, v 27 or 28.
    function check(bytes32 digest_, bytes calldata signature, address wanted) internal pure {
        address found = ECDSA.recoverCalldata(digest_, signature);
        if (found != wanted) revert WrongSigner(found, wanted);
    }
}
