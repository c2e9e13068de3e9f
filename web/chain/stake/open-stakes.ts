import { fromHex } from '#core/bytes.ts'
import { type ChainFacts, LOCAL_CHAIN } from '#core/chain-facts.ts'
import type { Keccak } from '#core/keccak.ts'
import type { StakeSource, StakesOfChain } from '#graph/machine/stake-source.ts'
import { chainError } from '../chain-errors.ts'
import type { ChainReader } from '../chain-reader.ts'
import { hexOf } from '../hex.ts'
import { createChainStakeSource } from './chain-stake-source.ts'

/** Two epochs of Ethereum and a little, after which its blocks are final; a chain on this machine gives up none. */
const LAG_SECONDS = 900

/** What a genesis says when its stakes are those of a chain; undefined where the chain has no `Stake`. */
export function stakesOfChain({ chainId, contracts }: ChainFacts): StakesOfChain | undefined {
  const { stake } = contracts
  if (stake === undefined) return undefined
  const lagSeconds = chainId === LOCAL_CHAIN ? 0 : LAG_SECONDS
  return { kind: 'chain', chainId, contract: fromHex(stake.slice(2)), lagSeconds }
}

export interface OpenStakesInit {
  /** the chain that is read here; undefined where none is known */
  readonly chain:
    | { readonly facts: Pick<ChainFacts, 'chainId' | 'contracts'>; readonly reader: ChainReader }
    | undefined
  readonly keccak: Keccak
  /** unix ms */
  readonly now: () => number
}

/**
 * The stakes of a machine that takes them from a chain ([KG7]).
 *
 * @throws STAKES_UNKNOWN where no chain is known, STAKES_OTHER when the chain that is known is not the one of the genesis
 */
export function openStakes(stakes: StakesOfChain, { chain, keccak, now }: OpenStakesInit): StakeSource {
  const { chainId, lagSeconds } = stakes
  const stake = hexOf(stakes.contract)
  if (chain === undefined) {
    throw chainError(
      'STAKES_UNKNOWN',
      `This machine takes its stakes from chain ${chainId}, and no endpoint of it is known here: name one by --rpc, or ask a relay that tells of its chain.`,
    )
  }
  const { facts, reader } = chain
  const known = facts.contracts.stake ?? stake
  if (facts.chainId !== chainId || known !== stake) {
    throw chainError(
      'STAKES_OTHER',
      `This machine takes its stakes from ${stake} on chain ${chainId}, and the chain known here is ${facts.chainId} with its Stake at ${known}. Its ranks are not believed.`,
    )
  }
  return createChainStakeSource({ reader, stake, lagSeconds, keccak, now })
}
