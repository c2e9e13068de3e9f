import { type ChainFacts, parseChainFacts } from '#core/chain-facts.ts'
import { NETWORK_NAMES, type NetworkName } from '#core/network.ts'
import { relayHttpOrigin } from './addresses.ts'
import { fetchPageRelay, type PageOrigin, type PageRelay, relaysOfHash } from './page-relay.ts'
import type { KeyValue } from './relay-memory.ts'

/** The network of a page that no relay speaks for. */
const DEFAULT_NETWORK: NetworkName = 'local'
/** Where the last facts of a relay are kept, for starts without it. */
const MEMORY_KEY = 'tabland/page-relay'
/** Facts are 16 KiB at most when they come; longer text was not written by us. */
const MAX_MEMORY = 32 * 1024
/** A person names one or two; each costs a request before the start. */
const MAX_ASKED = 4

export interface FindRelaysInit {
  readonly location: PageOrigin & { readonly href: string; readonly hash: string }
  /** relays that came with the page, as a person writes them: pages (`https://…`) or multiaddrs */
  readonly baked: readonly string[]
  /** network that came with the page */
  readonly bakedNetwork?: string | undefined
  readonly store?: KeyValue | undefined
  readonly fetchFacts: (url: URL) => Promise<Response>
}

export interface FoundRelays {
  readonly network: NetworkName
  /** multiaddrs, still unchecked, in the order in which they are tried */
  readonly addresses: readonly string[]
  /** [RE8] relays that the one which answered named */
  readonly told: readonly string[]
  readonly stunUrls: readonly string[]
  /** of the machine whose blocks the relay makes which answered now, unread: of an earlier answer it is pinned elsewhere */
  readonly genesis?: string
  /** the chain of land and money; also of an earlier answer, for starts without the relay */
  readonly chain?: ChainFacts
  /** what answered was no relay's description */
  readonly failure?: Error
}

/**
 * Which network this page belongs to, and its relays ([NE2]). A page asks the relay that served it; one from disk
 * asks those that its address names, or those that it came with. When nobody answers, the last answer holds.
 */
export async function findRelays(init: FindRelaysInit): Promise<FoundRelays> {
  const { location, baked, store } = init
  const named = relaysOfHash(location.hash)
  const { facts: told, failure } = await askRelays(init, named.length > 0 ? named : baked)
  if (told !== undefined) remember(store, told)
  const network = networkOfHash(location.hash) ?? told?.network ?? networkNamed(init.bakedNetwork)
  const recalled = told === undefined ? recall(store) : undefined
  const chosen = network ?? recalled?.network ?? DEFAULT_NETWORK
  const facts = told ?? (recalled?.network === chosen ? recalled : undefined)
  return {
    network: chosen,
    addresses: [...named, ...(facts?.addresses ?? []), ...baked].filter((text) => !isPage(text)),
    told: facts?.relays ?? [],
    stunUrls: facts?.stunUrls ?? [],
    ...(told?.genesis === undefined || told.network !== chosen ? {} : { genesis: told.genesis }),
    ...(facts?.chain === undefined ? {} : { chain: facts.chain }),
    ...(failure === undefined ? {} : { failure }),
  }
}

async function askRelays(
  { location, fetchFacts }: FindRelaysInit,
  candidates: readonly string[],
): Promise<{ readonly facts?: PageRelay | undefined; readonly failure?: Error }> {
  let failure: Error | undefined
  const ask = async (origin: Parameters<typeof fetchPageRelay>[0]) => {
    try {
      return await fetchPageRelay(origin, fetchFacts)
    } catch (error) {
      failure = error as Error // no relay speaks there; another may
      return undefined
    }
  }
  const own = isFromServer(location) ? await ask(location) : undefined
  if (own !== undefined) return { facts: own }
  const origins = candidates.slice(0, MAX_ASKED).flatMap(originOf)
  const answers = origins.map(async (origin) => (await ask(origin)) ?? Promise.reject(new Error('no relay')))
  const facts = await Promise.any(answers).catch(() => undefined)
  return { facts, ...(facts !== undefined || failure === undefined ? {} : { failure }) }
}

function isFromServer({ protocol }: PageOrigin): boolean {
  return protocol === 'http:' || protocol === 'https:'
}

/** A relay named by its page; every other text is a multiaddr, or will be refused with a sentence. */
function isPage(relay: string): boolean {
  return /^https?:\/\//.test(relay)
}

/** Where a relay tells its facts: its page's server, which is on the port that it takes peers on. */
function originOf(relay: string): URL[] {
  const text = isPage(relay) ? relay : relayHttpOrigin(relay)
  return text !== undefined && URL.canParse(text) ? [new URL(text)] : []
}

/** `#…network=NAME` */
function networkOfHash(hash: string): NetworkName | undefined {
  return networkNamed(/[#&?]network=([a-z]+)/.exec(hash)?.[1])
}

function networkNamed(name: string | undefined): NetworkName | undefined {
  return NETWORK_NAMES.find((known) => known === name)
}

function remember(
  store: KeyValue | undefined,
  { network, addresses, relays, stunUrls, chain }: PageRelay,
): void {
  try {
    store?.setItem(MEMORY_KEY, JSON.stringify({ network, addresses, relays, stunUrls, chain }))
  } catch {
    // full or forbidden: a start without the relay knows less
  }
}

function recall(store: KeyValue | undefined): PageRelay | undefined {
  try {
    const facts: unknown = JSON.parse(store?.getItem(MEMORY_KEY)?.slice(0, MAX_MEMORY) ?? 'null')
    const { network, addresses, relays, stunUrls, chain } = facts as Record<keyof PageRelay, unknown>
    const known = networkNamed(String(network))
    const kept = parseChainFacts(chain)
    return known === undefined
      ? undefined
      : {
          network: known,
          addresses: texts(addresses),
          relays: texts(relays),
          stunUrls: texts(stunUrls),
          ...(kept === undefined ? {} : { chain: kept }),
        }
  } catch {
    return undefined // forbidden, absent, or not written by us
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : []
}
