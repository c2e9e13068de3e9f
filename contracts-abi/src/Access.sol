// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20Errors, IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IAccess} from "./interfaces/IAccess.sol";
import {Permit, Permits} from "./land/Permits.sol";

/// @title Paying to enter a planet or to unlock a model
/// @notice A thing is any token with an `ownerOf`: planets and models are. Its owner sets a price and for how long one
/// payment lets in; a thing without a price is free. What is paid belongs to who owned the thing then, and is collected.
contract Access is IAccess, IERC20Errors, IERC721Errors {
    using SafeERC20 for IERC20;

    struct Offer {
        /// in 10⁻¹⁸ CYBR, 0 for free
        uint128 price;
        /// seconds that one payment lets in, 0 for ever
        uint64 duration;
    }

    /// @notice What is paid with.
    IERC20 public immutable cybr;
    /// @notice The terms of each thing.
    mapping(address token => mapping(uint256 id => Offer)) public offers;
    /// @notice Unix seconds until which somebody is let in; the greatest number for ever.
    mapping(address token => mapping(uint256 id => mapping(address payer => uint256))) public paidUntil;
    /// @notice What an account can collect.
    mapping(address owner => uint256) public income;

    /// @notice The terms of a thing were set.
    event OfferSet(address indexed token, uint256 indexed id, uint256 price, uint256 duration);
    /// @notice Somebody paid and is let in until then.
    event Paid(address indexed token, uint256 indexed id, address indexed payer, uint256 price, uint256 until);
    /// @notice Income was collected.
    event Collected(address indexed owner, uint256 amount);

    /// @notice The thing is not the caller's.
    error NotOwner(address token, uint256 id, address caller);
    /// @notice The terms are others than the payer saw.
    error TermsChanged(uint256 price, uint256 duration);
    /// @notice One enters without paying.
    error IsFree(address token, uint256 id);
    /// @notice The payer is let in for ever already.
    error PaidForEver(address token, uint256 id, address payer);
    /// @notice There is nothing to collect.
    error NothingToCollect(address owner);

    /// @param cybr_ what is paid with
    constructor(IERC20 cybr_) {
        cybr = cybr_;
    }

    /// @notice Sets the terms of a thing of the caller. Who has paid before keeps what it paid for.
    /// @param token contract of the thing
    /// @param id of the thing
    /// @param price in 10⁻¹⁸ CYBR, 0 for free
    /// @param duration seconds that one payment lets in, 0 for ever
    function setOffer(address token, uint256 id, uint128 price, uint64 duration) external {
        if (IERC721(token).ownerOf(id) != msg.sender) revert NotOwner(token, id, msg.sender);
        offers[token][id] = Offer(price, duration);
        emit OfferSet(token, id, price, duration);
    }

    /// @notice Pays by an allowance. Who is let in still gets the time added.
    /// @param token contract of the thing
    /// @param id of the thing
    /// @param seen the terms that the payer agrees to
    function pay(address token, uint256 id, Offer calldata seen) external {
        _pay(token, id, seen);
    }

    /// @notice Pays in one transaction, by a signed permit.
    /// @param token contract of the thing
    /// @param id of the thing
    /// @param seen the terms that the payer agrees to
    /// @param permit for this contract, of at least the price
    function payWithPermit(address token, uint256 id, Offer calldata seen, Permit calldata permit) external {
        Permits.use(cybr, seen.price, permit);
        _pay(token, id, seen);
    }

    /// @notice Collects the caller's income.
    function collect() external {
        uint256 amount = income[msg.sender];
        if (amount == 0) revert NothingToCollect(msg.sender);
        delete income[msg.sender];
        emit Collected(msg.sender, amount);
        cybr.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IAccess
    /// @dev The owner is always let in, and everybody where it is free.
    function hasAccess(address token, uint256 id, address who) external view returns (bool) {
        return offers[token][id].price == 0 || block.timestamp < paidUntil[token][id][who]
            || IERC721(token).ownerOf(id) == who;
    }

    function _pay(address token, uint256 id, Offer calldata seen) private {
        Offer memory offer = offers[token][id];
        if (offer.price == 0) revert IsFree(token, id);
        if (offer.price != seen.price || offer.duration != seen.duration) {
            revert TermsChanged(offer.price, offer.duration);
        }
        uint256 until = paidUntil[token][id][msg.sender];
        if (until == type(uint256).max) revert PaidForEver(token, id, msg.sender);
        if (offer.duration == 0) until = type(uint256).max;
        else until = (until > block.timestamp ? until : block.timestamp) + offer.duration;
        paidUntil[token][id][msg.sender] = until;
        income[IERC721(token).ownerOf(id)] += offer.price;
        emit Paid(token, id, msg.sender, offer.price, until);
        cybr.safeTransferFrom(msg.sender, address(this), offer.price);
    }
}
