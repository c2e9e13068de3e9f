import { type ChainFacts, parseRpcUrls } from '#core/chain-facts.ts'
import { chainError } from './chain-errors.ts'

/** Where a person's own endpoints are kept: one a line. */
const MEMORY_KEY = 'tabland/rpc'
const MAX_MEMORY = 16 * 1024

export interface FindChainInit {
  /** what a relay tells, or told before */
  readonly told: ChainFacts | undefined
  readonly store: Pick<Storage, 'getItem'> | undefined
}

/**
 * The chain of this page and its endpoints ([CH13]): a person's own come first, so that they never come from the relay
 * alone. Undefined where none is told of.
 */
export function findChain({ told, store }: FindChainInit): ChainFacts | undefined {
  if (told === undefined) return undefined
  const rpc = parseRpcUrls([...ownEndpoints(store), ...told.rpc])
  return rpc.length === 0 ? undefined : { ...told, rpc }
}

function ownEndpoints(store: FindChainInit['store']): readonly string[] {
  try {
    const text = store?.getItem(MEMORY_KEY)?.slice(0, MAX_MEMORY) ?? ''
    return text.split('\n').map((line) => line.trim())
  } catch {
    return [] // storage is forbidden
  }
}

/**
 * Keeps a person's own endpoints for the next start; none takes them away.
 *
 * @throws RPC_ENDPOINTS when one of them is no address, or they are too many
 */
export function keepEndpoints(store: Pick<Storage, 'setItem'> | undefined, urls: readonly string[]): void {
  if (parseRpcUrls(urls).length !== new Set(urls).size) {
    throw chainError(
      'RPC_ENDPOINTS',
      `Expected up to 8 addresses of RPC endpoints, http://… or https://…, got ${JSON.stringify(urls).slice(0, 80)}.`,
    )
  }
  store?.setItem(MEMORY_KEY, urls.join('\n'))
}
