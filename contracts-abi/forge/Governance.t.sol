// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Cybr} from "src/Cybr.sol";
import {Land} from "src/Land.sol";
import {Conduct} from "src/governance/Conduct.sol";
import {Districts} from "src/governance/Districts.sol";
import {TablandGovernor} from "src/governance/TablandGovernor.sol";
import {Timelock} from "src/governance/Timelock.sol";
import {Test, Vm} from "./Vm.sol";

uint256 constant TREASURY = 3e26;
uint256 constant PURSE = 1e26;
uint64 constant LAPSE = 1_000;
uint64 constant GAP = 50;
uint256 constant FIRST_LOT = 601;

/// @dev Everything that is voted on, as the deployer leaves it, and three people with a parcel and tokens each. This
/// contract is the sale, so that they have their parcels without an auction.
contract Voters {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    Cybr public cybr;
    Timelock public timelock;
    TablandGovernor public governor;
    Conduct public conduct;
    Districts public districts;
    Land public land;

    constructor() {
        uint256 nonce = vm.getNonce(address(this));
        address self = address(this);
        Cybr.Share[] memory shares = new Cybr.Share[](4);
        shares[3] = Cybr.Share(vm.computeCreateAddress(self, nonce + 1), TREASURY);
        for (uint256 i = 0; i < 3; i++) shares[i] = Cybr.Share(person(i), PURSE);
        cybr = new Cybr(shares);
        timelock = new Timelock(20, vm.computeCreateAddress(self, nonce + 2));
        address conductAt = vm.computeCreateAddress(self, nonce + 3);
        address landAt = vm.computeCreateAddress(self, nonce + 5);
        governor = new TablandGovernor(
            cybr,
            Land(landAt),
            timelock,
            conductAt,
            vm.computeCreateAddress(self, nonce + 4),
            TablandGovernor.Parameters(1, 10, 4, 1e20, 1)
        );
        conduct = new Conduct(Land(landAt), address(timelock), 3, LAPSE, GAP);
        districts = new Districts(address(timelock));
        land = new Land(Land.Init(address(timelock), self, conductAt, cybr, 1e6, 3, 0, 0));
        require(address(land) == landAt && address(conduct) == conductAt, "addresses");
        for (uint256 i = 0; i < 3; i++) {
            land.mint(person(i), FIRST_LOT + i);
            vm.prank(person(i));
            cybr.delegate(person(i));
        }
        vm.warp(block.timestamp + 10);
    }

    function person(uint256 seed) public pure returns (address) {
        return address(uint160(0x1000 + seed % 3));
    }
}

