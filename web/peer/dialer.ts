import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { MAX_DIRECT_PEERS, MAX_KNOWN_PEERS, MIN_DIRECT_PEERS } from '#core/limits.ts'
import { every, type Timers } from '#core/timers.ts'
import { isCircuit, isWebRtc, startsAtRelay } from './addresses.ts'
import { type Backoff, createBackoff } from './backoff.ts'
import { systemTimers } from './system-timers.ts'

/** Circuits that a peer without WebRTC keeps: content at others is found by provider records. */
const CIRCUIT_PEERS = 2
/** More at once slow each other down until all of them time out. */
const MAX_DIALS = 2
/** ICE needs seconds behind bad NATs; the signalling of a busy tab takes as long again. */
const DIAL_TIMEOUT_MS = 20_000
const FIRST_RETRY_MS = 2_000
const MAX_RETRY_MS = 60_000
/** The side with the greater peer id lets the other dial first; only after this does it dial itself. */
const YIELD_MS = 2_500
/** The recipient closes the signalling stream before it takes the connection over: the circuit waits for that. */
const SURPLUS_GRACE_MS = 2_000
/** Time passes without events too: back-offs end, the other side did not dial. */
const TICK_MS = 1_000

/** Somebody who may be dialled. */
export interface Candidate {
  readonly peerId: string
  readonly webRtc: boolean
  readonly directPeers: number
  readonly addresses: readonly Multiaddr[]
}

export interface DialerComponents {
  readonly libp2p: Pick<Libp2p, 'dial' | 'getConnections' | 'addEventListener' | 'removeEventListener'>
  /** runs identify again, for services that bound themselves to a circuit that is closed now */
  readonly identify: (connection: Connection) => Promise<unknown>
  readonly candidates: () => readonly Candidate[]
  readonly isRelay: (peerId: string) => boolean
}

export interface DialerInit {
  /** text form */
  readonly peerId: string
  /** can this peer speak WebRTC? One that cannot keeps circuits instead. */
  readonly webRtc: boolean
  /** @default the process's own */
  readonly timers?: Timers
  /** ms of any clock @default Date.now */
  readonly now?: () => number
  /** @default Math.random */
  readonly random?: () => number
}

export interface Dialer {
  /** direct connections to peers that are no relays */
  directPeers(): number
  /** peers, not relays, to which any connection is open */
  connectedPeers(): number
  /** Did every candidate that was tried refuse, with none connected? */
  isStuck(): boolean
  /** Looks again whom to dial, after candidates or connections changed. */
  update(): void
  /** Forgets all back-offs. */
  retry(): void
  /** The same, and begins dials that are under way anew: they may wait for a network that is gone. */
  restart(): void
  start(): void
  stop(): void
}

interface Attempt {
  readonly backoff: Backoff
  readonly firstSeen: number
  failed: boolean
  notBefore: number
}

