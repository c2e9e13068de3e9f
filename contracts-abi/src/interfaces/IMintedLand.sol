// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Share} from "../land/LandRule.sol";

/// @title What a sale needs of the land
/// @notice `Land` offers these to the one `LandSale` that it was built with.
interface IMintedLand {
    /// @notice Has this parcel been minted?
    function isMinted(uint256 id) external view returns (bool);

    /// @notice The last id that may be minted now.
    function lastId() external view returns (uint256);

    /// @notice Whom a parcel is meant for.
    function shareOf(uint256 id) external view returns (Share);

    /// @notice Mints one community parcel: of the first city on its birth cell, a further one without a place. Only
    /// `LandSale` may call it.
    function mint(address to, uint256 id) external;
}
