// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Cybr} from "src/Cybr.sol";
import {Distribution} from "src/money/Distribution.sol";
import {Stake} from "src/money/Stake.sol";
import {Relays} from "src/services/Relays.sol";
import {ServiceChannel} from "src/services/ServiceChannel.sol";
import {Test, Vm} from "./Vm.sol";

uint256 constant SUPPLY = 1e27;
uint256 constant OFFERED = 6e26;
uint256 constant PEOPLE = 4;
uint64 constant ROUNDS = 5;
uint256 constant KEY = 0xBEEF;

/// @dev Five people do with the money whatever they can, in any order and at any pace.
contract MoneyHandler {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    Cybr public cybr;
    Distribution public distribution;
    Stake public stake;
    Relays public relays;
    ServiceChannel public channel;
    address[PEOPLE] public people;
    uint256 public weiPaid;
    uint256 public burnt;

    constructor() {
        address self = address(this);
        address next = vm.computeCreateAddress(self, vm.getNonce(self) + 1);
        for (uint256 i = 0; i < PEOPLE; i++) people[i] = address(uint160(0x1000 + i));
        Cybr.Share[] memory shares = new Cybr.Share[](PEOPLE + 1);
        shares[0] = Cybr.Share(next, OFFERED);
        for (uint256 i = 0; i < PEOPLE; i++) shares[i + 1] = Cybr.Share(people[i], (SUPPLY - OFFERED) / PEOPLE);
        cybr = new Cybr(shares);
        distribution =
            new Distribution(cybr, payable(address(0x7EA)), Distribution.Parameters(0, 1_000, ROUNDS, OFFERED));
        stake = new Stake(cybr, 500);
        relays = new Relays(cybr, 1_000, 500);
        channel = new ServiceChannel(cybr, 300);
        for (uint256 i = 0; i < PEOPLE; i++) {
            vm.deal(people[i], 1e24);
            vm.startPrank(people[i]);
            cybr.approve(address(stake), type(uint256).max);
            cybr.approve(address(relays), type(uint256).max);
            cybr.approve(address(channel), type(uint256).max);
            cybr.delegate(people[(i + 1) % PEOPLE]);
            vm.stopPrank();
        }
    }

    function person(uint256 seed) public view returns (address) {
        return people[seed % PEOPLE];
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + time % 1_500);
    }

    function send(uint256 from, uint256 to, uint256 amount) external {
        address sender = person(from);
        uint256 some = amount % (cybr.balanceOf(sender) + 1);
        vm.prank(sender);
        cybr.transfer(person(to), some);
    }

    function burn(uint256 who, uint256 amount) external {
        uint256 some = amount % 1_000;
        vm.prank(person(who));
        cybr.burn(some);
        burnt += some;
    }

    function pay(uint256 who, uint256 amount) external {
        uint256 some = amount % 1e20 + 1;
        vm.prank(person(who));
        distribution.pay{value: some}();
        weiPaid += some;
    }

    function claim(uint256 who, uint256 round) external {
        vm.prank(person(who));
        distribution.claim(round % ROUNDS);
    }

    function burnRest() external {
        uint256 before = cybr.totalSupply();
        distribution.burnRest();
        burnt += before - cybr.totalSupply();
    }

    function collect() external {
        distribution.collect();
    }

    function lock(uint256 who, uint256 amount) external {
        vm.prank(person(who));
        stake.stake((amount % 1e12 + 1) * 1e12);
    }

    function unlock(uint256 who, uint256 amount) external {
        address staker = person(who);
        uint256 some = amount % (stake.stakeOf(staker) / 1e12 + 1) * 1e12;
        vm.prank(staker);
        stake.unstake(some);
    }

    function takeBack(uint256 who) external {
        vm.prank(person(who));
        stake.withdraw();
    }

    function list(uint256 who, uint8 peer) external {
        vm.prank(person(who));
        relays.register(abi.encodePacked(peer % 2), "/dns4/relay.example", 3, 1);
    }

    function redescribe(uint256 who, uint8 peer, uint128 price) external {
        bytes32 id = relays.idOf(person(who), abi.encodePacked(peer % 2));
        vm.prank(person(who));
        relays.update(id, "/dns4/other.example", 1, price);
    }

    function retire(uint256 who, uint8 peer) external {
        bytes32 id = relays.idOf(person(who), abi.encodePacked(peer % 2));
        vm.prank(person(who));
        relays.retire(id);
    }

    function takeBond(uint256 who, uint8 peer) external {
        bytes32 id = relays.idOf(person(who), abi.encodePacked(peer % 2));
        vm.prank(person(who));
        relays.takeBond(id);
    }

    function open(uint256 client, uint256 relay, uint128 amount) external {
        address key = vm.addr(KEY);
        vm.prank(person(client));
        channel.open(person(relay), key, amount % 1e20 + 1);
    }

    function addDeposit(uint256 id, uint128 amount) external {
        uint256 own = _id(id);
        vm.prank(channel.channelOf(own).client);
        channel.addDeposit(own, amount % 1e20);
    }

    function redeem(uint256 id, uint128 total) external {
        (uint256 which, ServiceChannel.Channel memory own) = _channel(id);
        uint128 some = total % (own.deposit + 2); // now and then more than there is
        bytes memory receipt = _receipt(which, some);
        vm.prank(own.relay);
        channel.redeem(which, some, receipt);
    }

    function askClose(uint256 id, uint128 total) external {
        (uint256 which, ServiceChannel.Channel memory own) = _channel(id);
        uint128 some = total % (own.deposit + 2);
        bytes memory receipt = _receipt(which, some);
        vm.prank(own.client);
        channel.askClose(which, some, receipt);
    }

    function close(uint256 id, uint128 total) external {
        (uint256 which, ServiceChannel.Channel memory own) = _channel(id);
        uint128 some = total % (own.deposit + 2);
        bytes memory receipt = _receipt(which, some);
        vm.prank(own.relay);
        channel.close(which, some, receipt);
    }

    function settle(uint256 id) external {
        channel.settle(_id(id));
    }

    function _id(uint256 seed) private view returns (uint256) {
        uint256 count = channel.channelCount();
        // one of the newest, which is mostly open still
        return count == 0 ? 1 : count - seed % (count < 3 ? count : 3);
    }

    function _channel(uint256 seed) private view returns (uint256 id, ServiceChannel.Channel memory own) {
        id = _id(seed);
        own = channel.channelOf(id);
    }

    function _receipt(uint256 id, uint128 total) private returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, channel.receiptHash(id, total));
        return abi.encodePacked(r, s, v);
    }
}

