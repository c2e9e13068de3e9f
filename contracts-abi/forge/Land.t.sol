// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Cybr} from "src/Cybr.sol";
import {Land} from "src/Land.sol";
import {LandGrid} from "src/LandGrid.sol";
import {LandSale} from "src/LandSale.sol";
import {Planet} from "src/Planet.sol";
import {IParcels} from "src/interfaces/IParcels.sol";
import {LandRule, Share} from "src/land/LandRule.sol";
import {ParcelWord} from "src/land/ParcelWord.sol";
import {Test, Vm} from "./Vm.sol";

/// @dev Four people, the treasury and the conduct contract do with some parcels whatever they can, in any order.
contract LandHandler {
    using ParcelWord for uint256;

    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address public constant TREASURY = address(0x7EA);
    address public constant CONDUCT = address(0xC0D);

    Cybr public cybr;
    Land public land;
    LandGrid public grid;
    LandSale public sale;
    Planet public planet;
    address[4] public people;
    /// the parcels that take part: some of each share, neighbours among them, and two further ones
    uint256[] public ids;

    constructor() {
        Cybr.Share[] memory shares = new Cybr.Share[](5);
        for (uint256 i = 0; i < 4; i++) {
            people[i] = address(uint160(0x1000 + i));
            shares[i] = Cybr.Share(people[i], 1e24);
        }
        shares[4] = Cybr.Share(address(this), 1e24);
        cybr = new Cybr(shares);
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        land = new Land(Land.Init(TREASURY, next, CONDUCT, cybr, 1_000, 3, 10, 0));
        sale = new LandSale(LandSale.Init(cybr, land, TREASURY, 100, 500, 60, 500, 0));
        require(address(sale) == next, "sale");
        grid = land.grid();
        planet = new Planet(IParcels(address(land)));
        cybr.transfer(address(land), 35);
        vm.prank(TREASURY);
        land.open(2);
        for (uint256 i = 0; i < 4; i++) {
            ids.push(601 + i);
            ids.push(1 + i);
            ids.push(301 + i);
        }
        ids.push(50_001);
        ids.push(50_002);
        for (uint256 i = 0; i < 4; i++) {
            vm.prank(people[i]);
            cybr.approve(address(sale), type(uint256).max);
            // so that runs begin with something
            vm.prank(address(sale));
            land.mint(people[i], 301 + i);
        }
    }

    function count() external view returns (uint256) {
        return ids.length;
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + time % 1_000);
    }

    function bid(uint256 who, uint256 seed, uint128 amount) external {
        uint256 id = _id(seed);
        amount = uint128(sale.leastBid(id) + amount % 50);
        vm.prank(_person(who));
        sale.bid(id, amount);
    }

    function settle(uint256 seed) external {
        uint256 id = _id(seed);
        for (uint256 i = 0; i < ids.length; i++) {
            (address bidder, uint64 end,,) = sale.auctions(id);
            if (bidder != address(0)) {
                if (seed % 2 == 0 && block.timestamp <= end) vm.warp(end + 1);
                break;
            }
            id = _id(seed % ids.length + i);
        }
        sale.settle(id);
    }

    function withdraw(uint256 seed) external {
        vm.prank(TREASURY);
        sale.withdraw(_id(seed));
    }

    function offer(uint256 seed) external {
        vm.prank(TREASURY);
        sale.offer(_id(seed));
    }

    function collect(uint256 who) external {
        for (uint256 i = 0; i < 3 && sale.refunds(_person(who)) == 0; i++) who = who % 4 + 1;
        vm.prank(_person(who));
        sale.collectRefund();
    }

    function mintPublic(uint256 seed) external {
        land.mintPublic(_id(seed), 1);
    }

    /// @dev A sale of community parcels without an auction, so that runs get on.
    function mint(uint256 who, uint256 seed) external {
        uint256 id = _id(seed);
        (address bidder,,,) = sale.auctions(id);
        require(bidder == address(0));
        vm.prank(address(sale));
        land.mint(_person(who), id);
    }

    /// @dev To where somebody is, was born, or stands beside somebody.
    function move(uint256 seed, uint256 other, uint256 way) external {
        uint256 id = _mintedId(seed);
        (int256 x, int256 y) = (int256(-11), int256(-132));
        if (way % 3 == 0) y += int256(other % 8);
        else if (way % 3 == 1) (x, y) = LandRule.birthCell(_id(other) % LandRule.FIRST_CITY + 1);
        else if (grid.words(_mintedId(other)).isActive()) (x, y) = grid.words(_mintedId(other)).cell();
        // to one side, or right there
        if (way / 3 % 5 == 1) x++;
        else if (way / 3 % 5 == 2) x--;
        else if (way / 3 % 5 == 3) y++;
        else if (way / 3 % 5 == 4) y--;
        vm.prank(land.ownerOf(id));
        land.move(id, x, y);
    }

    function give(uint256 seed, uint256 to) external {
        uint256 id = _mintedId(seed);
        address owner = land.ownerOf(id);
        vm.prank(owner);
        land.transferFrom(owner, to % 8 == 7 ? TREASURY : _person(to), id);
    }

    function delegate(uint256 who, uint256 to) external {
        vm.prank(_person(who));
        land.delegate(to % 5 == 4 ? address(0) : _person(to));
    }

    function proveLife(uint256 who) external {
        vm.prank(_person(who));
        land.proveLife();
    }

    function free(uint256 seed) external {
        uint256[] memory one = new uint256[](1);
        one[0] = _mintedId(seed);
        uint256 until = land.aliveUntil(land.ownerOf(one[0]));
        if (seed % 2 == 0 && block.timestamp <= until && until < 1 << 40) vm.warp(until + 1);
        land.free(one);
    }

    function warn(uint256 seed, uint8 warnings) external {
        uint256 id = _mintedId(seed);
        vm.prank(CONDUCT);
        land.setWarnings(id, warnings);
    }

    function evict(uint256 seed) external {
        uint256 id = _mintedId(seed);
        vm.prank(CONDUCT);
        land.evict(id);
    }

    function createPlanet(uint256 seed) external {
        uint256 id = _mintedId(seed);
        vm.prank(land.ownerOf(id));
        planet.create(id);
    }

    function _id(uint256 seed) private view returns (uint256) {
        return ids[seed % ids.length];
    }

    /// @dev The next one that has an owner.
    function _mintedId(uint256 seed) private view returns (uint256 id) {
        for (uint256 i = 0; i < ids.length; i++) {
            id = _id(seed % ids.length + i);
            if (grid.words(id) != 0) break;
        }
    }

    function _person(uint256 seed) private view returns (address) {
        return people[seed % 4];
    }
}

