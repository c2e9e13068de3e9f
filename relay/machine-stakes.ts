import { createChainReader } from '#chain/chain-reader.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { ofChain } from '#chain/rpc/of-chain.ts'
import { openStakes } from '#chain/stake/open-stakes.ts'
import type { ChainFacts } from '#core/chain-facts.ts'
import { fixedStakeSource, type GenesisStakes, type StakeSource } from '#graph/machine/stake-source.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { createNodeKeccak } from './hashers.ts'

/**
 * The stakes of a machine in a Node.js process ([KG7]).
 *
 * @param chain whose endpoints prove them, where the genesis takes them from one
 * @throws STAKES_UNKNOWN, STAKES_OTHER, RPC_ENDPOINTS
 */
export async function openNodeStakes(
  stakes: GenesisStakes,
  chain: ChainFacts | undefined,
  warn: (line: string) => void,
): Promise<StakeSource> {
  if (stakes.kind !== 'chain') return fixedStakeSource(stakes)
  const isKnown = chain !== undefined && chain.rpc.length > 0
  return openStakes(stakes, {
    chain: isKnown ? { facts: chain, reader: readerOf(chain) } : undefined,
    keccak: await createNodeKeccak(warn),
    now: Date.now,
  })
}

function readerOf({ chainId, rpc, told }: ChainFacts) {
  const endpoints = createEndpoints(rpc, undefined, told).map((endpoint) => ofChain(endpoint, chainId))
  return createChainReader({ endpoints, timers: systemTimers, now: Date.now })
}

/** A chain that a relay tells of, with endpoints that were named here: those count by themselves. */
export function withEndpoints(
  told: ChainFacts | undefined,
  own: readonly string[] = [],
): ChainFacts | undefined {
  if (told === undefined) return undefined
  return {
    ...told,
    rpc: [...new Set([...own, ...told.rpc])],
    told: told.rpc.filter((url) => !own.includes(url)),
  }
}
