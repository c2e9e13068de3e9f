// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Districts of the land
/// @notice Parts of the map with a category. Where several cover a cell the one with the highest number counts, and
/// where none does it is general. Who has not opted in to a category is not shown what stands in it. Only the Timelock
/// draws them, after a vote of the land.
contract Districts {
    /// @notice What a district is for. More may follow: a reader hides what it does not know.
    enum Category {
        General,
        Adult,
        Gambling
    }

    /// @notice A corner or a centre, in cells.
    struct Point {
        int16 x;
        int16 y;
    }

    /// @notice Either a ring (no corners) or a polygon (three corners at least).
    struct District {
        Category category;
        /// of a ring, in cells from the middle of the map: from `inner`, and less than `outer`
        uint16 inner;
        uint16 outer;
        /// of a polygon, in order; a cell belongs to it when its middle does
        Point[] corners;
        string name;
    }

    /// @notice Districts there can be.
    uint256 public constant MAX_DISTRICTS = 64;
    /// @notice Corners that a polygon can have.
    uint256 public constant MAX_CORNERS = 64;
    uint256 private constant MAX_NAME_BYTES = 64;
    /// @dev Cells lie in -2048 … 2047.
    int256 private constant MAX_COORDINATE = 2048;

    /// @notice What carries out votes.
    address public immutable timelock;

    District[] private _districts;

    /// @notice A district was drawn or drawn anew.
    event DistrictSet(uint256 indexed number, Category category, string name);
    /// @notice A district was removed; those after it keep their numbers.
    event DistrictRemoved(uint256 indexed number);

    error NotTimelock(address timelock, address caller);
    error DistrictMissing(uint256 number, uint256 count);
    error DistrictsFull(uint256 max);
    error ShapeInvalid();
    error NameTooLong(uint256 length, uint256 max);

    modifier onlyTimelock() {
        if (msg.sender != timelock) revert NotTimelock(timelock, msg.sender);
        _;
    }

    constructor(address timelock_) {
        timelock = timelock_;
    }

    /// @notice Every district by its number; a removed one has no name, no corners and no radius.
    function all() external view returns (District[] memory) {
        return _districts;
    }

    /// @notice Draws a district.
    /// @param number of one to draw anew, or the count of districts for a further one
    function set(uint256 number, District calldata district) external onlyTimelock {
        _assertShape(district);
        uint256 count = _districts.length;
        if (number > count) revert DistrictMissing(number, count);
        if (number == MAX_DISTRICTS) revert DistrictsFull(MAX_DISTRICTS);
        if (number == count) _districts.push();
        District storage own = _districts[number];
        own.category = district.category;
        own.inner = district.inner;
        own.outer = district.outer;
        own.name = district.name;
        delete own.corners;
        for (uint256 i = 0; i < district.corners.length; i++) own.corners.push(district.corners[i]);
        emit DistrictSet(number, district.category, district.name);
    }

    /// @notice Removes a district.
    function remove(uint256 number) external onlyTimelock {
        if (number >= _districts.length) revert DistrictMissing(number, _districts.length);
        delete _districts[number];
        emit DistrictRemoved(number);
    }

    /// @notice The category of a cell.
    function categoryAt(int256 x, int256 y) external view returns (Category) {
        for (uint256 i = _districts.length; i > 0; i--) {
            if (_covers(_districts[i - 1], x, y)) return _districts[i - 1].category;
        }
        return Category.General;
    }

    /// @dev In half cells, so that the middle of a cell is a whole number: (2x + 1, 2y + 1).
    function _covers(District storage district, int256 x, int256 y) private view returns (bool) {
        int256 px = 2 * x + 1;
        int256 py = 2 * y + 1;
        if (district.corners.length > 0) return _isInside(district.corners, px, py);
        uint256 distance = uint256(px * px + py * py);
        return distance >= (2 * uint256(district.inner)) ** 2 && distance < (2 * uint256(district.outer)) ** 2;
    }

    /// @dev Counts the edges to the right of the point. Corners lie between cells, so no edge ends at its height.
    function _isInside(Point[] storage corners, int256 px, int256 py) private view returns (bool inside) {
        uint256 length = corners.length;
        for (uint256 i = 0; i < length; i++) {
            (Point memory a, Point memory b) = (corners[i], corners[(i + 1) % length]);
            (int256 ax, int256 ay, int256 bx, int256 by) = (2 * int256(a.x), 2 * int256(a.y), 2 * int256(b.x), 2 * int256(b.y));
            if ((ay > py) == (by > py)) continue;
            // px < ax + (py - ay) · (bx - ax) / (by - ay), without a division
            int256 left = (px - ax) * (by - ay);
            int256 right = (py - ay) * (bx - ax);
            if (by > ay ? left < right : left > right) inside = !inside;
        }
    }

    function _assertShape(District calldata district) private pure {
        uint256 length = bytes(district.name).length;
        if (length > MAX_NAME_BYTES) revert NameTooLong(length, MAX_NAME_BYTES);
        uint256 corners = district.corners.length;
        bool isRing = corners == 0 && district.inner < district.outer;
        bool isPolygon = corners >= 3 && corners <= MAX_CORNERS && district.inner == 0 && district.outer == 0;
        if (!isRing && !isPolygon) revert ShapeInvalid();
        for (uint256 i = 0; i < corners; i++) {
            (int256 x, int256 y) = (district.corners[i].x, district.corners[i].y);
            if (x < -MAX_COORDINATE || x > MAX_COORDINATE || y < -MAX_COORDINATE || y > MAX_COORDINATE) revert ShapeInvalid();
        }
    }
}
