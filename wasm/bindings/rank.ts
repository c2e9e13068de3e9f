import {
  type ContextKernel,
  type RankContext,
  teleportToAll,
  teleportToContext,
} from '#graph/rank-context.ts'
import { rankError } from '#graph/rank-errors.ts'
import { emptyRank, iterateRank, type RankRun } from '#graph/rank-iterate.ts'
import type { Rank, RankGraph, RankKernel, RankOptions } from '#graph/rank-kernel.ts'
import { restoreOrder } from '#graph/rank-layout.ts'

const PAGE_BYTES = 65_536
/** Where the arrays begin: clear of address 0, on a cache line. */
const FIRST_BYTE = 64
const MAX_MEMORY_BYTES = 2 ** 32
/** A memory this small waits for the next graph; a larger one is left to the collector. 64 MiB hold 5 M links. */
const KEPT_MEMORY_BYTES = 64 * 2 ** 20

/** wasm/assembly/rank.ts as it is exported; i64 crosses as a signed BigInt. */
interface RankExports {
  spread(count: number, sources: number, weights: number, y: number, base: bigint, x: number): void
  pull(count: number, rows: number, columns: number, y: number): bigint
  distance(count: number, y: number, base: bigint, yBefore: number, baseBefore: bigint): bigint
}

interface RankInstance {
  readonly memory: WebAssembly.Memory
  readonly exports: RankExports
}

/** Byte offsets of one graph's arrays. */
interface Layout {
  readonly rows: number
  readonly columns: number
  readonly sources: number
  readonly weights: number
  readonly x: number
  readonly y: readonly [number, number]
  readonly byteLength: number
}

/**
 * The AssemblyScript kernel ([KG12]), for a page, a worker or Node.js. Memory is sized from each graph; several
 * ranks may run at once, each in its own memory, and a small memory is used again.
 *
 * @param source the bytes of wasm/build/rank.wasm, or its compiled module
 * @throws what WebAssembly.compile throws when the engine cannot run it; `rank` throws RANK_MEMORY
 */
export async function createWasmKernel(
  source: Uint8Array<ArrayBuffer> | WebAssembly.Module,
): Promise<RankKernel & ContextKernel> {
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source)
  let idle: RankInstance | undefined
  async function run(graph: RankGraph, options: RankOptions, context?: RankContext): Promise<Rank> {
    options.signal?.throwIfAborted()
    if (graph.particles === 0) return emptyRank()
    const layout = layOutMemory(graph)
    const instance = idle ?? (await instantiate(module))
    idle = undefined
    try {
      reserve(instance.memory, layout.byteLength)
      return await iterateRank(createWasmRun(instance, { graph, layout, context }), options)
    } finally {
      if (instance.memory.buffer.byteLength <= KEPT_MEMORY_BYTES) idle = instance
    }
  }
  return {
    name: 'wasm',
    rank: (graph, options = {}) => run(graph, options),
    rankContext: (graph, context, options = {}) => run(graph, options, context),
  }
}

async function instantiate(module: WebAssembly.Module): Promise<RankInstance> {
  // No maximum: some engines set that much address space aside at once, and phones refuse 4 GiB.
  const memory = new WebAssembly.Memory({ initial: 1 })
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } })
  // The module is built from wasm/assembly/rank.ts alone, and its tests call each of these.
  return { memory, exports: exports as unknown as RankExports }
}

function layOutMemory({ particles, links, sources }: RankGraph): Layout {
  let end = FIRST_BYTE
  const take = (bytes: number): number => {
    const at = end
    end += Math.ceil(bytes / 64) * 64
    return at
  }
  const layout = {
    x: take(8 * sources.length),
    y: [take(8 * particles), take(8 * particles)] as const,
    weights: take(8 * sources.length),
    sources: take(4 * sources.length),
    rows: take(4 * (particles + 1)),
    columns: take(4 * links),
  }
  if (end > MAX_MEMORY_BYTES - PAGE_BYTES) {
    throw rankError(
      'RANK_MEMORY',
      `This graph takes ${end} bytes, the wasm kernel has 4 GiB: choose the ts kernel.`,
    )
  }
  return { ...layout, byteLength: end }
}

function reserve(memory: WebAssembly.Memory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength
  if (missing <= 0) return
  try {
    memory.grow(Math.ceil(missing / PAGE_BYTES))
  } catch (cause) {
    throw rankError(
      'RANK_MEMORY',
      `No memory for a graph of ${bytes} bytes: close other pages or applications.`,
      {
        cause,
      },
    )
  }
}

interface WasmRunInit {
  readonly graph: RankGraph
  readonly layout: Layout
  readonly context: RankContext | undefined
}

function createWasmRun({ memory, exports }: RankInstance, { graph, layout, context }: WasmRunInit): RankRun {
  const { particles, order, rows, columns, sources, weights } = graph
  const { buffer } = memory
  new Uint32Array(buffer, layout.rows, rows.length).set(rows)
  new Uint32Array(buffer, layout.sources, sources.length).set(sources)
  new BigUint64Array(buffer, layout.weights, weights.length).set(weights)
  const addresses = new Uint32Array(buffer, layout.columns, columns.length)
  for (let link = 0; link < columns.length; link++) addresses[link] = layout.x + 8 * columns[link]!
  const ranksAt = (y: number) => new BigUint64Array(buffer, y, particles)
  const teleport = context === undefined ? teleportToAll(particles) : teleportToContext(context, order)
  let now = { y: layout.y[0], base: teleport(0n, ranksAt(layout.y[0]).fill(0n)) }
  let before = { y: layout.y[1], base: 0n }
  return {
    advance() {
      const y = before.y
      before = now
      exports.spread(sources.length, layout.sources, layout.weights, before.y, before.base, layout.x)
      const total = BigInt.asUintN(64, exports.pull(particles, layout.rows, layout.columns, y))
      now = { y, base: teleport(total, ranksAt(y)) }
    },
    delta: () => BigInt.asUintN(64, exports.distance(particles, now.y, now.base, before.y, before.base)),
    ranks: () => restoreOrder(ranksAt(now.y), now.base, order),
  }
}
