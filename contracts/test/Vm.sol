// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// The part of forge's cheat codes that the tests use (https://book.getfoundry.sh/cheatcodes/).
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
    function getNonce(address account) external view returns (uint64);
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function warp(uint256 time) external;
    function roll(uint256 number) external;
    function chainId(uint256 id) external;
    function prevrandao(bytes32 value) external;
    function setBlockhash(uint256 number, bytes32 hash) external;
    function store(address target, bytes32 slot, bytes32 value) external;
    function load(address target, bytes32 slot) external view returns (bytes32);
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectEmit() external;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function assume(bool condition) external pure;
    function label(address account, string calldata name) external;
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
    function parseJsonBytes32Array(string calldata json, string calldata key) external pure returns (bytes32[] memory);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);
    function parseJsonAddressArray(string calldata json, string calldata key) external pure returns (address[] memory);
    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function toString(uint256 value) external pure returns (string memory);
    function mockCall(address target, bytes calldata data, bytes calldata answer) external;
    function clearMockedCalls() external;
    function snapshotState() external returns (uint256);
    function revertToState(uint256 id) external returns (bool);
    function cool(address target) external;
    function startSnapshotGas(string calldata name) external;
    function stopSnapshotGas() external returns (uint256);
    function assertEq(uint256 a, uint256 b) external pure;
    function assertEq(uint256 a, uint256 b, string calldata what) external pure;
    function assertEq(address a, address b) external pure;
    function assertEq(address a, address b, string calldata what) external pure;
    function assertEq(bytes32 a, bytes32 b) external pure;
    function assertEq(bytes32 a, bytes32 b, string calldata what) external pure;
    function assertEq(bool a, bool b) external pure;
    function assertEq(bool a, bool b, string calldata what) external pure;
    function assertEq(string calldata a, string calldata b) external pure;
    function assertTrue(bool a) external pure;
    function assertTrue(bool a, string calldata what) external pure;
    function assertFalse(bool a) external pure;
    function assertFalse(bool a, string calldata what) external pure;
    function assertLe(uint256 a, uint256 b, string calldata what) external pure;
    function assertGe(uint256 a, uint256 b, string calldata what) external pure;
    function assertLt(uint256 a, uint256 b, string calldata what) external pure;
}

// Where forge answers them.
Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
