// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Cybr} from "../Cybr.sol";

/// @title The continuous auction of CYBR
/// @notice Every round offers the same amount. Whoever pays ether in a round gets the part of it that it paid of all
/// that was paid in that round. What rounds without a payer leave is burnt after the last one; what was paid for is kept
/// for its payer without end. The ether goes to the treasury and nowhere else.
contract Distribution is ReentrancyGuardTransient {
    /// @notice How long the auction runs and what it offers.
    struct Parameters {
        /// seconds from now to round 0
        uint64 startDelay;
        uint64 roundSeconds;
        uint64 rounds;
        /// all that is offered, in 10⁻¹⁸ CYBR
        uint256 amount;
    }

    /// @dev What is left of a round for those that have not claimed. Shares are taken from the rest, so that the last
    /// claim leaves nothing behind and none is more than one unit (10⁻¹⁸ CYBR) off.
    struct Round {
        uint256 paid;
        uint256 unclaimedPaid;
        uint256 unclaimedTokens;
    }

    /// @notice The currency that is distributed.
    Cybr public immutable cybr;
    /// @notice Who receives the ether.
    address payable public immutable treasury;
    /// @notice First second of round 0, unix.
    uint64 public immutable startsAt;
    /// @notice Length of a round.
    uint64 public immutable roundSeconds;
    /// @notice Number of rounds.
    uint64 public immutable rounds;
    /// @notice What the whole auction offers, in 10⁻¹⁸ CYBR.
    uint256 public immutable amount;
    /// @notice What one round offers, in 10⁻¹⁸ CYBR.
    uint256 public immutable amountPerRound;
    /// @notice Rounds in which somebody paid.
    uint256 public soldRounds;
    /// @notice Has what was left been burnt?
    bool public isRestBurnt;

    mapping(uint256 round => Round) private _rounds;
    mapping(uint256 round => mapping(address payer => uint256)) private _paid;

    /// @notice Somebody paid for a part of a round.
    event Paid(uint256 indexed round, address indexed payer, uint256 weiPaid);
    /// @notice Somebody received its part of a round.
    event Claimed(uint256 indexed round, address indexed payer, uint256 amount);
    /// @notice What nobody paid for is gone.
    event RestBurnt(uint256 amount);
    /// @notice The treasury received what was paid.
    event Collected(uint256 weiCollected);

    error NotRunning(uint256 time, uint256 startsAt, uint256 endsAt);
    error NothingPaid();
    error RoundNotOver(uint256 round, uint256 endsAt, uint256 time);
    error NothingToClaim(uint256 round, address payer);
    error NotOver(uint256 endsAt, uint256 time);
    error AlreadyBurnt();

    constructor(Cybr cybr_, address payable treasury_, Parameters memory parameters) {
        cybr = cybr_;
        treasury = treasury_;
        startsAt = uint64(block.timestamp) + parameters.startDelay;
        roundSeconds = parameters.roundSeconds;
        rounds = parameters.rounds;
        amount = parameters.amount;
        amountPerRound = parameters.amount / parameters.rounds;
    }

    /// @notice Unix seconds at which the last round ends.
    function endsAt() public view returns (uint256) {
        return uint256(startsAt) + uint256(roundSeconds) * rounds;
    }

    /// @notice The round that runs now.
    function currentRound() public view returns (uint256) {
        if (block.timestamp < startsAt || block.timestamp >= endsAt()) {
            revert NotRunning(block.timestamp, startsAt, endsAt());
        }
        return (block.timestamp - startsAt) / roundSeconds;
    }

    /// @notice All that was paid in a round, in wei.
    function paidIn(uint256 round) external view returns (uint256) {
        return _rounds[round].paid;
    }

    /// @notice What somebody paid in a round and has not claimed for, in wei.
    function paidBy(uint256 round, address payer) external view returns (uint256) {
        return _paid[round][payer];
    }

    /// @notice Pays for a part of the round that runs now.
    function pay() external payable {
        if (msg.value == 0) revert NothingPaid();
        uint256 number = currentRound();
        Round storage round = _rounds[number];
        if (round.paid == 0) {
            soldRounds++;
            round.unclaimedTokens = amountPerRound;
        }
        round.paid += msg.value;
        round.unclaimedPaid += msg.value;
        _paid[number][msg.sender] += msg.value;
        emit Paid(number, msg.sender, msg.value);
    }

    /// @notice Receives what the caller paid for in a round that is over.
    /// @return share in 10⁻¹⁸ CYBR
    function claim(uint256 number) public nonReentrant returns (uint256 share) {
        uint256 over = uint256(startsAt) + uint256(roundSeconds) * (number + 1);
        if (block.timestamp < over) revert RoundNotOver(number, over, block.timestamp);
        uint256 paid = _paid[number][msg.sender];
        if (paid == 0) revert NothingToClaim(number, msg.sender);
        Round storage round = _rounds[number];
        share = (round.unclaimedTokens * paid) / round.unclaimedPaid;
        round.unclaimedTokens -= share;
        round.unclaimedPaid -= paid;
        _paid[number][msg.sender] = 0;
        emit Claimed(number, msg.sender, share);
        cybr.transfer(msg.sender, share);
    }

    /// @notice Burns what the rounds without a payer left, once, after the last round. Anybody may call it.
    function burnRest() external {
        if (block.timestamp < endsAt()) revert NotOver(endsAt(), block.timestamp);
        if (isRestBurnt) revert AlreadyBurnt();
        isRestBurnt = true;
        uint256 rest = amount - soldRounds * amountPerRound;
        emit RestBurnt(rest);
        cybr.burn(rest);
    }

    /// @notice Sends the ether that was paid to the treasury. Anybody may call it.
    function collect() external nonReentrant {
        uint256 collected = address(this).balance;
        emit Collected(collected);
        Address.sendValue(treasury, collected);
    }
}
