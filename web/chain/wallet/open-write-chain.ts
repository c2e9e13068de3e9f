import { type ChainFacts, LOCAL_CHAIN } from '#core/chain-facts.ts'
import { isAppError } from '#core/errors.ts'
import type { Timers } from '#core/timers.ts'
import { type ChainReader, createChainReader } from '../chain-reader.ts'
import { createEndpoints } from '../rpc/endpoint-pool.ts'
import { ofChain } from '../rpc/of-chain.ts'
import type { Ask } from './chain-calls.ts'
import type { WriteChain } from './chain-config.ts'

/** Names of chains as people know them; every other one goes by its number. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'Ethereum'],
  [10, 'OP Mainnet'],
  [8_453, 'Base'],
  [42_161, 'Arbitrum One'],
  [11_155_111, 'Sepolia'],
  [31_337, 'Local test chain'],
])

export interface WriteChainInit {
  readonly timers: Timers
  /** @default the process's own */
  readonly fetch?: typeof globalThis.fetch
}

export interface OpenedChain {
  readonly chain: WriteChain
  /** for writes, and for what is said to be one endpoint's word */
  readonly ask: Ask
  /** for all that is shown as verified */
  readonly reader: ChainReader
}

/** The chain of a page as its wallets write to it. @throws RPC_ENDPOINTS */
export function openWriteChain(
  { chainId, rpc, contracts, told }: ChainFacts,
  { timers, fetch }: WriteChainInit,
): OpenedChain {
  const endpoints = createEndpoints(rpc, fetch, told).map((endpoint) => ofChain(endpoint, chainId))
  return {
    chain: {
      id: chainId,
      name: NAMES.get(chainId) ?? `Chain ${chainId}`,
      coin: 'ETH',
      isTest: chainId === LOCAL_CHAIN,
      rpcUrls: rpc,
      contracts,
    },
    reader: createChainReader({ endpoints, timers, now: Date.now }),
    // what one refuses the others would refuse; whoever does not answer is passed over
    async ask(method, params, signal) {
      let last: unknown
      for (const endpoint of endpoints) {
        try {
          return await endpoint.call(method, params, { signal })
        } catch (error) {
          if (isAppError(error, 'RPC_REFUSED') || !isAppError(error)) throw error
          last = error
        }
      }
      throw last
    },
  }
}
