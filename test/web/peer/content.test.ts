import * as dagPb from '@ipld/dag-pb'
import { MemoryBlockstore } from 'blockstore-core'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, it } from 'vitest'
import { collectBytes } from '#core/bytes.ts'
import { MAX_DAG_DEPTH, MAX_FILE_BYTES, MAX_FOLDER_FILES } from '#core/limits.ts'
import { sizedSource } from '#peer/add-source.ts'
import { type Content, createContent } from '#peer/content.ts'

const KIB = 1024

function setup(): { content: Content; blockstore: MemoryBlockstore } {
  const blockstore = new MemoryBlockstore()
  // the store stands for the whole peer: nothing is fetched here
  const helia = { blockstore }
  return { blockstore, content: createContent({ helia, provide: async () => {} }) }
}

function patterned(length: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length)
  for (let i = 0; i < length; i++) out[i] = (i * 31 + (i >> 8) + 7 * (i >> 16)) & 0xff
  return out
}

async function putNode(blockstore: MemoryBlockstore, node: dagPb.PBNode): Promise<CID> {
  const bytes = dagPb.encode(dagPb.prepare(node))
  const cid = CID.createV0(await sha256.digest(bytes))
  await blockstore.put(cid, bytes)
  return cid
}

async function putFileNode(blockstore: MemoryBlockstore, children: CID[], sizes: bigint[]): Promise<CID> {
  const data = new UnixFS({ type: 'file', blockSizes: sizes }).marshal()
  return putNode(blockstore, { Data: data, Links: children.map((Hash) => ({ Hash, Name: '', Tsize: 0 })) })
}

async function putRaw(blockstore: MemoryBlockstore, bytes: Uint8Array): Promise<CID> {
  const cid = CID.createV1(raw.code, await sha256.digest(bytes))
  await blockstore.put(cid, bytes)
  return cid
}

