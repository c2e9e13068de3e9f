import {
  type FoldedColumns,
  type GraphRows,
  type LinkFold,
  type LinkPasses,
  type LooseLinks,
  PLAIN_PASSES,
} from '#graph/link-passes.ts'

const PAGE_BYTES = 65_536
/** Clear of address 0. */
const FIRST_BYTE = 64
/** Eight words a link are most of what there is of addresses then; more never come in a tab. */
const MAX_LINKS = 2 ** 26
/** Below, copying arrays to and fro takes what wasm saves. */
const MIN_LINKS = 2 ** 16
/** Links that are copied at once: 192 KiB, which stay in the cache until they are read. */
const CHUNK_LINKS = 2 ** 14
/** Arrays of one fold, each on a cache line of its own. */
const MAX_ARRAYS = 32
/** BUCKET_BITS of wasm/assembly/rank.ts: a bucket's particles, and the bits that numbers of neurons lose by it. */
const BUCKET_BITS = 11
const BUCKET = 2 ** BUCKET_BITS
const MAX_NEURONS = 2 ** (32 - BUCKET_BITS)

/** wasm/assembly/rank.ts as it is exported. */
interface PassExports {
  admitLinks(
    count: number,
    links: number,
    particles: number,
    neuronCount: number,
    degrees: number,
    lengths: number,
    sizes: number,
  ): number
  countLinks(count: number, links: number, carries: number, lengths: number, sizes: number): void
  fillBuckets(count: number, links: number, carries: number, cursors: number, bucketed: number): void
  groupBySource(first: number, end: number, bucketed: number, offsets: number, sorted: number): void
  findSources(
    row: number,
    end: number,
    found: number,
    order: number,
    offsets: number,
    grouped: number,
    latest: number,
    cursors: number,
    paired: number,
    sources: number,
    neurons: number,
    counts: number,
  ): number
  fillColumns(count: number, paired: number, cursors: number, columns: number): void
  orderByDestination(
    count: number,
    starts: number,
    counts: number,
    targets: number,
    cursors: number,
    columns: number,
  ): void
}

/** Arrays side by side in a memory of their own, which goes when they do. */
interface Arena {
  readonly exports: PassExports
  /** Byte offset of a copy of the array. */
  put(array: Uint32Array): number
  /** Byte offset of room for so many words, which are 0. */
  room(words: number): number
  /** Copies an array to where there is room for it. */
  fill(at: number, array: Uint32Array): void
  /** A copy of what stands there. */
  take(at: number, words: number): Uint32Array
}

/**
 * The passes in AssemblyScript: a wasm memory lies in large pages, so that scattered writes are found sooner, and
 * nothing checks bounds. Takes small graphs, and what finds no memory, to plain TypeScript.
 *
 * @param module wasm/build/rank.wasm, compiled
 * @param minLinks graphs of fewer go to TypeScript @default 65,536
 */
export function createWasmPasses(module: WebAssembly.Module, minLinks = MIN_LINKS): LinkPasses {
  const fits = (links: number) => links >= minLinks && links <= MAX_LINKS

  return {
    name: 'wasm',
    open(links) {
      const arena =
        fits(links.links.length / 3) && links.neurons <= MAX_NEURONS ? openFold(module, links) : undefined
      return arena === undefined ? PLAIN_PASSES.open(links) : admit(arena, links)
    },
    byDestination(links) {
      const { targets, starts, counts, rows } = links
      const words = 2 * targets.length + 2 * starts.length + rows.length
      const arena = fits(targets.length) ? openArena(module, words) : undefined
      if (arena === undefined) return PLAIN_PASSES.byDestination(links)
      const columns = arena.room(targets.length)
      const [from, of, to, cursors] = [starts, counts, targets, rows].map(arena.put) as [
        number,
        number,
        number,
        number,
      ]
      arena.exports.orderByDestination(starts.length, from, of, to, cursors, columns)
      return arena.take(columns, targets.length)
    },
  }
}

/** Room for all that a fold takes. */
function openFold(module: WebAssembly.Module, { particles, neurons, links }: LooseLinks): Arena | undefined {
  const buckets = Math.ceil(particles / BUCKET)
  // bucketed and paired are u64, and so are the links of one bucket, which may be all; three arrays of virtual sources
  const perLinks = (2 + 2 + 2 + 3) * (links.length / 3)
  const perParticles = 5 * particles + BUCKET + 1 + 4 * buckets
  return openArena(module, perLinks + perParticles + 3 * CHUNK_LINKS + 3 * neurons)
}

/** Passes go in steps, for an engine has compiled them well by the second one. */
type EachChunk = (pass: (count: number) => void) => void

