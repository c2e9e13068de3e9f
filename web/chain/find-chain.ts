import { type ChainFacts, LOCAL_CHAIN, parseChainFacts, parseRpcUrls } from '#core/chain-facts.ts'
import type { AppError } from '#core/errors.ts'
import type { NetworkName } from '#core/network.ts'
import { type ChainErrorCode, chainError } from './chain-errors.ts'

/** Where a person's own endpoints are kept: one a line. */
const MEMORY_KEY = 'tabland/rpc'
/** Where a profile keeps its chain and contracts, by network. */
const PIN_KEY = 'tabland/chain'
const MAX_MEMORY = 16 * 1024

export interface FindChainInit {
  /** what a relay tells, or told before */
  readonly told: ChainFacts | undefined
  readonly network: NetworkName
  /** of the profile; where it is forbidden, what is told is believed for this page */
  readonly store: Pick<Storage, 'getItem' | 'setItem'> | undefined
}

export interface FoundChain {
  /** undefined where no chain is told of */
  readonly facts: ChainFacts | undefined
  /** what a relay tells otherwise than before, to be said (CHAIN_CHANGED, CHAIN_FOLLOWED); undefined when nothing is */
  readonly change: AppError<ChainErrorCode> | undefined
}

/**
 * The chain of this page and its endpoints ([CH13]): a person's own come first and each counts, those that the relay
 * names count as one. Chain and contracts are pinned by the profile at first use: what another relay makes of them
 * later is said, and followed on the local test chain alone, whose coins are worth nothing.
 */
export function findChain({ told, network, store }: FindChainInit): FoundChain {
  if (told === undefined) return { facts: undefined, change: undefined }
  const own = parseRpcUrls(ownEndpoints(store))
  const rpc = parseRpcUrls([...own, ...told.rpc])
  if (rpc.length === 0) return { facts: undefined, change: undefined }
  const { pinned, change } = pinChain(told, `${PIN_KEY}/${network}`, store)
  return { facts: { ...pinned, rpc, told: rpc.filter((url) => !own.includes(url)) }, change }
}

type Pinned = Pick<ChainFacts, 'chainId' | 'contracts'>

function pinChain(
  { chainId, contracts }: ChainFacts,
  key: string,
  store: FindChainInit['store'],
): { readonly pinned: Pinned; readonly change: FoundChain['change'] } {
  const kept = readPin(store, key)
  const named = { chainId, contracts }
  const others = kept === undefined ? [] : differences(kept, named)
  const isLocal = kept?.chainId === LOCAL_CHAIN && chainId === LOCAL_CHAIN
  if (kept !== undefined && others.length > 0 && !isLocal) {
    const change = chainError(
      'CHAIN_CHANGED',
      `The relay names ${others.join(', ')}. This browser keeps to what it knew first; if the change is right, remove "${key}" from this page's local storage and reload.`,
    )
    return { pinned: kept, change }
  }
  // contracts that came later are new, and not others
  const pinned = { chainId, contracts: { ...kept?.contracts, ...contracts } }
  try {
    store?.setItem(key, JSON.stringify(pinned))
  } catch {
    // full or forbidden: it holds for this page
  }
  if (others.length === 0) return { pinned, change: undefined }
  const message = `The relay names ${others.join(', ')}. It is the local test chain: followed.`
  return { pinned, change: chainError('CHAIN_FOLLOWED', message) }
}

function differences(kept: Pinned, named: Pinned): readonly string[] {
  const chain = kept.chainId === named.chainId ? [] : [`chain ${named.chainId} instead of ${kept.chainId}`]
  const contracts = Object.entries(kept.contracts).flatMap(([name, address]) => {
    const now = named.contracts[name]
    return now === undefined || now === address ? [] : [`${name} ${now} instead of ${address}`]
  })
  return [...chain, ...contracts]
}

function readPin(store: FindChainInit['store'], key: string): Pinned | undefined {
  try {
    const text = store?.getItem(key) ?? ''
    return text.length > MAX_MEMORY ? undefined : parseChainFacts(JSON.parse(text))
  } catch {
    return undefined // none, forbidden, or nothing that was pinned here
  }
}

function ownEndpoints(store: Pick<Storage, 'getItem'> | undefined): readonly string[] {
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
