// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Districts} from "src/governance/Districts.sol";
import {Test} from "./Vm.sol";

/// @dev [CH8] Which cells a district covers, against other ways to tell. This contract is the Timelock.
contract DistrictsTest is Test {
    Districts private districts;

    function setUp() external {
        districts = new Districts(address(this));
    }

    function _ring(uint16 inner, uint16 outer) private pure returns (Districts.District memory ring) {
        ring.category = Districts.Category.Adult;
        (ring.inner, ring.outer, ring.name) = (inner, outer, "ring");
    }

    function _polygon(int16[8] memory xy, uint256 count) private pure returns (Districts.District memory area) {
        area.category = Districts.Category.Gambling;
        area.name = "area";
        area.corners = new Districts.Point[](count);
        for (uint256 i = 0; i < count; i++) area.corners[i] = Districts.Point(xy[2 * i], xy[2 * i + 1]);
    }

    function _covers(int256 x, int256 y) private view returns (bool) {
        return districts.categoryAt(x, y) != Districts.Category.General;
    }

    function testFuzz_CH8_aRectangleCoversItsCells(int8 left, int8 low, uint8 wide, uint8 high, int16 x, int16 y)
        external
    {
        (int16 right, int16 top) = (int16(left) + int16(uint16(wide)) + 1, int16(low) + int16(uint16(high)) + 1);
        districts.set(0, _polygon([left, low, right, low, right, top, left, top], 4));
        // half of the tries near it
        if (x % 2 == 0) (x, y) = (left + x % 300, low + y % 300);
        require(_covers(x, y) == (x >= left && x < right && y >= low && y < top), "cells");
    }

    /// @dev A middle lies within a triangle when it lies on the same side of all three edges; on an edge, either is right.
    function testFuzz_CH8_aTriangleCoversWhatLiesWithin(int8[6] calldata xy, int8 x, int8 y) external {
        districts.set(0, _polygon([int16(xy[0]), xy[1], xy[2], xy[3], xy[4], xy[5], 0, 0], 3));
        int256[3] memory sides;
        for (uint256 i = 0; i < 3; i++) {
            (int256 ax, int256 ay) = (2 * int256(xy[2 * i]), 2 * int256(xy[2 * i + 1]));
            uint256 j = (i + 1) % 3;
            (int256 bx, int256 by) = (2 * int256(xy[2 * j]), 2 * int256(xy[2 * j + 1]));
            sides[i] = (bx - ax) * (2 * int256(y) + 1 - ay) - (by - ay) * (2 * int256(x) + 1 - ax);
        }
        if (sides[0] == 0 || sides[1] == 0 || sides[2] == 0) return;
        bool isWithin = (sides[0] > 0) == (sides[1] > 0) && (sides[1] > 0) == (sides[2] > 0);
        require(_covers(x, y) == isWithin, "within");
    }

    function testFuzz_CH8_aRingCoversByDistance(uint8 inner, uint8 width, int8 x, int8 y) external {
        uint256 outer = uint256(inner) + width + 1;
        districts.set(0, _ring(inner, uint16(outer)));
        uint256 square = uint256((2 * int256(x) + 1) ** 2 + (2 * int256(y) + 1) ** 2);
        require(_covers(x, y) == (square >= (2 * uint256(inner)) ** 2 && square < (2 * outer) ** 2), "distance");
    }

    function test_CH8_theHighestNumberCounts_andWhatIsRemovedCoversNothing() external {
        districts.set(0, _ring(0, 50));
        districts.set(1, _polygon([int16(0), 0, 10, 0, 10, 10, 0, 10], 4));
        require(districts.categoryAt(5, 5) == Districts.Category.Gambling, "above");
        require(districts.categoryAt(20, 5) == Districts.Category.Adult, "below");
        districts.remove(1);
        require(districts.categoryAt(5, 5) == Districts.Category.Adult, "removed");
        _same("kept number", districts.all().length, 2);
        // drawn anew as another shape, nothing of the old one stays
        districts.set(0, _polygon([int16(0), 0, 3, 0, 3, 3, 0, 0], 3));
        require(districts.categoryAt(20, 5) == Districts.Category.General, "anew");
        _same("corners", districts.all()[0].corners.length, 3);
    }

    function test_CH8_refusesWhatIsNoDistrict() external {
        _refuses(Districts.DistrictMissing.selector);
        districts.set(1, _ring(0, 1));
        _refuses(Districts.DistrictMissing.selector);
        districts.remove(0);
        _refuses(Districts.ShapeInvalid.selector);
        districts.set(0, _ring(5, 5));
        _refuses(Districts.ShapeInvalid.selector);
        districts.set(0, _polygon([int16(0), 0, 1, 1, 0, 0, 0, 0], 2));
        _refuses(Districts.ShapeInvalid.selector);
        districts.set(0, _polygon([int16(0), 0, 2_049, 1, 1, 0, 0, 0], 3));
        Districts.District memory both = _polygon([int16(0), 0, 1, 1, 1, 0, 0, 0], 3);
        both.outer = 5;
        _refuses(Districts.ShapeInvalid.selector);
        districts.set(0, both);
        Districts.District memory long = _ring(0, 1);
        long.name = string(new bytes(65));
        _refuses(Districts.NameTooLong.selector);
        districts.set(0, long);
        vm.prank(address(1));
        _refuses(Districts.NotTimelock.selector);
        districts.set(0, _ring(0, 1));
        vm.prank(address(1));
        _refuses(Districts.NotTimelock.selector);
        districts.remove(0);
        for (uint256 i = 0; i < 64; i++) districts.set(i, _ring(0, 1));
        _refuses(Districts.DistrictsFull.selector);
        districts.set(64, _ring(0, 1));
    }
}
