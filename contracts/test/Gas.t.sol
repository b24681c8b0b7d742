// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Acceptance, IMarket, Receipt, Terms, Voucher} from "../src/interfaces/IMarket.sol";
import {VALIDATOR} from "../src/interfaces/IStaking.sol";
import {System} from "./System.sol";
import {vm} from "./Vm.sol";

/// What moves cost, as a transaction pays for it: its execution, and 21000 and its calldata besides. Bounds are a little above what was measured, so
/// that a change that costs more is seen. `forge test --match-contract GasTest -vv` prints them.
contract GasTest is System {
    event log_named_uint(string what, uint256 gas);

    uint256 private total;

    function setUp() public override {
        super.setUp();
        // Everybody has had something before, as in a market that is running: no slot is new that will not be new then.
        Voucher[] memory vs = new Voucher[](14);
        bytes[] memory signatures = new bytes[](14);
        for (uint256 i = 0; i < 14; i++) {
            vs[i] = Voucher(consumer, i < VALIDATORS ? validator(i) : provider, uint128(i == 13 ? 2 : 1));
            signatures[i] = signVoucher(CONSUMER, vs[i]);
        }
        market.redeem(vs, signatures);
        Terms memory t = termsOf("one that stays open");
        t.bond = 1;
        (t.price, t.saving) = (0, 0);
        openJob(t);
    }

    /// Execution with cold storage, as a transaction of its own begins, less what calling it from here costs.
    function cost(string memory what, address from, address to, bytes memory data, uint256 most) private {
        vm.cool(address(market));
        vm.cool(address(staking));
        vm.cool(address(parameters));
        vm.cool(address(token));
        vm.cool(address(lottery));
        vm.prank(from);
        uint256 before = gasleft();
        (bool ok, bytes memory out) = to.call(data);
        uint256 used = before - gasleft();
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(out, 32), mload(out))
            }
        }
        uint256 gas = used + 21_000 + calldataGas(data);
        total += gas;
        emit log_named_uint(what, gas);
        vm.assertLe(gas, most, what);
    }

    function calldataGas(bytes memory data) private pure returns (uint256 gas) {
        for (uint256 i = 0; i < data.length; i++) {
            gas += data[i] == 0 ? 4 : 16;
        }
    }

    function openCost(Terms memory t) private {
        cost("open", provider, address(market), abi.encodeCall(market.open, (t, signTerms(CONSUMER, t))), 160_000);
    }

    function testFast() public {
        Terms memory t = termsOf("job");
        openCost(t);
        address[] memory jurors = new address[](3);
        for (uint256 i = 0; i < 3; i++) {
            jurors[i] = validator(i);
        }
        Acceptance memory a = Acceptance(market.idOf(t), "receipt", jurors);
        cost("accept, three jurors", provider, address(market), abi.encodeCall(market.accept, (t, a, signAcceptance(CONSUMER, a))), 125_000);
        emit log_named_uint("open + accept", total);
    }

    function testFull() public {
        Terms memory t = termsOf("job");
        bytes32 id = market.idOf(t);
        openCost(t);
        Receipt memory r = receiptOf(t);
        cost("commit", provider, address(market), abi.encodeCall(market.commit, (t, r, signReceipt(PROVIDER_KEY, r))), 100_000);
        sealCost(t, r, candidates(), "seal, 12 candidates", 320_000);
        for (uint256 i = 0; i < 3; i++) {
            address juror = market.seats(id, i).juror;
            bytes32 hash = market.verdictHash(id, juror, IMarket.Value.Valid, 0, bytes32(i));
            cost("commitVerdict", juror, address(market), abi.encodeCall(market.commitVerdict, (id, i, hash)), 70_000);
        }
        for (uint256 i = 0; i < 3; i++) {
            cost("openVerdict", market.seats(id, i).juror, address(market), abi.encodeCall(market.openVerdict, (id, i, IMarket.Value.Valid, 0, bytes32(i))), 50_000);
        }
        vm.warp(block.timestamp + t.window + 1);
        cost("settle", provider, address(market), abi.encodeCall(market.settle, (t)), 125_000);
        emit log_named_uint("whole course, three jurors", total);
    }

    function sealCost(Terms memory t, Receipt memory r, bytes memory packed, string memory what, uint256 most) private {
        uint256 number = market.jobs(market.idOf(t)).seedBlock;
        bytes memory header = headerOf(number, "random");
        vm.roll(number + 1);
        vm.setBlockhash(number, keccak256(header));
        cost(what, provider, address(market), abi.encodeCall(market.seal, (t, r, header, packed)), most);
    }

    /// A list as long as it may be.
    function testSealByManyCandidates() public {
        bytes memory packed;
        for (uint160 i = 0; i < 256; i++) {
            address account = address((i + 1) << 80);
            enrol(account, 100 * GWR, VALIDATOR);
            packed = abi.encodePacked(packed, account, uint32(100), bytes8("gpu"));
        }
        Terms memory t = termsOf("many");
        t.candidates = keccak256(packed);
        openJob(t);
        sealCost(t, commitJob(t), packed, "seal, 256 candidates", 700_000);
    }

    function testVouchers() public {
        // One, for however many jobs.
        Voucher[] memory vs = new Voucher[](1);
        bytes[] memory signatures = new bytes[](1);
        vs[0] = Voucher(consumer, provider, uint128(100 * GWR));
        signatures[0] = signVoucher(CONSUMER, vs[0]);
        cost("redeem one voucher (100 jobs of one consumer)", provider, address(market), abi.encodeCall(market.redeem, (vs, signatures)), 80_000);
    }

    function testManyVouchers() public {
        // Of a hundred consumers, who were drawn on before.
        Voucher[] memory vs = new Voucher[](100);
        bytes[] memory signatures = new bytes[](100);
        for (uint256 again = 0; again < 2; again++) {
            for (uint256 i = 0; i < 100; i++) {
                address from = vm.addr(0xf000 + i);
                if (again == 0) {
                    token.approve(address(market), 10 * GWR);
                    market.depositFor(from, 10 * GWR);
                }
                vs[i] = Voucher(from, provider, uint128((again + 1) * GWR));
                signatures[i] = signVoucher(0xf000 + i, vs[i]);
            }
            if (again == 0) market.redeem(vs, signatures);
        }
        cost("redeem 100 vouchers of 100 consumers", provider, address(market), abi.encodeCall(market.redeem, (vs, signatures)), 2_600_000);
        emit log_named_uint("each", total / 100);
    }
}
