/** Peers, and addresses, whose bytes are remembered: those of a day on a busy relay. The oldest makes room. */
const MAX_KEYS = 16_384

/** Whose bytes are used up. */
export type QuotaOwner = 'peer' | 'address' | 'all'

export interface QuotaInit {
  /** bytes in one period; Infinity lifts one */
  readonly bytes: { readonly peer: number; readonly address: number; readonly total: number }
  readonly periodMs: number
  /** ms */
  readonly now: () => number
}

export interface Quotas {
  /** Whose bytes are used up until its period ends; undefined: more may be carried. */
  usedUp(peer: string, address: string): QuotaOwner | undefined
  spend(peer: string, address: string, bytes: number): void
}

interface Used {
  bytes: number
  readonly since: number
}

/** Bytes that one peer, one address and everybody together may send through circuits in a period. */
export function createQuotas({ bytes: limits, periodMs, now }: QuotaInit): Quotas {
  const peers = new Map<string, Used>()
  const addresses = new Map<string, Used>()
  const all = new Map<string, Used>()

  const usedOf = (map: Map<string, Used>, key: string): Used | undefined => {
    const used = map.get(key)
    return used !== undefined && now() - used.since < periodMs ? used : undefined
  }
  const add = (map: Map<string, Used>, key: string, bytes: number): void => {
    const used = usedOf(map, key)
    if (used !== undefined) {
      used.bytes += bytes
      return
    }
    map.delete(key) // to the end of the order
    const [oldest] = map.keys()
    if (map.size >= MAX_KEYS && oldest !== undefined) map.delete(oldest)
    map.set(key, { bytes, since: now() })
  }

  return {
    usedUp(peer, address) {
      if ((usedOf(all, '')?.bytes ?? 0) >= limits.total) return 'all'
      if ((usedOf(addresses, address)?.bytes ?? 0) >= limits.address) return 'address'
      return (usedOf(peers, peer)?.bytes ?? 0) >= limits.peer ? 'peer' : undefined
    },
    spend(peer, address, bytes) {
      add(peers, peer, bytes)
      add(addresses, address, bytes)
      add(all, '', bytes)
    },
  }
}