describe('content', () => {
  it.each([1, 256 * KIB, 256 * KIB + 1, 3 * 1024 * KIB, 50 * 1024 * KIB])(
    '[KG2] gives back the %i bytes it was given, under a v0 root',
    async (length) => {
      const { content } = setup()
      const bytes = patterned(length)
      const { cid, bytes: stored } = await content.add(bytes)
      expect(cid).toMatch(/^Qm/)
      expect(stored).toBe(length)
      expect(Buffer.compare(await content.cat(cid), bytes)).toBe(0)
    },
  )

  it('[KG2] gives one byte a dag-pb root over a raw leaf', async () => {
    const { content, blockstore } = setup()
    const { cid } = await content.add(new Uint8Array([7]))
    const root = dagPb.decode(await collectBytes(blockstore.get(CID.parse(cid))))
    expect(root.Links).toHaveLength(1)
    expect(root.Links[0]?.Hash.code).toBe(raw.code)
  })

  it('adds a folder as one UnixFS directory, whose files read as if they were added alone', async () => {
    const { content, blockstore } = setup()
    const files = [
      { path: 'index.html', content: sizedSource(new Blob(['<p>hello</p>'])) },
      { path: 'img/big.bin', content: sizedSource(patterned(600 * KIB)) },
      { path: 'img/deep/empty', content: sizedSource(new Uint8Array()) },
    ]
    const seen: number[] = []
    const added = await content.addFolder(files, { onProgress: ({ bytes }) => seen.push(bytes) })
    expect(added.files.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['index.html', 12],
      ['img/big.bin', 600 * KIB],
      ['img/deep/empty', 0],
    ])
    expect(added.bytes).toBe(600 * KIB + 12)
    expect(seen.at(-1)).toBe(added.bytes)
    for (const [i, file] of files.entries())
      expect(added.files[i]?.cid).toBe((await content.add(file.content)).cid)
    expect((await content.cat(added.files[2]?.cid as string)).length).toBe(0)
    const root = dagPb.decode(await collectBytes(blockstore.get(CID.parse(added.cid))))
    expect(root.Links.map(({ Name }) => Name)).toEqual(['img', 'index.html'])
    expect(await content.addFolder(files)).toEqual(added)
  })

  it('refuses a folder of too many files or bytes before it stores anything', async () => {
    const { content, blockstore } = setup()
    const file = { path: 'a', content: sizedSource(new Uint8Array()) }
    await expect(content.addFolder(Array(MAX_FOLDER_FILES + 1).fill(file))).rejects.toMatchObject({
      code: 'CONTENT_TOO_MANY_FILES',
    })
    const huge = { path: 'b', content: { size: MAX_FILE_BYTES, pieces: () => file.content.pieces() } }
    const one = { path: 'c', content: sizedSource(new Uint8Array(1)) }
    await expect(content.addFolder([huge, one])).rejects.toMatchObject({ code: 'CONTENT_TOO_LARGE' })
    for await (const _ of blockstore.getAll()) expect.unreachable('a block was stored')
  })

  it('[OB12] a range from the middle fetches the nodes on the way and its chunks, nothing else', async () => {
    const { content, blockstore } = setup()
    const bytes = patterned(50 * 1024 * KIB)
    const { cid } = await content.add(bytes)
    let fetched = 0
    const counting = {
      has: blockstore.has.bind(blockstore),
      put: blockstore.put.bind(blockstore),
      async *get(block: CID) {
        for await (const part of blockstore.get(block)) {
          fetched += part.length
          yield part
        }
      },
    }
    const reader = createContent({ helia: { blockstore: counting }, provide: async () => {} })
    const start = 25 * 1024 * KIB + 1
    const range = await collectBytes(reader.read(cid, { offset: start, length: 1024 * KIB }))
    expect(Buffer.compare(range, bytes.subarray(start, start + 1024 * KIB))).toBe(0)
    // five chunks, because the range begins inside one, the root and the node below it
    expect(fetched).toBeGreaterThan(5 * 256 * KIB)
    expect(fetched).toBeLessThan(5 * 256 * KIB + 20 * KIB)
  })

  it('takes a Blob and tells its progress', async () => {
    const { content } = setup()
    const seen: number[] = []
    await content.add(new Blob([patterned(600 * KIB)]), { onProgress: ({ bytes }) => seen.push(bytes) })
    expect(seen).toEqual([256 * KIB, 512 * KIB, 600 * KIB])
  })

  it('reads a range without touching the blocks outside it', async () => {
    const { content, blockstore } = setup()
    const bytes = patterned(4 * 1024 * KIB)
    const { cid } = await content.add(bytes)
    const root = dagPb.decode(await collectBytes(blockstore.get(CID.parse(cid))))
    for (const [i, link] of root.Links.entries()) if (i !== 5 && i !== 6) await blockstore.delete(link.Hash)
    const from = 6 * 256 * KIB - 10
    const parts: Uint8Array[] = []
    for await (const part of content.read(cid, { offset: from, length: 20 })) parts.push(part)
    expect(Buffer.concat(parts)).toEqual(Buffer.from(bytes.subarray(from, from + 20)))
  })

  it('refuses what is larger than the caller allows, before reading it', async () => {
    const { content } = setup()
    const { cid } = await content.add(patterned(300 * KIB))
    await expect(content.cat(cid, { maxBytes: 1000 })).rejects.toMatchObject({ code: 'CONTENT_TOO_LARGE' })
  })

  it('reads the beginning alone for who asks for no more', async () => {
    const { content } = setup()
    const bytes = patterned(300 * KIB)
    const { cid } = await content.add(bytes)
    const told: unknown[] = []
    const options = { maxBytes: 1000, length: 1000, onProgress: (progress: unknown) => told.push(progress) }
    expect(await content.cat(cid, options)).toEqual(bytes.slice(0, 1000))
    expect(told).toEqual([{ bytes: 1000, total: 1000 }])
    expect(await content.cat(cid, { length: 2 ** 30 })).toHaveLength(bytes.length)
  })

  it('refuses a DAG bomb: 174 links a level to the same child, deeper than any file', async () => {
    const { content, blockstore } = setup()
    let child = await putRaw(blockstore, new Uint8Array([1]))
    let size = 1n
    for (let level = 0; level < MAX_DAG_DEPTH; level++) {
      child = await putFileNode(blockstore, Array(174).fill(child), Array(174).fill(size))
      size *= 174n
    }
    await expect(
      drain(content.read(child.toString(), { maxBytes: Number.MAX_SAFE_INTEGER })),
    ).rejects.toMatchObject({
      code: 'CONTENT_DAG_BOMB',
    })
  })

  it('refuses a chain deeper than any file', async () => {
    const { content, blockstore } = setup()
    let child = await putRaw(blockstore, new Uint8Array([1]))
    for (let level = 0; level < MAX_DAG_DEPTH + 2; level++)
      child = await putFileNode(blockstore, [child], [1n])
    await expect(content.cat(child.toString())).rejects.toMatchObject({ code: 'CONTENT_DAG_BOMB' })
  })

  it('refuses a size that the blocks do not have', async () => {
    const { content, blockstore } = setup()
    const leaf = await putRaw(blockstore, new Uint8Array(10))
    const root = await putFileNode(blockstore, [leaf], [11n])
    await expect(content.cat(root.toString())).rejects.toMatchObject({ code: 'CONTENT_DAMAGED' })
  })

  it('refuses a size beyond what numbers hold', async () => {
    const { content, blockstore } = setup()
    const leaf = await putRaw(blockstore, new Uint8Array(10))
    const root = await putFileNode(blockstore, [leaf], [2n ** 63n])
    await expect(content.cat(root.toString())).rejects.toMatchObject({ code: 'CONTENT_DAG_BOMB' })
  })

  it('refuses what is no file: a directory, a bare node, another codec', async () => {
    const { content, blockstore } = setup()
    const directory = await putNode(blockstore, {
      Data: new UnixFS({ type: 'directory' }).marshal(),
      Links: [],
    })
    const bare = await putNode(blockstore, { Links: [] })
    const cbor = CID.createV1(0x71, await sha256.digest(new Uint8Array([0xa0])))
    await blockstore.put(cbor, new Uint8Array([0xa0]))
    for (const cid of [directory, bare, cbor]) {
      await expect(content.cat(cid.toString())).rejects.toMatchObject({ code: 'CONTENT_NOT_A_FILE' })
    }
  })

  it('says that nobody has a block, and what is no CID', async () => {
    const { content } = setup()
    await expect(content.cat('QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o')).rejects.toMatchObject({
      code: 'CONTENT_NOT_FOUND',
    })
    await expect(content.cat('QmNope')).rejects.toMatchObject({
      message: '"QmNope" is no CID, or a damaged one. A CID begins with Qm or baf.',
    })
    await expect(content.cat('moon')).rejects.toMatchObject({ code: 'CONTENT_CID_INVALID' })
  })

  it('stops at an abort with the abort’s own reason', async () => {
    const { content } = setup()
    const reason = new Error('stop')
    await expect(content.add(patterned(10), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

async function drain(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of source);
}
