// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IParcels} from "./interfaces/IParcels.sol";

/// @title Planets: one for each parcel whose owner wants one
/// @notice A planet is a token that its parcel owns: it has the parcel's id, belongs to whoever the parcel belongs to, and
/// can be handed on in no other way. It reads like an ERC-721 token but is none, since it has no balances: these would have
/// to follow the parcels' transfers, which must not depend on it. Other parcels may be portals to it, when their owners and its owner want that.
contract Planet is ERC165, IERC721Errors {
    /// @dev ERC-5192
    bytes4 private constant LOCKED_INTERFACE = 0xb45a3c0e;

    /// @notice The parcels that planets belong to.
    IParcels public immutable land;

    /// @notice Has this parcel a planet?
    mapping(uint256 parcel => bool) public exists;
    /// @dev Both kept by the owner who said so, so that a buyer is bound to nothing.
    mapping(address owner => mapping(uint256 parcel => uint256 planet)) private _wanted;
    mapping(address owner => mapping(uint256 planet => mapping(uint256 parcel => bool))) private _agreed;

    /// @notice A planet was made, as ERC-721 tells it. Later owners are those of the parcel.
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    /// @notice As ERC-5192 tells it.
    event Locked(uint256 tokenId);
    /// @notice A parcel is to be a portal to a planet (0: to none).
    event PortalWanted(uint256 indexed parcel, uint256 indexed planet);
    /// @notice The planet's owner agrees to a portal, or no more.
    event PortalAgreed(uint256 indexed planet, uint256 indexed parcel, bool agreed);

    /// @notice The parcel is not the caller's.
    error NotOwner(uint256 parcel, address caller);
    /// @notice This parcel has no planet.
    error NoSuchPlanet(uint256 id);
    /// @notice This parcel has a planet already.
    error PlanetExists(uint256 parcel);
    /// @notice A planet goes with its parcel: hand on the parcel.
    error BoundToParcel(uint256 parcel);
    /// @notice A parcel leads to its own planet in any case.
    error OwnPortal(uint256 parcel);

    modifier onlyOwner(uint256 parcel) {
        if (land.ownerOf(parcel) != msg.sender) revert NotOwner(parcel, msg.sender);
        _;
    }

    /// @param land_ the parcels that planets belong to
    constructor(IParcels land_) {
        land = land_;
    }

    /// @notice Makes the planet of a parcel of the caller.
    /// @param parcel id of the parcel and of its planet
    function create(uint256 parcel) external onlyOwner(parcel) {
        if (exists[parcel]) revert PlanetExists(parcel);
        exists[parcel] = true;
        emit Transfer(address(0), msg.sender, parcel);
        emit Locked(parcel);
    }

    /// @notice Wants a parcel of the caller to be a portal to another parcel's planet, or to none. It ends when the parcel
    /// changes hands.
    /// @param parcel of the caller
    /// @param planet that exists, 0 for none
    function wantPortal(uint256 parcel, uint256 planet) external onlyOwner(parcel) {
        if (planet == parcel) revert OwnPortal(parcel);
        if (planet != 0) ownerOf(planet);
        _wanted[msg.sender][parcel] = planet;
        emit PortalWanted(parcel, planet);
    }

    /// @notice Agrees to a parcel's being a portal to the caller's planet, or no more. It ends when the planet changes hands.
    /// @param planet of the caller
    /// @param parcel anybody's
    /// @param agrees whether it may
    function agreePortal(uint256 planet, uint256 parcel, bool agrees) external onlyOwner(planet) {
        ownerOf(planet);
        if (planet == parcel) revert OwnPortal(parcel);
        _agreed[msg.sender][planet][parcel] = agrees;
        emit PortalAgreed(planet, parcel, agrees);
    }

    /// @notice The planet that one enters on a parcel: that which both owners agreed on, else its own; 0 for none.
    /// @param parcel id of a minted parcel
    function portalOf(uint256 parcel) external view returns (uint256) {
        uint256 planet = wanted(parcel);
        if (planet != 0 && agreed(planet, parcel)) return planet;
        return exists[parcel] ? parcel : 0;
    }

    /// @notice The planet that a parcel's owner wants a portal to, 0 for none.
    /// @param parcel id of a minted parcel
    function wanted(uint256 parcel) public view returns (uint256 planet) {
        return _wanted[land.ownerOf(parcel)][parcel];
    }

    /// @notice Does the planet's owner agree to this portal?
    /// @param planet that exists
    /// @param parcel id of a parcel
    function agreed(uint256 planet, uint256 parcel) public view returns (bool) {
        return _agreed[ownerOf(planet)][planet][parcel];
    }

    // The part of ERC-721 that reads

    /// @notice The token's name.
    function name() external pure returns (string memory) {
        return "Tabland planet";
    }

    /// @notice The token's symbol.
    function symbol() external pure returns (string memory) {
        return "PLANET";
    }

    /// @notice Metadata of a planet, within the URI itself.
    /// @param id of a planet
    function tokenURI(uint256 id) external view returns (string memory) {
        ownerOf(id);
        return string.concat('data:application/json;utf8,{"name":"Tabland planet ', Strings.toString(id), '"}');
    }

    /// @notice Owner of a planet: whoever owns its parcel now.
    /// @param id of a planet
    function ownerOf(uint256 id) public view returns (address) {
        if (!exists[id]) revert NoSuchPlanet(id);
        return land.ownerOf(id);
    }

    /// @notice Is the token bound (ERC-5192)? Always.
    /// @param id of a planet
    function locked(uint256 id) external view returns (bool) {
        ownerOf(id);
        return true;
    }

    /// @notice Always refused: hand on the parcel.
    /// @param id of a planet
    function transferFrom(address, address, uint256 id) external pure {
        revert BoundToParcel(id);
    }

    /// @inheritdoc ERC165
    function supportsInterface(bytes4 id) public view override returns (bool) {
        return id == LOCKED_INTERFACE || super.supportsInterface(id);
    }
}
