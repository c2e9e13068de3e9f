import type { Libp2p } from '@libp2p/interface'
import { MemoryBlockstore } from 'blockstore-core'
import { CID } from 'multiformats/cid'
import { afterEach, describe, expect, it } from 'vitest'
import { collectBytes } from '#core/bytes.ts'
import type { BlockMoved } from '#core/seeding.ts'
import { openBitswapPort, retrieveBy } from '#peer/blocks/bitswap-port.ts'
import { blockKey } from '#peer/blocks/block-key.ts'
import { createBlockNetwork } from '#peer/blocks/block-network.ts'
import { connectTo, createFile, createPlainPeer, createSourceFixtures } from './source-fixtures.ts'

const MIB = 1024 * 1024
const FAST = 1_000_000_000
const fixtures = createSourceFixtures()

afterEach(() => fixtures.stop())

/** A source and a port of a peer that is connected to it. */
async function setup() {
  const file = await createFile(600_000)
  const source = await fixtures.source({ bytesPerSecond: FAST })
  await file.copyTo(source.blockstore)
  const { helia } = await fixtures.reader([source])
  return { file, source, helia, root: CID.parse(file.root) }
}

describe('bitswap port, over what @helia/bitswap keeps to itself', () => {
  it('asks one peer for one block, hears of it once, and can take a want back', async () => {
    const { source, helia, root } = await setup()
    const port = openBitswapPort(helia)
    expect(port.peers()).toEqual([source.peerId])
    const came = Promise.withResolvers<string>()
    const presences: string[] = []
    const absent = CID.parse('QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o')
    port.listen({
      onConnect() {},
      onDisconnect() {},
      onBlock: ({ peer, key, bytes }) => came.resolve(`${peer} ${key} ${bytes.length}`),
      onPresence: (peer, key, has) => presences.push(`${peer} ${key} ${has}`),
    })
    await port.send(source.peerId, [
      { cid: root, kind: 'block' },
      { cid: absent, kind: 'block' },
    ])
    const block = await collectBytes(source.blockstore.get(root))
    expect(await came.promise).toBe(`${source.peerId} ${blockKey(root)} ${block.length}`)
    expect(presences).toEqual([`${source.peerId} ${blockKey(absent)} false`])
    await expect(port.send('nobody', [{ cid: root, kind: 'have' }])).rejects.toMatchObject({
      code: 'PEER_GONE',
    })
  })

  it('tells when a message broke on its way, which Helia keeps to itself', async () => {
    const { source, helia, root } = await setup()
    const port = openBitswapPort(helia)
    const { libp2p } = helia as unknown as { readonly libp2p: Libp2p }
    const dialProtocol = libp2p.dialProtocol.bind(libp2p)
    libp2p.dialProtocol = async (...args) => {
      const stream = await dialProtocol(...args)
      stream.send = () => {
        throw new Error('broken')
      }
      return stream
    }
    await expect(port.send(source.peerId, [{ cid: root, kind: 'block' }])).rejects.toMatchObject({
      code: 'PEER_GONE',
    })
  })

  it('serves the store’s own readers too', async () => {
    const { helia, root } = await setup()
    retrieveBy(helia, async (cid) => {
      expect(cid.equals(root)).toBe(true)
      return collectBytes(await (await createFileStore()).get(root))
    })
    async function createFileStore() {
      const store = new MemoryBlockstore()
      await store.put(root, new Uint8Array([1]))
      return store
    }
    // what does not fit its CID is refused by Helia as before
    await expect(collectBytes(helia.blockstore.get(root))).rejects.toThrow()
  })

  it('says what is missing when bitswap is not there', () => {
    expect(() => openBitswapPort({} as never)).toThrowError(
      expect.objectContaining({ code: 'BITSWAP_MISSING' }),
    )
  })
})

describe('block traffic', () => {
  it('tells each block on both sides, with its peer and CID', async () => {
    const file = await createFile(3 * MIB)
    const source = await fixtures.source({ bytesPerSecond: FAST })
    await file.copyTo(source.blockstore)
    const sent: BlockMoved[] = []
    const served = createBlockNetwork(source.helia, source.helia.libp2p)
    const stop = served.onBlock((moved) => sent.push(moved))
    const reader = await fixtures.reader([source])
    await reader.content.cat(file.root)
    const sum = (moved: readonly BlockMoved[]) => moved.reduce((total, { bytes }) => total + bytes, 0)
    expect(sent).toHaveLength(13)
    expect(sum(sent)).toBeGreaterThan(3 * MIB)
    expect(sum(reader.moved)).toBe(sum(sent))
    expect(new Set(sent.map(({ cid }) => cid))).toEqual(new Set(reader.moved.map(({ cid }) => cid)))
    expect(sent.every(({ direction }) => direction === 'sent')).toBe(true)
    expect(sent[0]?.peer).toBe(reader.helia.libp2p.peerId.toString())
    expect(reader.moved[0]).toMatchObject({ direction: 'received', peer: source.peerId })
    expect(reader.moved.map(({ cid }) => cid)).toContain(file.root)
    stop()
    served.stop()
  })

  it('[SE4] an upload cap and a download cap hold within 10 %, on a real link', {
    timeout: 60_000,
  }, async () => {
    const cap = 1_000_000
    for (const side of ['upload', 'download'] as const) {
      const file = await createFile(6 * MIB)
      const source = await fixtures.source({ bytesPerSecond: FAST })
      await file.copyTo(source.blockstore)
      const served = createBlockNetwork(source.helia, source.helia.libp2p)
      const reader = await fixtures.reader([source])
      if (side === 'upload') served.setUploadCap(cap)
      else reader.blocks.setDownloadCap(cap)
      const startedAt = performance.now()
      await reader.content.cat(file.root)
      const rate = (source.link.sentBytes * 1_000) / (performance.now() - startedAt)
      console.log(`${side} cap of ${cap} bytes/s: ${Math.round(rate)} bytes/s`)
      expect(rate).toBeLessThan(1.1 * cap)
      // a busy machine may be slower, never faster
      expect(rate).toBeGreaterThan(0.75 * cap)
      served.stop()
    }
  })

  it('a lifted cap lets a transfer that waits go on at full speed', { timeout: 60_000 }, async () => {
    const file = await createFile(8 * MIB)
    const source = await fixtures.source({ bytesPerSecond: FAST })
    await file.copyTo(source.blockstore)
    const served = createBlockNetwork(source.helia, source.helia.libp2p)
    served.setUploadCap(10_000) // 14 minutes
    const reader = await fixtures.reader([source])
    const read = reader.content.cat(file.root)
    const first = Promise.withResolvers<void>()
    reader.blocks.onBlock(() => first.resolve())
    await first.promise
    served.setUploadCap(undefined)
    expect((await read).length).toBe(8 * MIB)
    served.stop()
  })
})

it('a plain peer is told apart from ours by nothing: it serves and is served', async () => {
  const file = await createFile(600_000)
  const source = await fixtures.source({ bytesPerSecond: FAST })
  await file.copyTo(source.blockstore)
  createBlockNetwork(source.helia, source.helia.libp2p)
  const plain = await createPlainPeer(new MemoryBlockstore())
  await connectTo(plain, [source])
  expect((await collectBytes(plain.blockstore.get(CID.parse(file.root)))).length).toBeGreaterThan(0)
  await plain.stop()
})