/** Keeps MIN_DIRECT_PEERS to MAX_DIRECT_PEERS direct connections, dials the lonely first, drops idle circuits. */
export function createDialer(components: DialerComponents, init: DialerInit): Dialer {
  const { libp2p, candidates, isRelay } = components
  const { peerId: self, webRtc, timers = systemTimers, now = Date.now, random = Math.random } = init
  const attempts = new Map<string, Attempt>()
  const dialling = new Set<string>()
  const surplus = new Set<() => void>()
  const stopping = new AbortController()
  let round = new AbortController()
  let endTicks: (() => void) | undefined

  const open = (peerId?: PeerId) => libp2p.getConnections(peerId).filter(({ status }) => status === 'open')
  const isPeer = ({ remotePeer }: Connection) => !isRelay(remotePeer.toString())
  const isDirect = ({ remoteAddr }: Connection) => !isCircuit(remoteAddr)

  function peersOf(connections: readonly Connection[]): number {
    return new Set(connections.map(({ remotePeer }) => remotePeer.toString())).size
  }
  const directPeers = () => peersOf(open().filter((one) => isPeer(one) && isDirect(one)))
  const connectedPeers = () => peersOf(open().filter(isPeer))

  /** Looking at each of hundreds every second would be a sixth of a peer's work. */
  const isFull = () => (webRtc ? directPeers() >= MAX_DIRECT_PEERS : connectedPeers() >= CIRCUIT_PEERS)

  /** A pair that can speak WebRTC does; a peer that cannot keeps circuits to a few others. */
  function wants(candidate: Candidate): boolean {
    const peerId = peerIdOf(candidate)
    if (peerId === undefined) return false
    const connections = open(peerId)
    if (connections.some(isDirect)) return false
    if (webRtc && candidate.webRtc) {
      const held = directPeers()
      return held < MIN_DIRECT_PEERS || (held < MAX_DIRECT_PEERS && candidate.directPeers === 0)
    }
    return !webRtc && connections.length === 0 && connectedPeers() < CIRCUIT_PEERS
  }

  function addressesOf(candidate: Candidate): Multiaddr[] {
    const direct = webRtc && candidate.webRtc
    return candidate.addresses.filter(
      (address) =>
        startsAtRelay(address) && isWebRtc(address) === direct && endsAt(address, candidate.peerId),
    )
  }

  function attemptFor(peerId: string): Attempt {
    let attempt = attempts.get(peerId)
    if (attempt === undefined) {
      const backoff = createBackoff({ firstMs: FIRST_RETRY_MS, maxMs: MAX_RETRY_MS, random })
      attempt = { backoff, firstSeen: now(), failed: false, notBefore: 0 }
      attempts.set(peerId, attempt)
      const [oldest] = attempts.keys()
      if (attempts.size > MAX_KNOWN_PEERS && oldest !== undefined) attempts.delete(oldest)
    }
    return attempt
  }

  function isDue(candidate: Candidate): boolean {
    if (dialling.has(candidate.peerId) || isRelay(candidate.peerId) || !wants(candidate)) return false
    const { firstSeen, notBefore } = attemptFor(candidate.peerId)
    // Of two alike either would dial: at once they would end up with two connections, one cut in the middle of its use.
    const yields = webRtc === candidate.webRtc && self > candidate.peerId
    return now() >= Math.max(notBefore, yields ? firstSeen + YIELD_MS : 0)
  }

  function update(): void {
    if (stopping.signal.aborted || dialling.size >= MAX_DIALS || isFull()) return
    // Lonely peers first; among equals by chance, or a full room would dial the same two all at once.
    const due = candidates()
      .filter(isDue)
      .map((candidate) => ({ candidate, order: candidate.directPeers + random() }))
      .sort((a, b) => a.order - b.order)
    for (const { candidate } of due) {
      if (dialling.size >= MAX_DIALS) return
      if (wants(candidate)) void dial(candidate)
    }
  }

  function postpone(attempt: Attempt): void {
    attempt.notBefore = now() + attempt.backoff.next()
  }

  async function dial(candidate: Candidate): Promise<void> {
    const attempt = attemptFor(candidate.peerId)
    const addresses = addressesOf(candidate)
    if (addresses.length === 0) return
    dialling.add(candidate.peerId)
    try {
      const timeout = AbortSignal.timeout(DIAL_TIMEOUT_MS)
      await libp2p.dial(addresses, { signal: AbortSignal.any([stopping.signal, round.signal, timeout]) })
      // libp2p answers with a connection that it has, even one that closes just now or leads through a relay:
      // without a wait the same dial would follow at once, for ever.
      if (wants(candidate)) postpone(attempt)
      else attempt.backoff.reset()
      attempt.failed = false
    } catch {
      // Why does not matter here: the peer may have left, its relay too, or a NAT lets nothing through.
      postpone(attempt)
      attempt.failed = true
    } finally {
      dialling.delete(candidate.peerId)
      update()
    }
  }

  function onOpen({ detail }: CustomEvent<Connection>): void {
    if (isPeer(detail) && isDirect(detail)) {
      const cancel = timers.after(SURPLUS_GRACE_MS, () => {
        surplus.delete(cancel)
        void dropCircuits(detail).catch(() => {}) // closed meanwhile, which is what was wanted
      })
      surplus.add(cancel)
    }
    update()
  }

  /** Once a direct connection stands, the circuit that brought its signalling only costs the relay. */
  async function dropCircuits(direct: Connection): Promise<void> {
    const circuits = open(direct.remotePeer).filter((one) => !isDirect(one))
    if (direct.status !== 'open' || circuits.length === 0) return
    await Promise.allSettled(circuits.map((circuit) => circuit.close()))
    // A circuit without limits counts as good as a direct one: gossip may have bound itself to it.
    if (circuits.some(({ limits }) => limits === undefined)) await components.identify(direct)
  }

  function retry(): void {
    attempts.clear()
    update()
  }

  return {
    directPeers,
    connectedPeers,
    update,
    retry,
    isStuck: () => connectedPeers() === 0 && candidates().some(({ peerId }) => attempts.get(peerId)?.failed),
    restart() {
      round.abort()
      round = new AbortController()
      retry()
    },
    start() {
      libp2p.addEventListener('connection:open', onOpen)
      libp2p.addEventListener('connection:close', update)
      endTicks = every(timers, TICK_MS, update)
    },
    stop() {
      stopping.abort()
      endTicks?.()
      for (const cancel of surplus) cancel()
      libp2p.removeEventListener('connection:open', onOpen)
      libp2p.removeEventListener('connection:close', update)
    },
  }
}

/** Undefined for a name that is no peer id: one such candidate must not end the dials to all others. */
function peerIdOf({ peerId }: Candidate): PeerId | undefined {
  try {
    return peerIdFromString(peerId)
  } catch {
    return undefined
  }
}

/** An address may end in the peer's id or leave it out, but it may not name another one. */
function endsAt(address: Multiaddr, peerId: string): boolean {
  const last = address.getComponents().at(-1)
  return last?.name !== 'p2p' || last.value === peerId
}
