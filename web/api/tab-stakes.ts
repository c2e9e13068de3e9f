import { openStakes } from '#chain/stake/open-stakes.ts'
import type { OpenedChain } from '#chain/wallet/open-write-chain.ts'
import type { ChainFacts } from '#core/chain-facts.ts'
import { createTsKeccak } from '#core/keccak.ts'
import type { StakeSource, StakesOfChain } from '#graph/machine/stake-source.ts'

/** The stakes of a machine as this tab's own chain proves them ([KG7]). @throws STAKES_UNKNOWN, STAKES_OTHER */
export function openTabStakes(
  stakes: StakesOfChain,
  facts: ChainFacts | undefined,
  opened: OpenedChain | undefined,
): StakeSource {
  const chain = facts === undefined || opened === undefined ? undefined : { facts, reader: opened.reader }
  return openStakes(stakes, { chain, keccak: createTsKeccak(), now: Date.now })
}
