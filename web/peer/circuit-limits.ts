import type { Connection } from '@libp2p/interface'
import type { CircuitLimit } from '#api/network-types.ts'

export interface Libp2pLimits {
  readonly bytes?: bigint | undefined
  readonly seconds?: number | undefined
}

/** As the states show it; undefined where there is no limit. 0 means none in circuit relay v2. */
export function toCircuitLimit({ bytes, seconds }: Libp2pLimits): CircuitLimit | undefined {
  const limit = {
    ...(bytes === undefined || bytes <= 0n ? {} : { bytes: Number(bytes) }),
    ...(seconds === undefined || seconds <= 0 ? {} : { ms: seconds * 1_000 }),
  }
  return Object.keys(limit).length === 0 ? undefined : limit
}

/** What is left to the circuit among `connections` that may still carry the most; undefined when one has no limit. */
export function circuitLeftOf(
  connections: readonly Pick<Connection, 'limits' | 'status'>[],
): CircuitLimit | undefined {
  const open = connections.filter(({ status }) => status === 'open')
  if (open.length === 0 || open.some(({ limits }) => limits === undefined)) return undefined
  const left = open.map(({ limits }) => leftOf(limits ?? {}))
  return left.reduce((best, one) => (roomOf(one) > roomOf(best) ? one : best))
}

/** libp2p counts down to 0: a circuit that is used up has nothing left, which is no lack of a limit. */
function leftOf({ bytes, seconds }: Libp2pLimits): CircuitLimit {
  return {
    ...(bytes === undefined ? {} : { bytes: Number(bytes) }),
    ...(seconds === undefined ? {} : { ms: Math.max(0, seconds * 1_000) }),
  }
}

/** A measure to compare circuits by: bytes first, for those end sooner. */
function roomOf({ bytes = Number.MAX_SAFE_INTEGER, ms = Number.MAX_SAFE_INTEGER }: CircuitLimit): number {
  return ms === 0 ? 0 : bytes
}
