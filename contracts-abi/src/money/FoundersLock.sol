// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {VestingWallet} from "@openzeppelin/contracts/finance/VestingWallet.sol";
import {VestingWalletCliff} from "@openzeppelin/contracts/finance/VestingWalletCliff.sol";

/// @title The founders' locked share
/// @notice Nothing can be taken before the cliff; from then on the part of the whole time that has passed since the
/// start is free. Only the founders' own account receives it; they may hand their right on, and not give it up, by which
/// the rest would be locked for ever.
contract FoundersLock is VestingWallet, VestingWalletCliff {
    /// @notice When the lock opens.
    struct Parameters {
        /// both from now on
        uint64 cliffSeconds;
        uint64 durationSeconds;
    }

    /// @notice The right to the founders' share is handed on by `transferOwnership` alone.
    error OwnershipKept();

    constructor(address founders, Parameters memory parameters)
        VestingWallet(founders, uint64(block.timestamp), parameters.durationSeconds)
        VestingWalletCliff(parameters.cliffSeconds)
    {}

    /// @notice Always refused: nobody could take what is still locked.
    function renounceOwnership() public pure override {
        revert OwnershipKept();
    }

    function _vestingSchedule(uint256 totalAllocation, uint64 timestamp)
        internal
        view
        override(VestingWallet, VestingWalletCliff)
        returns (uint256)
    {
        return super._vestingSchedule(totalAllocation, timestamp);
    }
}
