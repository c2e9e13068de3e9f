import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { hexOf, wordBytes } from '#chain/hex.ts'
import { deflate, inflate } from '#chain/land/deflate.ts'
import { landRoot } from '#chain/land/land-root.ts'
import { aliveUntil, EMPTY_LAND, MAX_ZEROS, parcelIds, readParcel } from '#chain/land/land-table.ts'
import { createLandVerifier } from '#chain/land/land-verifier.ts'
import {
  applyChanges,
  decodeSnapshot,
  encodeSnapshot,
  landChanges,
  MAX_SNAPSHOT_BYTES,
  NO_BASE,
} from '#chain/land/snapshot.ts'
import { concat, equalBytes } from '#core/bytes.ts'
import { MAX_PARCEL_ID } from '#core/land-rule.ts'
import { createWasmKeccak } from '#wasm/bindings/keccak.ts'
import { buildWasm } from '#wasm/build.ts'
import { addressOf, cityLand, GRID, landAccount, makeLand } from '../../../fakes/land.ts'
import { storageRootOf } from '../../../fakes/trie.ts'

const keccak = await createWasmKeccak(new Uint8Array(await readFile((await buildWasm()).keccak)))
const OWNERS = [0xa11cen, 0xb0bn, 2n ** 160n - 1n] as const
const land = makeLand(
  new Map([
    [1, { owner: OWNERS[0] }],
    [2, { owner: OWNERS[0], warnings: 2n, lastWarningAt: 1_760_000_000n }],
    [3, { owner: OWNERS[1], state: 2n }],
    [700, { owner: OWNERS[2], x: -2_048, y: 2_047 }],
    [900, { owner: OWNERS[1], x: 2_047, y: -2_048 }],
  ]),
  new Map([
    [OWNERS[0], 1_790_000_000],
    [OWNERS[2], 2 ** 33],
  ]),
)
const root = hexOf(landRoot(keccak, land))
const head = { chainId: 31_337, grid: GRID, block: 12, root } as const

describe('[CH2] a parcel', () => {
  it('is read from its word', () => {
    expect([...parcelIds(land)]).toEqual([1, 2, 3, 700, 900])
    expect(readParcel(land, 2)).toMatchObject({
      owner: addressOf(OWNERS[0]),
      warnings: 2,
      lastWarningAt: 1_760_000_000,
    })
    expect(readParcel(land, 3)?.cell).toBeUndefined()
    expect(readParcel(land, 700)?.cell).toEqual({ x: -2_048, y: 2_047 })
    expect(readParcel(land, 900)?.cell).toEqual({ x: 2_047, y: -2_048 })
    expect([readParcel(land, 4), readParcel(land, 901)]).toEqual([undefined, undefined])
    expect(OWNERS.map((owner) => aliveUntil(land, addressOf(owner)))).toEqual([1_790_000_000, 0, 2 ** 33])
  })
})

describe('[CH14] the root of a land', () => {
  it('is that of a contract with its words, its cells and its lives', () => {
    expect(root).toBe(storageRootOf(landAccount(land).storage))
    expect(landRoot(keccak, EMPTY_LAND)).toEqual(landRoot(keccak, makeLand(new Map())))
  })

  it('is none when two parcels lie on one cell', () => {
    const crowded = makeLand(new Map([1, 2].map((id) => [id, { owner: 1n, x: 5, y: 5 }])))
    expect(() => landRoot(keccak, crowded)).toThrow(/Two parcels lie on one cell, the second is 2/)
  })
})