function admit(arena: Arena, { particles, neurons, links }: LooseLinks): LinkFold | undefined {
  const { exports } = arena
  const buckets = Math.ceil(particles / BUCKET)
  const chunk = arena.room(3 * CHUNK_LINKS)
  const forEachChunk: EachChunk = (pass) => {
    for (let at = 0; at < links.length; at += 3 * CHUNK_LINKS) {
      const part = links.subarray(at, at + 3 * CHUNK_LINKS)
      arena.fill(chunk, part)
      pass(part.length / 3)
    }
  }
  const [degrees, which] = [arena.room(neurons), arena.room(neurons)]
  const [lengths, sizes] = [arena.room(particles), arena.room(buckets)]
  let isGood = true
  forEachChunk((count) => {
    isGood &&= exports.admitLinks(count, chunk, particles, neurons, degrees, lengths, sizes) === 1
  })
  if (!isGood) return undefined
  const linksOf = arena.take(degrees, neurons)

  return {
    degrees: linksOf,
    count(carries) {
      arena.fill(which, carries)
      if (carries.some((carry, neuron) => carry === 0 && linksOf[neuron]! > 0)) {
        arena.fill(lengths, new Uint32Array(particles))
        arena.fill(sizes, new Uint32Array(buckets))
        forEachChunk((count) => exports.countLinks(count, chunk, which, lengths, sizes))
      }
      return arena.take(lengths, particles)
    },
    fold(rows) {
      const begins = offsetsOf(arena.take(sizes, buckets))
      const bucketed = arena.room(2 * begins[buckets]!)
      const cursors = arena.put(begins)
      forEachChunk((count) => exports.fillBuckets(count, chunk, which, cursors, bucketed))
      const offsets = groupAll(arena, bucketed, begins)
      const into = bucketsOf(arena.take(lengths, particles))
      return findColumns(arena, { ...rows, neuronCount: neurons, grouped: bucketed, offsets, begins: into })
    },
  }
}

/** Orders the links of each bucket by their sources. Returns the byte offset of where each source's links begin. */
function groupAll(arena: Arena, bucketed: number, begins: Uint32Array): number {
  const buckets = begins.length - 1
  // where the links of each particle end is where those of the next begin: with a 0 before them, these are offsets
  const offsets = arena.room(buckets * BUCKET + 1)
  const largest = begins.reduce((most, begin, i) => Math.max(most, begin - (begins[i - 1] ?? 0)), 0)
  const sorted = arena.room(2 * largest)
  for (let bucket = 0; bucket < buckets; bucket++) {
    const ends = offsets + 4 * (bucket * BUCKET + 1)
    arena.exports.groupBySource(begins[bucket]!, begins[bucket + 1]!, bucketed, ends, sorted)
  }
  return offsets
}

/** Where the links into the particles of each bucket begin, and how many there are. */
function bucketsOf(lengths: Uint32Array): Uint32Array {
  const sums = new Uint32Array(Math.ceil(lengths.length / BUCKET))
  for (let particle = 0; particle < lengths.length; particle++) {
    sums[Math.floor(particle / BUCKET)]! += lengths[particle]!
  }
  return offsetsOf(sums)
}

interface FindInit extends GraphRows {
  readonly neuronCount: number
  /** byte offsets */
  readonly grouped: number
  readonly offsets: number
  /** of the buckets of destinations */
  readonly begins: Uint32Array
}

function findColumns(arena: Arena, init: FindInit): FoldedColumns {
  const { exports } = arena
  const { order, starts, neuronCount, grouped, offsets, begins } = init
  const count = begins.at(-1)!
  const [sorted, latest, cursors] = [arena.put(order), arena.room(neuronCount), arena.put(begins)]
  const paired = arena.room(2 * count)
  const [sources, neurons, counts] = [arena.room(count), arena.room(count), arena.room(count)]
  let found = 0
  for (let row = 0; row < order.length; row += BUCKET) {
    const end = Math.min(order.length, row + BUCKET)
    const written = [latest, cursors, paired, sources, neurons, counts] as const
    found = exports.findSources(row, end, found, sorted, offsets, grouped, ...written)
  }
  // those that were grouped are read no more
  const columns = grouped
  const places = arena.put(starts)
  for (let at = 0; at < count; at += CHUNK_LINKS) {
    exports.fillColumns(Math.min(CHUNK_LINKS, count - at), paired + 8 * at, places, columns)
  }
  return {
    sources: arena.take(sources, found),
    neurons: arena.take(neurons, found),
    counts: arena.take(counts, found),
    columns: arena.take(columns, count),
  }
}

/** What comes before each, and all of it. */
function offsetsOf(counts: Uint32Array): Uint32Array {
  const offsets = new Uint32Array(counts.length + 1)
  for (let i = 0; i < counts.length; i++) offsets[i + 1] = offsets[i]! + counts[i]!
  return offsets
}

/** undefined where there is no memory for it. */
function openArena(module: WebAssembly.Module, words: number): Arena | undefined {
  const bytes = FIRST_BYTE + 4 * words + 64 * MAX_ARRAYS
  let memory: WebAssembly.Memory
  try {
    memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) })
  } catch {
    return undefined
  }
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  let end = FIRST_BYTE
  function room(count: number): number {
    const at = end
    end += Math.ceil(count / 16) * 64
    return at
  }
  function fill(at: number, array: Uint32Array): void {
    new Uint32Array(memory.buffer, at, array.length).set(array)
  }
  return {
    // The module is built from wasm/assembly/rank.ts alone, and its tests call each of these.
    exports: exports as unknown as PassExports,
    room,
    fill,
    put(array) {
      const at = room(array.length)
      fill(at, array)
      return at
    },
    take: (at, count) => new Uint32Array(memory.buffer, at, count).slice(),
  }
}
