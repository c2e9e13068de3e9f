import { type Connection, type DialTarget, isPeerId, type Libp2p, type PeerId } from '@libp2p/interface'
import type { Timers } from '#core/timers.ts'
import { isCircuit } from './addresses.ts'
import { systemTimers } from './system-timers.ts'

/** Protocol by which WebRTC's offers and answers are exchanged: who speaks it can be reached directly. */
export const SIGNALLING_PROTOCOL = '/webrtc-signaling/0.0.1'
/** As long as a WebRTC dial of a busy tab may take: until then data waits for it instead of loading the relay. */
const CIRCUIT_GRACE_MS = 8_000

/** Which of a peer's connections carries data. */
export interface Paths {
  /**
   * The best open connection to a peer: a direct one, otherwise a circuit. A fresh circuit between two peers
   * that both speak WebRTC only carries its signalling, so it is given 8 s to be replaced.
   * undefined when there is no connection.
   */
  connectionTo(peer: PeerId, signal?: AbortSignal): Promise<Connection | undefined>
}

export interface PathsInit {
  /** can this peer speak WebRTC? */
  readonly webRtc: boolean
  /** @default the process's own */
  readonly timers?: Timers
}

export function createPaths(
  libp2p: Pick<Libp2p, 'getConnections' | 'peerStore' | 'addEventListener' | 'removeEventListener'>,
  { webRtc, timers = systemTimers }: PathsInit,
): Paths {
  const open = (peer: PeerId) => libp2p.getConnections(peer).filter(takesStreams)
  // the newest: the other side may have made it because an older one, which still looks open here, is dead
  const direct = (peer: PeerId) => open(peer).findLast(({ remoteAddr }) => !isCircuit(remoteAddr))

  /** A second circuit is made when the relay of the first one stops ([RE8]): nothing new goes there any more. */
  const newest = (peer: PeerId) => open(peer).at(-1)

  async function speaksWebRtc(peer: PeerId): Promise<boolean> {
    if (!webRtc) return false
    const known = await libp2p.peerStore.get(peer).catch(() => undefined) // not identified yet
    return known?.protocols.includes(SIGNALLING_PROTOCOL) ?? false
  }

  return {
    async connectionTo(peer, signal) {
      signal?.throwIfAborted()
      const [oldest] = open(peer)
      const circuit = newest(peer)
      const found = direct(peer) ?? circuit
      if (found === undefined || found !== circuit || !isCircuit(found.remoteAddr)) return found
      // the clock may have been set back since
      const openedAt = (oldest ?? circuit).timeline.open
      const left = Math.min(openedAt + CIRCUIT_GRACE_MS - Date.now(), CIRCUIT_GRACE_MS)
      if (left <= 0 || !(await speaksWebRtc(peer))) return circuit
      await nextConnection(libp2p, peer, { ms: left, timers, signal })
      signal?.throwIfAborted()
      return direct(peer) ?? newest(peer)
    },
  }
}

/**
 * libp2p calls a connection open as long as what carries it is; the muxer on top, which new streams need and which its
 * interface does not show, may have ended before.
 */
function takesStreams(connection: Connection): boolean {
  const { muxer } = connection as { readonly muxer?: { readonly status: string } }
  return connection.status === 'open' && (muxer === undefined || muxer.status === 'open')
}

/** Resolves at the peer's next direct connection, at the loss of its last one, or after `ms`. */
function nextConnection(
  libp2p: Pick<Libp2p, 'addEventListener' | 'removeEventListener'>,
  peer: PeerId,
  {
    ms,
    timers,
    signal,
  }: { readonly ms: number; readonly timers: Timers; readonly signal: AbortSignal | undefined },
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel()
      libp2p.removeEventListener('connection:open', onOpen)
      libp2p.removeEventListener('peer:disconnect', onDisconnect)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const onOpen = ({ detail }: CustomEvent<Connection>) => {
      if (peer.equals(detail.remotePeer) && !isCircuit(detail.remoteAddr)) done()
    }
    const onDisconnect = ({ detail }: CustomEvent<PeerId>) => {
      if (peer.equals(detail)) done()
    }
    const cancel = timers.after(ms, done)
    libp2p.addEventListener('connection:open', onOpen)
    libp2p.addEventListener('peer:disconnect', onDisconnect)
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** What is used of libp2p 3.3.11 behind its interface; `paths.test.ts` fails when an update changes it. */
interface WithConnectionManager {
  readonly components: { readonly connectionManager: ConnectionManager }
}

interface ConnectionManager {
  openConnection(target: DialTarget, options?: DialOptions): Promise<Connection>
}

interface DialOptions {
  readonly signal?: AbortSignal
  readonly force?: boolean
}

/**
 * libp2p dials anew for every stream to a peer to which only a limited connection is open, and throws the new
 * one away as a duplicate; streams that began on it are lost. With this, streams and dials by peer id use what is
 * open, also those of the DHT, which goes past `dial`.
 */
export function preferOpenPaths(libp2p: Libp2p, paths: Paths): void {
  const { connectionManager: manager } = (libp2p as unknown as WithConnectionManager).components
  const openConnection = manager.openConnection.bind(manager)
  manager.openConnection = async (target, options = {}) => {
    const wanted = isPeerId(target) && options.force !== true
    const found = wanted ? await paths.connectionTo(target, options.signal) : undefined
    return found ?? openConnection(target, options)
  }
}
