import type { Libp2p } from '@libp2p/interface'
import type { Helia } from 'helia'
import type { CID } from 'multiformats/cid'
import type { BlockMoved, BlockTraffic, TrafficCaps } from '#core/seeding.ts'
import type { Timers } from '#core/timers.ts'
import { createTokenBucket } from '#core/token-bucket.ts'
import type { PeerError } from '../errors.ts'
import { findProviders } from '../providing.ts'
import { systemTimers } from '../system-timers.ts'
import { type BitswapPort, openBitswapPort, retrieveBy } from './bitswap-port.ts'
import { serveBitswap } from './bitswap-server.ts'
import { type BlockExchange, createBlockExchange } from './block-exchange.ts'

/** Blocks that leave together while no cap holds: a new cap is heard after these, 4 MiB. */
const FREE_GROUP_BYTES = 4 * 1024 * 1024
/** And while one holds: a block of the usual size. */
const CAPPED_GROUP_BYTES = 256 * 1024
/** Peers dialled for one search. */
const MAX_NEW_SOURCES = 3

/** Blocks between this peer and others: what moves, how fast, and from whom they are fetched. */
export interface BlockNetwork extends BlockTraffic, TrafficCaps {
  readonly exchange: BlockExchange
  readonly port: BitswapPort
  stop(): void
}

export interface BlockNetworkInit {
  /** @default the process's own */
  readonly timers?: Timers
  readonly onMisbehaviour?: (peer: string, error: PeerError) => void
}

/**
 * Takes over the bitswap of a started Helia: blocks are asked of single peers, each that moves is told, and both
 * directions are capped.
 *
 * @throws BITSWAP_MISSING
 */
export function createBlockNetwork(
  helia: Helia,
  libp2p: Pick<Libp2p, 'peerId' | 'dial' | 'getConnections'>,
  { timers = systemTimers, ...init }: BlockNetworkInit = {},
): BlockNetwork {
  const listeners = new Set<(moved: BlockMoved) => void>()
  const clock = { timers, now: () => performance.now() }
  const upload = createTokenBucket(clock)
  const download = createTokenBucket(clock)
  let uploadCapped = false
  const emit = (moved: BlockMoved) => {
    for (const listener of listeners) listener(moved)
  }
  const port = openBitswapPort(helia)
  const unserve = serveBitswap(helia, {
    gate: {
      groupBytes: () => (uploadCapped ? CAPPED_GROUP_BYTES : FREE_GROUP_BYTES),
      pass: (bytes, signal) => upload.take(bytes, signal),
    },
    onSent: (peer, { cid, bytes }) =>
      emit({ direction: 'sent', peer, cid: cid.toString(), bytes: bytes.length }),
  })
  const exchange = createBlockExchange(
    { port, ...clock, download, search: (root, signal) => dialProviders(helia, libp2p, root, signal) },
    { ...init, onReceived: emit },
  )
  retrieveBy(helia, async (cid, options = {}) => {
    const session = exchange.open(cid)
    try {
      return await session.get(cid, options.signal === undefined ? {} : { signal: options.signal })
    } finally {
      session.close()
    }
  })

  return {
    exchange,
    port,
    onBlock(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    setUploadCap(bytesPerSecond) {
      uploadCapped = bytesPerSecond !== undefined
      upload.setRate(bytesPerSecond)
    },
    setDownloadCap: (bytesPerSecond) => download.setRate(bytesPerSecond),
    stop() {
      exchange.stop()
      unserve()
    },
  }
}

/** Connects to a few peers that say by their records that they hold a content ([NE4]). */
export async function dialProviders(
  { routing }: Pick<Helia, 'routing'>,
  libp2p: Pick<Libp2p, 'peerId' | 'dial' | 'getConnections'>,
  root: CID,
  signal: AbortSignal,
): Promise<void> {
  const dials: Promise<unknown>[] = []
  for await (const peer of findProviders(routing, libp2p.peerId, root, signal)) {
    if (libp2p.getConnections(peer).length > 0) continue
    // heard at once: it may fail while others are still being looked up, and the others are tried all the same
    dials.push(libp2p.dial(peer, { signal }).catch(() => {}))
    if (dials.length >= MAX_NEW_SOURCES) break
  }
  await Promise.all(dials)
}
