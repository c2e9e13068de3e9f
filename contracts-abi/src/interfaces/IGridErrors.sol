// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Why `LandGrid` refuses
/// @notice `Land` hands these on, so that both name them.
interface IGridErrors {
    /// @notice Only `Land` may write, and `caller` is not it.
    error NotLand(address caller);
    /// @notice This parcel has been minted already.
    error ParcelMinted(uint256 id);
    /// @notice No parcel can lie there: the cell belongs to the central square or has more than 12 bits.
    error CellOutOfReach(int256 x, int256 y);
    /// @notice The cell is kept for the parcel that is to be minted on it.
    error CellReserved(int256 x, int256 y, uint256 id);
    /// @notice Another parcel lies there.
    error CellTaken(int256 x, int256 y, uint256 id);
    /// @notice The cell lies outside and touches neither the first city nor a parcel with one of its sides.
    error CellApart(int256 x, int256 y);
}
