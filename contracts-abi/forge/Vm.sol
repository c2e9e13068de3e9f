// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev What we use of forge's cheat codes.
interface Vm {
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function warp(uint256 timestamp) external;
    function deal(address account, uint256 balance) external;
    function addr(uint256 key) external returns (address);
    function sign(uint256 key, bytes32 digest) external returns (uint8 v, bytes32 r, bytes32 s);
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectPartialRevert(bytes4 selector) external;
    function store(address target, bytes32 slot, bytes32 value) external;
    function assume(bool condition) external;
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
    function getNonce(address account) external view returns (uint64);
}

/// @dev Base of our tests: forge finds the invariants' targets by `targetContracts`.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error Unequal(string what, uint256 a, uint256 b);

    address[] private _targets;

    function targetContracts() external view returns (address[] memory) {
        return _targets;
    }

    /// @dev The next call reverts by this error, whatever values it has.
    function _refuses(bytes4 selector) internal {
        vm.expectPartialRevert(selector);
    }

    function _target(address account) internal {
        _targets.push(account);
    }

    function _same(string memory what, uint256 a, uint256 b) internal pure {
        if (a != b) revert Unequal(what, a, b);
    }

    function _atMost(string memory what, uint256 a, uint256 b) internal pure {
        if (a > b) revert Unequal(what, a, b);
    }
}
