import type { Connection, Libp2p } from '@libp2p/interface'
import { HEARTBEAT_MS } from '#core/limits.ts'
import { every, type Timers } from '#core/timers.ts'
import { systemTimers } from './system-timers.ts'

/** Where gossip's streams begin; what follows is a version. */
const GOSSIP_PROTOCOL = '/meshsub/'

export interface GossipWatchComponents {
  readonly libp2p: Pick<Libp2p, 'getConnections'>
  /** makes gossipsub open its stream on this connection, unless it has one */
  readonly identify: (connection: Connection) => Promise<unknown>
}

export interface GossipWatchInit {
  /** @default the process's own */
  readonly timers?: Timers
}

export interface GossipWatch {
  start(): void
  stop(): void
}

/**
 * Sees to it that every neighbour hears our gossip. Gossipsub opens its stream to a peer once, when a connection is
 * identified: if that fails, as on a busy device, or if the stream goes with one of two connections, the peer would
 * hear nothing from us for ever. With relays around nobody would notice, until those are gone ([NE5]).
 */
export function createGossipWatch(
  { libp2p, identify }: GossipWatchComponents,
  { timers = systemTimers }: GossipWatchInit = {},
): GossipWatch {
  /** peers without a stream at the last look: a new connection is given until the next one */
  let mute: ReadonlySet<string> = new Set()
  let endLooks: (() => void) | undefined

  function look(): void {
    const found = new Map<string, Connection>()
    const speaking = new Set<string>()
    for (const connection of libp2p.getConnections()) {
      if (connection.status !== 'open' || connection.limits !== undefined) continue
      const peer = connection.remotePeer.toString()
      found.set(peer, connection) // the newest is the one that stays
      if (connection.streams.some(carriesOurGossip)) speaking.add(peer)
    }
    const still = [...found].filter(([peer]) => !speaking.has(peer))
    for (const [peer, connection] of still) {
      if (mute.has(peer)) void identify(connection).catch(() => {}) // tried again at the next look
    }
    mute = new Set(still.map(([peer]) => peer))
  }

  return {
    start() {
      endLooks = every(timers, HEARTBEAT_MS, look)
    },
    stop: () => endLooks?.(),
  }
}

function carriesOurGossip({ protocol, direction, status }: Connection['streams'][number]): boolean {
  return direction === 'outbound' && status === 'open' && protocol.startsWith(GOSSIP_PROTOCOL)
}
