import { type LinkPasses, type LinksByNeuron, PLAIN_PASSES } from '#graph/link-passes.ts'

const PAGE_BYTES = 65_536
/** Clear of address 0. */
const FIRST_BYTE = 64
/** More than a third of what there is of addresses is left to plain TypeScript: it never comes in a tab. */
const MAX_LINKS = 2 ** 28
/** Below, copying arrays to and fro takes what wasm saves. */
const MIN_LINKS = 2 ** 16

/** wasm/assembly/rank.ts as it is exported. */
interface PassExports {
  orderBySource(
    count: number,
    neuron: number,
    froms: number,
    tos: number,
    cursors: number,
    targets: number,
    neurons: number,
  ): void
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
  /** Byte offset of room for so many words. */
  room(words: number): number
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
    bySource(links) {
      const count = links.tos.length
      const arena = fits(count) ? openArena(module, 4 * count + links.starts.length) : undefined
      return arena === undefined ? PLAIN_PASSES.bySource(links) : orderBySource(arena, links)
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

function orderBySource(arena: Arena, { froms, tos, neurons: ends, starts }: LinksByNeuron) {
  const count = tos.length
  const [from, to, cursors] = [arena.put(froms), arena.put(tos), arena.put(starts)]
  const [targets, neurons] = [arena.room(count), arena.room(count)]
  for (let neuron = 0; neuron + 1 < ends.length; neuron++) {
    const at = 4 * ends[neuron]!
    const size = ends[neuron + 1]! - ends[neuron]!
    if (size > 0) arena.exports.orderBySource(size, neuron, from + at, to + at, cursors, targets, neurons)
  }
  return { targets: arena.take(targets, count), neurons: arena.take(neurons, count) }
}

/** undefined where there is no memory for it. */
function openArena(module: WebAssembly.Module, words: number): Arena | undefined {
  // five arrays, each on a cache line
  const bytes = FIRST_BYTE + 4 * words + 5 * 64
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
  return {
    // The module is built from wasm/assembly/rank.ts alone, and its tests call each of these.
    exports: exports as unknown as PassExports,
    room,
    put(array) {
      const at = room(array.length)
      new Uint32Array(memory.buffer, at, array.length).set(array)
      return at
    },
    take: (at, count) => new Uint32Array(memory.buffer, at, count).slice(),
  }
}
