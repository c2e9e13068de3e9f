// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title CYBR, the one currency
/// @notice ERC-20 with permits (ERC-2612) and votes (ERC-5805). The whole supply is minted at genesis; nobody can mint
/// more, pause, freeze or move what belongs to another. Votes count from the moment that a holder delegates them, to
/// itself or to somebody else; the clock is the block's timestamp (ERC-6372).
contract Cybr is ERC20, ERC20Permit, ERC20Votes {
    /// @notice Who gets what part of the supply at genesis.
    struct Share {
        address to;
        uint256 amount;
    }

    /// @param shares the whole supply, in 10⁻¹⁸ CYBR
    constructor(Share[] memory shares) ERC20("Cyber", "CYBR") ERC20Permit("Cyber") {
        for (uint256 i = 0; i < shares.length; i++) _mint(shares[i].to, shares[i].amount);
    }

    /// @notice Destroys some of the caller's own tokens.
    /// @param amount in 10⁻¹⁸ CYBR
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    /// @notice Unix seconds of this block.
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice How `clock` counts (ERC-6372).
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @notice Next nonce of `owner` for permits and delegations by signature.
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}