/// @dev [CH18] What holds after any history. It takes some hundred steps to get through all rounds.
/// forge-config: default.invariant.depth = 250
contract MoneyInvariants is Test {
    MoneyHandler private handler;
    Cybr private cybr;

    function setUp() external {
        handler = new MoneyHandler();
        cybr = handler.cybr();
        _target(address(handler));
    }

    function invariant_sumOfBalances() external view {
        uint256 sum = cybr.balanceOf(address(handler.distribution())) + cybr.balanceOf(address(handler.stake()))
            + cybr.balanceOf(address(handler.relays())) + cybr.balanceOf(address(handler.channel()));
        for (uint256 i = 0; i < PEOPLE; i++) sum += cybr.balanceOf(handler.people(i));
        _same("sum of balances", sum, cybr.totalSupply());
        _same("supply and what was burnt", cybr.totalSupply() + handler.burnt(), SUPPLY);
    }

    function invariant_votesAreHoldings() external view {
        for (uint256 i = 0; i < PEOPLE; i++) {
            uint256 held = cybr.balanceOf(handler.people(i));
            _same("votes", cybr.getVotes(handler.people((i + 1) % PEOPLE)), held);
        }
    }

    function invariant_stakeIsThere() external view {
        Stake stake = handler.stake();
        uint256 owed = 0;
        for (uint256 i = 0; i < PEOPLE; i++) {
            (uint256 returning,) = stake.returningOf(handler.people(i));
            owed += stake.stakeOf(handler.people(i)) + returning;
        }
        _same("stake", owed, cybr.balanceOf(address(stake)));
    }

    function invariant_channelsAreSolvent() external view {
        ServiceChannel channel = handler.channel();
        uint256 owed = 0;
        for (uint256 id = 1; id <= channel.channelCount(); id++) {
            ServiceChannel.Channel memory own = channel.channelOf(id);
            _atMost("paid and owed", own.paid, own.owed);
            _atMost("owed and deposit", own.owed, own.deposit);
            owed += own.deposit - own.paid;
        }
        _same("deposits", owed, cybr.balanceOf(address(channel)));
    }

    function invariant_bondsAreThere() external view {
        Relays relays = handler.relays();
        uint256 owed = 0;
        for (uint256 i = 0; i < PEOPLE; i++) {
            for (uint8 peer = 0; peer < 2; peer++) {
                owed += relays.relayOf(relays.idOf(handler.people(i), abi.encodePacked(peer))).bond;
            }
        }
        _same("bonds", owed, cybr.balanceOf(address(relays)));
    }

    /// @dev Whatever came and went, the list holds each relay that has not left, once, and no other.
    function invariant_theListHoldsWhoHasNotLeft() external view {
        Relays relays = handler.relays();
        uint256 listed = 0;
        for (uint256 i = 0; i < PEOPLE; i++) {
            for (uint8 peer = 0; peer < 2; peer++) {
                Relays.Relay memory own = relays.relayOf(relays.idOf(handler.people(i), abi.encodePacked(peer)));
                if (own.operator == address(0) || own.bondFreeAt != 0) continue;
                listed++;
                _same("times in the list", _timesListed(relays, own), 1);
            }
        }
        _same("listed", relays.count(), listed);
    }

    function _timesListed(Relays relays, Relays.Relay memory own) private view returns (uint256 times) {
        for (uint256 from = 0; from <= relays.count(); from += 3) {
            Relays.Relay[] memory part = relays.list(from, 3);
            for (uint256 i = 0; i < part.length; i++) {
                if (part[i].operator == own.operator && keccak256(part[i].peerId) == keccak256(own.peerId)) times++;
            }
        }
    }

    function invariant_distributionIsSolvent() external view {
        Distribution distribution = handler.distribution();
        _same(
            "ether paid",
            handler.weiPaid(),
            address(distribution).balance + distribution.treasury().balance
        );
        _atMost("rounds sold", distribution.soldRounds(), distribution.rounds());
    }
}

