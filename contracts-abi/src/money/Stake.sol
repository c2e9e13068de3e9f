// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Cybr} from "../Cybr.sol";

/// @title Stake that weighs an account's links
/// @notice Staked CYBR gives the staker's neuron bandwidth and weight in the rank. It counts no more from the moment
/// that its return is asked for, and comes back after a delay, so that no token can weigh twice within a window.
///
/// Storage, for readers that prove a stake against a block's state root:
///   slot 0: mapping(address => (uint48 key, uint208 value)[]), the checkpoints of each account, oldest first. The
///   length stands at L = keccak256(account padded to 32 bytes ‖ 32 zero bytes), entry i at keccak256(L) + i. In an
///   entry the low 48 bits are the unix seconds from which it holds, the high 208 bits the stake in 10⁻¹⁸ CYBR.
/// The stake at time t is the last entry whose key is at most t. Entries are only ever added (those of one second are
/// one), so a later header proves it too: by the length, that entry, and the next one when there is one.
contract Stake {
    using Checkpoints for Checkpoints.Trace208;

    /// @notice Tokens on their way back.
    struct Returning {
        uint208 amount;
        /// unix seconds
        uint48 freeAt;
    }

    /// @notice Amounts are multiples of this: the millionth of a CYBR, in 10⁻¹⁸ CYBR, that stake counts in.
    uint256 public constant UNIT = 1e12;
    /// @notice Checkpoints that an account can have, but for the one by which it leaves. Readers fetch all of everybody,
    /// and refuse more than 65,536 of one account.
    uint256 public constant MAX_CHECKPOINTS = 60_000;

    mapping(address account => Checkpoints.Trace208) private _stakes;
    mapping(address account => Returning) private _returning;

    /// @notice The currency that is staked.
    Cybr public immutable cybr;
    /// @notice Seconds from asking for tokens to their return.
    uint48 public immutable delaySeconds;

    /// @notice The stake of an account is now `total`.
    event StakeChanged(address indexed account, uint256 total);
    /// @notice All that returns to an account, and when.
    event ReturnAsked(address indexed account, uint256 amount, uint256 freeAt);
    /// @notice Tokens came back.
    event Returned(address indexed account, uint256 amount);

    error NothingStaked();
    /// @notice The amount is no multiple of a millionth of a CYBR.
    error NotWhole(uint256 amount, uint256 unit);
    /// @notice This account has changed its stake too often: all that it still can do is to unstake the whole of it.
    error TooManyChanges(address account, uint256 checkpoints);
    error StakeTooSmall(uint256 stake, uint256 asked);
    error NothingReturns(address account);
    error ReturnsLater(uint256 freeAt, uint256 time);

    constructor(Cybr cybr_, uint48 delaySeconds_) {
        cybr = cybr_;
        delaySeconds = delaySeconds_;
    }

    /// @notice The stake of an account now, in 10⁻¹⁸ CYBR.
    function stakeOf(address account) external view returns (uint256) {
        return _stakes[account].latest();
    }

    /// @notice The stake of an account at a time, in 10⁻¹⁸ CYBR.
    /// @param time unix seconds; of the future or of this block, it tells what holds until something changes
    function stakeAt(address account, uint48 time) external view returns (uint256) {
        return _stakes[account].upperLookupRecent(time);
    }

    /// @notice Number of checkpoints of an account.
    function checkpointCount(address account) external view returns (uint256) {
        return _stakes[account].length();
    }

    /// @notice One checkpoint of an account.
    /// @return from unix seconds from which it holds
    /// @return amount stake in 10⁻¹⁸ CYBR
    function checkpointAt(address account, uint32 index) external view returns (uint256 from, uint256 amount) {
        Checkpoints.Checkpoint208 memory checkpoint = _stakes[account].pos(index);
        return (checkpoint._key, checkpoint._value);
    }

    /// @notice What returns to an account, and from when it can be taken.
    function returningOf(address account) external view returns (uint256 amount, uint256 freeAt) {
        Returning memory returning = _returning[account];
        return (returning.amount, returning.freeAt);
    }

    /// @notice Stakes some of the caller's tokens, of which it has approved as many.
    /// @param amount in 10⁻¹⁸ CYBR, a multiple of `UNIT`
    function stake(uint256 amount) public {
        _assertAmount(amount);
        _set(msg.sender, _stakes[msg.sender].latest() + amount);
        cybr.transferFrom(msg.sender, address(this), amount);
    }

    /// @notice The same with the caller's permit, in one transaction.
    function stakeWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        // Somebody may have handed the permit in before: then it has done its work.
        try cybr.permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        stake(amount);
    }

    /// @notice Ends the weight of some of the caller's stake at once and starts its way back. What is on its way
    /// already waits as long as this.
    /// @param amount in 10⁻¹⁸ CYBR, a multiple of `UNIT`
    function unstake(uint256 amount) external {
        uint256 staked = _stakes[msg.sender].latest();
        _assertAmount(amount);
        if (amount > staked) revert StakeTooSmall(staked, amount);
        _set(msg.sender, staked - amount);
        Returning storage returning = _returning[msg.sender];
        returning.amount += SafeCast.toUint208(amount);
        returning.freeAt = uint48(block.timestamp) + delaySeconds;
        emit ReturnAsked(msg.sender, returning.amount, returning.freeAt);
    }

    /// @notice Takes back what has waited long enough.
    function withdraw() external {
        Returning memory returning = _returning[msg.sender];
        if (returning.amount == 0) revert NothingReturns(msg.sender);
        if (block.timestamp < returning.freeAt) revert ReturnsLater(returning.freeAt, block.timestamp);
        delete _returning[msg.sender];
        emit Returned(msg.sender, returning.amount);
        cybr.transfer(msg.sender, returning.amount);
    }

    function _assertAmount(uint256 amount) private pure {
        if (amount == 0) revert NothingStaked();
        if (amount % UNIT != 0) revert NotWhole(amount, UNIT);
    }

    function _set(address account, uint256 total) private {
        uint256 checkpoints = _stakes[account].length();
        if (total != 0 && checkpoints >= MAX_CHECKPOINTS) revert TooManyChanges(account, checkpoints);
        _stakes[account].push(uint48(block.timestamp), SafeCast.toUint208(total));
        emit StakeChanged(account, total);
    }
}
