// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IConductedLand} from "./interfaces/IConductedLand.sol";
import {IMintedLand} from "./interfaces/IMintedLand.sol";
import {LandRule, Share} from "./land/LandRule.sol";
import {ParcelState, ParcelWord} from "./land/ParcelWord.sol";
import {ParcelToken} from "./land/ParcelToken.sol";

/// @title Land: 50,000 parcels of 10 m × 10 m, and later more
/// @notice Who may do what with parcels. Owners keep their tokens whatever happens; what a parcel can lose is its place:
/// when its owner has shown no life for several periods, or by a vote after warnings. It then returns to any free cell.
/// Public land of the foundation never falls free and has no vote.
contract Land is ParcelToken, IConductedLand, IMintedLand {
    using ParcelWord for uint256;
    using SafeERC20 for IERC20;

    struct Init {
        /// owner of the public land and judge of whether there is to be more land: the Timelock
        address foundation;
        /// the one `LandSale`
        address sale;
        /// the one `Conduct`
        address conduct;
        /// the currency of bounties
        IERC20 cybr;
        /// seconds in which an owner is to show life once
        uint32 lifePeriod;
        /// periods after which the places of an owner that showed none fall free
        uint32 missedPeriods;
        /// for each place set free, in 10⁻¹⁸ CYBR
        uint128 bounty;
        /// seconds from now until further land may be opened
        uint32 growthDelay;
    }

    /// @notice What is known of one parcel.
    struct Parcel {
        address owner;
        ParcelState state;
        /// its cell, 0 without a place
        int16 x;
        int16 y;
        uint8 warnings;
        /// unix seconds, 0 for none
        uint40 warnedAt;
        /// unix seconds; the foundation's has no end
        uint256 aliveUntil;
        Share share;
    }

    /// @notice Parcels that one call mints at most.
    uint256 public constant MAX_BATCH = 100;

    /// @notice Mints what is given away and auctioned.
    address public immutable sale;
    /// @notice Counts warnings and takes places by vote.
    address public immutable conduct;
    /// @notice The currency of bounties. What this contract holds of it is the pool, which anybody may fill.
    IERC20 public immutable cybr;
    /// @notice Seconds for which a sign of life counts.
    uint256 public immutable lifeSpan;
    /// @notice Seconds in which an owner is to show life once.
    uint256 public immutable lifePeriod;
    /// @notice For each place set free, in 10⁻¹⁸ CYBR, as far as the pool goes.
    uint256 public immutable bounty;
    /// @notice Unix seconds from which further land may be opened.
    uint256 public immutable growthFrom;

    /// @inheritdoc IMintedLand
    uint256 public lastId = LandRule.FIRST_CITY;

    /// @dev May `builder` build on a parcel of `owner`? Parcel 0 stands for all. Kept by owner, so that it ends with a sale.
    mapping(address owner => mapping(uint256 id => mapping(address builder => bool))) private _builders;

    /// @notice A parcel was put on a cell.
    event Moved(uint256 indexed id, int256 x, int256 y);
    /// @notice A parcel lost its place, as its owner showed no life (`by` is who set it free) or by a vote.
    event Unsettled(uint256 indexed id, address indexed by);
    /// @notice A bounty was paid.
    event BountyPaid(address indexed to, uint256 amount);
    /// @notice An owner is taken to be alive until this time.
    event LifeShown(address indexed owner, uint256 until);
    /// @notice A parcel's warnings were written.
    event WarningsSet(uint256 indexed id, uint8 count);
    /// @notice Somebody may build, or no more; parcel 0 stands for all of the owner's.
    event BuilderSet(address indexed owner, uint256 indexed id, address indexed builder, bool allowed);
    /// @notice Further parcels may be sold, up to this id.
    event LandOpened(uint256 lastId);

    /// @notice The caller has no right to this.
    error NotAllowed(address caller);
    /// @notice There is no parcel with this id, or none that may be minted yet.
    error NoSuchParcel(uint256 id);
    /// @notice This parcel is of another share.
    error WrongShare(uint256 id, Share share);
    /// @notice A batch is of 1 to 100 parcels.
    error WrongCount(uint256 count);
    /// @notice This account owns no parcel.
    error NoParcels(address owner);
    /// @notice The owner has shown life: the place does not fall free before this time.
    error StillAlive(uint256 id, uint256 until);
    /// @notice This parcel has no place.
    error NotActive(uint256 id);
    /// @notice The owner itself has to bring it back, which shows life.
    error OwnerSilent(uint256 id, address owner);
    /// @notice Further land may be opened from this time on.
    error TooEarly(uint256 from);

    modifier only(address who) {
        if (msg.sender != who) revert NotAllowed(msg.sender);
        _;
    }

    /// @param init addresses and periods, for good
    constructor(Init memory init) ParcelToken(init.foundation) {
        sale = init.sale;
        conduct = init.conduct;
        cybr = init.cybr;
        lifePeriod = init.lifePeriod;
        lifeSpan = uint256(init.lifePeriod) * init.missedPeriods;
        bounty = init.bounty;
        growthFrom = block.timestamp + init.growthDelay;
    }

    // Minting

    /// @notice Mints consecutive public parcels to the foundation. Anybody may pay for it.
    /// @param first id of the first
    /// @param count 1 to 100
    function mintPublic(uint256 first, uint256 count) external {
        if (count == 0 || count > MAX_BATCH) revert WrongCount(count);
        // a batch is no longer than a run, so that its ends tell of all
        _requireShare(first, Share.Public);
        _requireShare(first + count - 1, Share.Public);
        grid.mint(foundation, first, count);
        _minted(foundation, first, count, 0);
    }

    /// @inheritdoc IMintedLand
    function mint(address to, uint256 id) external only(sale) {
        if (shareOf(id) == Share.Public) revert WrongShare(id, Share.Public);
        if (id > lastId) revert NoSuchParcel(id);
        // the foundation has the public land alone: what it owned besides would never fall free
        if (to == address(0) || to == foundation) revert ERC721InvalidReceiver(to);
        if (id > LandRule.FIRST_CITY) {
            grid.mintAway(to, id);
            _minted(to, id, 1, 0);
        } else {
            grid.mint(to, id, 1);
            _minted(to, id, 1, 1);
        }
    }

    /// @notice Opens further land for sale, a year after the first. Only the foundation may, by a vote.
    /// @param count parcels more
    function open(uint256 count) external only(foundation) {
        if (block.timestamp < growthFrom) revert TooEarly(growthFrom);
        uint256 last = lastId + count;
        if (last > LandRule.MAX_ID) revert NoSuchParcel(last);
        lastId = last;
        emit LandOpened(last);
    }

    // Life

    /// @notice Shows that the caller is alive, for all its parcels.
    function proveLife() external {
        if (!_hasParcels(msg.sender)) revert NoParcels(msg.sender);
        _startLife(msg.sender);
    }

    /// @notice Sets places free whose owners have shown no life, for a bounty. The tokens stay with their owners. An owner
    /// has no bounty for its own places; under another account it can still have one for each of its parcels, but no
    /// sooner than the time of silence after it last showed life or got land: that is at most what the pool would pay to
    /// a stranger.
    /// @param ids active parcels
    function free(uint256[] calldata ids) external {
        uint256 foreign = 0;
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 word = _activeWordOf(ids[i]);
            address owner = word.owner();
            if (!_isSilent(owner)) revert StillAlive(ids[i], aliveUntil(owner));
            if (owner != msg.sender) foreign++;
            _unsettle(ids[i], word);
        }
        uint256 reward = Math.min(bounty * foreign, cybr.balanceOf(address(this)));
        if (reward == 0) return;
        emit BountyPaid(msg.sender, reward);
        cybr.safeTransfer(msg.sender, reward);
    }

    // Places

    /// @notice Moves a parcel to a free cell, or brings one back that has no place; in this case an owner that calls
    /// itself has shown life, and another's parcel comes back only while its owner is taken to be alive.
    /// @param id of a parcel that the caller owns or may move
    /// @param x cell, eastward
    /// @param y cell, northward
    function move(uint256 id, int256 x, int256 y) external {
        uint256 word = _wordOf(id);
        address owner = word.owner();
        _requireMayMove(owner, id);
        grid.settle(id, x, y);
        emit Moved(id, x, y);
        if (word.isActive()) return;
        _gainVote(owner, id);
        if (msg.sender == owner) _startLife(owner);
        else if (_isSilent(owner)) revert OwnerSilent(id, owner);
    }

    /// @notice Lets somebody build on a parcel of the caller, or no more. It ends when the parcel changes hands.
    /// @param id of a parcel, 0 for all of the caller's
    /// @param builder whom
    /// @param allowed whether it may
    function setBuilder(uint256 id, address builder, bool allowed) external {
        if (id != 0 && ownerOf(id) != msg.sender) revert NotAllowed(msg.sender);
        _builders[msg.sender][id][builder] = allowed;
        emit BuilderSet(msg.sender, id, builder, allowed);
    }

    // Conduct

    /// @inheritdoc IConductedLand
    function setWarnings(uint256 id, uint8 count) external only(conduct) {
        _wordOf(id);
        grid.setWarnings(id, count, uint40(block.timestamp));
        emit WarningsSet(id, count);
    }

    /// @inheritdoc IConductedLand
    function evict(uint256 id) external only(conduct) {
        _unsettle(id, _activeWordOf(id));
        grid.setWarnings(id, 0, 0);
        emit WarningsSet(id, 0);
    }

    // Reading

    /// @notice What is known of a minted parcel.
    /// @param id of the parcel
    function parcel(uint256 id) external view returns (Parcel memory found) {
        uint256 word = _wordOf(id);
        (uint256 count, uint256 lastAt) = word.warnings();
        (found.owner, found.state, found.share) = (word.owner(), word.state(), LandRule.shareOf(id));
        (found.warnings, found.warnedAt) = (uint8(count), uint40(lastAt));
        found.aliveUntil = aliveUntil(found.owner);
        if (word.isActive()) {
            (int256 x, int256 y) = word.cell();
            (found.x, found.y) = (int16(x), int16(y));
        }
    }

    /// @notice Unix seconds until which an owner is taken to be alive; without end for the foundation.
    /// @param owner of parcels
    function aliveUntil(address owner) public view returns (uint256) {
        return owner == foundation ? type(uint256).max : grid.aliveUntil(owner);
    }

    /// @notice May somebody build on a parcel: its owner, or whom it named?
    /// @param id of a minted parcel
    /// @param who somebody
    function mayBuild(uint256 id, address who) external view returns (bool) {
        address owner = ownerOf(id);
        return who == owner || _builders[owner][id][who] || _builders[owner][0][who];
    }

    /// @notice The cell that a parcel of the first city is minted on.
    /// @param id 1 to 50,000
    function birthCell(uint256 id) external pure returns (int256 x, int256 y) {
        if (id == 0 || id > LandRule.FIRST_CITY) revert NoSuchParcel(id);
        return LandRule.birthCell(id);
    }

    /// @inheritdoc IMintedLand
    function shareOf(uint256 id) public pure returns (Share) {
        if (id == 0 || id > LandRule.MAX_ID) revert NoSuchParcel(id);
        return LandRule.shareOf(id);
    }

    /// @inheritdoc IMintedLand
    function isMinted(uint256 id) external view returns (bool) {
        return id <= LandRule.MAX_ID && grid.words(id) != 0;
    }

    /// @inheritdoc IConductedLand
    function isActive(uint256 id) external view returns (bool) {
        return id <= LandRule.MAX_ID && grid.words(id).isActive();
    }

    /// @inheritdoc IConductedLand
    function warningsOf(uint256 id) external view returns (uint256 count, uint256 lastAt) {
        return _wordOf(id).warnings();
    }

    /// @dev Also what `proveLife` does. The foundation needs none.
    function _startLife(address owner) internal override {
        if (owner == foundation) return;
        uint256 until = block.timestamp + lifeSpan;
        grid.setAliveUntil(owner, until);
        emit LifeShown(owner, until);
    }

    function _endLife(address owner) internal override {
        if (owner != foundation) grid.setAliveUntil(owner, 0);
    }

    function _activeWordOf(uint256 id) private view returns (uint256 word) {
        word = _wordOf(id);
        if (!word.isActive()) revert NotActive(id);
    }

    function _unsettle(uint256 id, uint256 word) private {
        grid.unsettle(id);
        _loseVote(word.owner(), id);
        emit Unsettled(id, msg.sender);
    }

    function _requireShare(uint256 id, Share share) private pure {
        Share found = shareOf(id);
        if (found != share) revert WrongShare(id, found);
    }
}
