// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What governance may do to a parcel
/// @notice `Land` offers these to the one `Conduct` contract that it was built with, which counts warnings by the rules
/// of conduct and is itself moved by votes alone. Neither function touches the token: its owner keeps it.
interface IConductedLand {
    /// @notice The warnings that stand in the parcel's word, whether they have lapsed or not.
    /// @param parcel id of a parcel
    /// @return count warnings
    /// @return lastAt unix seconds of the last one, 0 when there was none
    function warningsOf(uint256 parcel) external view returns (uint256 count, uint256 lastAt);

    /// @notice Has this parcel a location, from which it can be removed?
    /// @param parcel id of a parcel
    function isActive(uint256 parcel) external view returns (bool);

    /// @notice Writes the count of warnings with this block's time. Only `Conduct` may call it.
    /// @param parcel id of a parcel
    /// @param count warnings that stand now, at most 255
    function setWarnings(uint256 parcel, uint8 count) external;

    /// @notice Takes the location from a parcel, never the token, and sets its warnings to zero. Only `Conduct` may
    /// call it.
    /// @param parcel id of an active parcel
    function evict(uint256 parcel) external;
}
