// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Cybr} from "src/Cybr.sol";
import {Names} from "src/services/Names.sol";
import {Test, Vm} from "./Vm.sol";

uint64 constant GRACE = 1_000;
uint256 constant YEAR_PRICE = 365 days * 1e6;

function terms() pure returns (Names.Parameters memory) {
    return Names.Parameters(10, 1_000, 100, 10_000, GRACE, YEAR_PRICE);
}

/// @dev Four people want the same three names. What each of them has is written down beside the contract.
contract NamesHandler {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant PURSE = 1e24;

    struct Held {
        address owner;
        uint256 until;
    }

    Cybr public cybr;
    Names public names;
    string[3] public wanted = ["abc", "a-4z", "some-name"];
    mapping(uint256 name => Held) public held;
    uint256 public paid;
    /// names that were taken from somebody who still had them
    uint256 public taken;

    constructor() {
        Cybr.Share[] memory shares = new Cybr.Share[](4);
        for (uint256 i = 0; i < 4; i++) shares[i] = Cybr.Share(person(i), PURSE);
        cybr = new Cybr(shares);
        names = new Names(cybr, address(0x7EA), terms());
        for (uint256 i = 0; i < 4; i++) {
            vm.prank(person(i));
            cybr.approve(address(names), PURSE);
        }
    }

    function person(uint256 seed) public pure returns (address) {
        return address(uint160(0x1000 + seed % 4));
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + time % 1_500);
    }

    /// @dev Commits, waits and reveals, too early or too late at times.
    function register(uint256 who, uint256 which, uint64 wait, uint64 term) external {
        (address owner, string memory name) = (person(who), wanted[which % 3]);
        names.commit(names.commitmentOf(name, owner, bytes32(who)));
        vm.warp(block.timestamp + wait % 1_200);
        term = term % 11_000;
        uint256 price = names.priceOf(name, term);
        vm.prank(owner);
        names.register(name, term, bytes32(who), Names.Kind.Zone, bytes32(who));
        Held storage before = held[which % 3];
        if (before.until != 0 && block.timestamp < before.until + GRACE) taken++;
        held[which % 3] = Held(owner, block.timestamp + term);
        paid += price;
    }

    /// @dev By whoever pays.
    function renew(uint256 who, uint256 which, uint64 term) external {
        string memory name = wanted[which % 3];
        term = term % 5_000;
        uint256 price = names.priceOf(name, term);
        vm.prank(person(who));
        names.renew(name, term);
        held[which % 3].until += term;
        paid += price;
    }

    function setTarget(uint256 who, uint256 which, bytes32 target) external {
        vm.prank(person(who));
        names.setTarget(wanted[which % 3], Names.Kind.Object, target);
        if (held[which % 3].owner != person(who)) taken++;
    }

    function transferName(uint256 who, uint256 which, uint256 to) external {
        vm.prank(person(who));
        names.transferName(wanted[which % 3], person(to));
        if (held[which % 3].owner != person(who)) taken++;
        held[which % 3].owner = person(to);
    }
}

/// @dev [CH9] [CH18] What holds of names whatever happened.
contract NamesInvariants is Test {
    NamesHandler private handler;
    Names private names;

    function setUp() external {
        vm.warp(1_000_000);
        handler = new NamesHandler();
        names = handler.names();
        _target(address(handler));
    }

    function invariant_oneOwnerAName_untilItsGraceIsOver() external view {
        _same("taken", handler.taken(), 0);
        for (uint256 i = 0; i < 3; i++) {
            (address owner, uint256 until) = handler.held(i);
            Names.Record memory record = names.recordOf(handler.wanted(i));
            require(record.owner == owner, "owner");
            _same("until", record.expiresAt, until);
            require(names.resolve(handler.wanted(i)).owner == (block.timestamp < until ? owner : address(0)), "now");
        }
    }

    function invariant_whatIsPaidIsTheTreasurys() external view {
        _same("paid", handler.cybr().balanceOf(names.treasury()), handler.paid());
    }
}

