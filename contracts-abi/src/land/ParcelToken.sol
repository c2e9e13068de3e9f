// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {ERC721Utils} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Utils.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ERC165, IERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IGridErrors} from "../interfaces/IGridErrors.sol";
import {LandGrid} from "../LandGrid.sol";
import {LandRule, Share} from "./LandRule.sol";
import {ParcelWord} from "./ParcelWord.sol";

/// @title Parcels as ERC-721 tokens
/// @notice Owners stand in `LandGrid`, in the parcels' words; approvals, balances and votes stand here. One active
/// community parcel is one vote (ERC-5805 by block timestamps), the foundation's excepted, which has none; an owner that
/// has delegated to nobody votes for itself.
abstract contract ParcelToken is ERC165, IERC721Metadata, IERC721Errors, IGridErrors, Votes {
    using ParcelWord for uint256;

    struct Holding {
        uint128 parcels;
        /// active community parcels, 0 for the foundation
        uint128 votes;
    }

    /// @notice Where the parcels' words are.
    LandGrid public immutable grid;
    /// @notice Owner of the public land; opens further land. Its land never falls free and never votes.
    address public immutable foundation;

    mapping(address owner => Holding) private _holdings;
    mapping(uint256 id => address) private _approved;
    mapping(address owner => mapping(address operator => bool)) private _operators;

    constructor(address foundation_) EIP712("Tabland", "1") {
        foundation = foundation_;
        grid = new LandGrid(address(this));
    }

    // ERC-721

    /// @notice The token's name.
    function name() external pure returns (string memory) {
        return "Tabland parcel";
    }

    /// @notice The token's symbol.
    function symbol() external pure returns (string memory) {
        return "LAND";
    }

    /// @notice Metadata of a parcel, within the URI itself.
    /// @param id of a minted parcel
    function tokenURI(uint256 id) external view returns (string memory) {
        ownerOf(id);
        return string.concat('data:application/json;utf8,{"name":"Tabland parcel ', Strings.toString(id), '"}');
    }

    /// @notice Parcels that an owner has, with or without a place.
    /// @param owner not the zero address
    function balanceOf(address owner) external view returns (uint256) {
        if (owner == address(0)) revert ERC721InvalidOwner(owner);
        return _holdings[owner].parcels;
    }

    /// @notice Owner of a minted parcel.
    /// @param id of a minted parcel
    function ownerOf(uint256 id) public view returns (address) {
        return _wordOf(id).owner();
    }

    /// @notice Lets somebody move or hand on one parcel, until it changes hands.
    /// @param to whom, the zero address for nobody
    /// @param id of a parcel of the caller, or of one whose operator it is
    function approve(address to, uint256 id) external {
        address owner = ownerOf(id);
        if (msg.sender != owner && !_operators[owner][msg.sender]) revert ERC721InvalidApprover(msg.sender);
        _approved[id] = to;
        emit Approval(owner, to, id);
    }

    /// @notice Who else may move or hand on a parcel.
    /// @param id of a minted parcel
    function getApproved(uint256 id) external view returns (address) {
        ownerOf(id);
        return _approved[id];
    }

    /// @notice Lets somebody move or hand on all parcels of the caller, or no more.
    /// @param operator not the zero address
    /// @param approved whether it may
    function setApprovalForAll(address operator, bool approved) external {
        if (operator == address(0)) revert ERC721InvalidOperator(operator);
        _operators[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    /// @notice May `operator` move and hand on all parcels of `owner`?
    function isApprovedForAll(address owner, address operator) external view returns (bool) {
        return _operators[owner][operator];
    }

    /// @notice Hands a parcel to another owner, where it is.
    /// @param from its owner
    /// @param to its new owner
    /// @param id of the parcel
    function transferFrom(address from, address to, uint256 id) public {
        if (to == address(0)) revert ERC721InvalidReceiver(to);
        uint256 word = _wordOf(id);
        if (word.owner() != from) revert ERC721IncorrectOwner(from, id, word.owner());
        _requireMayMove(from, id);
        if (_approved[id] != address(0)) delete _approved[id];
        if (from != to) {
            grid.setOwner(id, to);
            uint256 lost = _votesOf(from, id, word);
            uint256 gained = _votesOf(to, id, word);
            _take(from, lost);
            _give(to, 1, gained);
            if (lost + gained != 0) {
                _transferVotingUnits(lost == 0 ? address(0) : from, gained == 0 ? address(0) : to, 1);
            }
        }
        emit Transfer(from, to, id);
    }

    /// @notice As `transferFrom`, and refuses contracts that do not say that they take such tokens.
    function safeTransferFrom(address from, address to, uint256 id) external {
        safeTransferFrom(from, to, id, "");
    }

    /// @notice As `transferFrom`, and refuses contracts that do not say that they take such tokens.
    /// @param data is handed to the receiving contract
    function safeTransferFrom(address from, address to, uint256 id, bytes memory data) public {
        transferFrom(from, to, id);
        ERC721Utils.checkOnERC721Received(msg.sender, from, to, id, data);
    }

    /// @inheritdoc ERC165
    function supportsInterface(bytes4 id) public view virtual override(ERC165, IERC165) returns (bool) {
        return id == type(IERC721).interfaceId || id == type(IERC721Metadata).interfaceId
            || super.supportsInterface(id);
    }

    // Votes

    /// @notice Unix seconds of this block.
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice How `clock` counts (ERC-6372).
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @notice Who votes for an account: itself, until it says otherwise.
    function delegates(address account) public view override returns (address) {
        address other = super.delegates(account);
        return other == address(0) ? account : other;
    }

    /// @dev Delegating to nobody means to vote for oneself.
    function _delegate(address account, address delegatee) internal override {
        super._delegate(account, delegatee == address(0) ? account : delegatee);
    }

    function _getVotingUnits(address account) internal view override returns (uint256) {
        return _holdings[account].votes;
    }

    // For the rules of `Land`

    /// @dev A parcel has come to an owner that had none, or was silent.
    function _startLife(address owner) internal virtual;

    /// @dev The last parcel of an owner has gone.
    function _endLife(address owner) internal virtual;

    /// @dev Word of a minted parcel.
    function _wordOf(uint256 id) internal view returns (uint256 word) {
        word = id > LandRule.MAX_ID ? 0 : grid.words(id);
        if (word.owner() == address(0)) revert ERC721NonexistentToken(id);
    }

    function _requireMayMove(address owner, uint256 id) internal view {
        if (msg.sender == owner || _operators[owner][msg.sender] || _approved[id] == msg.sender) return;
        revert ERC721InsufficientApproval(msg.sender, id);
    }

    /// @dev Has an owner shown no life for too long? The foundation needs to show none.
    function _isSilent(address owner) internal view returns (bool) {
        return owner != foundation && block.timestamp > grid.aliveUntil(owner);
    }

    /// @dev Votes of a parcel in somebody's hands: those of what has no place are none.
    function _votesOf(address owner, uint256 id, uint256 word) private view returns (uint256) {
        return word.isActive() && _mayVote(owner, id) ? 1 : 0;
    }

    /// @dev Public land has no vote, and the foundation has none for what it comes to own.
    function _mayVote(address owner, uint256 id) private view returns (bool) {
        return owner != foundation && LandRule.shareOf(id) != Share.Public;
    }

    function _hasParcels(address owner) internal view returns (bool) {
        return _holdings[owner].parcels != 0;
    }

    /// @dev After `grid` has minted: counts and tells.
    function _minted(address to, uint256 first, uint256 count, uint256 votes) internal {
        _give(to, count, votes);
        if (votes != 0) _transferVotingUnits(address(0), to, votes);
        bytes32 topic = IERC721.Transfer.selector;
        uint256 end = first + count;
        // as `emit Transfer(address(0), to, id)`, a hundred times within the bound of a batch
        assembly ("memory-safe") {
            for { let id := first } lt(id, end) { id := add(id, 1) } { log4(0, 0, topic, 0, to, id) }
        }
    }

    /// @dev A parcel has found a place.
    function _gainVote(address owner, uint256 id) internal {
        if (!_mayVote(owner, id)) return;
        _holdings[owner].votes += 1;
        _transferVotingUnits(address(0), owner, 1);
    }

    /// @dev A parcel has lost its place.
    function _loseVote(address owner, uint256 id) internal {
        if (!_mayVote(owner, id)) return;
        _holdings[owner].votes -= 1;
        _transferVotingUnits(owner, address(0), 1);
    }

    function _give(address to, uint256 count, uint256 votes) private {
        Holding memory holding = _holdings[to];
        _holdings[to] = Holding(holding.parcels + uint128(count), holding.votes + uint128(votes));
        // who gets land takes part: a silent owner that stayed so could have one place set free for bounties again and again
        if (_isSilent(to)) _startLife(to);
    }

    function _take(address from, uint256 votes) private {
        Holding memory holding = _holdings[from];
        _holdings[from] = Holding(holding.parcels - 1, holding.votes - uint128(votes));
        if (holding.parcels == 1) _endLife(from);
    }
}