/// @dev Rounds with payers and sums that nobody chose.
contract DistributionFuzz is Test {
    function testFuzz_aRoundIsGivenWhole(uint96[8] calldata sums) external {
        address self = address(this);
        address next = vm.computeCreateAddress(self, vm.getNonce(self) + 1);
        Cybr.Share[] memory shares = new Cybr.Share[](1);
        shares[0] = Cybr.Share(next, 1e24);
        Cybr cybr = new Cybr(shares);
        Distribution distribution = new Distribution(cybr, payable(self), Distribution.Parameters(0, 100, 1, 1e24));
        uint256 given = 0;
        for (uint160 i = 0; i < 8; i++) {
            if (sums[i] == 0) continue;
            vm.deal(address(0x2000 + i), sums[i]);
            vm.prank(address(0x2000 + i));
            distribution.pay{value: sums[i]}();
        }
        uint256 total = distribution.paidIn(0);
        vm.warp(block.timestamp + 100);
        for (uint160 i = 0; i < 8; i++) {
            if (sums[i] == 0) continue;
            vm.prank(address(0x2000 + i));
            uint256 share = distribution.claim(0);
            uint256 exact = uint256(1e24) * sums[i] / total;
            _atMost("a share and its part", exact, share + 1);
            _atMost("its part and a share", share, exact + 8);
            given += share;
        }
        distribution.burnRest();
        _same("given", given, total == 0 ? 0 : 1e24);
        _same("left", cybr.balanceOf(next), 0);
    }
}
