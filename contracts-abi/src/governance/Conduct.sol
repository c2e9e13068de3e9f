// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IConductedLand} from "../interfaces/IConductedLand.sol";

/// @title Rules of conduct
/// @notice A vote may warn a parcel, and after enough warnings evict it from its location, never its owner from its
/// token. Between a warning and what follows it lies a time in which its owner can answer, so that no vote does both;
/// warnings lapse when none has followed for a longer one. Only the Timelock calls these, after a vote of the land.
contract Conduct {
    uint256 private constant MAX_REASON_BYTES = 96;

    /// @notice The land that is watched over.
    IConductedLand public immutable land;
    /// @notice What carries out votes.
    address public immutable timelock;
    /// @notice Warnings that stand before an eviction.
    uint8 public immutable warningsBeforeEviction;
    /// @notice Seconds after the last warning at which all of a parcel's lapse.
    uint64 public immutable lapseSeconds;
    /// @notice Seconds from a warning to the parcel's next warning or its eviction, at least.
    uint64 public immutable gapSeconds;

    /// @notice A parcel was warned; `count` warnings stand.
    event Warned(uint256 indexed parcel, uint256 count, bytes reason);
    /// @notice A parcel lost its location.
    event Evicted(uint256 indexed parcel, bytes reason);

    error NotTimelock(address timelock, address caller);
    error ReasonInvalid(uint256 length, uint256 max);
    error ParcelInactive(uint256 parcel);
    error TooFewWarnings(uint256 parcel, uint256 standing, uint256 needed);
    /// @notice The parcel was warned a short while ago: its owner may answer until then.
    error WarnedJustNow(uint256 parcel, uint256 until);

    modifier onlyTimelock() {
        if (msg.sender != timelock) revert NotTimelock(timelock, msg.sender);
        _;
    }

    constructor(
        IConductedLand land_,
        address timelock_,
        uint8 warningsBeforeEviction_,
        uint64 lapseSeconds_,
        uint64 gapSeconds_
    ) {
        land = land_;
        timelock = timelock_;
        warningsBeforeEviction = warningsBeforeEviction_;
        lapseSeconds = lapseSeconds_;
        gapSeconds = gapSeconds_;
    }

    /// @notice Warnings of a parcel that have not lapsed.
    function standingWarnings(uint256 parcel) public view returns (uint256) {
        (uint256 count, uint256 lastAt) = land.warningsOf(parcel);
        return block.timestamp >= lastAt + lapseSeconds ? 0 : count;
    }

    /// @notice Warns an active parcel that was not warned just before.
    /// @param reason bytes of the CID of what explains it
    function warn(uint256 parcel, bytes calldata reason) external onlyTimelock {
        _assertCase(parcel, reason);
        _assertAnswerable(parcel);
        uint256 count = standingWarnings(parcel) + 1;
        // more than the eviction needs would change nothing, and 255 is all that the parcel's word holds
        if (count > warningsBeforeEviction) count = warningsBeforeEviction;
        emit Warned(parcel, count, reason);
        land.setWarnings(parcel, uint8(count));
    }

    /// @notice Takes the location from a parcel on which enough warnings stand, the last not just before.
    /// @param reason bytes of the CID of what explains it
    function evict(uint256 parcel, bytes calldata reason) external onlyTimelock {
        _assertCase(parcel, reason);
        uint256 standing = standingWarnings(parcel);
        if (standing < warningsBeforeEviction) revert TooFewWarnings(parcel, standing, warningsBeforeEviction);
        _assertAnswerable(parcel);
        emit Evicted(parcel, reason);
        land.evict(parcel);
    }

    function _assertAnswerable(uint256 parcel) private view {
        (, uint256 lastAt) = land.warningsOf(parcel);
        uint256 until = lastAt + gapSeconds;
        if (block.timestamp < until) revert WarnedJustNow(parcel, until);
    }

    function _assertCase(uint256 parcel, bytes calldata reason) private view {
        if (reason.length == 0 || reason.length > MAX_REASON_BYTES) revert ReasonInvalid(reason.length, MAX_REASON_BYTES);
        if (!land.isActive(parcel)) revert ParcelInactive(parcel);
    }
}
