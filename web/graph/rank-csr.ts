import { PLAIN_PASSES } from './link-passes.ts'
import type { Rational } from './machine/rational.ts'
import { rankError } from './rank-errors.ts'
import { foldLinksBySource } from './rank-fold.ts'
import type { RankInput } from './rank-input.ts'
import type { RankGraph } from './rank-kernel.ts'
import { assertDamping, assertParticles } from './rank-rules.ts'

/** 'GCSR' as little-endian u32 */
const MAGIC = 0x5253_4347
const VERSION = 1
const HEADER_WORDS = 4

/** A graph without neurons: out-links by source, sorted by (source, target), each once. */
export interface CsrGraph {
  readonly particles: number
  /** u32[N + 1] */
  readonly offsets: Uint32Array
  /** u32[E] */
  readonly targets: Uint32Array
}

/**
 * Reads a .csr file: u32 little-endian magic, version 1, N, E, offsets[N + 1], targets[E]. The arrays are
 * copies, or views of `bytes` where its alignment allows.
 *
 * @throws RANK_CSR for anything but exactly such a file, RANK_PARTICLES, RANK_ENDPOINT
 */
export function parseCsr(bytes: Uint8Array): CsrGraph {
  const words = wordsOf(bytes)
  const particles = words[2]!
  const links = words[3]!
  assertParticles(particles)
  const expected = HEADER_WORDS + particles + 1 + links
  if (words.length !== expected) {
    throw csrError(
      `${particles} particles and ${links} links take ${4 * expected} bytes, got ${bytes.length}`,
    )
  }
  const offsets = words.subarray(HEADER_WORDS, HEADER_WORDS + particles + 1)
  const targets = words.subarray(HEADER_WORDS + particles + 1)
  assertOffsets(offsets, links)
  assertTargets(offsets, targets)
  return { particles, offsets, targets }
}

/** The rank graph of a .csr: one neuron, every link with s = 1. */
export function buildCsrRankGraph(
  { particles, offsets, targets }: CsrGraph,
  passes = PLAIN_PASSES,
  damping?: Rational,
): RankGraph {
  if (damping !== undefined) assertDamping(damping)
  return foldLinksBySource({ particles, offsets, targets, damping }, passes)
}

/** The same links one by one, for what reads no .csr: one neuron with a stake of 1 for each of its links. */
export function linksOfCsr({ particles, offsets, targets }: CsrGraph): RankInput {
  const links = new Uint32Array(3 * targets.length)
  for (let from = 0; from < particles; from++) {
    for (let at = offsets[from]!; at < offsets[from + 1]!; at++) {
      links[3 * at] = from
      links[3 * at + 1] = targets[at]!
    }
  }
  return { particles, links, stakes: [BigInt(targets.length)] }
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  if (bytes.length < 4 * HEADER_WORDS || bytes.length % 4 !== 0) {
    throw csrError(
      `expected whole 32-bit words and a header of ${4 * HEADER_WORDS} bytes, got ${bytes.length} bytes`,
    )
  }
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4)
  if (words[0] !== MAGIC || words[1] !== VERSION) {
    throw csrError(
      `expected magic 0x${MAGIC.toString(16)} version ${VERSION}, got 0x${words[0]!.toString(16)} ${words[1]}`,
    )
  }
  return words
}

function assertOffsets(offsets: Uint32Array, links: number): void {
  if (offsets[0] !== 0) throw csrError(`offsets must begin with 0, got ${offsets[0]}`)
  for (let i = 1; i < offsets.length; i++) {
    if (offsets[i]! < offsets[i - 1]!) throw csrError(`offset ${i} is ${offsets[i]}, below the one before it`)
  }
  if (offsets.at(-1) !== links) throw csrError(`offsets must end with ${links}, got ${offsets.at(-1)}`)
}

function assertTargets(offsets: Uint32Array, targets: Uint32Array): void {
  const particles = offsets.length - 1
  for (let source = 0; source < particles; source++) {
    let previous = -1
    for (let at = offsets[source]!; at < offsets[source + 1]!; at++) {
      const target = targets[at]!
      if (target >= particles) {
        throw rankError(
          'RANK_ENDPOINT',
          `Link ${at} names particle ${target}, but there are only ${particles} particles.`,
        )
      }
      if (target <= previous)
        throw csrError(`targets of source ${source} are not in ascending order at link ${at}`)
      previous = target
    }
  }
}

function csrError(problem: string): Error {
  return rankError('RANK_CSR', `Not a .csr graph: ${problem}.`)
}
