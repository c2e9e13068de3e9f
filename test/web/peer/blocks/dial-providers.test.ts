import { setImmediate } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { CID } from 'multiformats/cid'
import { expect, it } from 'vitest'
import { dialProviders } from '#peer/blocks/block-network.ts'
import { rendezvousCid } from '#peer/rendezvous.ts'

const ROOT = rendezvousCid('test')

async function makePeers(count: number): Promise<readonly PeerId[]> {
  const keys = await Promise.all(Array.from({ length: count }, () => generateKeyPair('Ed25519')))
  return keys.map(peerIdFromPrivateKey)
}

it('[NE4] a provider that cannot be dialled while others are looked up ends nothing', async () => {
  const [self, gone, here] = (await makePeers(3)) as [PeerId, PeerId, PeerId]
  const unheard: unknown[] = []
  const hear = (reason: unknown) => void unheard.push(reason)
  process.on('unhandledRejection', hear)
  const dialled: string[] = []
  const libp2p = {
    peerId: self,
    getConnections: () => [],
    dial: async (peer: PeerId) => {
      dialled.push(peer.toString())
      if (peer === gone) throw new Error('NO_RESERVATION')
    },
  }
  const routing = {
    async *findProviders() {
      yield { id: gone.toCID() as CID }
      for (let turn = 0; turn < 3; turn++) await setImmediate() // the DHT takes its time
      yield { id: here.toCID() as CID }
    },
  }
  try {
    const byText = { ...libp2p, dial: (peer: PeerId) => libp2p.dial(gone.equals(peer) ? gone : here) }
    await dialProviders({ routing } as never, byText as never, ROOT, new AbortController().signal)
    await setImmediate()
  } finally {
    process.off('unhandledRejection', hear)
  }
  expect(dialled).toEqual([gone.toString(), here.toString()])
  expect(unheard).toEqual([])
})
