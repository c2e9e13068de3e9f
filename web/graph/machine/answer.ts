import { ByteReader, type Bytes, ByteWriter, compareBytes, equalBytes } from '#core/bytes.ts'
import { DIGEST_BYTES, type Digest } from '#core/cid.ts'
import { MAX_ANSWER_BYTES } from '#core/limits.ts'
import { decodeMapProof, encodeMapProof, type MapProof, verifyMapProof } from '#merkle/map-proof.ts'
import { rankLeaf } from '#merkle/rank-leaf.ts'
import { leafHash, rootHash } from '#merkle/tree-hash.ts'
import { verifyInclusion } from '#merkle/verify-inclusion.ts'
import type { GraphBlockDesc } from '#objects/types/graph-block.ts'
import { machineError } from './machine-errors.ts'
import type { MachineState } from './machine-state.ts'
import { OUT_LEAF_BYTES } from './ordered-links.ts'

/** One particle that is linked to, with its place under the rank root. */
export interface ProvenTarget {
  readonly digest: Digest
  /** units of 2⁻⁶² */
  readonly rank: bigint
  /** the particle's number */
  readonly index: number
  /** hashes beside its way to the rank root, lowest first */
  readonly proof: readonly Uint8Array[]
}

/**
 * [KG16a] What a particle links to, with the proof that it is all and in order: the map leads to the root of the list of
 * its links, the list is whole, and each rank stands under the rank root. Nothing can be left out or slipped in.
 */
export interface ProvenAnswer {
  /** the particle that was asked for */
  readonly from: Digest
  readonly map: MapProof
  /** `neuron ‖ to` of each link out, in the order of blocks, u8[links · 52] */
  readonly links: Bytes
  /** by rank descending, then number: each particle once */
  readonly targets: readonly ProvenTarget[]
}

/** What of a block an answer is checked against. */
export type AnswerRoots = Pick<GraphBlockDesc, 'mapRoot' | 'rankRoot' | 'particles'>

/** A proof of rank takes a way of 26 hashes in the largest tree. */
const MAX_WAY = 64

/** The answer of a machine after its last block; for a particle without links out, that there are none. */
export function proveAnswer(
  { ledger, trees, rankTree, submitted }: MachineState,
  from: Digest,
): ProvenAnswer {
  const { links } = ledger
  const { particles } = links
  const particle = particles.find(from)
  const out = particle === undefined ? [] : [...links.outOf(particle)]
  const leaves = new Uint8Array(out.length * OUT_LEAF_BYTES)
  out.forEach((link, at) => {
    leaves.set(links.outLeaf(link), at * OUT_LEAF_BYTES)
  })
  const targets = [...new Set(out.map((link) => links.to(link)))].map((index) => ({
    digest: particles.digest(index).slice(),
    rank: submitted.ranks[index] ?? 0n,
    index,
    proof: rankTree.proveInclusion(index),
  }))
  return { from, map: trees.map.prove(from), links: leaves, targets: targets.sort(compareTargets) }
}

/** Order of an answer: rank descending, then number. */
function compareTargets(a: ProvenTarget, b: ProvenTarget): number {
  return a.rank === b.rank ? a.index - b.index : a.rank < b.rank ? 1 : -1
}

/**
 * Is this all that the particle links to under these roots, with its ranks, in order? Returns when it is. The roots are
 * as true as the word of whoever signed their block.
 *
 * @throws ANSWER_INVALID, MERKLE_…, MAP_PROOF_INVALID saying what does not fit
 */
export function verifyAnswer({ mapRoot, rankRoot, particles }: AnswerRoots, answer: ProvenAnswer): void {
  const { from, map, links, targets } = answer
  const listRoot = verifyMapProof(mapRoot, from, map)
  const leaves = split(links)
  if (listRoot === undefined) {
    if (leaves.length + targets.length > 0) throw invalid('the map says that nothing is linked from it')
  } else if (leaves.length === 0 || !equalBytes(rootHash(leaves), listRoot)) {
    throw invalid(
      'its list of links is not the one that the block commits to: one was left out, slipped in or moved',
    )
  }
  assertTargets(leaves, targets)
  for (const { digest, rank, index, proof } of targets) {
    verifyInclusion({
      leafHash: leafHash(rankLeaf(rank, digest)),
      index,
      treeSize: particles,
      proof,
      root: rankRoot,
    })
  }
}

