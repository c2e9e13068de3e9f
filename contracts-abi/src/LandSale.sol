// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IMintedLand} from "./interfaces/IMintedLand.sol";
import {Share} from "./land/LandRule.sol";
import {Permit, Permits} from "./land/Permits.sol";

/// @title How parcels come to their first owners
/// @notice Each parcel of the auctioned share has an English auction of its own, opened by its first bid, as many at once
/// as people like; proceeds go to the treasury. Parcels to give away are claimed by a Merkle proof.
contract LandSale is IERC20Errors {
    using SafeERC20 for IERC20;

    struct Init {
        IERC20 cybr;
        IMintedLand land;
        /// the Timelock: is paid, withdraws auctions, and adds giveaways
        address treasury;
        /// the least first bid, in 10⁻¹⁸ CYBR
        uint128 reserve;
        /// seconds from the first bid to the end
        uint32 duration;
        /// a bid in so many last seconds adds as many
        uint32 extension;
        /// least raise of a bid over the last, in 1/10,000
        uint32 minRaise;
        /// root of the first giveaway, 0 for none yet
        bytes32 giveaway;
    }

    struct Auction {
        /// the highest one, the zero address when no auction runs
        address bidder;
        /// unix seconds
        uint64 end;
        /// in 10⁻¹⁸ CYBR, paid in
        uint128 bid;
        /// the treasury keeps this parcel from sale for now
        bool withheld;
    }

    IERC20 public immutable cybr;
    IMintedLand public immutable land;
    address public immutable treasury;
    uint256 public immutable reserve;
    uint256 public immutable duration;
    uint256 public immutable extension;
    uint256 public immutable minRaise;

    /// @notice The auction of each parcel.
    mapping(uint256 id => Auction) public auctions;
    /// @notice What an account can collect: its bids that were outdone, or whose auctions were withdrawn.
    mapping(address bidder => uint256) public refunds;
    /// @notice Merkle roots of giveaways: leaves are keccak256(keccak256(abi.encode(id, owner))).
    bytes32[] public giveaways;

    /// @notice A bid was made; the auction ends at `end` unless it is outdone late.
    event Bid(uint256 indexed id, address indexed bidder, uint256 amount, uint256 end);
    /// @notice An auction has its winner, who has the parcel.
    event Settled(uint256 indexed id, address indexed winner, uint256 amount);
    /// @notice The treasury took a parcel from sale; who had bid gets it back.
    event Withdrawn(uint256 indexed id);
    /// @notice The treasury has a parcel on sale again.
    event Offered(uint256 indexed id);
    /// @notice A refund was collected.
    event Refunded(address indexed bidder, uint256 amount);
    /// @notice Further parcels may be claimed.
    event GiveawayAdded(uint256 indexed index, bytes32 root);
    /// @notice A parcel was claimed.
    event Claimed(uint256 indexed id, address indexed owner);

    /// @notice This parcel is not sold at auction, or has an owner, or is withheld.
    error NotForSale(uint256 id);
    /// @notice The bid is too low.
    error BidTooLow(uint256 id, uint256 amount, uint256 least);
    /// @notice The auction ended then: its parcel goes to the highest bidder.
    error AuctionOver(uint256 id, uint256 end);
    /// @notice The auction runs until then.
    error AuctionRuns(uint256 id, uint256 end);
    /// @notice Nobody has bid on this parcel.
    error NoBid(uint256 id);
    /// @notice Only the treasury may, by a vote.
    error NotTreasury(address caller);
    /// @notice There is nothing to collect.
    error NothingToRefund(address bidder);
    /// @notice The treasury sells and does not bid: its land never falls free.
    error TreasuryBids();
    /// @notice The giveaway's list names another owner, who has to claim it by itself.
    error NotNamed(uint256 id, address owner, address caller);
    /// @notice This parcel is not given away.
    error NotGivenAway(uint256 id);
    /// @notice This parcel has been claimed.
    error AlreadyClaimed(uint256 id);
    /// @notice The proof does not lead to the giveaway's root.
    error WrongProof(uint256 id, address owner);

    modifier onlyTreasury() {
        if (msg.sender != treasury) revert NotTreasury(msg.sender);
        _;
    }

    /// @param init addresses and terms, for good
    constructor(Init memory init) {
        cybr = init.cybr;
        land = init.land;
        treasury = init.treasury;
        reserve = init.reserve;
        duration = init.duration;
        extension = init.extension;
        minRaise = init.minRaise;
        if (init.giveaway != 0) _addGiveaway(init.giveaway);
    }

    // Auctions

    /// @notice Bids on a parcel; the first bid opens its auction. The whole amount is paid in, and can be collected once it
    /// is outdone.
    /// @param id of a parcel of the auctioned share that nobody owns
    /// @param amount in 10⁻¹⁸ CYBR, which this contract is allowed to take
    function bid(uint256 id, uint128 amount) external {
        _bid(id, amount);
    }

    /// @notice Bids in one transaction, by a signed permit.
    /// @param permit for this contract, of at least the amount
    function bidWithPermit(uint256 id, uint128 amount, Permit calldata permit) external {
        Permits.use(cybr, amount, permit);
        _bid(id, amount);
    }

    /// @notice The least next bid, in 10⁻¹⁸ CYBR.
    /// @param id of a parcel
    function leastBid(uint256 id) public view returns (uint256) {
        Auction storage auction = auctions[id];
        if (auction.bidder == address(0)) return reserve;
        return auction.bid + Math.max(1, Math.mulDiv(auction.bid, minRaise, 10_000, Math.Rounding.Ceil));
    }

    /// @notice Is this parcel sold at auction, unowned, and not withheld?
    /// @param id of a parcel
    function isForSale(uint256 id) public view returns (bool) {
        return id != 0 && id <= land.lastId() && land.shareOf(id) == Share.Auction && !land.isMinted(id)
            && !auctions[id].withheld;
    }

    /// @notice Ends an auction whose time is over: its parcel goes to the highest bidder, the bid to the treasury. Anybody
    /// may call it.
    /// @param id of the parcel
    function settle(uint256 id) external {
        Auction memory auction = _running(id);
        if (block.timestamp <= auction.end) revert AuctionRuns(id, auction.end);
        delete auctions[id];
        emit Settled(id, auction.bidder, auction.bid);
        land.mint(auction.bidder, id);
        cybr.safeTransfer(treasury, auction.bid);
    }

    /// @notice Takes a parcel from sale, until `offer`. A bid is given back whole; an auction that is over stays won. Only
    /// the treasury may, by a vote.
    /// @param id of a parcel for sale
    function withdraw(uint256 id) external onlyTreasury {
        if (!isForSale(id)) revert NotForSale(id);
        Auction storage auction = auctions[id];
        if (auction.bidder != address(0)) {
            if (block.timestamp > auction.end) revert AuctionOver(id, auction.end);
            refunds[auction.bidder] += auction.bid;
            delete auctions[id];
        }
        auctions[id].withheld = true;
        emit Withdrawn(id);
    }

    /// @notice Puts a parcel on sale again that was withdrawn.
    /// @param id of the parcel
    function offer(uint256 id) external onlyTreasury {
        if (!auctions[id].withheld) revert NotForSale(id);
        delete auctions[id];
        emit Offered(id);
    }

    /// @notice Collects what the caller is owed.
    function collectRefund() external {
        uint256 amount = refunds[msg.sender];
        if (amount == 0) revert NothingToRefund(msg.sender);
        delete refunds[msg.sender];
        emit Refunded(msg.sender, amount);
        cybr.safeTransfer(msg.sender, amount);
    }

    // Giveaways

    /// @notice Adds the root of a giveaway. Only the treasury may, by a vote.
    /// @param root of a Merkle tree with leaves keccak256(keccak256(abi.encode(id, owner)))
    function addGiveaway(bytes32 root) external onlyTreasury {
        _addGiveaway(root);
    }

    /// @notice Mints a parcel that was given away to the caller, whose clock starts with a first parcel: nobody else may
    /// start it.
    /// @param index of the giveaway
    /// @param id of the parcel
    /// @param owner whom the giveaway names: the caller
    /// @param proof hashes beside the way from the leaf to the root
    function claim(uint256 index, uint256 id, address owner, bytes32[] calldata proof) external {
        if (land.shareOf(id) != Share.Giveaway) revert NotGivenAway(id);
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(id, owner))));
        if (index >= giveaways.length || !MerkleProof.verifyCalldata(proof, giveaways[index], leaf)) {
            revert WrongProof(id, owner);
        }
        if (msg.sender != owner) revert NotNamed(id, owner, msg.sender);
        if (land.isMinted(id)) revert AlreadyClaimed(id);
        emit Claimed(id, owner);
        land.mint(owner, id);
    }

    /// @notice How many giveaways there are.
    function giveawayCount() external view returns (uint256) {
        return giveaways.length;
    }

    function _bid(uint256 id, uint128 amount) private {
        if (msg.sender == treasury) revert TreasuryBids();
        if (!isForSale(id)) revert NotForSale(id);
        uint256 least = leastBid(id);
        Auction storage auction = auctions[id];
        (address outdone, uint256 end) = (auction.bidder, auction.end);
        if (outdone == address(0)) end = block.timestamp + duration;
        else if (block.timestamp > end) revert AuctionOver(id, end);
        if (amount < least) revert BidTooLow(id, amount, least);
        if (outdone != address(0)) {
            refunds[outdone] += auction.bid;
            if (end - block.timestamp < extension) end += extension;
        }
        (auction.bidder, auction.bid, auction.end) = (msg.sender, amount, uint64(end));
        emit Bid(id, msg.sender, amount, end);
        cybr.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _running(uint256 id) private view returns (Auction memory auction) {
        auction = auctions[id];
        if (auction.bidder == address(0)) revert NoBid(id);
    }

    function _addGiveaway(bytes32 root) private {
        emit GiveawayAdded(giveaways.length, root);
        giveaways.push(root);
    }
}