/// @dev People propose what they like, and vote as they like.
contract GovernanceHandler is Voters {
    struct Record {
        uint256 warnings;
        uint256 lastAt;
        bool isEvicted;
    }

    mapping(uint256 lot => Record) public records;
    uint256 public granted;
    /// what no vote may do, and did
    uint256 public violations;
    uint256 private _count;

    function pass(uint256 time) external {
        vm.warp(block.timestamp + time % 200);
    }

    /// @dev A whole vote: each of the three is for it (three of five), against it or elsewhere.
    function decide(uint256 what, uint256 who, uint256 stances, uint256 lot) external {
        lot = FIRST_LOT + lot % 2;
        what = what % 10;
        (address target, bytes memory data) = _call(what, who, lot);
        address[] memory targets = new address[](1);
        bytes[] memory calls = new bytes[](1);
        (targets[0], calls[0]) = (target, data);
        string memory title = Strings.toString(_count++);
        vm.prank(person(who));
        uint256 id = governor.propose(targets, new uint256[](1), calls, title);
        if (what >= 7) violations++; // nobody may propose those
        vm.warp(block.timestamp + 2);
        for (uint256 i = 0; i < 3; i++) {
            uint256 stance = (stances >> (8 * i)) % 5;
            if (stance == 4) continue;
            vm.prank(person(i));
            governor.castVote(id, stance == 0 ? 0 : 1);
        }
        vm.warp(block.timestamp + 11);
        bytes32 hash = keccak256(bytes(title));
        governor.queue(targets, new uint256[](1), calls, hash);
        vm.warp(block.timestamp + 21);
        governor.execute(targets, new uint256[](1), calls, hash);
        _note(what, lot, id);
    }

    /// @dev 0–2 warnings, 3–4 evictions, 5 a grant, 6 a grant of somebody's tokens, from 7 on what must be refused.
    function _call(uint256 what, uint256 who, uint256 lot) private view returns (address, bytes memory) {
        if (what < 3) return (address(conduct), abi.encodeCall(Conduct.warn, (lot, "reason")));
        if (what < 5) return (address(conduct), abi.encodeCall(Conduct.evict, (lot, "reason")));
        if (what == 5) return (address(cybr), abi.encodeCall(cybr.transfer, (address(0xABC), 1e18)));
        if (what == 6) {
            return (address(cybr), abi.encodeCall(cybr.transferFrom, (person(who), address(0xABC), 1e18)));
        }
        if (what == 7) return (address(timelock), abi.encodeCall(timelock.updateDelay, (0)));
        if (what == 8) return (address(timelock), abi.encodeCall(timelock.grantRole, (bytes32(0), person(who))));
        return (address(governor), abi.encodeCall(governor.updateTimelock, (timelock)));
    }

    /// @dev It was carried out: was it to be?
    function _note(uint256 what, uint256 lot, uint256 id) private {
        (uint256 against, uint256 forIt,) = governor.proposalVotes(id);
        Record storage record = records[lot];
        if (forIt <= against || what >= 6) violations++;
        if (what == 5) granted += 1e18;
        if (what >= 5) return;
        bool isLapsed = block.timestamp >= record.lastAt + LAPSE;
        if (record.isEvicted || block.timestamp < record.lastAt + GAP) violations++;
        if (what < 3) {
            record.warnings = isLapsed ? 1 : record.warnings < 3 ? record.warnings + 1 : 3;
            record.lastAt = block.timestamp;
        } else {
            if (isLapsed || record.warnings < 3) violations++;
            record.isEvicted = true;
        }
    }
}

/// @dev [CH8] [CH12] [CH18] What holds whatever was proposed and decided. An eviction takes four votes.
/// forge-config: default.invariant.depth = 150
contract GovernanceInvariants is Test {
    GovernanceHandler private handler;

    function setUp() external {
        vm.warp(1_000_000);
        handler = new GovernanceHandler();
        _target(address(handler));
    }

    function invariant_votesDoWhatTheyMayAlone() external view {
        _same("violations", handler.violations(), 0);
        Cybr cybr = handler.cybr();
        _same("treasury", cybr.balanceOf(address(handler.timelock())), TREASURY - handler.granted());
        for (uint256 i = 0; i < 3; i++) _same("purse", cybr.balanceOf(handler.person(i)), PURSE);
    }

    function invariant_theTimelockStaysWhatItIs() external view {
        Timelock timelock = handler.timelock();
        address governor = address(handler.governor());
        _same("delay", timelock.getMinDelay(), 20);
        require(timelock.hasRole(timelock.PROPOSER_ROLE(), governor), "proposer");
        require(timelock.hasRole(timelock.CANCELLER_ROLE(), governor), "canceller");
        require(timelock.hasRole(timelock.EXECUTOR_ROLE(), address(0)), "executor");
        for (uint256 i = 0; i < 4; i++) {
            address other = i == 3 ? governor : handler.person(i);
            require(!timelock.hasRole(bytes32(0), other), "administrator");
            require(i == 3 || !timelock.hasRole(timelock.PROPOSER_ROLE(), other), "another proposer");
        }
        require(address(handler.governor().timelock()) == address(timelock), "timelock");
    }

    function invariant_anEvictionTakesThePlaceAlone() external view {
        for (uint256 i = 0; i < 3; i++) {
            (,, bool isEvicted) = handler.records(FIRST_LOT + i);
            require(handler.land().isActive(FIRST_LOT + i) != isEvicted, "place");
            require(handler.land().ownerOf(FIRST_LOT + i) == handler.person(i), "token");
            _same("votes", handler.land().getVotes(handler.person(i)), isEvicted ? 0 : 1);
        }
    }
}

