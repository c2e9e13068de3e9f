/** What a relay tells its tabs of the chain that they are for; a hint as all else that it says. */
export interface ChainFacts {
  readonly chainId: number
  /** JSON-RPC endpoints, http or https; a tab may know others */
  readonly rpc: readonly string[]
  /** `0x…` in lower case, by the names of the contracts */
  readonly contracts: Readonly<Record<string, `0x${string}`>>
  /** those of `rpc` that a relay alone named: together they are one source @default none, all were configured */
  readonly told?: readonly string[]
}

/** anvil's; whoever runs another one gives it a number of its own */
export const LOCAL_CHAIN = 31_337

/** As many as anybody configures. */
const MAX_ENDPOINTS = 8
const MAX_URL_LENGTH = 2_048
/** There are some twenty. */
const MAX_CONTRACTS = 64

/** Reads such facts; undefined when they are none, and then there is no chain. */
export function parseChainFacts(value: unknown): ChainFacts | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { chainId, rpc, contracts } = value as Readonly<Record<string, unknown>>
  if (!Number.isSafeInteger(chainId) || (chainId as number) <= 0) return undefined
  const entries = typeof contracts === 'object' && contracts !== null ? Object.entries(contracts) : []
  const addresses = entries.slice(0, MAX_CONTRACTS).flatMap(([name, address]) => {
    const isAddress = typeof address === 'string' && /^0x[0-9a-f]{40}$/i.test(address)
    return isAddress ? [[name, address.toLowerCase() as `0x${string}`] as const] : []
  })
  return {
    chainId: chainId as number,
    rpc: parseRpcUrls(Array.isArray(rpc) ? rpc : []),
    contracts: Object.fromEntries(addresses),
  }
}

/** Those that are addresses of endpoints, each once. */
export function parseRpcUrls(texts: readonly unknown[]): readonly string[] {
  const urls = texts.filter(
    (text): text is string =>
      typeof text === 'string' &&
      text.length <= MAX_URL_LENGTH &&
      URL.canParse(text) &&
      /^https?:$/.test(new URL(text).protocol),
  )
  return [...new Set(urls)].slice(0, MAX_ENDPOINTS)
}
