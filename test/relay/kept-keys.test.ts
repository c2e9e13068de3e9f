import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { formatObjectId, type ObjectId, toObjectId } from '#objects/object-id.ts'
import { type KeptKey, openKeptKeys } from '#relay/kept-keys.ts'

const NOW = 1_000_000_000
const HOUR = 3_600
let folder: string
let now: number
let logged: string[]

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'tabland-keys-')), 'keys')
  now = NOW * 1_000
  logged = []
})
afterEach(() => rm(join(folder, '..'), { recursive: true }))

const open = (bounds: { maxBytes?: number; maxKeys?: number; maxKeysPerWallet?: number } = {}) =>
  openKeptKeys({
    ...{ folder, maxBytes: 100_000, maxKeys: 100, maxKeysPerWallet: 100, ...bounds },
    now: () => now,
    log: (line) => logged.push(line),
  })

const idOf = (number: number): ObjectId => toObjectId(new Uint8Array(32).fill(0x40 + number))
const bytes = (length: number, value: number) => new Uint8Array(length).fill(value)

function keyOf(number: number, { wallet = 1, readers = 1, until = NOW + HOUR } = {}): KeptKey {
  const people = bytes(20, wallet)
  return {
    id: idOf(number),
    people,
    key: bytes(32, number),
    readers: [people, ...Array.from({ length: readers - 1 }, (_, at) => bytes(20, 100 + at))],
    grant: bytes(300, 5),
    until,
  }
}

it('[CH7] keys that a relay was given stay over a restart, in files that its user alone may read', async () => {
  const kept = await open()
  for (const number of [1, 2]) expect(await kept.put(keyOf(number, { readers: 3 }))).toBe(true)
  const again = await open()
  expect(again.get(idOf(1))).toEqual(keyOf(1, { readers: 3 }))
  expect(again.get(idOf(2))).toEqual(keyOf(2, { readers: 3 }))
  expect(again.stats()).toEqual(kept.stats())
  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
})

it('[CH7] one that is taken back, or over, is gone from the disk too', async () => {
  const kept = await open()
  await kept.put(keyOf(1))
  await kept.put(keyOf(2, { until: NOW + 60 }))
  await kept.put(keyOf(3))
  await kept.remove(idOf(1))
  await kept.remove(idOf(1)) // there is none any more
  expect(kept.get(idOf(1))).toBeUndefined()
  now += 60_000
  expect(kept.get(idOf(2))).toBeUndefined() // before it was swept
  await kept.sweep()
  expect(await readdir(folder)).toEqual([`${formatObjectId(idOf(3))}.key`])
  expect(kept.stats().keys).toBe(1)
  now += HOUR * 1_000
  await open()
  expect(await readdir(folder)).toEqual([])
})

it('[CH7] has no more than its bounds allow, in all and for one wallet; giving the same again needs no more room', async () => {
  const kept = await open({ maxKeys: 3, maxKeysPerWallet: 2 })
  for (const number of [1, 2]) expect(await kept.put(keyOf(number))).toBe(true)
  expect(await kept.put(keyOf(3))).toBe(false)
  expect(await kept.put(keyOf(2, { readers: 9 }))).toBe(true)
  expect(kept.get(idOf(2))?.readers).toHaveLength(9)
  expect(await kept.put(keyOf(3, { wallet: 2 }))).toBe(true)
  expect(await kept.put(keyOf(4, { wallet: 3 }))).toBe(false)
  expect(kept.get(idOf(4))).toBeUndefined()
  await kept.remove(idOf(1))
  expect(await kept.put(keyOf(4, { wallet: 3 }))).toBe(true)

  const size = (await stat(join(folder, `${formatObjectId(idOf(4))}.key`))).size
  const { bytes: held } = kept.stats()
  const narrow = await open({ maxBytes: held + size - 1 })
  expect(narrow.stats().bytes).toBe(held)
  expect(await narrow.put(keyOf(5))).toBe(false)
  expect(await narrow.put(keyOf(4, { wallet: 3 }))).toBe(true)
  // what is over makes room by itself
  now += HOUR * 1_000
  expect(await narrow.put(keyOf(5, { until: NOW + 2 * HOUR }))).toBe(true)
  expect(narrow.stats().keys).toBe(1)
})

it('[CH7] one whose file cannot be deleted is not said to be gone, and keeps no other one here', async () => {
  const kept = await open()
  await kept.put(keyOf(1))
  await kept.put(keyOf(2, { until: NOW + 60 }))
  await kept.put(keyOf(3, { until: NOW + 60 }))
  const path = (number: number) => join(folder, `${formatObjectId(idOf(number))}.key`)
  for (const number of [1, 2]) {
    await rm(path(number))
    await mkdir(path(number)) // which no file can be deleted in place of
  }
  await expect(kept.remove(idOf(1))).rejects.toThrow()
  expect(kept.get(idOf(1))).toEqual(keyOf(1))
  now += 60_000
  await expect(kept.sweep()).rejects.toThrow()
  expect(kept.stats().keys).toBe(2)
  expect(await kept.put(keyOf(4))).toBe(true)
  await rm(path(1), { recursive: true })
  await kept.remove(idOf(1))
  expect(kept.get(idOf(1))).toBeUndefined()
})

it('[CH7] one that could not be written leaves nothing of it behind', async () => {
  const kept = await open()
  const path = join(folder, `${formatObjectId(idOf(1))}.key`)
  await mkdir(path)
  await expect(kept.put(keyOf(1))).rejects.toThrow()
  expect(kept.get(idOf(1))).toBeUndefined()
  await rm(path, { recursive: true })
  expect(await readdir(folder)).toEqual([])
})

it('[CH7] a damaged file is named, deleted and costs its own key alone; what a crash left half written goes', async () => {
  const kept = await open()
  for (const number of [1, 2, 3, 4]) await kept.put(keyOf(number))
  const path = (number: number) => join(folder, `${formatObjectId(idOf(number))}.key`)
  const changed = await readFile(path(1))
  changed[60]! ^= 1
  await writeFile(path(1), changed)
  await writeFile(path(2), new Uint8Array(20_000))
  await writeFile(path(3), await readFile(path(4))) // another one's
  await writeFile(`${path(4)}.0123456789ab`, 'a draft')
  await writeFile(join(folder, 'notes.txt'), 'an operator’s')
  const again = await open()
  expect([1, 2, 3, 4].map((number) => again.get(idOf(number))?.key[0])).toEqual([
    undefined,
    undefined,
    undefined,
    4,
  ])
  expect(logged).toHaveLength(3)
  for (const number of [1, 2, 3])
    expect(logged.some((line) => line.includes(path(number)) && line.includes('damaged'))).toBe(true)
  expect(logged.join()).not.toContain('draft')
  const own = path(4).slice(folder.length + 1)
  expect((await readdir(folder)).sort()).toEqual([own, 'notes.txt'].sort())
  expect(await again.put(keyOf(1))).toBe(true)
  logged = []
  expect((await open()).get(idOf(1))).toEqual(keyOf(1))
  expect(logged).toEqual([])
})
