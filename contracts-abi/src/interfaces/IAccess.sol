// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Who may enter or see
/// @notice What a model may name to decide about its content; `Access` is one, and anybody may write another.
interface IAccess {
    /// @notice May somebody enter, or see?
    /// @param token contract of the thing: `Planet`, `Model`, or any ERC-721
    /// @param id of the thing
    /// @param who somebody
    function hasAccess(address token, uint256 id, address who) external view returns (bool);
}
