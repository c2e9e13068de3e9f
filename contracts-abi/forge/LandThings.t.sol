// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Access} from "src/Access.sol";
import {Cybr} from "src/Cybr.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Land} from "src/Land.sol";
import {LandGrid} from "src/LandGrid.sol";
import {LandSale} from "src/LandSale.sol";
import {Model} from "src/Model.sol";
import {Planet} from "src/Planet.sol";
import {IAccess} from "src/interfaces/IAccess.sol";
import {IParcels} from "src/interfaces/IParcels.sol";
import {IGridErrors} from "src/interfaces/IGridErrors.sol";
import {NotPermitted, Permit} from "src/land/Permits.sol";
import {ParcelState} from "src/land/ParcelWord.sol";
import {Share} from "src/land/LandRule.sol";
import {Test} from "./Vm.sol";

/// @dev Parcels as tokens, giveaways, planets, models and entrances, with whatever numbers. This contract is treasury and
/// conduct.
contract LandThings is Test {
    uint256 private constant HOME = 301;
    uint256 private constant OTHER = 302;
    uint256 private constant KEY = 0xBEEF;
    address private constant ALICE = address(0xA11CE);
    address private constant CAROL = address(0xCA401);
    address private bob;

    Cybr private cybr;
    Land private land;
    LandSale private sale;
    Planet private planet;
    Model private model;
    Access private access;

    function setUp() external {
        vm.warp(1_000_000);
        bob = vm.addr(KEY);
        Cybr.Share[] memory shares = new Cybr.Share[](2);
        (shares[0], shares[1]) = (Cybr.Share(bob, 1e24), Cybr.Share(address(this), 1e24));
        cybr = new Cybr(shares);
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        land = new Land(Land.Init(address(this), next, address(this), cybr, 1_000, 3, 10, 100));
        bytes32 root = keccak256(bytes.concat(keccak256(abi.encode(HOME, ALICE))));
        sale = new LandSale(LandSale.Init(cybr, land, address(this), 100, 500, 60, 500, root));
        planet = new Planet(IParcels(address(land)));
        model = new Model(IParcels(address(land)), planet);
        access = new Access(cybr);
        vm.prank(ALICE);
        sale.claim(0, HOME, ALICE, new bytes32[](0));
        sale.addGiveaway(keccak256(bytes.concat(keccak256(abi.encode(OTHER, bob)))));
        vm.prank(bob);
        sale.claim(1, OTHER, bob, new bytes32[](0));
    }

    function test_CH3_claimsNothingTwiceAndNothingElse() external {
        _same("giveaways", sale.giveawayCount(), 2);
        _refuses(LandSale.NotNamed.selector);
        sale.claim(0, HOME, ALICE, new bytes32[](0));
        vm.prank(ALICE);
        _refuses(LandSale.AlreadyClaimed.selector);
        sale.claim(0, HOME, ALICE, new bytes32[](0));
        _refuses(LandSale.WrongProof.selector);
        sale.claim(0, HOME, bob, new bytes32[](0));
        _refuses(LandSale.NotGivenAway.selector);
        sale.claim(0, 601, ALICE, new bytes32[](0));
        require(!sale.isForSale(HOME) && sale.isForSale(601) && !sale.isForSale(0), "for sale");
    }

    function testFuzz_CH3_takesNoRaiseBelowTheLeast(uint96 first, uint96 second) external {
        vm.startPrank(bob);
        cybr.approve(address(sale), type(uint256).max);
        uint128 paid = uint128(first % 1e20) + 100;
        sale.bid(601, paid);
        uint256 least = sale.leastBid(601);
        _atMost("a twentieth more", uint256(paid) * 105, least * 100);
        uint128 raise = uint128(second % 1e20) + 1;
        if (raise < least) _refuses(LandSale.BidTooLow.selector);
        sale.bid(601, raise);
        if (raise >= least) _same("refund", sale.refunds(bob), paid);
        vm.stopPrank();
    }

    function test_CH4_landIsOpenedAndReadAsAToken() external {
        _refuses(Land.TooEarly.selector);
        land.open(1);
        vm.warp(block.timestamp + 100);
        _refuses(Land.NoSuchParcel.selector);
        land.open(15_535);
        land.open(15_534);
        _same("last", land.lastId(), 65_534);
        Land.Parcel memory home = land.parcel(HOME);
        require(home.owner == ALICE && home.state == ParcelState.Active && home.share == Share.Giveaway, "parcel");
        (int256 x, int256 y) = land.birthCell(HOME);
        require(home.x == x && home.y == y, "cell");
        require(bytes(land.name()).length != 0 && bytes(land.symbol()).length != 0, "name");
        require(bytes(land.tokenURI(HOME)).length != 0 && land.supportsInterface(0x80ac58cd), "token");
        require(land.isMinted(HOME) && !land.isMinted(99_999) && land.isActive(HOME), "state");
        require(bytes(land.CLOCK_MODE()).length != 0 && land.clock() == block.timestamp, "clock");
        land.setWarnings(HOME, 2);
        (uint256 count, uint256 lastAt) = land.warningsOf(HOME);
        require(count == 2 && lastAt == block.timestamp, "warnings");
        land.evict(HOME);
        require(land.parcel(HOME).state == ParcelState.Inactive && land.ownerOf(HOME) == ALICE, "evicted");
    }

    function test_CH4_operatorsMoveAndHandOn() external {
        vm.prank(ALICE);
        land.setApprovalForAll(bob, true);
        require(land.isApprovedForAll(ALICE, bob), "operator");
        vm.prank(bob);
        land.approve(CAROL, HOME);
        require(land.getApproved(HOME) == CAROL, "approved");
        (int256 x, int256 y) = land.birthCell(1);
        vm.prank(CAROL);
        land.move(HOME, x, y - 1);
        land.evict(HOME);
        vm.prank(CAROL);
        land.move(HOME, x, y - 1);
        vm.prank(bob);
        land.safeTransferFrom(ALICE, CAROL, HOME);
        require(land.ownerOf(HOME) == CAROL && land.getApproved(HOME) == address(0), "handed on");
        vm.prank(CAROL);
        land.setBuilder(HOME, ALICE, true);
        require(land.mayBuild(HOME, ALICE) && !land.mayBuild(HOME, bob), "builder");
        _refuses(Land.NotAllowed.selector);
        land.setBuilder(HOME, ALICE, true);
    }

    function test_CH5_portalsNeedBoth() external {
        vm.prank(ALICE);
        planet.create(HOME);
        vm.prank(bob);
        planet.wantPortal(OTHER, HOME);
        _same("not yet", planet.portalOf(OTHER), 0);
        vm.prank(ALICE);
        planet.agreePortal(HOME, OTHER, true);
        _same("now", planet.portalOf(OTHER), HOME);
        require(planet.locked(HOME) && planet.ownerOf(HOME) == ALICE && planet.supportsInterface(0xb45a3c0e), "token");
        require(bytes(planet.name()).length + bytes(planet.symbol()).length + bytes(planet.tokenURI(HOME)).length > 20);
        _refuses(Planet.BoundToParcel.selector);
        planet.transferFrom(ALICE, bob, HOME);
        _refuses(Planet.NotOwner.selector);
        planet.create(OTHER);
    }

    function testFuzz_CH6_placementsStayWithinBounds(int32 x, int32 y, int32 z, uint32 yaw, uint32 scale) external {
        if (scale % 2 == 0) (x, y, z, yaw) = (x % 6_000, y % 25_000, z % 6_000, yaw % 400_000);
        vm.startPrank(ALICE);
        uint256 id = model.mint("cid", bytes32(uint256(1)), 250, IAccess(address(0)));
        Model.Placement memory pose = Model.Placement(Model.Ground.Parcel, uint16(HOME), x, y, z, yaw, scale);
        bool fits = x >= -5_000 && x <= 5_000 && z >= -5_000 && z <= 5_000 && y >= -20_000 && y <= 20_000
            && yaw < 360_000 && scale > 0 && scale <= 1e9;
        if (!fits) _refuses(Model.OutOfBounds.selector);
        model.place(id, pose);
        require((model.placementOf(id).ground == Model.Ground.Parcel) == fits, "placed");
        model.transferFrom(ALICE, CAROL, id);
        vm.stopPrank();
        require(model.placementOf(id).ground == Model.Ground.None && !model.isAccepted(id), "handed on");
        vm.prank(CAROL);
        model.accept(id);
        (address author, uint256 royalty) = model.royaltyInfo(id, 1_000);
        require(author == ALICE && royalty == 25 && model.isAccepted(id) && model.details(id).author == ALICE, "model");
    }

    function testFuzz_CH7_paysOnceForATimeOrForEver(uint96 price, uint32 duration) external {
        price = price % 1e20 + 1;
        vm.startPrank(ALICE);
        uint256 id = model.mint("cid", bytes32(uint256(1)), 0, access);
        access.setOffer(address(model), id, price, duration);
        vm.stopPrank();
        require(!model.maySee(id, bob), "unpaid");
        bytes32 hash = keccak256(
            abi.encodePacked(
                "\x19\x01",
                cybr.DOMAIN_SEPARATOR(),
                keccak256(
                    abi.encode(
                        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                        bob,
                        address(access),
                        price,
                        0,
                        block.timestamp
                    )
                )
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, hash);
        Access.Offer memory terms = Access.Offer(price, duration);
        vm.prank(bob);
        access.payWithPermit(address(model), id, terms, Permit(price, block.timestamp, v, r, s));
        require(model.maySee(id, bob) && !model.maySee(id, CAROL), "paid");
        vm.prank(ALICE);
        access.collect();
        _same("income", cybr.balanceOf(ALICE), price);
        vm.warp(block.timestamp + duration + 1);
        require(model.maySee(id, bob) == (duration == 0), "time");
    }

    function test_CH7_paysByAllowanceWhenAPermitWasUsedByOthers() external {
        Permit memory used = Permit(0, 0, 27, 0, 0);
        vm.prank(bob);
        _refuses(NotPermitted.selector);
        sale.bidWithPermit(601, 100, used);
        vm.startPrank(bob);
        cybr.approve(address(sale), 100);
        sale.bidWithPermit(601, 100, used);
        cybr.approve(address(access), 20);
        vm.stopPrank();
        vm.prank(ALICE);
        planet.create(HOME);
        Access.Offer memory day = Access.Offer(5, 86_400);
        vm.prank(bob);
        _refuses(Access.IsFree.selector);
        access.pay(address(planet), HOME, day);
        _refuses(Access.NotOwner.selector);
        access.setOffer(address(planet), HOME, 5, 86_400);
        vm.prank(ALICE);
        access.setOffer(address(planet), HOME, 5, 86_400);
        vm.startPrank(bob);
        access.pay(address(planet), HOME, day);
        access.pay(address(planet), HOME, day);
        _same("two days", access.paidUntil(address(planet), HOME, bob), block.timestamp + 2 * 86_400);
        _refuses(Access.TermsChanged.selector);
        access.pay(address(planet), HOME, Access.Offer(4, 86_400));
        _refuses(Access.NothingToCollect.selector);
        access.collect();
        vm.stopPrank();
    }

    function test_CH6_standsOnPlanetsAndIsTaken() external {
        vm.startPrank(ALICE);
        planet.create(HOME);
        uint256 id = model.mint("cid", bytes32(uint256(1)), 0, IAccess(address(0)));
        model.place(id, Model.Placement(Model.Ground.Planet, uint16(HOME), 1e6, 1e6, -1e6, 0, 1));
        model.take(id);
        model.setAccess(id, access);
        _refuses(Model.MayNotBuild.selector);
        model.place(id, Model.Placement(Model.Ground.Parcel, uint16(OTHER), 0, 0, 0, 0, 1));
        _refuses(Model.WrongContent.selector);
        model.mint("", 0, 0, access);
        _refuses(Model.RoyaltyTooHigh.selector);
        model.mint("cid", 0, 2_501, access);
        vm.stopPrank();
        _refuses(Model.NotHolder.selector);
        model.take(id);
        require(model.supportsInterface(0x2a55205a) && model.placementOf(id).ground == Model.Ground.None, "model");
    }

    function test_CH2_refusesWhatIsNone() external {
        _refuses(Land.WrongCount.selector);
        land.mintPublic(1, 101);
        _refuses(Land.WrongShare.selector);
        land.mintPublic(301, 1);
        _refuses(Land.NoParcels.selector);
        land.proveLife();
        _refuses(Land.NotAllowed.selector);
        land.mint(ALICE, 601);
        _refuses(Land.NoSuchParcel.selector);
        land.birthCell(0);
        vm.startPrank(ALICE);
        _refuses(IGridErrors.CellOutOfReach.selector);
        land.move(HOME, 0, 0);
        _refuses(IGridErrors.CellApart.selector);
        land.move(HOME, 2_000, 0);
        _refuses(IERC721Errors.ERC721InvalidReceiver.selector);
        land.transferFrom(ALICE, address(0), HOME);
        vm.stopPrank();
        vm.expectRevert();
        land.safeTransferFrom(ALICE, bob, HOME, "data");
        LandGrid grid = land.grid();
        _refuses(IGridErrors.NotLand.selector);
        grid.setOwner(HOME, bob);
    }
}