/// @dev [CH9] Which names there are, what they cost and when they are refused.
contract NamesFuzz is Test {
    bytes private constant LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-";
    bytes32 private constant SECRET = "secret";

    Cybr private cybr;
    Names private names;

    function setUp() external {
        vm.warp(1_000_000);
        Cybr.Share[] memory shares = new Cybr.Share[](1);
        shares[0] = Cybr.Share(address(this), 1e30);
        cybr = new Cybr(shares);
        names = new Names(cybr, address(0x7EA), terms());
        cybr.approve(address(names), 1e30);
    }

    function _commit(string memory name) private {
        names.commit(names.commitmentOf(name, address(this), SECRET));
        vm.warp(block.timestamp + 10);
    }

    function _register(string memory name) private {
        _commit(name);
        names.register(name, 100, SECRET, Names.Kind.Object, "target");
    }

    /// @dev Of letters that are allowed, but for one, or for a hyphen at an end.
    function testFuzz_CH9_takesNormalNamesAlone(bytes calldata seed, uint8 length, uint8 at, bytes1 odd) external {
        bytes memory letters = LETTERS;
        bytes memory name = new bytes(length % 70);
        for (uint256 i = 0; i < name.length; i++) {
            name[i] = letters[seed.length == 0 ? 0 : uint8(seed[i % seed.length]) % letters.length];
        }
        if (at % 2 == 1 && name.length > 0) name[at % name.length] = odd;
        string memory text = string(name);
        _commit(text);
        bool isNormal = _isNormal(name);
        if (!isNormal) _refuses(Names.NameInvalid.selector);
        names.register(text, 100, SECRET, Names.Kind.Object, "target");
        require((names.resolve(text).owner == address(this)) == isNormal, "held");
    }

    function _isNormal(bytes memory name) private pure returns (bool) {
        if (name.length < 3 || name.length > 63) return false;
        if (name[0] == "-" || name[name.length - 1] == "-") return false;
        bytes memory letters = LETTERS;
        for (uint256 i = 0; i < name.length; i++) {
            bool isKnown = false;
            for (uint256 j = 0; j < letters.length; j++) isKnown = isKnown || name[i] == letters[j];
            if (!isKnown) return false;
        }
        return true;
    }

    function testFuzz_CH9_shortNamesCostMore(uint32 term) external view {
        uint256 price = names.priceOf("abcde", term);
        _same("a second", price, uint256(term) * 1e6);
        _same("longer", names.priceOf("a-much-longer-name", term), price);
        _same("four", names.priceOf("abcd", term), 10 * price);
        _same("three", names.priceOf("abc", term), 100 * price);
    }

    function test_CH9_isCommittedToAndThenRevealed() external {
        _refuses(Names.CommitmentMissing.selector);
        names.register("name", 100, SECRET, Names.Kind.Object, 0);
        bytes32 commitment = names.commitmentOf("name", address(this), SECRET);
        names.commit(commitment);
        _refuses(Names.CommitmentPending.selector);
        names.commit(commitment);
        _refuses(Names.CommitmentTooYoung.selector);
        names.register("name", 100, SECRET, Names.Kind.Object, 0);
        vm.warp(block.timestamp + 1_001);
        _refuses(Names.CommitmentTooOld.selector);
        names.register("name", 100, SECRET, Names.Kind.Object, 0);
        names.commit(commitment);
        vm.warp(block.timestamp + 10);
        _refuses(Names.TermInvalid.selector);
        names.register("name", 99, SECRET, Names.Kind.Object, 0);
        names.register("name", 100, SECRET, Names.Kind.Object, 0);
        _same("used", names.committedAt(commitment), 0);
    }

    function test_CH9_isItsOwnersUntilTheTermIsOver_andNobodysInItsGrace() external {
        _register("name");
        _commit("name");
        _refuses(Names.NameTaken.selector);
        names.register("name", 100, SECRET, Names.Kind.Object, 0);
        vm.prank(address(1));
        _refuses(Names.NotNameOwner.selector);
        names.setTarget("name", Names.Kind.Zone, 0);
        _refuses(Names.RecipientInvalid.selector);
        names.transferName("name", address(0));
        names.setTarget("name", Names.Kind.Zone, "other");
        require(names.resolve("name").target == "other", "target");
        names.transferName("name", address(1));
        _refuses(Names.TermInvalid.selector);
        names.renew("name", 10_000);
        vm.warp(block.timestamp + 100);
        vm.prank(address(1));
        _refuses(Names.NameFree.selector);
        names.transferName("name", address(2));
        // in its grace whoever pays keeps it for its owner
        names.renew("name", 100);
        require(names.resolve("name").owner == address(1), "renewed");
        vm.warp(block.timestamp + 100 + GRACE);
        _refuses(Names.NameFree.selector);
        names.renew("name", 100);
        _register("name");
        require(names.resolve("name").owner == address(this), "free again");
    }
}