/** @throws ANSWER_INVALID unless the targets are the ends of the links, each once, in order */
function assertTargets(leaves: readonly Uint8Array[], targets: readonly ProvenTarget[]): void {
  const ends = leaves.map((leaf) => leaf.subarray(OUT_LEAF_BYTES - DIGEST_BYTES)).sort(compareBytes)
  const wanted = ends.filter((end, at) => at === 0 || !equalBytes(end, ends[at - 1]!))
  const given = targets.map(({ digest }) => digest).sort(compareBytes)
  const isSame = wanted.length === given.length && wanted.every((end, at) => equalBytes(end, given[at]!))
  if (!isSame)
    throw invalid(`it shows ${given.length} results for ${wanted.length} particles that are linked to`)
  for (let at = 1; at < targets.length; at++) {
    if (compareTargets(targets[at - 1]!, targets[at]!) >= 0) throw invalid(`result ${at} is not in its place`)
  }
}

function split(links: Bytes): readonly Uint8Array[] {
  if (links.length % OUT_LEAF_BYTES !== 0) throw invalid(`its links take ${links.length} bytes`)
  return Array.from({ length: links.length / OUT_LEAF_BYTES }, (_, at) =>
    links.subarray(at * OUT_LEAF_BYTES, (at + 1) * OUT_LEAF_BYTES),
  )
}

/** from 32, u32 ‖ map proof, u32 ‖ links, u32 targets: digest 32, rank u64, index u32, u8 ‖ hashes of 32 bytes. */
export function encodeAnswer({ from, map, links, targets }: ProvenAnswer): Bytes {
  const proof = encodeMapProof(map)
  const writer = new ByteWriter(128 + proof.length + links.length + 700 * targets.length)
  writer.bytes(from).u32(proof.length).bytes(proof).u32(links.length).bytes(links).u32(targets.length)
  for (const { digest, rank, index, proof: way } of targets) {
    writer.bytes(digest).u64(rank).u32(index).u8(way.length)
    for (const hash of way) writer.bytes(hash)
  }
  return writer.finish()
}

/** Reads what {@link encodeAnswer} writes; whether it holds is for {@link verifyAnswer} to say. @throws ANSWER_INVALID */
export function decodeAnswer(bytes: Bytes): ProvenAnswer {
  try {
    if (bytes.length > MAX_ANSWER_BYTES) throw new Error(`it has ${bytes.length} bytes`)
    const reader = new ByteReader(bytes)
    const from = reader.bytes(DIGEST_BYTES, 'from')
    const map = decodeMapProof(reader.bytes(reader.u32('length'), 'map proof'))
    const links = reader.bytes(reader.u32('length'), 'links')
    const targets: ProvenTarget[] = []
    for (let left = reader.u32('targets'); left > 0; left--) targets.push(readTarget(reader))
    reader.end('answer')
    return { from, map, links, targets }
  } catch (cause) {
    throw invalid(`it could not be read: ${(cause as Error).message}`, cause)
  }
}

function readTarget(reader: ByteReader): ProvenTarget {
  const target = {
    digest: reader.bytes(DIGEST_BYTES, 'digest'),
    rank: reader.u64('rank'),
    index: reader.u32('index'),
  }
  const count = reader.u8('nodes')
  if (count > MAX_WAY) throw new Error(`a proof has ${count} nodes`)
  return { ...target, proof: Array.from({ length: count }, () => reader.bytes(32, 'node')) }
}

function invalid(why: string, cause?: unknown): Error {
  return machineError('ANSWER_INVALID', `An answer to a search was dropped: ${why}. Ask another peer.`, {
    cause,
  })
}
