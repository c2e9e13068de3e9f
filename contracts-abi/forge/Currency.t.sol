// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Cybr} from "src/Cybr.sol";
import {Distribution} from "src/money/Distribution.sol";
import {FoundersLock} from "src/money/FoundersLock.sol";
import {Stake} from "src/money/Stake.sol";
import {Test} from "./Vm.sol";

/// @dev [CH1] The currency, its auction, stakes and the founders' share, with amounts and times that nobody chose.
contract CurrencyTest is Test {
    uint256 private constant KEY = 0xBEEF;
    uint256 private constant SUPPLY = 1e27;
    uint256 private constant OFFERED = 6e26;
    address private constant FOUNDERS = address(0xF0);

    Cybr private cybr;
    Stake private stake;
    Distribution private distribution;
    FoundersLock private lock;
    address private holder;

    function setUp() external {
        vm.warp(1_000_000);
        holder = vm.addr(KEY);
        uint256 nonce = vm.getNonce(address(this));
        Cybr.Share[] memory shares = new Cybr.Share[](3);
        shares[0] = Cybr.Share(holder, SUPPLY - OFFERED - 1e26);
        shares[1] = Cybr.Share(vm.computeCreateAddress(address(this), nonce + 2), OFFERED);
        shares[2] = Cybr.Share(vm.computeCreateAddress(address(this), nonce + 3), 1e26);
        cybr = new Cybr(shares);
        stake = new Stake(cybr, 500);
        distribution = new Distribution(cybr, payable(address(0x7EA)), Distribution.Parameters(100, 1_000, 3, OFFERED));
        lock = new FoundersLock(FOUNDERS, FoundersLock.Parameters(1_000, 4_000));
    }

    function _signed(address spender, uint256 value) private returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 terms = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                holder,
                spender,
                value,
                cybr.nonces(holder),
                block.timestamp
            )
        );
        return vm.sign(KEY, keccak256(abi.encodePacked("\x19\x01", cybr.DOMAIN_SEPARATOR(), terms)));
    }

    function testFuzz_CH1_aPermitIsGoodOnce(uint128 value) external {
        (uint8 v, bytes32 r, bytes32 s) = _signed(address(this), value);
        cybr.permit(holder, address(this), value, block.timestamp, v, r, s);
        _same("allowed", cybr.allowance(holder, address(this)), value);
        vm.expectRevert();
        cybr.permit(holder, address(this), value, block.timestamp, v, r, s);
    }

    function testFuzz_CH1_votesAreThoseOfThen(uint96 first, uint96 second) external {
        (first, second) = (first % 1e26, second % 1e26);
        vm.startPrank(holder);
        cybr.delegate(holder);
        uint256 all = cybr.balanceOf(holder);
        uint48 start = cybr.clock();
        _same("the clock", start, block.timestamp);
        vm.warp(start + 10);
        cybr.transfer(FOUNDERS, first);
        vm.warp(start + 20);
        cybr.burn(second);
        vm.stopPrank();
        _same("at first", cybr.getPastVotes(holder, start + 9), all);
        _same("then", cybr.getPastVotes(holder, start + 19), all - first);
        _same("now", cybr.getVotes(holder), all - first - second);
        require(keccak256(bytes(cybr.CLOCK_MODE())) == keccak256("mode=timestamp"), "mode");
    }

    /// @dev A stake at any time is what the last change before it left, and what was unstaked comes back late.
    function testFuzz_CH1_aStakeAtATimeIsThatOfItsLastChange(uint32[6] calldata amounts, uint16[6] calldata waits)
        external
    {
        vm.startPrank(holder);
        cybr.approve(address(stake), type(uint256).max);
        uint256[6] memory totals;
        uint48[6] memory times;
        uint256 total = 0;
        for (uint256 i = 0; i < 6; i++) {
            vm.warp(block.timestamp + waits[i] + 1);
            uint256 amount = (uint256(amounts[i]) + 1) * 1e12;
            if (amounts[i] % 2 == 0 || amount > total) {
                stake.stake(amount);
                total += amount;
            } else {
                stake.unstake(amount);
                total -= amount;
            }
            (totals[i], times[i]) = (total, uint48(block.timestamp));
        }
        vm.stopPrank();
        _same("checkpoints", stake.checkpointCount(holder), 6);
        for (uint32 i = 0; i < 6; i++) {
            _same("at", stake.stakeAt(holder, times[i]), totals[i]);
            _same("before", stake.stakeAt(holder, times[i] - 1), i == 0 ? 0 : totals[i - 1]);
            (uint256 from, uint256 amount) = stake.checkpointAt(holder, i);
            require(from == times[i] && amount == totals[i], "checkpoint");
        }
        (uint256 returning,) = stake.returningOf(holder);
        _same("all of it is there", cybr.balanceOf(address(stake)), stake.stakeOf(holder) + returning);
    }

    function test_CH1_whatReturnsWaits() external {
        (uint8 v, bytes32 r, bytes32 s) = _signed(address(stake), 5e12);
        vm.startPrank(holder);
        stake.stakeWithPermit(5e12, block.timestamp, v, r, s);
        _refuses(Stake.NothingReturns.selector);
        stake.withdraw();
        _refuses(Stake.StakeTooSmall.selector);
        stake.unstake(6e12);
        stake.unstake(2e12);
        vm.warp(block.timestamp + 499);
        _refuses(Stake.ReturnsLater.selector);
        stake.withdraw();
        // what is on its way waits as long as what follows it
        stake.unstake(1e12);
        vm.warp(block.timestamp + 1);
        _refuses(Stake.ReturnsLater.selector);
        stake.withdraw();
        vm.warp(block.timestamp + 499);
        stake.withdraw();
        _same("left", cybr.balanceOf(address(stake)), 2e12);
        vm.stopPrank();
    }

    function testFuzz_CH1_stakesAreWholeMillionths(uint64 amount) external {
        if (amount % 2 == 0) amount = amount / 1e12 * 1e12;
        vm.startPrank(holder);
        cybr.approve(address(stake), type(uint256).max);
        if (amount == 0) _refuses(Stake.NothingStaked.selector);
        else if (amount % 1e12 != 0) _refuses(Stake.NotWhole.selector);
        stake.stake(amount);
        stake.stake(1e12);
        if (amount % 1e12 != 0) _refuses(Stake.NotWhole.selector);
        else if (amount == 0) _refuses(Stake.NothingStaked.selector);
        stake.unstake(amount);
        vm.stopPrank();
    }

    /// @dev After 60,000 changes an account can leave, and nothing else.
    function test_CH1_anAccountChangesItsStakeSoOften() external {
        vm.startPrank(holder);
        cybr.approve(address(stake), type(uint256).max);
        stake.stake(3e12);
        bytes32 length = keccak256(abi.encode(holder, 0));
        uint256 last = uint256(keccak256(abi.encode(length))) + 59_999;
        vm.store(address(stake), length, bytes32(uint256(60_000)));
        vm.store(address(stake), bytes32(last), bytes32((uint256(3e12) << 48) | block.timestamp));
        vm.warp(block.timestamp + 1);
        _refuses(Stake.TooManyChanges.selector);
        stake.stake(1e12);
        _refuses(Stake.TooManyChanges.selector);
        stake.unstake(1e12);
        stake.unstake(3e12);
        _same("left", stake.stakeOf(holder), 0);
        vm.stopPrank();
    }

    function test_CH1_aRoundIsPaidInItsTime_andClaimedAfterIt() external {
        vm.deal(holder, 100);
        vm.startPrank(holder);
        _refuses(Distribution.NotRunning.selector);
        distribution.pay{value: 1}();
        vm.warp(distribution.startsAt() + 1_999);
        _same("round", distribution.currentRound(), 1);
        _refuses(Distribution.NothingPaid.selector);
        distribution.pay();
        distribution.pay{value: 5}();
        require(distribution.paidIn(1) == 5 && distribution.paidBy(1, holder) == 5, "paid");
        _refuses(Distribution.RoundNotOver.selector);
        distribution.claim(1);
        _refuses(Distribution.NotOver.selector);
        distribution.burnRest();
        vm.warp(distribution.endsAt());
        _refuses(Distribution.NotRunning.selector);
        distribution.pay{value: 1}();
        _refuses(Distribution.NothingToClaim.selector);
        distribution.claim(0);
        distribution.burnRest();
        _refuses(Distribution.AlreadyBurnt.selector);
        distribution.burnRest();
        // what was paid for is there without end
        _same("share", distribution.claim(1), OFFERED / 3);
        _refuses(Distribution.NothingToClaim.selector);
        distribution.claim(1);
        vm.stopPrank();
        distribution.collect();
        _same("treasury", address(0x7EA).balance, 5);
        _same("supply", cybr.totalSupply(), SUPPLY - 2 * (OFFERED / 3));
    }

    /// @dev Nothing before the cliff, then by time, and never to anybody else.
    function testFuzz_CH1_theFoundersShareIsFreeByTime(uint16 first, uint16 second) external {
        uint256 start = block.timestamp;
        vm.warp(start + first);
        lock.release(address(cybr));
        _same("first", cybr.balanceOf(FOUNDERS), _free(first));
        vm.warp(start + first + second);
        vm.prank(holder);
        lock.release(address(cybr));
        _same("second", cybr.balanceOf(FOUNDERS), _free(uint256(first) + second));
        vm.prank(FOUNDERS);
        _refuses(FoundersLock.OwnershipKept.selector);
        lock.renounceOwnership();
        vm.prank(FOUNDERS);
        lock.transferOwnership(address(0xF1));
        vm.warp(start + 200_000);
        lock.release(address(cybr));
        _same("in all", cybr.balanceOf(FOUNDERS) + cybr.balanceOf(address(0xF1)), 1e26);
    }

    function _free(uint256 passed) private pure returns (uint256) {
        return passed < 1_000 ? 0 : passed > 4_000 ? 1e26 : 1e26 * passed / 4_000;
    }
}
