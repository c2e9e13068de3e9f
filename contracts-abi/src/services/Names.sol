// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Cybr} from "../Cybr.sol";

/// @title Names for objects and zones
/// @notice A name is 3 to 63 of a–z, 0–9 and -, with no - at its ends. It is committed to first and revealed later, so
/// that nobody can take it out of a waiting transaction; it is held for a term, and after that for a time of grace in
/// which only a renewal can happen. The price goes to the treasury.
contract Names {
    /// @notice Periods in seconds, and the price.
    struct Parameters {
        /// a commitment must be this old, and no older than the next
        uint64 minCommitSeconds;
        uint64 maxCommitSeconds;
        uint64 minTermSeconds;
        uint64 maxTermSeconds;
        uint64 graceSeconds;
        /// of a name of five letters or more for 365 days, in 10⁻¹⁸ CYBR; four cost ten times, three a hundred times that
        uint256 yearPrice;
    }

    /// @notice What a name stands for.
    enum Kind {
        Object,
        Zone
    }

    /// @notice A name as it is held.
    struct Record {
        address owner;
        /// unix seconds
        uint64 expiresAt;
        Kind kind;
        /// ObjectId, or the id of a zone
        bytes32 target;
    }

    uint256 private constant MIN_LENGTH = 3;
    uint256 private constant MAX_LENGTH = 63;

    /// @notice The currency that names are paid in.
    Cybr public immutable cybr;
    /// @notice Who receives the price.
    address public immutable treasury;
    /// @notice Youngest age of a commitment that can be revealed, in seconds.
    uint64 public immutable minCommitSeconds;
    /// @notice Oldest age of a commitment that can be revealed, in seconds.
    uint64 public immutable maxCommitSeconds;
    /// @notice Shortest term, in seconds.
    uint64 public immutable minTermSeconds;
    /// @notice How far ahead a name can be paid for, in seconds.
    uint64 public immutable maxTermSeconds;
    /// @notice Time after a term in which a name can be renewed and not be taken, in seconds.
    uint64 public immutable graceSeconds;
    /// @notice Price of five letters or more for 365 days, in 10⁻¹⁸ CYBR.
    uint256 public immutable yearPrice;

    mapping(bytes32 nameHash => Record) private _records;
    /// @notice Unix seconds at which somebody committed to this, 0 when nobody has or it was revealed.
    mapping(bytes32 commitment => uint256) public committedAt;

    /// @notice Somebody committed to a name that it keeps to itself.
    event Committed(bytes32 indexed commitment);
    /// @notice A name has an owner.
    event Registered(string name, address indexed owner, uint256 expiresAt);
    /// @notice A name is held for longer.
    event Renewed(string name, uint256 expiresAt);
    /// @notice A name stands for something else.
    event TargetSet(string name, Kind kind, bytes32 target);
    /// @notice A name has another owner.
    event NameTransferred(string name, address indexed from, address indexed to);

    error NameInvalid(string name);
    error NameTaken(string name, uint256 freeAt);
    error NotNameOwner(string name, address owner, address caller);
    error NameFree(string name);
    error CommitmentPending(bytes32 commitment, uint256 expiresAt);
    error CommitmentMissing(bytes32 commitment);
    error CommitmentTooYoung(uint256 committedAt, uint256 from, uint256 time);
    error CommitmentTooOld(uint256 committedAt, uint256 until, uint256 time);
    error TermInvalid(uint256 seconds_, uint256 min, uint256 max);
    error RecipientInvalid();

    constructor(Cybr cybr_, address treasury_, Parameters memory parameters) {
        cybr = cybr_;
        treasury = treasury_;
        minCommitSeconds = parameters.minCommitSeconds;
        maxCommitSeconds = parameters.maxCommitSeconds;
        minTermSeconds = parameters.minTermSeconds;
        maxTermSeconds = parameters.maxTermSeconds;
        graceSeconds = parameters.graceSeconds;
        yearPrice = parameters.yearPrice;
    }

    /// @notice What a name stands for now.
    /// @return record all zero when the name is free or its term is over
    function resolve(string calldata name) external view returns (Record memory record) {
        record = _records[keccak256(bytes(name))];
        if (block.timestamp >= record.expiresAt) delete record;
    }

    /// @notice The record of a name, be its term over or not.
    function recordOf(string calldata name) external view returns (Record memory) {
        return _records[keccak256(bytes(name))];
    }

    /// @notice What some seconds of a name cost, in 10⁻¹⁸ CYBR.
    function priceOf(string calldata name, uint256 termSeconds) public view returns (uint256) {
        uint256 length = bytes(name).length;
        uint256 factor = length > 4 ? 1 : length == 4 ? 10 : 100;
        return (yearPrice * factor * termSeconds) / 365 days;
    }

    /// @notice The commitment to a name for an owner.
    /// @param secret 32 bytes that nobody else knows
    function commitmentOf(string calldata name, address owner, bytes32 secret) public pure returns (bytes32) {
        return keccak256(abi.encode(name, owner, secret));
    }

    /// @notice Commits to a name without telling it.
    function commit(bytes32 commitment) external {
        uint256 since = committedAt[commitment];
        if (since != 0 && block.timestamp <= since + maxCommitSeconds) {
            revert CommitmentPending(commitment, since + maxCommitSeconds);
        }
        committedAt[commitment] = block.timestamp;
        emit Committed(commitment);
    }

    /// @notice Reveals a commitment of the caller and takes the name; the price was approved before.
    function register(string calldata name, uint64 termSeconds, bytes32 secret, Kind kind, bytes32 target) external {
        _assertNormal(name);
        _useCommitment(commitmentOf(name, msg.sender, secret));
        Record storage record = _records[keccak256(bytes(name))];
        uint256 freeAt = record.expiresAt == 0 ? 0 : uint256(record.expiresAt) + graceSeconds;
        if (block.timestamp < freeAt) revert NameTaken(name, freeAt);
        if (termSeconds < minTermSeconds || termSeconds > maxTermSeconds) {
            revert TermInvalid(termSeconds, minTermSeconds, maxTermSeconds);
        }
        uint64 expiresAt = uint64(block.timestamp) + termSeconds;
        _records[keccak256(bytes(name))] = Record(msg.sender, expiresAt, kind, target);
        emit Registered(name, msg.sender, expiresAt);
        emit TargetSet(name, kind, target);
        cybr.transferFrom(msg.sender, treasury, priceOf(name, termSeconds));
    }

    /// @notice Lengthens the term of a name, by whoever pays for it, until its grace is over.
    function renew(string calldata name, uint64 termSeconds) external {
        Record storage record = _records[keccak256(bytes(name))];
        if (record.owner == address(0) || block.timestamp >= uint256(record.expiresAt) + graceSeconds) {
            revert NameFree(name);
        }
        uint256 expiresAt = uint256(record.expiresAt) + termSeconds;
        if (termSeconds == 0 || expiresAt > block.timestamp + maxTermSeconds) {
            revert TermInvalid(termSeconds, 1, block.timestamp + maxTermSeconds - record.expiresAt);
        }
        record.expiresAt = uint64(expiresAt);
        emit Renewed(name, expiresAt);
        cybr.transferFrom(msg.sender, treasury, priceOf(name, termSeconds));
    }

    /// @notice Lets a name of the caller stand for something else.
    function setTarget(string calldata name, Kind kind, bytes32 target) external {
        Record storage record = _ownRecord(name);
        record.kind = kind;
        record.target = target;
        emit TargetSet(name, kind, target);
    }

    /// @notice Gives a name of the caller to somebody.
    function transferName(string calldata name, address to) external {
        if (to == address(0)) revert RecipientInvalid();
        _ownRecord(name).owner = to;
        emit NameTransferred(name, msg.sender, to);
    }

    function _ownRecord(string calldata name) private view returns (Record storage record) {
        record = _records[keccak256(bytes(name))];
        if (block.timestamp >= record.expiresAt) revert NameFree(name);
        if (record.owner != msg.sender) revert NotNameOwner(name, record.owner, msg.sender);
    }

    function _useCommitment(bytes32 commitment) private {
        uint256 since = committedAt[commitment];
        if (since == 0) revert CommitmentMissing(commitment);
        if (block.timestamp < since + minCommitSeconds) {
            revert CommitmentTooYoung(since, since + minCommitSeconds, block.timestamp);
        }
        if (block.timestamp > since + maxCommitSeconds) {
            revert CommitmentTooOld(since, since + maxCommitSeconds, block.timestamp);
        }
        delete committedAt[commitment];
    }

    function _assertNormal(string calldata name) private pure {
        bytes calldata letters = bytes(name);
        uint256 length = letters.length;
        bool isNormal = length >= MIN_LENGTH && length <= MAX_LENGTH && letters[0] != "-" && letters[length - 1] != "-";
        for (uint256 i = 0; isNormal && i < length; i++) {
            bytes1 letter = letters[i];
            isNormal = (letter >= "a" && letter <= "z") || (letter >= "0" && letter <= "9") || letter == "-";
        }
        if (!isNormal) revert NameInvalid(name);
    }
}
