// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Cybr} from "../Cybr.sol";

/// @title Payment for services, receipt by receipt
/// @notice A client deposits CYBR for a relay and names a key. As it is served, that key signs receipts off the chain,
/// each with the total so far (EIP-712), without a prompt of the wallet. The relay is paid what the newest receipt says
/// beyond what it has had, as far as the deposit goes; what is above it is due once the client adds to it. The relay may close at any time, by which the rest returns. The
/// client may close with the newest receipt that it admits to; then the relay has a window to show a newer one.
contract ServiceChannel is EIP712 {
    /// @notice One channel. The sums are in 10⁻¹⁸ CYBR.
    struct Channel {
        address client;
        /// unix seconds at which the channel can be settled, 0 while nobody has asked for its close
        uint64 settlesAt;
        address relay;
        /// signs receipts
        address key;
        uint128 deposit;
        /// the relay has had
        uint128 paid;
        /// the newest receipt that was shown, at least `paid` and at most the deposit
        uint128 owed;
    }

    bytes32 private constant RECEIPT_TYPEHASH = keccak256("Receipt(uint256 channel,uint256 total)");

    /// @notice The currency of deposits.
    Cybr public immutable cybr;
    /// @notice Seconds in which the relay may answer a client that closes.
    uint64 public immutable disputeSeconds;
    /// @notice Number of channels that were ever opened: their ids are 1 to this.
    uint256 public channelCount;

    mapping(uint256 id => Channel) private _channels;

    /// @notice A channel is open.
    event ChannelOpened(
        uint256 indexed id, address indexed client, address indexed relay, address key, uint256 deposit
    );
    /// @notice The client added to a deposit.
    event DepositAdded(uint256 indexed id, uint256 deposit);
    /// @notice The relay was paid by a receipt; `total` is what it has had in all.
    event Redeemed(uint256 indexed id, uint256 total, uint256 amount);
    /// @notice The client asked for the close.
    event CloseAsked(uint256 indexed id, uint256 owed, uint256 settlesAt);
    /// @notice A channel is closed.
    event ChannelClosed(uint256 indexed id, uint256 toRelay, uint256 toClient);

    error DepositInvalid(uint256 amount);
    error PartyInvalid(address relay, address key);
    error ChannelMissing(uint256 id);
    error NotParty(uint256 id, address expected, address caller);
    error CloseAlreadyAsked(uint256 id, uint256 settlesAt);
    error WindowOpen(uint256 id, uint256 settlesAt, uint256 time);
    error WindowOver(uint256 id, uint256 settlesAt, uint256 time);
    error ReceiptForged(uint256 id, address key, address signer);
    error ReceiptOld(uint256 id, uint256 total, uint256 known);

    constructor(Cybr cybr_, uint64 disputeSeconds_) EIP712("Tabland ServiceChannel", "1") {
        cybr = cybr_;
        disputeSeconds = disputeSeconds_;
    }

    /// @notice A channel; all zero when there is none or it is closed.
    function channelOf(uint256 id) external view returns (Channel memory) {
        return _channels[id];
    }

    /// @notice What the key of a channel signs to say that the relay has earned `total` in all.
    function receiptHash(uint256 id, uint256 total) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(RECEIPT_TYPEHASH, id, total)));
    }

    /// @notice Opens a channel to a relay with a deposit, which was approved before.
    /// @param relay who is paid
    /// @param key who signs receipts: a key of the client's page, not its wallet
    /// @param amount deposit in 10⁻¹⁸ CYBR
    function open(address relay, address key, uint128 amount) public returns (uint256 id) {
        if (amount == 0) revert DepositInvalid(amount);
        if (relay == address(0) || key == address(0)) revert PartyInvalid(relay, key);
        id = ++channelCount;
        _channels[id] = Channel(msg.sender, 0, relay, key, amount, 0, 0);
        emit ChannelOpened(id, msg.sender, relay, key, amount);
        cybr.transferFrom(msg.sender, address(this), amount);
    }

    /// @notice The same with the caller's permit, in one transaction.
    function openWithPermit(
        address relay,
        address key,
        uint128 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 id) {
        // Somebody may have handed the permit in before: then it has done its work.
        try cybr.permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        return open(relay, key, amount);
    }

    /// @notice Adds to the deposit of a channel of the caller that nobody is closing.
    function addDeposit(uint256 id, uint128 amount) external {
        Channel storage channel = _channelOfClient(id);
        if (channel.settlesAt != 0) revert CloseAlreadyAsked(id, channel.settlesAt);
        if (amount == 0) revert DepositInvalid(amount);
        channel.deposit += amount;
        emit DepositAdded(id, channel.deposit);
        cybr.transferFrom(msg.sender, address(this), amount);
    }

    /// @notice Pays the relay of a channel what a newer receipt says, as far as the deposit goes. Only the relay may call it; while the client
    /// closes, within the window.
    function redeem(uint256 id, uint128 total, bytes calldata signature) external {
        Channel storage channel = _channelOfRelay(id);
        if (channel.settlesAt != 0 && block.timestamp >= channel.settlesAt) {
            revert WindowOver(id, channel.settlesAt, block.timestamp);
        }
        uint128 owed = _owedBy(channel, id, total, signature);
        if (owed <= channel.paid) revert ReceiptOld(id, total, channel.paid);
        uint256 amount = owed - channel.paid;
        channel.paid = owed;
        if (owed > channel.owed) channel.owed = owed;
        emit Redeemed(id, owed, amount);
        cybr.transfer(channel.relay, amount);
    }

    /// @notice Closes a channel for its relay: pays what a last receipt says beyond what it has had, and returns the
    /// rest to the client. Without a newer receipt than the last one redeemed, `total` is zero and `signature` empty.
    function close(uint256 id, uint128 total, bytes calldata signature) external {
        Channel storage channel = _channelOfRelay(id);
        if (total != 0) {
            if (total < channel.owed) revert ReceiptOld(id, total, channel.owed);
            channel.owed = _owedBy(channel, id, total, signature);
        }
        _settle(id, channel);
    }

    /// @notice Asks for the close of a channel of the caller. The client owns up to a total; zero with an empty
    /// signature says that it knows of no receipt.
    function askClose(uint256 id, uint128 total, bytes calldata signature) external {
        Channel storage channel = _channelOfClient(id);
        if (channel.settlesAt != 0) revert CloseAlreadyAsked(id, channel.settlesAt);
        if (total != 0) {
            if (total < channel.owed) revert ReceiptOld(id, total, channel.owed);
            channel.owed = _owedBy(channel, id, total, signature);
        }
        channel.settlesAt = uint64(block.timestamp) + disputeSeconds;
        emit CloseAsked(id, channel.owed, channel.settlesAt);
    }

    /// @notice Settles a channel whose window is over: what the newest receipt says goes to the relay, the rest to the
    /// client. Anybody may call it.
    function settle(uint256 id) external {
        Channel storage channel = _channels[id];
        if (channel.client == address(0)) revert ChannelMissing(id);
        if (channel.settlesAt == 0 || block.timestamp < channel.settlesAt) {
            revert WindowOpen(id, channel.settlesAt, block.timestamp);
        }
        _settle(id, channel);
    }

    function _settle(uint256 id, Channel storage channel) private {
        (address relay, address client) = (channel.relay, channel.client);
        uint256 toRelay = channel.owed - channel.paid;
        uint256 toClient = channel.deposit - channel.owed;
        delete _channels[id];
        emit ChannelClosed(id, toRelay, toClient);
        // CYBR calls nobody on a transfer, so neither party can hold the other up.
        if (toRelay > 0) cybr.transfer(relay, toRelay);
        if (toClient > 0) cybr.transfer(client, toClient);
    }

    /// @dev What a good receipt makes due: its total, or the deposit when that is less.
    function _owedBy(Channel storage channel, uint256 id, uint128 total, bytes calldata signature)
        private
        view
        returns (uint128)
    {
        (address signer,,) = ECDSA.tryRecover(receiptHash(id, total), signature);
        if (signer != channel.key) revert ReceiptForged(id, channel.key, signer);
        return total < channel.deposit ? total : channel.deposit;
    }

    function _channelOfClient(uint256 id) private view returns (Channel storage channel) {
        channel = _channels[id];
        if (channel.client == address(0)) revert ChannelMissing(id);
        if (channel.client != msg.sender) revert NotParty(id, channel.client, msg.sender);
    }

    function _channelOfRelay(uint256 id) private view returns (Channel storage channel) {
        channel = _channels[id];
        if (channel.client == address(0)) revert ChannelMissing(id);
        if (channel.relay != msg.sender) revert NotParty(id, channel.relay, msg.sender);
    }
}
