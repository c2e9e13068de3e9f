// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Cybr} from "src/Cybr.sol";
import {Relays} from "src/services/Relays.sol";
import {ServiceChannel} from "src/services/ServiceChannel.sol";
import {Test} from "./Vm.sol";

/// @dev [CH10] Relays and channels of which each side wants more than its due. This contract is the relay.
contract ServicesTest is Test {
    uint256 private constant CLIENT_KEY = 0xC11E;
    uint256 private constant RECEIPT_KEY = 0xBEEF;
    uint128 private constant DEPOSIT = 1_000;
    uint64 private constant WINDOW = 300;

    Cybr private cybr;
    Relays private relays;
    ServiceChannel private channel;
    address private client;

    function setUp() external {
        vm.warp(1_000_000);
        client = vm.addr(CLIENT_KEY);
        Cybr.Share[] memory shares = new Cybr.Share[](2);
        (shares[0], shares[1]) = (Cybr.Share(client, 1e24), Cybr.Share(address(this), 1e24));
        cybr = new Cybr(shares);
        relays = new Relays(cybr, 1_000, 500);
        channel = new ServiceChannel(cybr, WINDOW);
        cybr.approve(address(relays), type(uint256).max);
        vm.prank(client);
        cybr.approve(address(channel), type(uint256).max);
    }

    function _open() private returns (uint256 id) {
        address key = vm.addr(RECEIPT_KEY);
        vm.prank(client);
        id = channel.open(address(this), key, DEPOSIT);
    }

    function _receipt(uint256 key, uint256 id, uint128 total) private returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, channel.receiptHash(id, total));
        return abi.encodePacked(r, s, v);
    }

    /// @dev What an honest client owns up to and what the relay answers within the window: the greater one is paid.
    function testFuzz_CH10_aCloseIsSettledByTheNewestReceipt(uint128 admitted, uint128 shown, bool isLate) external {
        (admitted, shown) = (admitted % DEPOSIT, shown % (2 * DEPOSIT) + 1);
        uint256 id = _open();
        uint256 before = cybr.balanceOf(address(this));
        bytes memory last = admitted == 0 ? bytes("") : _receipt(RECEIPT_KEY, id, admitted);
        vm.prank(client);
        channel.askClose(id, admitted, last);
        bytes memory answer = _receipt(RECEIPT_KEY, id, shown);
        vm.warp(block.timestamp + (isLate ? WINDOW : WINDOW - 1));
        if (isLate) _refuses(ServiceChannel.WindowOver.selector);
        channel.redeem(id, shown, answer);
        if (!isLate) {
            _refuses(ServiceChannel.WindowOpen.selector);
            channel.settle(id);
            vm.warp(block.timestamp + 1);
        }
        channel.settle(id);
        uint256 newest = isLate || shown < admitted ? admitted : shown;
        uint256 due = newest > DEPOSIT ? DEPOSIT : newest;
        _same("to the relay", cybr.balanceOf(address(this)) - before, due);
        _same("to the client", cybr.balanceOf(client), 1e24 - due);
        _same("left", cybr.balanceOf(address(channel)), 0);
        require(channel.channelOf(id).client == address(0), "closed");
    }

    function testFuzz_CH10_aForgedReceiptPaysNothing(uint256 key, uint128 total, bytes calldata garbage) external {
        key = key % 1e30 + 1;
        total = total % DEPOSIT + 1;
        uint256 id = _open();
        uint256 other = _open();
        if (key != RECEIPT_KEY) {
            bytes memory forged = _receipt(key, id, total);
            _refuses(ServiceChannel.ReceiptForged.selector);
            channel.redeem(id, total, forged);
        }
        // of another channel, of another total, of nobody
        bytes memory foreign = _receipt(RECEIPT_KEY, other, total);
        _refuses(ServiceChannel.ReceiptForged.selector);
        channel.redeem(id, total, foreign);
        bytes memory own = _receipt(RECEIPT_KEY, id, total);
        _refuses(ServiceChannel.ReceiptForged.selector);
        channel.close(id, total + 1, own);
        _refuses(ServiceChannel.ReceiptForged.selector);
        channel.redeem(id, total, garbage);
        vm.prank(client);
        _refuses(ServiceChannel.ReceiptForged.selector);
        channel.askClose(id, total, garbage);
        _same("paid", cybr.balanceOf(address(channel)), 2 * DEPOSIT);
    }

    function test_CH10_paysEachReceiptOnce_andOnlyItsParties() external {
        uint256 id = _open();
        bytes memory ten = _receipt(RECEIPT_KEY, id, 10);
        bytes memory five = _receipt(RECEIPT_KEY, id, 5);
        channel.redeem(id, 10, ten);
        _refuses(ServiceChannel.ReceiptOld.selector);
        channel.redeem(id, 10, ten);
        _refuses(ServiceChannel.ReceiptOld.selector);
        channel.close(id, 5, five);
        vm.prank(client);
        _refuses(ServiceChannel.ReceiptOld.selector);
        channel.askClose(id, 5, five);
        vm.prank(client);
        _refuses(ServiceChannel.NotParty.selector);
        channel.redeem(id, 10, ten);
        _refuses(ServiceChannel.NotParty.selector);
        channel.addDeposit(id, 1);
        vm.prank(client);
        _refuses(ServiceChannel.DepositInvalid.selector);
        channel.addDeposit(id, 0);
        vm.startPrank(client);
        channel.addDeposit(id, 7);
        channel.askClose(id, 0, "");
        _refuses(ServiceChannel.CloseAlreadyAsked.selector);
        channel.addDeposit(id, 7);
        _refuses(ServiceChannel.CloseAlreadyAsked.selector);
        channel.askClose(id, 0, "");
        _refuses(ServiceChannel.PartyInvalid.selector);
        channel.open(address(0), client, 1);
        _refuses(ServiceChannel.DepositInvalid.selector);
        channel.open(address(this), client, 0);
        vm.stopPrank();
        channel.close(id, 0, "");
        _same("paid in all", cybr.balanceOf(client), 1e24 - 10);
        _refuses(ServiceChannel.ChannelMissing.selector);
        channel.settle(id);
        _refuses(ServiceChannel.ChannelMissing.selector);
        channel.close(id, 0, "");
        _refuses(ServiceChannel.ChannelMissing.selector);
        channel.addDeposit(id, 1);
    }

    function test_CH10_opensByPermit_alsoOneThatOthersUsed() external {
        vm.prank(client);
        cybr.approve(address(channel), 0);
        bytes32 terms = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                client,
                address(channel),
                DEPOSIT,
                cybr.nonces(client),
                block.timestamp
            )
        );
        bytes32 hash = keccak256(abi.encodePacked("\x19\x01", cybr.DOMAIN_SEPARATOR(), terms));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(CLIENT_KEY, hash);
        cybr.permit(client, address(channel), DEPOSIT, block.timestamp, v, r, s);
        vm.prank(client);
        uint256 id = channel.openWithPermit(address(this), client, DEPOSIT, block.timestamp, v, r, s);
        _same("deposit", channel.channelOf(id).deposit, DEPOSIT);
        vm.prank(client);
        vm.expectRevert();
        channel.openWithPermit(address(this), client, DEPOSIT, block.timestamp, v, r, s);
    }

    function testFuzz_CH10_aPageOfTheListIsThatPartOfIt(uint8 count, uint8 from, uint8 max) external {
        count = count % 12;
        for (uint256 i = 0; i < count; i++) relays.register(abi.encodePacked(uint8(i)), "/dns4/relay.example", 3, uint128(i));
        Relays.Relay[] memory page = relays.list(from % 15, max);
        uint256 rest = from % 15 < count ? count - from % 15 : 0;
        _same("length", page.length, rest < max ? rest : max);
        for (uint256 i = 0; i < page.length; i++) _same("place", page[i].pricePerGiB, from % 15 + i);
    }

    function test_CH10_aBondReturnsOnceItsDelayIsOver() external {
        bytes32 id = relays.register("peer", "/dns4/relay.example", 1, 5);
        relays.update(id, "/dns4/moved.example", 2, 6);
        require(relays.relayOf(id).roles == 2 && relays.relayOf(id).pricePerGiB == 6, "updated");
        _refuses(Relays.AlreadyListed.selector);
        relays.register("peer", "/dns4/relay.example", 1, 5);
        _refuses(Relays.BondLocked.selector);
        relays.takeBond(id);
        vm.prank(client);
        _refuses(Relays.NotOperator.selector);
        relays.retire(id);
        relays.retire(id);
        _refuses(Relays.NotListed.selector);
        relays.retire(id);
        _refuses(Relays.NotListed.selector);
        relays.update(id, "/dns4/moved.example", 2, 6);
        vm.warp(block.timestamp + 499);
        _refuses(Relays.BondLocked.selector);
        relays.takeBond(id);
        vm.warp(block.timestamp + 1);
        relays.takeBond(id);
        _same("all of it", cybr.balanceOf(address(this)), 1e24);
        _same("listed", relays.count(), 0);
    }

    function test_CH10_refusesWhatDescribesNoRelay() external {
        _refuses(Relays.PeerIdInvalid.selector);
        relays.register("", "/dns4/relay.example", 1, 5);
        _refuses(Relays.PeerIdInvalid.selector);
        relays.register(new bytes(65), "/dns4/relay.example", 1, 5);
        _refuses(Relays.RolesInvalid.selector);
        relays.register("peer", "/dns4/relay.example", 0, 5);
        _refuses(Relays.RolesInvalid.selector);
        relays.register("peer", "/dns4/relay.example", 4, 5);
        _refuses(Relays.MultiaddrInvalid.selector);
        relays.register("peer", "", 1, 5);
        _refuses(Relays.MultiaddrInvalid.selector);
        relays.register("peer", string(new bytes(257)), 1, 5);
    }
}
