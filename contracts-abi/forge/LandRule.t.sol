// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LandRule, Share} from "src/land/LandRule.sol";
import {Test} from "./Vm.sol";

/// @dev All 50,000 parcels, against the hashes that `test/web/core/land-rule.test.ts` has of the tabs' rule.
contract LandRuleTest is Test {
    bytes32 private constant CELLS = 0x77df1862f2708a4c3b754757478434b9a1c758402b83a448e3d2957a08791828;
    bytes32 private constant SHARES = 0x02ca7e0948b532313e31ab7d409b2a574a02772bf81a58d981548883d382546b;

    function test_CH2_everyBirthCellIsThatOfTheTabs() external pure {
        bytes memory lines = new bytes(600_000);
        uint256 length = 0;
        uint256 spare;
        assembly {
            spare := mload(0x40)
        }
        for (uint256 id = 1; id <= LandRule.FIRST_CITY; id++) {
            (int256 x, int256 y) = LandRule.birthCell(id);
            _same("born", LandRule.bornAt(x, y), id);
            length = _write(lines, length, x);
            lines[length++] = ",";
            length = _write(lines, length, y);
            lines[length++] = "\n";
            // the rule's table is copied at each call: 50,000 of them would be too much
            assembly {
                mstore(0x40, spare)
            }
        }
        assembly {
            mstore(lines, length)
        }
        require(sha256(lines) == CELLS, "cells differ");
    }

    function test_CH3_everyShareIsThatOfTheTabs() external pure {
        uint256[3] memory counts;
        bytes memory shares = new bytes(LandRule.FIRST_CITY);
        for (uint256 id = 1; id <= LandRule.FIRST_CITY; id++) {
            Share share = LandRule.shareOf(id);
            counts[uint256(share)]++;
            shares[id - 1] = bytes1(uint8(share));
        }
        _same("public", counts[0], 15_000);
        _same("giveaway", counts[1], 15_000);
        _same("auction", counts[2], 20_000);
        require(sha256(shares) == SHARES, "shares differ");
    }

    function testFuzz_CH2_mainlandIsWhereParcelsAreBorn(int16 x, int16 y) external pure {
        // half of the tries within reach of the city
        if (x % 2 == 0) (x, y) = (x % 140, y % 140);
        uint256 id = LandRule.bornAt(x, y);
        require((id != 0) == LandRule.isMainland(x, y), "mainland");
        if (id == 0) return;
        (int256 a, int256 b) = LandRule.birthCell(id);
        require(a == x && b == y, "cell");
        require(LandRule.isSettleable(x, y) && !LandRule.isSquare(x, y), "square");
    }

    /// @dev Decimal digits; returns where they end.
    function _write(bytes memory to, uint256 start, int256 value) private pure returns (uint256) {
        if (value < 0) {
            to[start++] = "-";
            value = -value;
        }
        uint256 digits = value >= 100 ? 3 : value >= 10 ? 2 : 1;
        for (uint256 i = digits; i > 0; i--) {
            to[start + i - 1] = bytes1(uint8(48 + uint256(value % 10)));
            value /= 10;
        }
        return start + digits;
    }
}
