export interface ShunnedPeersInit {
  /** for how long nothing is asked of one */
  readonly ms: number
  /** remembered at most; the one that came first makes room */
  readonly maxPeers: number
  /** ms */
  readonly now: () => number
}

/** Peers of which nothing is asked for a while. */
export interface ShunnedPeers {
  /** From now on, for `ms`. True when it was not shunned yet. */
  add(peer: string): boolean
  has(peer: string): boolean
}

export function createShunnedPeers({ ms, maxPeers, now }: ShunnedPeersInit): ShunnedPeers {
  const since = new Map<string, number>()

  const has = (peer: string): boolean => {
    const time = since.get(peer)
    if (time === undefined) return false
    if (Math.abs(now() - time) < ms) return true // a clock that was set lengthens nothing
    since.delete(peer)
    return false
  }

  return {
    has,
    add(peer) {
      if (has(peer)) return false
      const [oldest] = since.keys()
      if (since.size >= maxPeers && oldest !== undefined) since.delete(oldest)
      since.set(peer, now())
      return true
    },
  }
}
