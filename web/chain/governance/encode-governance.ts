import { encodeFunctionData } from 'viem'
import type { VoteSupport } from '#api/governance-types.ts'
import type { CarryIntent, DelegateIntent, ProposeIntent, VoteIntent } from '#api/wallet-types.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { landAbi } from '#contracts/land.ts'
import { tablandGovernorAbi } from '#contracts/tabland-governor.ts'
import type { Hex } from '../hex.ts'
import type { ContractName } from '../wallet/chain-config.ts'
import { encodeAction } from './actions.ts'

export type GovernanceIntent = DelegateIntent | ProposeIntent | VoteIntent | CarryIntent

/** As OpenZeppelin's GovernorCountingSimple numbers them. */
const SUPPORT: Readonly<Record<VoteSupport, number>> = { against: 0, for: 1, abstain: 2 }

/** @throws what `at` throws for a contract that is not there, DISTRICT_INVALID, CID_INVALID */
export function encodeGovernance(
  intent: GovernanceIntent,
  at: (name: ContractName) => Hex,
): { readonly to: Hex; readonly data: () => Hex } {
  switch (intent.kind) {
    case 'delegate-votes': {
      const call = { functionName: 'delegate', args: [intent.delegatee as Hex] } as const
      return intent.votes === 'land'
        ? { to: at('land'), data: () => encodeFunctionData({ abi: landAbi, ...call }) }
        : { to: at('cybr'), data: () => encodeFunctionData({ abi: cybrAbi, ...call }) }
    }
    case 'propose': {
      const { target, valueWei, data } = encodeAction(intent.action, at)
      const args = [[target], [valueWei], [data], intent.description] as const
      return toGovernor(at, encodeFunctionData({ abi, functionName: 'propose', args }))
    }
    case 'cast-vote': {
      const args = [BigInt(intent.proposal), SUPPORT[intent.support]] as const
      return toGovernor(at, encodeFunctionData({ abi, functionName: 'castVote', args }))
    }
    case 'carry-proposal': {
      const { targets, valuesWei, calldatas, descriptionHash } = intent.calls
      const args = [targets as Hex[], valuesWei, calldatas as Hex[], descriptionHash as Hex] as const
      return toGovernor(at, encodeFunctionData({ abi, functionName: intent.step, args }))
    }
  }
}

const abi = tablandGovernorAbi

function toGovernor(
  at: (name: ContractName) => Hex,
  data: Hex,
): { readonly to: Hex; readonly data: () => Hex } {
  return { to: at('governor'), data: () => data }
}
