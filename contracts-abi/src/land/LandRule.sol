// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Whom a parcel is meant for: the foundation, those who claim it by proof, or the highest bidder.
enum Share {
    Public,
    Giveaway,
    Auction
}

/// @title The land rule: which cells the first city has, in what order, and whose they are to be
/// @notice The same rule as `web/core/land-rule.ts`; a test compares all 50,000 parcels. A cell (x, y) has its centre at
/// (x + ½, y + ½). The first city is the circle around the origin, less the 80 cells farthest out and the central square;
/// as the farthest 80 are whole rings, what stays is simply a smaller circle, the same after half a turn.
library LandRule {
    /// @notice Parcels of the first city, ids 1 to 50,000.
    uint256 internal constant FIRST_CITY = 50_000;
    /// @notice Ids take 16 bits; 65,535 is left unused.
    uint256 internal constant MAX_ID = 65_534;
    /// @notice Parcels in a row that have one share.
    uint256 internal constant RUN = 100;
    /// @notice A cell's coordinates take 12 bits each.
    int256 internal constant MIN_COORDINATE = -2048;
    int256 internal constant MAX_COORDINATE = 2047;

    /// @dev The ring of the farthest 80 begins at 4 d² = 68,546.
    int256 private constant REACH = 68_545;
    int256 private constant SQUARE_MIN = -31;
    int256 private constant SQUARE_MAX = 30;
    uint256 private constant SQUARE_SIDE = 62;
    uint256 private constant HALF_CITY = 25_000;
    uint256 private constant LAST_ROW = 130;

    /// @dev Parcels in the rows 0 to y - 1, 16 bits for each y from 0 to 131: the upper half of the city.
    bytes private constant ROWS =
        hex"000000c801900258032003e804b005780640070807d00896095c0a220ae80bae0c740d3a0e000ec60f8a104e111211d6"
        hex"129a135e142014e215a41666172817e818e619e41ae21bde1cda1dd61ed01fca20c421bc22b423ac24a22598268e2782"
        hex"2876296a2a5c2b4e2c3e2d2e2e1c2f0a2ff830e431d032ba33a4348c3574365a373e3822390439e63ac63ba63c843d60"
        hex"3e3c3f163fee40c6419c42704342441444e445b2467e474a481448dc49a24a664b284be84ca84d664e224edc4f94504a"
        hex"50fe51ae525c530853b2545a550055a2564256e0577a581258a8593a59ca5a565ae05b665be85c665ce25d5a5dce5e3e"
        hex"5ea85f0e5f705fcc6022607260bc6100613c616e619461a8";

    /// @notice Is the cell part of the central square, which carries the foundation's buildings and no parcel?
    function isSquare(int256 x, int256 y) internal pure returns (bool) {
        return x >= SQUARE_MIN && x <= SQUARE_MAX && y >= SQUARE_MIN && y <= SQUARE_MAX;
    }

    /// @notice Does the cell belong to the first city, the central square excepted?
    function isMainland(int256 x, int256 y) internal pure returns (bool) {
        if (x < -131 || x > 130 || y < -131 || y > 130) return false;
        unchecked {
            int256 a = 2 * x + 1;
            int256 b = 2 * y + 1;
            return a * a + b * b <= REACH && !isSquare(x, y);
        }
    }

    /// @notice Can a parcel lie on the cell, as far as its coordinates go?
    function isSettleable(int256 x, int256 y) internal pure returns (bool) {
        return x >= MIN_COORDINATE && x <= MAX_COORDINATE && y >= MIN_COORDINATE && y <= MAX_COORDINATE
            && !isSquare(x, y);
    }

    /// @notice The cell that a parcel of the first city is minted on.
    /// @param id 1 to 50,000; the caller has checked it
    function birthCell(uint256 id) internal pure returns (int256 x, int256 y) {
        (x, y,) = birthRow(id);
    }

    /// @notice The cell that a parcel of the first city is minted on, and where the row of parcels after it ends: the x
    /// after its last cell.
    /// @param id 1 to 50,000; the caller has checked it
    function birthRow(uint256 id) internal pure returns (int256 x, int256 y, int256 end) {
        unchecked {
            uint256 serial = id - 1;
            if (serial >= HALF_CITY) {
                (x, y, end) = upperCell(serial - HALF_CITY);
            } else {
                (x, y, end) = upperCell(HALF_CITY - 1 - serial);
                (x, y) = (-1 - x, -1 - y);
            }
            if (x < SQUARE_MIN && y >= SQUARE_MIN && y <= SQUARE_MAX) end = SQUARE_MIN;
        }
    }

    /// @notice Id of the parcel that is minted on a cell, 0 for the square and for what lies outside.
    function bornAt(int256 x, int256 y) internal pure returns (uint256) {
        if (!isMainland(x, y)) return 0;
        unchecked {
            if (y < 0) return FIRST_CITY + 1 - bornAt(-1 - x, -1 - y);
            bytes memory rows = ROWS;
            int256 column = x + halfWidth(rows, uint256(y));
            if (y <= SQUARE_MAX && x > SQUARE_MAX) column -= int256(SQUARE_SIDE);
            return HALF_CITY + rowsBefore(rows, uint256(y)) + uint256(column) + 1;
        }
    }

    /// @notice Share of a parcel: of ten runs of a hundred three are public, three are given away and four are
    /// auctioned, and the order turns by one from each ten to the next. What is minted later is auctioned.
    /// @param id 1 to 65,534; the caller has checked it
    function shareOf(uint256 id) internal pure returns (Share) {
        if (id > FIRST_CITY) return Share.Auction;
        unchecked {
            uint256 run = (id - 1) / RUN;
            uint256 turn = (run + 9 * (run / 10)) % 10;
            return turn < 3 ? Share.Public : turn < 6 ? Share.Giveaway : Share.Auction;
        }
    }

    /// @dev The cell of a serial counted within the upper half, by bisection over the rows, and half its row's width.
    function upperCell(uint256 serial) private pure returns (int256 x, int256 y, int256 half) {
        unchecked {
            bytes memory rows = ROWS;
            uint256 low = 0;
            uint256 high = LAST_ROW;
            while (low < high) {
                uint256 middle = (low + high + 1) / 2;
                if (rowsBefore(rows, middle) <= serial) low = middle;
                else high = middle - 1;
            }
            y = int256(low);
            half = halfWidth(rows, low);
            x = int256(serial - rowsBefore(rows, low)) - half;
            if (y <= SQUARE_MAX && x >= SQUARE_MIN) x += int256(SQUARE_SIDE);
        }
    }

    /// @dev Cells between the middle of a row and its end, the square's counted in.
    function halfWidth(bytes memory rows, uint256 y) private pure returns (int256) {
        unchecked {
            uint256 count = rowsBefore(rows, y + 1) - rowsBefore(rows, y);
            if (y <= uint256(SQUARE_MAX)) count += SQUARE_SIDE;
            return int256(count / 2);
        }
    }

    function rowsBefore(bytes memory rows, uint256 y) private pure returns (uint256 count) {
        // the word that ends with the two bytes of this row: 32 of length, less 30 of what stands before them
        assembly ("memory-safe") {
            count := and(mload(add(rows, add(2, shl(1, y)))), 0xffff)
        }
    }
}
