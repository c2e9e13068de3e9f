// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What planets and models ask of the land
interface IParcels {
    /// @notice Owner of a minted parcel.
    function ownerOf(uint256 id) external view returns (address);

    /// @notice May somebody build on a parcel: its owner, or whom it named?
    function mayBuild(uint256 id, address who) external view returns (bool);
}
