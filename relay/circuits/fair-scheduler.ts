import { type ByteBucket, createByteBucket } from './byte-bucket.ts'

/** Bytes that one peer sends before the next one's turn: a quarter of the smallest yamux window. */
export const TURN_BYTES = 16 * 1024
/** Bytes that are sent before the event loop reads again: a few milliseconds of encryption. */
const PUMP_BYTES = 512 * 1024

/** One direction of a circuit. */
export interface Outlet {
  /** Is there something to send, and does the receiver take it? */
  isReady(): boolean
  /** Sends at most this much; returns how much it was. */
  send(maxBytes: number): number
}

/** The circuits that one peer opened, which share its turn. */
export interface Flow {
  /** Something can be sent now: it is as soon as it is this peer's turn. */
  wake(outlet: Outlet): void
  /** A circuit of this flow ended: its outlets are not asked again. */
  leave(...outlets: readonly Outlet[]): void
}

export interface FairScheduler {
  /** A circuit of `peer`, which comes from `address`, begins. */
  enter(peer: string, address: string): Flow
  /** circuits open of one address */
  circuitsOf(address: string): number
  stop(): void
}

/** Bytes per second; Infinity lifts one. */
export interface Rates {
  readonly peer: number
  readonly address: number
  readonly total: number
}

export interface FairSchedulerInit {
  readonly rates: Rates
  /** ms, monotonic */
  readonly now: () => number
  /** Returns what cancels it. */
  readonly setTimer: (task: () => void, ms: number) => () => void
}

interface Share {
  readonly bucket: ByteBucket
  circuits: number
}

interface PeerFlow extends Share {
  readonly address: Share
  readonly ready: Set<Outlet>
}

/**
 * Who may send next through the relay: peers take turns of equal bytes, however many circuits each has, and wait
 * while their own rate, their address's or that of the whole relay is used up. Its memory is what is open.
 */
export function createFairScheduler({ rates, now, setTimer }: FairSchedulerInit): FairScheduler {
  const total = createByteBucket(rates.total, now)
  const peers = new Map<string, PeerFlow>()
  const addresses = new Map<string, Share>()
  /** in the order of their turns */
  const ring = new Set<PeerFlow>()
  /** whose own rate is used up, until when */
  const waiting = new Map<PeerFlow, number>()
  let timer: { readonly at: number; readonly cancel: () => void } | undefined
  let pumping = false

  function turn(flow: PeerFlow): number {
    let sent = 0
    while (sent < TURN_BYTES) {
      const [outlet] = flow.ready
      if (outlet === undefined) break
      flow.ready.delete(outlet)
      if (!outlet.isReady()) continue
      const bytes = outlet.send(TURN_BYTES - sent)
      sent += bytes
      if (bytes > 0 && outlet.isReady()) flow.ready.add(outlet)
    }
    for (const bucket of [flow.bucket, flow.address.bucket, total]) bucket.spend(sent)
    return sent
  }

  function pump(): void {
    timer?.cancel()
    timer = undefined
    pumping = true
    try {
      takeTurns(now())
    } finally {
      // whatever one circuit's streams throw, the others go on
      pumping = false
    }
    schedule()
  }

  function takeTurns(time: number): void {
    for (const [flow, until] of waiting) if (until <= time) admit(flow)
    let budget = PUMP_BYTES
    while (budget > 0 && total.waitMs() === 0) {
      const [flow] = ring
      if (flow === undefined) break
      ring.delete(flow)
      const waitMs = Math.max(flow.bucket.waitMs(), flow.address.bucket.waitMs())
      if (waitMs > 0) waiting.set(flow, time + waitMs)
      else {
        budget -= turn(flow)
        if (flow.ready.size > 0) ring.add(flow)
      }
    }
  }

  function admit(flow: PeerFlow): void {
    waiting.delete(flow)
    if (flow.ready.size > 0) ring.add(flow)
  }

  function schedule(): void {
    const time = now()
    const at = ring.size > 0 ? time + total.waitMs() : Math.min(...waiting.values())
    if (at === Number.POSITIVE_INFINITY || (timer !== undefined && timer.at <= at)) return
    timer?.cancel()
    timer = { at, cancel: setTimer(pump, Math.max(0, at - time)) }
  }

  function wake(flow: PeerFlow, outlet: Outlet): void {
    flow.ready.add(outlet)
    if (waiting.has(flow)) return
    const isFirst = ring.size === 0
    ring.add(flow)
    // What comes while others wait takes its turn behind them.
    if (!pumping && isFirst && total.waitMs() === 0) pump()
    else if (!pumping) schedule()
  }

  return {
    enter(peer, address) {
      const share = entry(addresses, address, () => ({
        bucket: createByteBucket(rates.address, now),
        circuits: 0,
      }))
      const flow = entry(peers, peer, () => ({
        bucket: createByteBucket(rates.peer, now),
        circuits: 0,
        address: share,
        ready: new Set<Outlet>(),
      }))
      flow.circuits++
      share.circuits++
      return {
        wake: (outlet) => wake(flow, outlet),
        leave(...outlets) {
          for (const outlet of outlets) flow.ready.delete(outlet)
          if (--share.circuits === 0) addresses.delete(address)
          if (--flow.circuits > 0) return
          peers.delete(peer)
          ring.delete(flow)
          waiting.delete(flow)
        },
      }
    },
    circuitsOf: (address) => addresses.get(address)?.circuits ?? 0,
    stop() {
      timer?.cancel()
      timer = undefined
      ring.clear()
      waiting.clear()
    },
  }
}

function entry<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = create()
  map.set(key, made)
  return made
}
