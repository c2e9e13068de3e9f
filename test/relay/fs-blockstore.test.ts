import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import { createFsBlockstore } from '#relay/fs-blockstore.ts'
import { blockstoreContract, rawCid, readBlock } from '#test/contract/blockstore-contract.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-fs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('createFsBlockstore', () => {
  describe('contract', () => {
    blockstoreContract({
      create: () => createFsBlockstore({ folder: join(folder, 'made', 'deep') }),
      reopen: async (store) => {
        await store.close()
        return createFsBlockstore({ folder: join(folder, 'made', 'deep') })
      },
    })
  })

  it('is for one process at a time', async () => {
    const store = await createFsBlockstore({ folder })
    await expect(createFsBlockstore({ folder })).rejects.toMatchObject({ code: 'STORE_FOLDER_LOCKED' })
    await store.close()
    await (await createFsBlockstore({ folder })).close()
  })

  it('[SE2] finds damage on disk, tells, and takes the block again after a cut tail', async () => {
    const store = await createFsBlockstore({ folder })
    const blocks = ['fox', 'moon'].map((word) => utf8(word.repeat(50)))
    for (const block of blocks) await store.blockstore.put(rawCid(block), block)
    await store.close()
    const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.segment'))
    const bytes = await readFile(join(folder, name))
    bytes.write('F', bytes.indexOf('foxfox'))
    await writeFile(join(folder, name), bytes.subarray(0, bytes.indexOf('moonmoon') + 20))
    const told: string[] = []
    const next = await createFsBlockstore({ folder, onDamage: (cid) => told.push(String(cid)) })
    const [fox, moon] = blocks as [(typeof blocks)[0], (typeof blocks)[0]]
    expect(await next.blockstore.has(rawCid(moon as Uint8Array))).toBe(false)
    await expect(readBlock(next.blockstore, rawCid(fox as Uint8Array))).rejects.toThrow()
    for (const block of blocks) {
      await next.blockstore.put(rawCid(block), block)
      expect(await readBlock(next.blockstore, rawCid(block))).toEqual(block)
    }
    await next.close()
  })

  it('starts a new segment when one is full, and gives room back', async () => {
    const store = await createFsBlockstore({ folder, segmentBytes: 10_000 })
    const blocks = Array.from({ length: 20 }, (_, index) => new Uint8Array(2_000).fill(index))
    for (const block of blocks) await store.blockstore.put(rawCid(block), block)
    const segments = async (): Promise<number> =>
      (await readdir(folder)).filter((name) => name.endsWith('.segment')).length
    expect(await segments()).toBe(4)
    for (const block of blocks.slice(1)) await store.blockstore.delete(rawCid(block))
    await expect.poll(segments).toBeLessThan(3)
    expect(await readBlock(store.blockstore, rawCid(blocks[0] as Uint8Array))).toEqual(blocks[0])
    await store.close()
  })
})
