// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";

/// @title Votes of the land and of the tokens
/// @notice What a proposal touches makes its kind. Conduct and districts are matters of the land, in which each active
/// community parcel has one vote and public land none; everything else is decided by CYBR. A proposal that touches both
/// is refused, so that nobody can choose the voters that suit it; so is one that touches this contract or the Timelock,
/// which could have the Timelock do what was not voted on: what they are they stay. Both count what was held, or delegated to somebody,
/// when the voting began.
contract TablandGovernor is Governor, GovernorCountingSimple, GovernorTimelockControl {
    /// @notice Periods in seconds, and shares of all votes.
    struct Parameters {
        uint48 delaySeconds;
        uint32 periodSeconds;
        uint256 quorumPercent;
        /// votes that a proposer has at least
        uint256 tokenThreshold;
        uint256 landThreshold;
    }

    /// @notice Whose votes count.
    enum Kind {
        Token,
        Land
    }

    /// @notice Votes of the tokens.
    IERC5805 public immutable cybr;
    /// @notice Votes of the land.
    IERC5805 public immutable land;
    /// @notice Warnings and evictions are proposed as calls to it.
    address public immutable conduct;
    /// @notice Districts are proposed as calls to it.
    address public immutable districts;
    /// @notice Votes for and abstaining that a proposal needs, in percent of all.
    uint256 public immutable quorumPercent;
    /// @notice CYBR that a proposer of the token kind has in votes, in 10⁻¹⁸.
    uint256 public immutable tokenThreshold;
    /// @notice Parcels that a proposer of the land kind has in votes.
    uint256 public immutable landThreshold;

    uint48 private immutable _delaySeconds;
    uint32 private immutable _periodSeconds;
    mapping(uint256 proposalId => Kind) private _kinds;

    /// @notice A proposal's kind, told beside ProposalCreated.
    event ProposalKind(uint256 indexed proposalId, Kind kind);

    /// @notice The targets so far are of the other kind than this one.
    error KindsMixed(address target);
    /// @notice No proposal may touch the Governor or the Timelock.
    error TargetRefused(address target);

    constructor(
        IERC5805 cybr_,
        IERC5805 land_,
        TimelockController timelock_,
        address conduct_,
        address districts_,
        Parameters memory parameters
    ) Governor("Tabland") GovernorTimelockControl(timelock_) {
        cybr = cybr_;
        land = land_;
        conduct = conduct_;
        districts = districts_;
        quorumPercent = parameters.quorumPercent;
        tokenThreshold = parameters.tokenThreshold;
        landThreshold = parameters.landThreshold;
        _delaySeconds = parameters.delaySeconds;
        _periodSeconds = parameters.periodSeconds;
    }

    /// @notice Proposes calls that the Timelock shall make. The kind follows from their targets.
    function propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description
    ) public override returns (uint256 proposalId) {
        Kind kind = kindOf(targets);
        uint256 votes = votesOf(kind).getPastVotes(msg.sender, clock() - 1);
        uint256 threshold = kind == Kind.Land ? landThreshold : tokenThreshold;
        if (votes < threshold) revert GovernorInsufficientProposerVotes(msg.sender, votes, threshold);
        proposalId = super.propose(targets, values, calldatas, description);
        _kinds[proposalId] = kind;
        emit ProposalKind(proposalId, kind);
    }

    /// @notice The kind of a proposal that exists.
    function proposalKind(uint256 proposalId) external view returns (Kind) {
        if (proposalSnapshot(proposalId) == 0) revert GovernorNonexistentProposal(proposalId);
        return _kinds[proposalId];
    }

    /// @notice The kind that a proposal of these targets has; refused where they mix kinds or touch the Governor or the
    /// Timelock.
    function kindOf(address[] memory targets) public view returns (Kind kind) {
        for (uint256 i = 0; i < targets.length; i++) {
            if (targets[i] == address(this) || targets[i] == timelock()) revert TargetRefused(targets[i]);
            Kind own = targets[i] == conduct || targets[i] == districts ? Kind.Land : Kind.Token;
            if (i == 0) kind = own;
            else if (own != kind) revert KindsMixed(targets[i]);
        }
    }

    /// @notice Where the votes of a kind are counted.
    function votesOf(Kind kind) public view returns (IERC5805) {
        return kind == Kind.Land ? land : cybr;
    }

    /// @notice The votes for and abstaining that a proposal needs.
    function quorumOf(uint256 proposalId) public view returns (uint256) {
        return _quorum(_kinds[proposalId], proposalSnapshot(proposalId));
    }

    /// @notice The quorum of the token kind at a time; see quorumOf for a proposal's own.
    function quorum(uint256 timepoint) public view override returns (uint256) {
        return _quorum(Kind.Token, timepoint);
    }

    /// @notice Seconds from a proposal to the begin of its voting.
    function votingDelay() public view override returns (uint256) {
        return _delaySeconds;
    }

    /// @notice Seconds for which a proposal is voted on.
    function votingPeriod() public view override returns (uint256) {
        return _periodSeconds;
    }

    /// @notice Unix seconds of this block.
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice How `clock` counts (ERC-6372).
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @notice Where a proposal stands.
    function state(uint256 proposalId) public view override(Governor, GovernorTimelockControl) returns (ProposalState) {
        return super.state(proposalId);
    }

    /// @notice Whether a proposal waits in the Timelock: each does.
    function proposalNeedsQueuing(uint256 proposalId)
        public
        view
        override(Governor, GovernorTimelockControl)
        returns (bool)
    {
        return super.proposalNeedsQueuing(proposalId);
    }

    /// @dev At least one vote: a land without voters decides nothing.
    function _quorum(Kind kind, uint256 timepoint) private view returns (uint256) {
        uint256 share = votesOf(kind).getPastTotalSupply(timepoint) * quorumPercent / 100;
        return share == 0 ? 1 : share;
    }

    function _quorumReached(uint256 proposalId)
        internal
        view
        override(Governor, GovernorCountingSimple)
        returns (bool)
    {
        (, uint256 forVotes, uint256 abstainVotes) = proposalVotes(proposalId);
        return forVotes + abstainVotes >= quorumOf(proposalId);
    }

    /// @dev The weight that Governor found is of tokens; it does not tell the proposal when it asks.
    function _countVote(uint256 proposalId, address account, uint8 support, uint256, bytes memory params)
        internal
        override(Governor, GovernorCountingSimple)
        returns (uint256)
    {
        uint256 weight = votesOf(_kinds[proposalId]).getPastVotes(account, proposalSnapshot(proposalId));
        return super._countVote(proposalId, account, support, weight, params);
    }

    function _getVotes(address account, uint256 timepoint, bytes memory) internal view override returns (uint256) {
        return cybr.getPastVotes(account, timepoint);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
