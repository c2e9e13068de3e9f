import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, toHex } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { decodeMapProof, encodeMapProof, type MapProof, verifyMapProof } from '#merkle/map-proof.ts'
import { MapTree } from '#merkle/map-tree.ts'
import { emptyRoot } from '#merkle/tree-hash.ts'
import { createTsHasher } from '#merkle/tree-hasher.ts'

type Entry = readonly [Uint8Array, Uint8Array]

/** Keys that are alike in all but a few bits, at both ends, so that nodes stand at early and late bits. */
const keys = fc
  .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 15 }))
  .map(([first, last]) => keyOf(first << 4, last))
const entry = fc.tuple(keys, fc.nat(255)).map(([key, value]): Entry => [key, new Uint8Array(32).fill(value)])
const entries = fc.uniqueArray(entry, { selector: ([key]) => toHex(key), maxLength: 24 })

function keyOf(first: number, last = 0): Uint8Array {
  const key = new Uint8Array(32)
  key[0] = first
  key[31] = last
  return key
}

function treeOf(list: readonly Entry[]): MapTree {
  const tree = new MapTree(createTsHasher())
  for (const [key, value] of list) tree.set(key, value)
  return tree
}

/** The definition: split at the first bit in which keys differ. */
function naiveRoot(list: readonly Entry[]): Uint8Array {
  if (list.length === 0) return emptyRoot()
  if (list.length === 1) return sha256(concat(Uint8Array.of(0), ...list[0]!))
  const bitAt = (key: Uint8Array, bit: number) => (key[bit >> 3]! >> (7 - (bit % 8))) & 1
  let bit = 0
  while (list.every(([key]) => bitAt(key, bit) === bitAt(list[0]![0], bit))) bit++
  const side = (value: number) => naiveRoot(list.filter(([key]) => bitAt(key, bit) === value))
  return sha256(concat(Uint8Array.of(1, bit), side(0), side(1)))
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = new Uint8Array(bytes)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

describe('[KG16a] map tree', () => {
  it('has the root of its entries, whatever their order and history', () => {
    const history = fc.tuple(
      entries,
      fc.array(entry, { maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 24 }),
    )
    fc.assert(
      fc.property(history, ([list, others, order]) => {
        const root = naiveRoot(list)
        expect(treeOf(list).root()).toEqual(root)
        const tree = treeOf(others)
        tree.root()
        // what comes and goes leaves no trace, nor does the moment at which the root was asked for
        const kept = new Set(list.map(([key]) => toHex(key)))
        for (const [key] of others) if (!kept.has(toHex(key))) tree.delete(key)
        const shuffled = list.map((item, i) => ({ item, at: order[i] ?? 0 })).sort((a, b) => a.at - b.at)
        for (const { item } of shuffled) {
          tree.set(...item)
          if (item[1][0]! % 4 === 0) tree.root()
        }
        expect(tree.size).toBe(list.length)
        expect(tree.root()).toEqual(root)
        for (const [key, value] of list) expect(tree.get(key)).toEqual(value)
      }),
      { numRuns: 200 },
    )
  })

  it('proves what is there and what is not', () => {
    fc.assert(
      fc.property(entries, fc.array(keys, { maxLength: 4 }), (list, others) => {
        const tree = treeOf(list)
        const values = new Map(list.map(([key, value]) => [toHex(key), value]))
        for (const key of [...list.map(([present]) => present), ...others]) {
          const proof = decodeMapProof(encodeMapProof(tree.prove(key)))
          expect(verifyMapProof(tree.root(), key, proof)).toEqual(values.get(toHex(key)))
        }
      }),
      { numRuns: 100 },
    )
  })

  it('deletes, and says whether there was something', () => {
    const tree = treeOf([[keyOf(1), keyOf(1)]])
    expect(tree.delete(keyOf(2))).toBe(false)
    expect(tree.delete(keyOf(1))).toBe(true)
    expect(tree.delete(keyOf(1))).toBe(false)
    expect([tree.size, tree.get(keyOf(1))]).toEqual([0, undefined])
    expect(tree.root()).toEqual(emptyRoot())
  })

  it('keeps nothing of its arguments, and gives copies', () => {
    const [key, value] = [keyOf(3), keyOf(4)]
    const tree = treeOf([[key, value]])
    const root = tree.root()
    value.fill(9)
    tree.get(keyOf(3))!.fill(9)
    tree.root().fill(9)
    key.fill(9)
    expect(tree.root()).toEqual(root)
    expect(tree.get(keyOf(3))).toEqual(keyOf(4))
  })

  it('holds more than one batch, and all 256 bits', () => {
    const list = Array.from({ length: 8_500 }, (_, i): Entry => {
      const key = sha256(Uint8Array.of(i >> 8, i))
      return [key, key]
    })
    for (let bit = 0; bit < 256; bit++) list.push([flip(new Uint8Array(32), bit), keyOf(bit)])
    list.push([new Uint8Array(32), keyOf(1)])
    const tree = treeOf(list)
    const last = list.at(-1)![0]
    const { steps } = tree.prove(last)
    expect(steps.length).toBe(256)
    expect(verifyMapProof(tree.root(), last, tree.prove(last))).toEqual(keyOf(1))
    const one = tree.root()
    tree.set(...(list.at(-2) as [Uint8Array, Uint8Array]))
    expect(tree.root()).toEqual(one)
    expect(treeOf(list.toReversed()).root()).toEqual(one)
  })

  it('refuses keys and values of another length', () => {
    const tree = treeOf([])
    for (const act of [
      () => tree.set(new Uint8Array(31), keyOf(1)),
      () => tree.set(keyOf(1), new Uint8Array(33)),
      () => tree.get(new Uint8Array(0)),
      () => tree.delete(new Uint8Array(33)),
      () => tree.prove(new Uint8Array(31)),
    ])
      expect(act).toThrow(expect.objectContaining({ code: 'MERKLE_HASH' }))
  })
})

describe('[KG16a] proofs of the map', () => {
  const list = [0, 1, 2, 3, 0x40, 0x80, 0x81].map((first): Entry => [keyOf(first), keyOf(first + 1)])
  const tree = treeOf(list)
  const root = tree.root()
  const CODES = /^(MERKLE_ROOT|MERKLE_HASH|MAP_PROOF_INVALID|BYTES_TRUNCATED|BYTES_TRAILING)$/
  const REFUSED = expect.objectContaining({ code: expect.stringMatching(CODES) })

  it.each([
    ['presence', keyOf(0x80)],
    ['absence', keyOf(0x82)],
  ])('refuses every flipped bit of a proof of %s', (_, key) => {
    const bytes = encodeMapProof(tree.prove(key))
    for (let bit = 0; bit < 8 * bytes.length; bit++)
      expect(() => verifyMapProof(root, key, decodeMapProof(flip(bytes, bit)))).toThrow(REFUSED)
    for (let bit = 0; bit < 256; bit++)
      expect(() => verifyMapProof(flip(root, bit), key, decodeMapProof(bytes))).toThrow(REFUSED)
    for (let length = 0; length < bytes.length; length++)
      expect(() => verifyMapProof(root, key, decodeMapProof(bytes.subarray(0, length)))).toThrow(REFUSED)
    expect(() => decodeMapProof(concat(bytes, Uint8Array.of(0)))).toThrow(REFUSED)
  })

  it('lets no proof of another entry stand for the absence of one that is there', () => {
    for (const [key] of list) {
      for (const [other] of list) {
        if (toHex(other) === toHex(key)) continue
        expect(() => verifyMapProof(root, key, tree.prove(other))).toThrow(REFUSED)
      }
    }
  })

  const proof = tree.prove(keyOf(2))
  it.each<[string, MapProof]>([
    ['a step less', { ...proof, steps: proof.steps.slice(1) }],
    ['a step twice', { ...proof, steps: [proof.steps[0]!, ...proof.steps] }],
    ['steps turned', { ...proof, steps: proof.steps.toReversed() }],
    ['no entry', { ...proof, leaf: undefined }],
    ['an empty map', { steps: [], leaf: undefined }],
    ['a bit beyond the key', { ...proof, steps: [{ bit: 256, sibling: keyOf(1) }] }],
    ['half a bit', { ...proof, steps: [{ bit: 0.5, sibling: keyOf(1) }] }],
    ['a short sibling', { ...proof, steps: [{ bit: 0, sibling: new Uint8Array(31) }] }],
    ['a long value', { ...proof, leaf: { key: keyOf(2), value: new Uint8Array(33) } }],
    ['a short key', { ...proof, leaf: { key: new Uint8Array(31), value: keyOf(3) } }],
  ])('refuses %s', (_, wrong) => {
    expect(() => verifyMapProof(root, keyOf(2), wrong)).toThrow(REFUSED)
  })

  it('shows that an empty map has nothing', () => {
    const empty = treeOf([])
    expect(verifyMapProof(empty.root(), keyOf(1), empty.prove(keyOf(1)))).toBeUndefined()
    expect(() => verifyMapProof(root, keyOf(1), empty.prove(keyOf(1)))).toThrow(REFUSED)
  })
})
