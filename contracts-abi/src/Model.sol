// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Planet} from "./Planet.sol";
import {IAccess} from "./interfaces/IAccess.sol";
import {IParcels} from "./interfaces/IParcels.sol";

/// @title Models: what stands on parcels and planets
/// @notice ERC-721. A model names its content (a CID) and the object that it shows, stands in one place at most, and may
/// name a contract that decides who sees it. Its holder has the income of `Access`; its author a royalty on sales
/// (ERC-2981). Who is handed a model has not accepted it yet: tabs keep the content of a gift only once it is accepted.
contract Model is ERC721, IERC2981 {
    enum Ground {
        None,
        Parcel,
        Planet
    }

    /// @notice Where a model stands, in the integers of signed placements.
    struct Placement {
        Ground ground;
        /// parcel, or planet
        uint16 id;
        /// millimetres from the middle: east, up, and south as glTF has it
        int32 x;
        int32 y;
        int32 z;
        /// thousandths of a degree, below 360,000
        uint32 yaw;
        /// millionths, above 0
        uint32 scale;
    }

    struct Details {
        /// who minted it
        address author;
        /// of sales, in 1/10,000
        uint16 royalty;
        /// who decides who sees it, the zero address for everybody
        IAccess access;
        /// of the object that it shows
        bytes32 objectId;
        /// binary CID
        bytes content;
    }

    /// @notice Bytes of a CID: version, codec and a multihash of up to 64 bytes.
    uint256 public constant MAX_CONTENT = 72;
    /// @notice Highest royalty, in 1/10,000: a quarter.
    uint256 public constant MAX_ROYALTY = 2_500;
    /// @notice Half a parcel's side, in millimetres.
    int32 public constant PARCEL_REACH = 5_000;
    /// @notice Millimetres up or down on a parcel.
    int32 public constant PARCEL_HEIGHT = 20_000;
    /// @notice Millimetres to each side, and up or down, on a planet.
    int32 public constant PLANET_REACH = 5_000_000;
    /// @notice Largest scale: a thousand.
    uint32 public constant MAX_SCALE = 1_000_000_000;

    /// @notice Where models stand.
    IParcels public immutable land;
    /// @notice Where models stand as well.
    Planet public immutable planets;

    /// @notice How many models there are; ids run from 1 to this.
    uint256 public count;
    mapping(uint256 id => Details) private _details;
    mapping(uint256 id => Placement) private _placements;
    mapping(uint256 id => address) private _acceptedBy;

    /// @notice A model was minted: who made it, which object it shows and what it is.
    event Minted(uint256 indexed id, address indexed author, bytes32 indexed objectId, bytes content, uint16 royalty);
    /// @notice A model was put somewhere, or (ground 0) taken away.
    event Placed(uint256 indexed id, Placement placement);
    /// @notice Its holder keeps a model that it was given.
    event Accepted(uint256 indexed id, address indexed holder);
    /// @notice Another contract decides who sees a model, or (the zero address) everybody does, as at first.
    event AccessSet(uint256 indexed id, IAccess access);

    /// @notice The model is not the caller's.
    error NotHolder(uint256 id, address caller);
    /// @notice A CID has 1 to 72 bytes.
    error WrongContent(uint256 length);
    /// @notice The royalty is too high.
    error RoyaltyTooHigh(uint256 royalty, uint256 most);
    /// @notice The caller may not build there.
    error MayNotBuild(Ground ground, uint256 id, address caller);
    /// @notice The placement leaves its bounds, or names no ground.
    error OutOfBounds(Placement placement);

    modifier onlyHolder(uint256 id) {
        if (_requireOwned(id) != msg.sender) revert NotHolder(id, msg.sender);
        _;
    }

    /// @param land_ where models stand
    /// @param planets_ where models stand as well
    constructor(IParcels land_, Planet planets_) ERC721("Tabland model", "MODEL") {
        land = land_;
        planets = planets_;
    }

    /// @notice Mints a model to the caller, who is its author.
    /// @param content binary CID
    /// @param objectId of the object that it shows
    /// @param royalty of sales, in 1/10,000
    /// @param access who decides who sees it, the zero address for everybody
    /// @return id of the model
    function mint(bytes calldata content, bytes32 objectId, uint16 royalty, IAccess access)
        external
        returns (uint256 id)
    {
        if (content.length == 0 || content.length > MAX_CONTENT) revert WrongContent(content.length);
        if (royalty > MAX_ROYALTY) revert RoyaltyTooHigh(royalty, MAX_ROYALTY);
        id = ++count;
        _details[id] = Details(msg.sender, royalty, access, objectId, content);
        _mint(msg.sender, id);
        emit Minted(id, msg.sender, objectId, content, royalty);
        if (address(access) != address(0)) emit AccessSet(id, access);
        _accept(id);
    }

    /// @notice Puts a model of the caller where the caller may build, which also accepts it.
    /// @param id of the model
    /// @param placement where and how, within its ground's bounds
    function place(uint256 id, Placement calldata placement) external onlyHolder(id) {
        if (!_isWithin(placement)) revert OutOfBounds(placement);
        if (!_mayBuild(placement, msg.sender)) {
            revert MayNotBuild(placement.ground, placement.id, msg.sender);
        }
        _placements[id] = placement;
        emit Placed(id, placement);
        if (_acceptedBy[id] != msg.sender) _accept(id);
    }

    /// @notice Takes a model of the caller away from where it stands.
    /// @param id of the model
    function take(uint256 id) external onlyHolder(id) {
        _take(id);
    }

    /// @notice Accepts a model that the caller was given.
    /// @param id of the model
    function accept(uint256 id) external onlyHolder(id) {
        _accept(id);
    }

    /// @notice Lets another contract decide who sees a model of the caller.
    /// @param id of the model
    /// @param access the zero address for everybody
    function setAccess(uint256 id, IAccess access) external onlyHolder(id) {
        _details[id].access = access;
        emit AccessSet(id, access);
    }

    /// @notice What a model is.
    /// @param id of a model
    function details(uint256 id) external view returns (Details memory) {
        _requireOwned(id);
        return _details[id];
    }

    /// @notice Where a model stands: ground 0 when nowhere, or when its holder may not build there any more.
    /// @param id of a model
    function placementOf(uint256 id) external view returns (Placement memory placement) {
        address holder = _requireOwned(id);
        placement = _placements[id];
        if (placement.ground != Ground.None && !_mayBuild(placement, holder)) delete placement;
    }

    /// @notice Has its holder accepted a model, or placed it?
    /// @param id of a model
    function isAccepted(uint256 id) external view returns (bool) {
        return _acceptedBy[id] == _requireOwned(id);
    }

    /// @notice May somebody see a model's content? Its holder always may.
    /// @param id of a model
    /// @param who somebody
    function maySee(uint256 id, address who) external view returns (bool) {
        address holder = _requireOwned(id);
        IAccess access = _details[id].access;
        return who == holder || address(access) == address(0) || access.hasAccess(address(this), id, who);
    }

    /// @inheritdoc IERC2981
    function royaltyInfo(uint256 id, uint256 price) external view returns (address receiver, uint256 amount) {
        _requireOwned(id);
        Details storage model = _details[id];
        return (model.author, price * model.royalty / 10_000);
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 id) public view override(ERC721, IERC165) returns (bool) {
        return id == type(IERC2981).interfaceId || super.supportsInterface(id);
    }

    /// @dev A model that changes hands leaves its place.
    function _update(address to, uint256 id, address auth) internal override returns (address from) {
        from = super._update(to, id, auth);
        if (from != to && _placements[id].ground != Ground.None) _take(id);
    }

    function _take(uint256 id) private {
        delete _placements[id];
        emit Placed(id, _placements[id]);
    }

    function _accept(uint256 id) private {
        _acceptedBy[id] = msg.sender;
        emit Accepted(id, msg.sender);
    }

    /// @dev On a planet builds who may build on its parcel.
    function _mayBuild(Placement memory placement, address who) private view returns (bool) {
        if (placement.ground == Ground.Planet && !planets.exists(placement.id)) return false;
        return land.mayBuild(placement.id, who);
    }

    function _isWithin(Placement calldata p) private pure returns (bool) {
        if (p.ground == Ground.None) return false;
        bool onParcel = p.ground == Ground.Parcel;
        int32 reach = onParcel ? PARCEL_REACH : PLANET_REACH;
        int32 height = onParcel ? PARCEL_HEIGHT : PLANET_REACH;
        return p.x >= -reach && p.x <= reach && p.z >= -reach && p.z <= reach && p.y >= -height && p.y <= height
            && p.yaw < 360_000 && p.scale != 0 && p.scale <= MAX_SCALE;
    }
}
