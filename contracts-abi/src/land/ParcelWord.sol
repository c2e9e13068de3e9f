// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Where a parcel stands in its life. `Inactive`: owned, without a place.
enum ParcelState {
    Unminted,
    Active,
    Inactive
}

/// @title The one word that says everything about a parcel
/// @notice Bits 0–159 owner, 160–171 x + 2048, 172–183 y + 2048, 184–191 state, 192–199 warnings, 200–239 unix seconds
/// of the last warning; the rest is 0. Without a place both coordinates' bits are 0.
library ParcelWord {
    /// @notice Added to a word, puts it one cell further east.
    uint256 internal constant EAST = 1 << 160;

    uint256 private constant X = 160;
    uint256 private constant Y = 172;
    uint256 private constant STATE = 184;
    uint256 private constant WARNINGS = 192;
    uint256 private constant WARNED_AT = 200;
    /// @dev x, y and state
    uint256 private constant PLACE_MASK = 0xffffffff << X;
    uint256 private constant WARNING_MASK = 0xffffffffffff << WARNINGS;
    int256 private constant OFFSET = 2048;

    function owner(uint256 word) internal pure returns (address) {
        return address(uint160(word));
    }

    function state(uint256 word) internal pure returns (ParcelState) {
        return ParcelState(uint8(word >> STATE));
    }

    function isActive(uint256 word) internal pure returns (bool) {
        return uint8(word >> STATE) == uint8(ParcelState.Active);
    }

    /// @notice The cell of an active parcel.
    function cell(uint256 word) internal pure returns (int256 x, int256 y) {
        unchecked {
            x = int256((word >> X) & 0xfff) - OFFSET;
            y = int256((word >> Y) & 0xfff) - OFFSET;
        }
    }

    function warnings(uint256 word) internal pure returns (uint256 count, uint256 lastAt) {
        return (uint8(word >> WARNINGS), uint40(word >> WARNED_AT));
    }

    function withOwner(uint256 word, address to) internal pure returns (uint256) {
        return (word >> X << X) | uint160(to);
    }

    /// @notice The word with a place; the coordinates have been checked.
    function withCell(uint256 word, int256 x, int256 y) internal pure returns (uint256) {
        unchecked {
            return (word & ~PLACE_MASK) | (uint256(x + OFFSET) << X) | (uint256(y + OFFSET) << Y)
                | (uint256(ParcelState.Active) << STATE);
        }
    }

    function withoutCell(uint256 word) internal pure returns (uint256) {
        return (word & ~PLACE_MASK) | (uint256(ParcelState.Inactive) << STATE);
    }

    function withWarnings(uint256 word, uint8 count, uint40 lastAt) internal pure returns (uint256) {
        return (word & ~WARNING_MASK) | (uint256(count) << WARNINGS) | (uint256(lastAt) << WARNED_AT);
    }
}
