import { join } from 'node:path'
import { peerIdFromString } from '@libp2p/peer-id'
import { createTabChain } from '#api/tab-chain.ts'
import { every } from '#core/timers.ts'
import { providerCid } from '#objects/object-cid.ts'
import type { ObjectId } from '#objects/object-id.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { openKeptKeys } from './kept-keys.ts'
import { handOutKeys, keepKeys } from './key-keeper.ts'
import { KEPT_KEYS_SWEEP_MS, MAX_KEPT_KEYS, MAX_KEPT_KEYS_PER_WALLET } from './limits.ts'
import type { RelayServicesContext } from './relay-services.ts'
import { connectionGroup } from './reservation-limit.ts'
import type { KeyStats } from './stats.ts'

/** Keys that owners gave to this relay, which it hands out while they are away ([CH7]). */
export interface KeyServices {
  stats(): KeyStats
  stop(): void
}

type Context = Pick<
  RelayServicesContext,
  'transport' | 'libp2p' | 'dataDir' | 'network' | 'keyBytes' | 'denyList' | 'chain' | 'log'
>

/** @throws an error of the file system when the folder cannot be made or read */
export async function startKeyServices(context: Context): Promise<KeyServices> {
  const { transport, libp2p, dataDir, network, keyBytes, denyList, log } = context
  const init = { network, peerId: libp2p.peerId.toString() }
  const kept = await openKeptKeys({
    folder: join(dataDir, 'keys'),
    maxBytes: keyBytes,
    maxKeys: MAX_KEPT_KEYS,
    maxKeysPerWallet: MAX_KEPT_KEYS_PER_WALLET,
    now: Date.now,
    log,
  })
  const isDenied = (id: ObjectId) => denyList.isDenied(providerCid(id))
  const payments = openPayments(context)
  const addressOf = (peer: string) => connectionGroup(libp2p.getConnections(peerIdFromString(peer))[0])
  const components = { requests: transport.requests, kept, addressOf, isDenied, payments }
  const stops = [
    keepKeys(components, init),
    handOutKeys(components, init),
    every(systemTimers, KEPT_KEYS_SWEEP_MS, () => {
      kept
        .sweep()
        .catch((error: Error) => log(`Warning: keys whose time is over stay for now: ${error.message}`))
    }),
  ]
  return {
    stats: kept.stats,
    stop() {
      for (const stop of stops) stop()
    },
  }
}

/** Who has paid, as the relay's own chain proves it; undefined where it has none, which it says. */
async function openPayments({ chain, log }: Pick<Context, 'chain' | 'log'>) {
  // a chain that does not start ends the relay, and says why itself
  const facts = await chain?.().catch(() => undefined)
  const { payments } = createTabChain(facts, systemTimers)
  if (payments === undefined)
    log(
      'Keys that owners give to this relay go to their readers alone: it knows no chain that tells who has paid.',
    )
  return payments
}
