import { ByteReader, type Bytes, ByteWriter, concat, equalBytes } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { sha256 } from '#core/hash.ts'
import { merkleError } from './merkle-errors.ts'
import { assertHash } from './tree-checks.ts'
import { emptyRoot, HASH_BYTES, leafHash, NODE_PREFIX } from './tree-hash.ts'

/**
 * [KG16a] Proofs of a MapTree. A leaf's hash is SHA-256(00 ‖ key ‖ value). An inner node's is SHA-256(01 ‖ bit ‖ left ‖
 * right): `bit` (one byte, 0 to 255, bit 0 the highest of a key's first byte) is the first bit in which the keys below it
 * differ, left are those where it is 0. As it is part of the hash, nobody can lead a key past its place: the way of a
 * key through the bits of the nodes is one way only, and ends at its own leaf or, when it has none, at another's.
 */
export interface MapProof {
  /** from the root down: the bit of each inner node on the key's way, and the hash of its other child */
  readonly steps: readonly MapProofStep[]
  /** where the way ends; undefined in an empty map */
  readonly leaf: MapEntry | undefined
}

export interface MapProofStep {
  readonly bit: number
  readonly sibling: Uint8Array
}

export interface MapEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

export type MapProofErrorCode = 'MAP_PROOF_INVALID'

const KEY_BITS = 8 * HASH_BYTES
/** key ‖ value */
export const MAP_LEAF_BYTES = 2 * HASH_BYTES
/** bit ‖ left ‖ right */
export const INNER_BYTES = 1 + 2 * HASH_BYTES

/**
 * What the proof shows: the value under the key, or undefined when it shows that there is none. The root is as true
 * as the word of whoever signed it.
 *
 * @throws MERKLE_HASH for what has not 32 bytes, MAP_PROOF_INVALID for a way that is not the key's, MERKLE_ROOT when
 * it leads to another root
 */
export function verifyMapProof(root: Uint8Array, key: Uint8Array, proof: MapProof): Uint8Array | undefined {
  assertHash(root, 'The root')
  assertHash(key, 'The key')
  assertWay(key, proof)
  if (!equalBytes(rootOf(key, proof), root))
    throw merkleError(
      'MERKLE_ROOT',
      'The proof leads to another root of the map: an entry or a node is not its own.',
    )
  return proof.leaf !== undefined && equalBytes(proof.leaf.key, key) ? proof.leaf.value : undefined
}

function assertWay(key: Uint8Array, { steps, leaf }: MapProof): void {
  if (leaf === undefined) {
    if (steps.length > 0) throw invalid(`${steps.length} nodes lead to no entry`)
    return
  }
  assertHash(leaf.key, "The entry's key")
  assertHash(leaf.value, "The entry's value")
  let before = -1
  for (const { bit, sibling } of steps) {
    if (!Number.isInteger(bit) || bit <= before || bit >= KEY_BITS)
      throw invalid(`its bits must rise from 0 to ${KEY_BITS - 1}, got ${bit} after ${before}`)
    if (bitOf(leaf.key, bit) !== bitOf(key, bit))
      throw invalid(`the entry that it ends at is on another way than the key, from bit ${bit} on`)
    assertHash(sibling, `The node beside bit ${bit}`)
    before = bit
  }
}

function rootOf(key: Uint8Array, { steps, leaf }: MapProof): Uint8Array {
  if (leaf === undefined) return emptyRoot()
  return steps.reduceRight(
    (below, { bit, sibling }) => {
      const pair = bitOf(key, bit) === 0 ? [below, sibling] : [sibling, below]
      return sha256(concat(Uint8Array.of(NODE_PREFIX, bit), ...pair))
    },
    leafHash(concat(leaf.key, leaf.value)),
  )
}

/** u16 steps, each bit u8 ‖ sibling 32; then the leaf's key ‖ value, or nothing in an empty map. Big-endian. */
export function encodeMapProof({ steps, leaf }: MapProof): Bytes {
  const writer = new ByteWriter().u16(steps.length)
  for (const { bit, sibling } of steps) writer.u8(bit).bytes(sibling)
  if (leaf !== undefined) writer.bytes(leaf.key).bytes(leaf.value)
  return writer.finish()
}

/** @throws MAP_PROOF_INVALID, BYTES_TRUNCATED, BYTES_TRAILING */
export function decodeMapProof(bytes: Uint8Array): MapProof {
  const reader = new ByteReader(bytes)
  const count = reader.u16('steps')
  if (count > KEY_BITS) throw invalid(`it has ${count} nodes, a key has ${KEY_BITS} bits`)
  const steps = Array.from({ length: count }, () => ({
    bit: reader.u8('bit'),
    sibling: reader.bytes(HASH_BYTES, 'sibling'),
  }))
  if (reader.remaining === 0) return { steps, leaf: undefined }
  const leaf = { key: reader.bytes(HASH_BYTES, 'key'), value: reader.bytes(HASH_BYTES, 'value') }
  reader.end('A proof of the map')
  return { steps, leaf }
}

/** Bit `bit` of a key, 0 or 1; bit 0 is the highest of the first byte. */
export function bitOf(key: Uint8Array, bit: number): 0 | 1 {
  return ((key[bit >> 3]! >> (7 - (bit & 7))) & 1) as 0 | 1
}

/** The first bit in which two keys differ, or undefined. */
export function firstDifferentBit(a: Uint8Array, b: Uint8Array): number | undefined {
  for (let at = 0; at < HASH_BYTES; at++) {
    const difference = a[at]! ^ b[at]!
    if (difference !== 0) return 8 * at + Math.clz32(difference) - 24
  }
  return undefined
}

function invalid(problem: string): AppError<MapProofErrorCode> {
  return new AppError<MapProofErrorCode>(
    'MAP_PROOF_INVALID',
    `The proof of the map does not hold: ${problem}.`,
  )
}
