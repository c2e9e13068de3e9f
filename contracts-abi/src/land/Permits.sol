// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @notice A signed ERC-2612 permit: the amount that it allows, until when, and the signature.
struct Permit {
    uint256 value;
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @notice The permit is no good, and nothing else allows the amount.
error NotPermitted(address owner, uint256 amount);

/// @title Paying in the transaction that buys
library Permits {
    /// @notice Uses the caller's permit. Anybody who saw it could have used it a moment before: then the allowance is there
    /// already, and that is as good.
    function use(IERC20 cybr, uint256 amount, Permit calldata permit) internal {
        try IERC20Permit(address(cybr)).permit(
            msg.sender, address(this), permit.value, permit.deadline, permit.v, permit.r, permit.s
        ) {} catch {
            if (cybr.allowance(msg.sender, address(this)) < amount) revert NotPermitted(msg.sender, amount);
        }
    }
}
