import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import type { RecordEntry } from '#core/record-store.ts'
import { MAX_BATCH_BYTES, openFileRecordStore } from '#relay/file-record-store.ts'
import { allEntries, recordStoreContract } from '#test/contract/record-store-contract.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-records-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function logs(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.log'))
}

describe('openFileRecordStore', () => {
  describe('contract', () => {
    recordStoreContract({
      create: () => openFileRecordStore({ folder }),
      reopen: async (store) => {
        await store.close()
        return openFileRecordStore({ folder })
      },
      closedCode: 'STORE_CLOSED',
    })
  })

  it('is for one process at a time', async () => {
    const store = await openFileRecordStore({ folder })
    await expect(openFileRecordStore({ folder })).rejects.toMatchObject({ code: 'STORE_FOLDER_LOCKED' })
    await store.close()
  })

  it('keeps every whole call, and nothing of half a call, when cut or damaged at any byte', async () => {
    const store = await openFileRecordStore({ folder })
    /** file size once the first `n` calls were acknowledged */
    const sizes: number[] = []
    const [name = ''] = await logs()
    const path = join(folder, name)
    const calls = ['fox', 'moon', 'lantern'].map((word) =>
      [1, 2].map((part) => ({ key: `${word}/${part}`, value: utf8(word.repeat(part)) })),
    )
    for (const call of calls) {
      await store.put(call)
      sizes.push((await stat(path)).size)
    }
    await store.close()
    const bytes = await readFile(path)
    const opened = async (left: Uint8Array): Promise<RecordEntry[]> => {
      for (const log of await logs()) await rm(join(folder, log))
      await writeFile(path, left)
      const next = await openFileRecordStore({ folder })
      const entries = await allEntries(next)
      await next.put([{ key: 'late', value: utf8('late') }])
      expect(await allEntries(next)).toHaveLength(entries.length + 1)
      await next.close()
      return entries
    }
    for (let at = 0; at < bytes.length; at++) {
      const whole = sizes.filter((size) => size <= at).length
      const others = calls.filter((_, index) => index !== whole)
      expect(await opened(bytes.subarray(0, at))).toEqual(calls.slice(0, whole).flat().sort(byKey))
      expect(await opened(flipped(bytes, at))).toEqual(others.flat().sort(byKey))
    }
  }, 60_000)

  it('is rewritten when most of it is garbage, open or opening', async () => {
    const store = await openFileRecordStore({ folder })
    const value = new Uint8Array(100_000)
    for (let round = 0; round < 40; round++) {
      value.fill(round)
      await store.put([{ key: 'a', value }])
    }
    await store.put([{ key: 'b', value: utf8('kept') }])
    const [name = ''] = await logs()
    expect((await stat(join(folder, name))).size).toBeLessThan(2_000_000)
    expect(await logs()).toHaveLength(1)
    await store.close()
    const next = await openFileRecordStore({ folder })
    expect(await next.get('b')).toEqual(utf8('kept'))
    expect((await next.get('a'))?.[0]).toBe(39)
    await next.close()
  })

  it('takes the newest of two files: a crash came before the old one was removed', async () => {
    const store = await openFileRecordStore({ folder })
    await store.put([{ key: 'a', value: utf8('new') }])
    await store.close()
    await writeFile(join(folder, 'records-00000000-0123456789abcdef.log'), 'old')
    await writeFile(join(folder, 'draft'), 'half')
    const next = await openFileRecordStore({ folder })
    expect(await next.get('a')).toEqual(utf8('new'))
    expect(await logs()).toHaveLength(1)
    await next.close()
  })

  it('refuses a call beyond the limit', async () => {
    const store = await openFileRecordStore({ folder })
    const value = new Uint8Array(MAX_BATCH_BYTES)
    await expect(store.put([{ key: 'a', value }])).rejects.toMatchObject({ code: 'STORE_BATCH_TOO_LARGE' })
    expect(await store.get('a')).toBeUndefined()
    await store.close()
  })
})

function flipped(bytes: Buffer, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] as number) ^ 1
  return copy
}

function byKey(a: { key: string }, b: { key: string }): number {
  return a.key < b.key ? -1 : 1
}
