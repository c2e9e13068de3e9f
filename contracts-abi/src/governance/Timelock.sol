// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title The foundation's hand
/// @notice Holds the treasury and every power that is not an owner's own. It does what a vote has decided, after a
/// delay in which anybody can see it coming, and nothing else: only the Governor may schedule and cancel, anybody may
/// execute, and it has no administrator but itself; as no proposal may touch it, its roles and its delay are for ever.
contract Timelock is TimelockController {
    constructor(uint256 delaySeconds, address governor)
        TimelockController(delaySeconds, _only(governor), _only(address(0)), address(0))
    {}

    function _only(address account) private pure returns (address[] memory accounts) {
        accounts = new address[](1);
        accounts[0] = account;
    }
}
