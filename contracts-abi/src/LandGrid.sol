// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGridErrors} from "./interfaces/IGridErrors.sol";
import {LandRule} from "./land/LandRule.sol";
import {ParcelWord, ParcelState} from "./land/ParcelWord.sol";

/// @title Where all parcels lie and whose they are
/// @notice Holds nothing that a reader cannot derive from the words of the parcels and from what their owners have in
/// `aliveUntil`, so that whoever has those can rebuild this contract's whole storage and compare one hash. It knows
/// where parcels can lie; who may do what is known by `Land`, which alone may write.
contract LandGrid is IGridErrors {
    using ParcelWord for uint256;

    /// @notice The word of each parcel by its id, see `ParcelWord`; slots 0 to 65,535.
    uint256[65_536] public words;
    /// @notice Sixteen parcels' ids of 16 bits in each, 0 where no parcel lies, the westernmost in the lowest bits. Cell
    /// (x, y) has the index (y + 2048) · 4096 + x + 2048, sixteen to an entry; slots 65,536 to 1,114,111.
    uint256[1_048_576] public cells;
    /// @notice Unix seconds until which an owner of parcels is taken to be alive, 0 for all who own none; slot 1,114,112.
    mapping(address owner => uint256 time) public aliveUntil;

    /// @notice The only writer.
    address public immutable land;

    modifier onlyLand() {
        if (msg.sender != land) revert NotLand(msg.sender);
        _;
    }

    /// @param land_ the only writer
    constructor(address land_) {
        land = land_;
    }

    /// @notice Id of the parcel that lies on a cell, 0 for none.
    /// @param x cell, eastward
    /// @param y cell, northward
    function parcelAt(int256 x, int256 y) public view returns (uint256) {
        if (!LandRule.isSettleable(x, y)) return 0;
        (uint256 slot, uint256 shift) = place(x, y);
        return uint16(cells[slot] >> shift);
    }

    /// @notice Mints consecutive parcels of the first city on the cells that they are born on.
    /// @param owner of all of them
    /// @param first id of the first
    /// @param count so many, the last at most 50,000
    function mint(address owner, uint256 first, uint256 count) external onlyLand {
        unchecked {
            uint256 end = first + count;
            for (uint256 id = first; id < end;) {
                (int256 x, int256 y, int256 east) = LandRule.birthRow(id);
                uint256 left = uint256(east - x);
                uint256 next = left < end - id ? id + left : end;
                mintInRow(uint256(uint160(owner)).withCell(x, y), id, next, x, y);
                id = next;
            }
        }
    }

    /// @notice Mints a further parcel, which has no place yet.
    /// @param owner of the parcel
    /// @param id above 50,000
    function mintAway(address owner, uint256 id) external onlyLand {
        if (words[id] != 0) revert ParcelMinted(id);
        words[id] = uint256(uint160(owner)).withoutCell();
    }

    /// @notice Hands a minted parcel to another owner, where it is.
    /// @param id of the parcel
    /// @param to its new owner
    function setOwner(uint256 id, address to) external onlyLand {
        words[id] = words[id].withOwner(to);
    }

    /// @notice Puts a minted parcel on a free cell: of the first city, once its own parcel has been minted, or outside
    /// where it touches the city or a parcel with a side.
    /// @param id of the parcel
    /// @param x cell, eastward
    /// @param y cell, northward
    function settle(uint256 id, int256 x, int256 y) external onlyLand {
        if (!LandRule.isSettleable(x, y)) revert CellOutOfReach(x, y);
        uint256 born = LandRule.bornAt(x, y);
        if (born != 0) {
            if (words[born] == 0) revert CellReserved(x, y, born);
        } else if (!touches(x, y, id)) {
            revert CellApart(x, y);
        }
        uint256 word = words[id];
        if (word.isActive()) clear(word);
        (uint256 slot, uint256 shift) = place(x, y);
        uint256 entry = cells[slot];
        uint256 other = uint16(entry >> shift);
        if (other != 0) revert CellTaken(x, y, other);
        cells[slot] = entry | (id << shift);
        words[id] = word.withCell(x, y);
    }

    /// @notice Takes an active parcel from its cell; its owner keeps it.
    /// @param id of the parcel
    function unsettle(uint256 id) external onlyLand {
        uint256 word = words[id];
        clear(word);
        words[id] = word.withoutCell();
    }

    /// @notice Writes a parcel's warnings.
    /// @param id of the parcel
    /// @param count warnings that stand
    /// @param lastAt unix seconds of the last one
    function setWarnings(uint256 id, uint8 count, uint40 lastAt) external onlyLand {
        words[id] = words[id].withWarnings(count, lastAt);
    }

    /// @notice Writes until when an owner is taken to be alive.
    /// @param owner of parcels
    /// @param time unix seconds, 0 for an owner that has none any more
    function setAliveUntil(address owner, uint256 time) external onlyLand {
        aliveUntil[owner] = time;
    }

    /// @dev Mints the ids from `id` to `end`, without it, from west to east. Neighbours share an entry of `cells`, which is
    /// written once.
    function mintInRow(uint256 word, uint256 id, uint256 end, int256 x, int256 y) private {
        unchecked {
            (uint256 slot, uint256 shift) = place(x, y);
            uint256 ids = 0;
            for (; id < end; id++) {
                uint256 before;
                // ids of the first city lie within `words`, without the compiler's comparing each with its length
                assembly ("memory-safe") {
                    let at := add(words.slot, id)
                    before := sload(at)
                    sstore(at, word)
                }
                if (before != 0) revert ParcelMinted(id);
                word += ParcelWord.EAST;
                ids |= id << shift;
                shift += 16;
                if (shift == 256) {
                    cells[slot++] |= ids;
                    (shift, ids) = (0, 0);
                }
            }
            if (ids != 0) cells[slot] |= ids;
        }
    }

    /// @dev Empties the cell of an active parcel.
    function clear(uint256 word) private {
        (int256 x, int256 y) = word.cell();
        (uint256 slot, uint256 shift) = place(x, y);
        cells[slot] &= ~(uint256(0xffff) << shift);
    }

    /// @dev Does a cell outside touch the city, which costs no reading, or a parcel other than the one that moves?
    function touches(int256 x, int256 y, uint256 id) private view returns (bool) {
        unchecked {
            return LandRule.isMainland(x - 1, y) || LandRule.isMainland(x + 1, y) || LandRule.isMainland(x, y - 1)
                || LandRule.isMainland(x, y + 1) || isOther(x - 1, y, id) || isOther(x + 1, y, id)
                || isOther(x, y - 1, id) || isOther(x, y + 1, id);
        }
    }

    function isOther(int256 x, int256 y, uint256 id) private view returns (bool) {
        uint256 parcel = parcelAt(x, y);
        return parcel != 0 && parcel != id;
    }

    /// @dev Entry of `cells` and shift within it.
    function place(int256 x, int256 y) private pure returns (uint256 slot, uint256 shift) {
        unchecked {
            uint256 index = (uint256(y + 2048) << 12) | uint256(x + 2048);
            return (index >> 4, (index & 15) << 4);
        }
    }
}
