import * as dagPb from '@ipld/dag-pb'
import { MemoryBlockstore } from 'blockstore-core'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, it } from 'vitest'
import { MAX_FILE_BYTES } from '#core/limits.ts'
import type { FetchProgress } from '#core/seeding.ts'
import type { BlockExchange } from '#peer/blocks/block-exchange.ts'
import { createDagFetcher } from '#peer/dag-fetcher.ts'

/** Blocks that others have, in the order in which they were asked for, and a fetcher into an empty store. */
function setup() {
  const remote = new Map<string, Uint8Array>()
  const asked: string[] = []
  const blockstore = new MemoryBlockstore()
  const exchange: BlockExchange = {
    open: () => ({
      async get(cid) {
        asked.push(cid.toString())
        const block = remote.get(cid.toString())
        if (block === undefined) throw new Error('nobody has it')
        return block
      },
      sources: () => 3,
      close() {},
    }),
    stop() {},
  }
  const put = async (code: number, bytes: Uint8Array) => {
    const digest = await sha256.digest(bytes)
    const cid = code === dagPb.code ? CID.createV0(digest as never) : CID.createV1(code, digest)
    remote.set(cid.toString(), bytes)
    return { cid, bytes: bytes.length }
  }
  const node = async (type: 'file' | 'directory', children: readonly { cid: CID; bytes: number }[]) => {
    const Data = new UnixFS({ type }).marshal()
    const Links = children.map(({ cid, bytes }, i) => ({
      Hash: cid,
      Tsize: bytes,
      Name: type === 'file' ? '' : `${i}`,
    }))
    const { cid, bytes } = await put(dagPb.code, dagPb.encode({ Data, Links }))
    return { cid, bytes: children.reduce((sum, child) => sum + child.bytes, bytes) }
  }
  const leaf = (byte: number, bytes = 1_000) => put(raw.code, new Uint8Array(bytes).fill(byte))
  const fetcher = createDagFetcher({ blockstore, exchange }, { random: () => 0.3 })
  return { remote, asked, blockstore, fetcher, put, node, leaf }
}

describe('[SE5] fetching a whole', () => {
  it('takes a folder with everything in it, repeated blocks once, and counts to its end', async () => {
    const { asked, blockstore, fetcher, node, leaf, remote } = setup()
    const [a, b, c] = [await leaf(1), await leaf(2), await leaf(3)]
    const file = await node('file', [a, b, a])
    const root = await node('directory', [file, await node('directory', [file, c])])
    const seen: FetchProgress[] = []
    await fetcher.fetchAll(root.cid.toString(), { onProgress: (progress) => seen.push(progress) })
    for (const cid of remote.keys()) expect(await blockstore.has(CID.parse(cid))).toBe(true)
    expect(asked).toHaveLength(remote.size)
    expect(seen.at(-1)).toEqual({ bytes: root.bytes, total: root.bytes, sources: 3 })
    expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).sort((x, y) => x - y))
  })

  it('asks for leaves in random order, nodes first', async () => {
    const { asked, fetcher, node, leaf } = setup()
    const leaves = await Promise.all(Array.from({ length: 20 }, (_, i) => leaf(i)))
    const root = await node('file', leaves)
    await fetcher.fetchAll(root.cid.toString())
    const inOrder = leaves.map(({ cid }) => cid.toString())
    expect(asked[0]).toBe(root.cid.toString())
    expect(asked.slice(1)).not.toEqual(inOrder)
    expect(new Set(asked.slice(1))).toEqual(new Set(inOrder))
  })

  it('asks for nothing that is here', async () => {
    const { asked, blockstore, fetcher, node, leaf, remote } = setup()
    const root = await node('file', [await leaf(1), await leaf(2)])
    for (const [cid, bytes] of [...remote].slice(1)) await blockstore.put(CID.parse(cid), bytes)
    await fetcher.fetchAll(root.cid.toString())
    expect(asked).toHaveLength(1)
    await fetcher.fetchAll(root.cid.toString())
    expect(asked).toHaveLength(1)
  })

  it('refuses what is no file or folder, too large, damaged, or larger than its parent says', async () => {
    const { fetcher, node, leaf, put } = setup()
    const code = (cid: CID) => fetcher.fetchAll(cid.toString()).catch((error) => error.code)
    expect(await code((await put(0x71, new Uint8Array([0xa0]))).cid)).toBe('CONTENT_NOT_A_FILE')
    expect(await code((await put(dagPb.code, new Uint8Array([255, 1]))).cid)).toBe('CONTENT_DAMAGED')
    const one = await leaf(1)
    expect(await code((await node('file', [{ ...one, bytes: 2 * MAX_FILE_BYTES }])).cid)).toBe(
      'CONTENT_TOO_LARGE',
    )
    expect(await code((await node('file', [{ ...one, bytes: 10 }])).cid)).toBe('CONTENT_DAMAGED')
    const { cid } = await leaf(9)
    expect(await code(cid)).toBeUndefined()
    await expect(fetcher.fetchAll('moon')).rejects.toMatchObject({ code: 'CONTENT_CID_INVALID' })
  })

  it('says that nobody has a block, and stops at an abort with its reason', async () => {
    const { fetcher, node, leaf, remote } = setup()
    const one = await leaf(1)
    const root = await node('file', [one])
    remote.delete(one.cid.toString())
    await expect(fetcher.fetchAll(root.cid.toString())).rejects.toMatchObject({ code: 'CONTENT_NOT_FOUND' })
    const reason = new Error('stop')
    await expect(fetcher.fetchAll(root.cid.toString(), { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    )
  })
})