/// @dev [CH18] What holds of land whatever happened.
contract LandInvariants is Test {
    using ParcelWord for uint256;

    LandHandler private handler;
    Land private land;
    LandGrid private grid;

    function setUp() external {
        vm.warp(1_000_000);
        handler = new LandHandler();
        (land, grid) = (handler.land(), handler.grid());
        _target(address(handler));
    }

    /// @dev If two parcels were on one cell, the cell would name but one of them.
    function invariant_oneParcelOnACell_wordsAndCellsAgree() external view {
        for (uint256 i = 0; i < handler.count(); i++) {
            uint256 id = handler.ids(i);
            uint256 word = grid.words(id);
            if (word.isActive()) {
                (int256 x, int256 y) = word.cell();
                _same("cell of an active parcel", grid.parcelAt(x, y), id);
                require(LandRule.isSettleable(x, y), "in the square");
            } else {
                require(uint24(word >> 160) == 0, "a place without being active");
            }
            if (id > LandRule.FIRST_CITY) continue;
            (int256 a, int256 b) = LandRule.birthCell(id);
            uint256 there = grid.parcelAt(a, b);
            if (word == 0) _same("a parcel on a cell that is kept", there, 0);
            if (there != 0) _standsOn(there, a, b);
        }
    }

    function invariant_ownersBalancesAndVotesAddUp() external view {
        uint256[6] memory owned;
        uint256 minted = 0;
        uint256 votes = 0;
        for (uint256 i = 0; i < handler.count(); i++) {
            uint256 id = handler.ids(i);
            uint256 word = grid.words(id);
            if (word == 0) continue;
            minted++;
            owned[_index(word.owner())]++;
            if (word.owner() == handler.TREASURY()) continue;
            if (word.isActive() && LandRule.shareOf(id) != Share.Public) votes++;
        }
        uint256 sum = 0;
        uint256 voting = land.getVotes(handler.TREASURY());
        for (uint256 i = 0; i < 5; i++) {
            address owner = i == 4 ? handler.TREASURY() : handler.people(i);
            _same("balance", land.balanceOf(owner), owned[i]);
            sum += owned[i];
            if (i < 4) voting += land.getVotes(owner);
            if (i < 4) require((grid.aliveUntil(owner) != 0) == (owned[i] != 0), "clock without parcels");
        }
        _same("minted", sum, minted);
        _same("votes", voting, votes);
        _same("the foundation's clock", grid.aliveUntil(handler.TREASURY()), 0);
    }

    /// @dev Whatever an owner that shows no life has in the city, anybody can set free at once.
    function invariant_noLocationForTheDead() external {
        uint256[] memory one = new uint256[](1);
        for (uint256 i = 0; i < handler.count(); i++) {
            one[0] = handler.ids(i);
            uint256 word = grid.words(one[0]);
            if (!word.isActive() || block.timestamp <= land.aliveUntil(word.owner())) continue;
            land.free(one);
            require(!land.isActive(one[0]), "stays");
            require(land.ownerOf(one[0]) == word.owner(), "token lost");
        }
    }

    function invariant_auctionsAreSolvent() external view {
        LandSale sale = handler.sale();
        uint256 owed = 0;
        for (uint256 i = 0; i < handler.count(); i++) {
            (,, uint128 bid,) = sale.auctions(handler.ids(i));
            owed += bid;
        }
        for (uint256 i = 0; i < 4; i++) owed += sale.refunds(handler.people(i));
        _same("held", handler.cybr().balanceOf(address(sale)), owed);
    }

    function invariant_planetFollowsLand() external view {
        Planet planet = handler.planet();
        for (uint256 i = 0; i < handler.count(); i++) {
            uint256 id = handler.ids(i);
            if (planet.exists(id)) require(planet.ownerOf(id) == land.ownerOf(id), "elsewhere");
        }
    }

    function _standsOn(uint256 id, int256 a, int256 b) private view {
        uint256 word = grid.words(id);
        require(word.isActive(), "a cell names a parcel without a place");
        (int256 x, int256 y) = word.cell();
        require(x == a && y == b, "a cell names a parcel that is elsewhere");
    }

    function _index(address owner) private view returns (uint256) {
        for (uint256 i = 0; i < 4; i++) if (handler.people(i) == owner) return i;
        require(owner == handler.TREASURY(), "owner");
        return 4;
    }
}