describe('[CH14] a snapshot', () => {
  it('gives back the whole land', async () => {
    const decoded = await decodeSnapshot(await encodeSnapshot(head, land))
    expect(decoded.head).toEqual({ ...head, base: NO_BASE })
    expect(applyChanges(EMPTY_LAND, decoded.changes)).toEqual(land)
  })

  it('takes the highest id', async () => {
    const high = makeLand(new Map([[MAX_PARCEL_ID, { owner: 1n, x: 9, y: 9 }]]))
    const { changes } = await decodeSnapshot(await encodeSnapshot(head, high))
    expect(readParcel(applyChanges(EMPTY_LAND, changes), MAX_PARCEL_ID)?.cell).toEqual({ x: 9, y: 9 })
  })

  it('carries the slots of zero that a chain keeps, which alter nothing of the land', async () => {
    const verifier = createLandVerifier(keccak)
    const offer = async (zeros: Uint8Array<ArrayBuffer>, base?: typeof proven) =>
      ({ kind: 'snapshot', bytes: await encodeSnapshot(head, { ...land, zeros }, base) }) as const
    const zeros = concat(...[5n, 65_537n, 2n ** 255n].map(wordBytes))
    const { storage } = landAccount(land)
    const kept = storageRootOf(new Map([...storage, [5n, 0n], [65_537n, 0n], [2n ** 255n, 0n]]), true)
    const proven = { root, table: land }
    for (const base of [undefined, proven]) {
      const { table } = await verifier.verify(await offer(zeros, base), kept, base)
      expect(table).toEqual({ ...land, zeros })
    }
    // one too many, or one too few: it holds no more
    for (const wrong of [concat(zeros, wordBytes(2n ** 255n + 1n)), zeros.slice(0, 64)]) {
      await expect(verifier.verify(await offer(wrong), kept)).rejects.toMatchObject({
        code: 'SNAPSHOT_FORGED',
      })
    }
    // a slot that holds something stays what it is
    expect((await verifier.verify(await offer(wordBytes(1n)), root)).table.words).toEqual(land.words)
  })

  it('takes as many slots of zero as a land may have, ascending, and no more', async () => {
    const zeros = (numbers: readonly number[]) => concat(...numbers.map((slot) => wordBytes(BigInt(slot))))
    const decode = async (slots: readonly number[]) =>
      decodeSnapshot(await encodeSnapshot(head, { ...EMPTY_LAND, zeros: zeros(slots) }))
    const most = Array.from({ length: MAX_ZEROS }, (_, i) => i)
    expect((await decode(most)).changes.zeros).toHaveLength(32 * MAX_ZEROS)
    await expect(decode([...most, MAX_ZEROS])).rejects.toThrow(/it has 4097 slots of zero/)
    for (const unordered of [
      [2, 1],
      [1, 1],
    ]) {
      await expect(decode(unordered)).rejects.toThrow(/slot 1 does not follow the one before/)
    }
  })

  it('gives what changed since another land', async () => {
    const moved = makeLand(
      new Map([
        [1, { owner: OWNERS[1] }],
        [2, { owner: OWNERS[0] }],
        [3, { owner: OWNERS[1], x: 9, y: 9 }],
        [700, { owner: OWNERS[2], x: -2_048, y: 2_047 }],
        [900, { owner: OWNERS[1], x: 2_047, y: -2_048 }],
        [800, { owner: 7n, x: 1, y: 99 }],
      ]),
      new Map([
        [OWNERS[1], 5],
        [OWNERS[2], 2 ** 33],
      ]),
    )
    expect([...landChanges(land, moved).words.keys()]).toEqual([1, 2, 3, 800])
    const target = hexOf(landRoot(keccak, moved))
    const bytes = await encodeSnapshot({ ...head, root: target }, moved, { root, table: land })
    const verifier = createLandVerifier(keccak)
    const proven = await verifier.verify({ kind: 'snapshot', bytes }, target, { root, table: land })
    expect(proven.table).toEqual(moved)
    // nothing to apply them to
    await expect(verifier.verify({ kind: 'snapshot', bytes }, target)).rejects.toMatchObject({
      code: 'SNAPSHOT_INVALID',
    })
  })

  it('is refused with any byte of it altered, or cut off', async () => {
    const bytes = await encodeSnapshot(head, land)
    const verifier = createLandVerifier(keccak)
    const refused = async (forged: Uint8Array<ArrayBuffer>) => {
      const { table } = await verifier
        .verify({ kind: 'snapshot', bytes: forged }, root)
        .catch((error: { code?: string }) => {
          expect(error.code).toMatch(/^SNAPSHOT_(INVALID|FORGED)$/)
          return { table: undefined }
        })
      // what names chain, grid and block alters nothing of the land
      if (table !== undefined) expect(equalBytes(table.words, land.words)).toBe(true)
    }
    for (let at = 0; at < bytes.length; at++) await refused(bytes.with(at, bytes[at]! ^ 1))
    for (const length of [0, 4, 60, 104, 105, bytes.length - 1]) await refused(bytes.slice(0, length))
    await expect(decodeSnapshot(new Uint8Array(MAX_SNAPSHOT_BYTES + 1))).rejects.toThrow(/bytes/)
  })

  it('is refused with one transfer left out', async () => {
    const verifier = createLandVerifier(keccak)
    const before = makeLand(new Map([[1, { owner: OWNERS[1] }]]))
    const bytes = await encodeSnapshot({ ...head, root }, before)
    await expect(verifier.verify({ kind: 'snapshot', bytes }, root)).rejects.toMatchObject({
      code: 'SNAPSHOT_FORGED',
    })
  })

  it('unpacks to no more than it may', async () => {
    const bomb = await deflate(new Uint8Array(3_000_000))
    expect(bomb.length).toBeLessThan(10_000)
    await expect(inflate(bomb, 1_000_000)).rejects.toThrow(/more than 1000000/)
  })

  it('of 50,000 parcels takes at most 1.6 MB, however many owners they have', async () => {
    const all = await encodeSnapshot(head, cityLand(50_000, 50_000))
    const few = await encodeSnapshot(head, cityLand(50_000, 100))
    console.info(
      `Snapshot of 50,000 parcels: ${all.length} bytes with as many owners, ${few.length} with 100.`,
    )
    expect(all.length).toBeLessThanOrEqual(1_600_000)
    expect(few.length).toBeLessThan(100_000)
  })
})