/// @dev [CH8] One vote after the other, with what each refuses.
contract GovernanceTest is Test {
    Voters private voters;
    TablandGovernor private governor;
    Conduct private conduct;

    function setUp() external {
        vm.warp(1_000_000);
        voters = new Voters();
        (governor, conduct) = (voters.governor(), voters.conduct());
    }

    function _one(address target, bytes memory data)
        private
        pure
        returns (address[] memory targets, uint256[] memory values, bytes[] memory calls)
    {
        (targets, values, calls) = (new address[](1), new uint256[](1), new bytes[](1));
        (targets[0], calls[0]) = (target, data);
    }

    function _warning() private view returns (address[] memory, uint256[] memory, bytes[] memory) {
        return _one(address(conduct), abi.encodeCall(Conduct.warn, (FIRST_LOT, "reason")));
    }

    function _propose(uint256 who) private returns (uint256 id) {
        (address[] memory targets, uint256[] memory values, bytes[] memory calls) = _warning();
        vm.prank(voters.person(who));
        id = governor.propose(targets, values, calls, "warning");
    }

    function test_CH8_landVotesOnConduct_andTokensDoNot() external {
        uint256 id = _propose(0);
        require(governor.proposalKind(id) == TablandGovernor.Kind.Land, "kind");
        require(governor.proposalNeedsQueuing(id), "queue");
        vm.warp(block.timestamp + 2);
        for (uint256 i = 0; i < 2; i++) {
            vm.prank(voters.person(i));
            governor.castVote(id, uint8(1 - i));
        }
        // who has neither land nor tokens
        governor.castVote(id, 1);
        (uint256 against, uint256 forIt, uint256 abstained) = governor.proposalVotes(id);
        require(against == 1 && forIt == 1 && abstained == 0, "a parcel, a vote");
        _same("quorum", governor.quorumOf(id), 1);
        vm.warp(block.timestamp + 11);
        require(governor.state(id) == IGovernor.ProposalState.Defeated, "a tie is lost");
    }

    function test_CH8_tokensVoteOnTheTreasury() external {
        (address[] memory targets, uint256[] memory values, bytes[] memory calls) =
            _one(address(voters.cybr()), abi.encodeCall(Cybr.burn, (1e18)));
        vm.prank(voters.person(0));
        uint256 id = governor.propose(targets, values, calls, "burn");
        require(governor.proposalKind(id) == TablandGovernor.Kind.Token, "kind");
        vm.warp(block.timestamp + 2);
        vm.prank(voters.person(1));
        governor.castVote(id, 1);
        uint256 quorum = governor.quorum(governor.proposalSnapshot(id));
        _same("four percent", quorum, (TREASURY + 3 * PURSE) * 4 / 100);
        _same("its own", governor.quorumOf(id), quorum);
        (, uint256 forIt,) = governor.proposalVotes(id);
        _same("weight", forIt, PURSE);
        _same("tokens", governor.getVotes(voters.person(1), block.timestamp - 1), PURSE);
        vm.warp(block.timestamp + 11);
        governor.queue(targets, values, calls, keccak256("burn"));
        vm.expectRevert();
        governor.execute(targets, values, calls, keccak256("burn"));
        vm.warp(block.timestamp + 21);
        governor.execute(targets, values, calls, keccak256("burn"));
        _same("burnt", voters.cybr().totalSupply(), TREASURY + 3 * PURSE - 1e18);
    }

    function test_CH8_whoHasTooLittleDoesNotPropose_andWhoProposedMayTakeItBack() external {
        (address[] memory targets, uint256[] memory values, bytes[] memory calls) = _warning();
        _refuses(IGovernor.GovernorInsufficientProposerVotes.selector);
        governor.propose(targets, values, calls, "warning");
        uint256 id = _propose(0);
        vm.prank(voters.person(1));
        _refuses(IGovernor.GovernorUnableToCancel.selector);
        governor.cancel(targets, values, calls, keccak256("warning"));
        vm.prank(voters.person(0));
        governor.cancel(targets, values, calls, keccak256("warning"));
        require(governor.state(id) == IGovernor.ProposalState.Canceled, "canceled");
        _refuses(IGovernor.GovernorNonexistentProposal.selector);
        governor.proposalKind(id + 1);
    }

    function test_CH8_aProposalOfBothKindsIsRefused_andOneOfTheHandThatCarriesOut() external {
        address[] memory targets = new address[](2);
        (targets[0], targets[1]) = (address(conduct), address(voters.districts()));
        require(governor.kindOf(targets) == TablandGovernor.Kind.Land, "land");
        targets[1] = address(voters.cybr());
        _refuses(TablandGovernor.KindsMixed.selector);
        governor.kindOf(targets);
        targets[0] = address(voters.timelock());
        _refuses(TablandGovernor.TargetRefused.selector);
        governor.kindOf(targets);
        targets[0] = address(governor);
        _refuses(TablandGovernor.TargetRefused.selector);
        governor.kindOf(targets);
    }

    function test_CH8_countsInSeconds() external view {
        require(governor.clock() == block.timestamp && governor.votingDelay() == 1, "delay");
        _same("period", governor.votingPeriod(), 10);
        require(keccak256(bytes(governor.CLOCK_MODE())) == keccak256("mode=timestamp"), "mode");
        require(governor.votesOf(TablandGovernor.Kind.Land) == governor.land(), "land");
    }

    function test_CH8_onlyTheTimelockWarns_andOnlyWhatIsThere() external {
        _refuses(Conduct.NotTimelock.selector);
        conduct.warn(FIRST_LOT, "reason");
        _refuses(Conduct.NotTimelock.selector);
        conduct.evict(FIRST_LOT, "reason");
        vm.startPrank(address(voters.timelock()));
        _refuses(Conduct.ReasonInvalid.selector);
        conduct.warn(FIRST_LOT, "");
        _refuses(Conduct.ParcelInactive.selector);
        conduct.warn(60_000, "reason");
        _refuses(Conduct.TooFewWarnings.selector);
        conduct.evict(FIRST_LOT, "reason");
        vm.stopPrank();
    }

    /// @dev A fourth warning changes nothing; the gap and the lapse hold for each.
    function testFuzz_CH8_warningsStandForATime(uint16[5] calldata waits) external {
        uint256 standing = 0;
        uint256 lastAt = 0;
        vm.startPrank(address(voters.timelock()));
        for (uint256 i = 0; i < 5; i++) {
            vm.warp(block.timestamp + waits[i] % 1_200);
            if (block.timestamp < lastAt + GAP) {
                _refuses(Conduct.WarnedJustNow.selector);
                conduct.warn(FIRST_LOT, "reason");
                continue;
            }
            conduct.warn(FIRST_LOT, "reason");
            standing = block.timestamp >= lastAt + LAPSE ? 1 : standing < 3 ? standing + 1 : 3;
            lastAt = block.timestamp;
            _same("standing", conduct.standingWarnings(FIRST_LOT), standing);
        }
        vm.warp(lastAt + LAPSE - 1);
        if (standing < 3) _refuses(Conduct.TooFewWarnings.selector);
        conduct.evict(FIRST_LOT, "reason");
        vm.stopPrank();
    }
}
