import { MemoryBlockstore } from 'blockstore-core'
import { afterEach, describe, expect, it } from 'vitest'
import { protocolsOf } from '#core/network.ts'
import { createContent } from '#peer/content.ts'
import { createPeerCopies } from '#peer/copies.ts'
import { createDeviceKey } from '#peer/device-key.ts'
import { createBlockServer } from '#relay/block-server.ts'
import { fakeIdentity } from '#test/fakes/identity.ts'
import { addressOf, createPeerFixtures, isReady, until } from '#test/web/peer/peer-fixtures.ts'

const fixtures = createPeerFixtures()

afterEach(() => fixtures.stop())

describe('a relay that serves blocks', () => {
  it('[SE6] proves that it has them, and is counted by its peer id; a process by its device', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000))
    const stored = new MemoryBlockstore()
    const { cid } = await createContent({ helia: { blockstore: stored }, provide: async () => {} }).add(bytes)
    const copy = async () => {
      const store = new MemoryBlockstore()
      await createContent({ helia: { blockstore: store }, provide: async () => {} }).add(bytes)
      return store
    }
    const { relay } = await fixtures.relay([], {
      async services({ transport, libp2p, network }) {
        // who speaks this counts as a neighbour
        transport.requests.handle(protocolsOf(network).linksSync, async function* () {})
        return createBlockServer(libp2p, stored, { transport, network })
      },
    })
    const copies = []
    const heard = Promise.withResolvers<void>()
    for (const device of [1, 2]) {
      const node = await fixtures.make({ relays: [addressOf(relay)], blockstore: await copy() })
      node.transport.requests.handle(protocolsOf('test').linksSync, async function* () {})
      const met = new Set<string>()
      node.transport.neighbours.onConnect((peer) => {
        if (met.add(peer).size === 2 && device === 1) heard.resolve()
      })
      const key = await createDeviceKey(new Uint8Array(32).fill(device))
      copies.push(createPeerCopies(node, { device: async () => key, identity: () => fakeIdentity(device) }))
      await node.start()
      await until(node.state, isReady)
    }
    await heard.promise
    const proofs = (await copies[0]?.check(cid))?.holders
    expect(proofs?.map(({ kind }) => kind).sort()).toEqual(['node', 'relay'])
    expect(proofs?.find(({ kind }) => kind === 'relay')?.device).toBe(relay.peerId.toString())
  })
})
