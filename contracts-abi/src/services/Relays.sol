// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Cybr} from "../Cybr.sol";

/// @title The relays that anybody may use
/// @notice An operator lists a relay with a bond, and takes the bond back some time after it has taken the relay off
/// the list. An id binds an operator to a peer id: another operator that names the same peer gets another id, and a
/// reader asks the peer itself, whose key signs, for which operator it works.
contract Relays {
    /// @notice What a relay does, as bits: 1 introduces peers (SN), 2 carries their data (PN).
    uint8 public constant INTRODUCES = 1;
    /// @notice See INTRODUCES.
    uint8 public constant CARRIES = 2;

    uint256 private constant MAX_PEER_ID_BYTES = 64;
    uint256 private constant MAX_MULTIADDR_BYTES = 256;

    /// @notice A relay on the list.
    struct Relay {
        address operator;
        /// INTRODUCES, CARRIES or both
        uint8 roles;
        /// unix seconds at which the bond is free, 0 while the relay is on the list
        uint64 bondFreeAt;
        /// for 2³⁰ bytes carried, in 10⁻¹⁸ CYBR
        uint128 pricePerGiB;
        uint128 bond;
        /// the multihash of a libp2p peer id
        bytes peerId;
        string multiaddr;
    }

    /// @notice The currency of bonds.
    Cybr public immutable cybr;
    /// @notice The bond of each relay, in 10⁻¹⁸ CYBR.
    uint128 public immutable bond;
    /// @notice Seconds from leaving the list to the bond's return.
    uint64 public immutable bondDelaySeconds;

    mapping(bytes32 id => Relay) private _relays;
    bytes32[] private _listed;
    mapping(bytes32 id => uint256) private _place; // in _listed, from 1; 0 when not there

    /// @notice A relay is on the list, or says something else about itself.
    event RelayListed(
        bytes32 indexed id, address indexed operator, bytes peerId, string multiaddr, uint8 roles, uint128 pricePerGiB
    );
    /// @notice A relay is off the list.
    event RelayRetired(bytes32 indexed id, uint256 bondFreeAt);
    /// @notice An operator has its bond back.
    event BondReturned(bytes32 indexed id, address indexed operator, uint256 amount);

    error RolesInvalid(uint8 roles);
    error PeerIdInvalid(uint256 length, uint256 max);
    error MultiaddrInvalid(uint256 length, uint256 max);
    error AlreadyListed(bytes32 id);
    error NotListed(bytes32 id);
    error NotOperator(bytes32 id, address operator, address caller);
    error BondLocked(bytes32 id, uint256 freeAt, uint256 time);

    constructor(Cybr cybr_, uint128 bond_, uint64 bondDelaySeconds_) {
        cybr = cybr_;
        bond = bond_;
        bondDelaySeconds = bondDelaySeconds_;
    }

    /// @notice Id of a peer's entry by an operator.
    function idOf(address operator, bytes calldata peerId) public pure returns (bytes32) {
        return keccak256(abi.encode(operator, peerId));
    }

    /// @notice Number of relays on the list.
    function count() external view returns (uint256) {
        return _listed.length;
    }

    /// @notice Some of the list, from a place in it; fewer at its end. Places change when relays leave.
    function list(uint256 from, uint256 max) external view returns (Relay[] memory relays) {
        uint256 length = _listed.length;
        uint256 found = from >= length ? 0 : length - from < max ? length - from : max;
        relays = new Relay[](found);
        for (uint256 i = 0; i < found; i++) relays[i] = _relays[_listed[from + i]];
    }

    /// @notice One relay, on the list or with a bond that has not returned.
    function relayOf(bytes32 id) external view returns (Relay memory) {
        return _relays[id];
    }

    /// @notice Puts a relay of the caller on the list and takes its bond, which was approved before.
    function register(bytes calldata peerId, string calldata multiaddr, uint8 roles, uint128 pricePerGiB)
        external
        returns (bytes32 id)
    {
        if (peerId.length == 0 || peerId.length > MAX_PEER_ID_BYTES) {
            revert PeerIdInvalid(peerId.length, MAX_PEER_ID_BYTES);
        }
        id = idOf(msg.sender, peerId);
        if (_relays[id].operator != address(0)) revert AlreadyListed(id);
        _assertDescription(multiaddr, roles);
        _relays[id] = Relay(msg.sender, roles, 0, pricePerGiB, bond, peerId, multiaddr);
        _listed.push(id);
        _place[id] = _listed.length;
        emit RelayListed(id, msg.sender, peerId, multiaddr, roles, pricePerGiB);
        cybr.transferFrom(msg.sender, address(this), bond);
    }

    /// @notice Says something else about a relay of the caller.
    function update(bytes32 id, string calldata multiaddr, uint8 roles, uint128 pricePerGiB) external {
        Relay storage relay = _ownRelay(id);
        if (_place[id] == 0) revert NotListed(id);
        _assertDescription(multiaddr, roles);
        relay.multiaddr = multiaddr;
        relay.roles = roles;
        relay.pricePerGiB = pricePerGiB;
        emit RelayListed(id, msg.sender, relay.peerId, multiaddr, roles, pricePerGiB);
    }

    /// @notice Takes a relay of the caller off the list.
    function retire(bytes32 id) external {
        Relay storage relay = _ownRelay(id);
        uint256 place = _place[id];
        if (place == 0) revert NotListed(id);
        bytes32 last = _listed[_listed.length - 1];
        _listed[place - 1] = last;
        _place[last] = place;
        _listed.pop();
        delete _place[id];
        relay.bondFreeAt = uint64(block.timestamp) + bondDelaySeconds;
        emit RelayRetired(id, relay.bondFreeAt);
    }

    /// @notice Takes back the bond of a relay of the caller that has been off the list for long enough.
    function takeBond(bytes32 id) external {
        Relay storage relay = _ownRelay(id);
        uint256 freeAt = relay.bondFreeAt;
        if (freeAt == 0 || block.timestamp < freeAt) revert BondLocked(id, freeAt, block.timestamp);
        uint256 amount = relay.bond;
        delete _relays[id];
        emit BondReturned(id, msg.sender, amount);
        cybr.transfer(msg.sender, amount);
    }

    function _ownRelay(bytes32 id) private view returns (Relay storage relay) {
        relay = _relays[id];
        if (relay.operator != msg.sender) revert NotOperator(id, relay.operator, msg.sender);
    }

    function _assertDescription(string calldata multiaddr, uint8 roles) private pure {
        if (roles == 0 || roles > (INTRODUCES | CARRIES)) revert RolesInvalid(roles);
        uint256 length = bytes(multiaddr).length;
        if (length == 0 || length > MAX_MULTIADDR_BYTES) revert MultiaddrInvalid(length, MAX_MULTIADDR_BYTES);
    }
}
