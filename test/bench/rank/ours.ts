import { readFile } from 'node:fs/promises'
import { type LinkPasses, PLAIN_PASSES } from '#graph/link-passes.ts'
import type { RankGraph, RankKernel } from '#graph/rank-kernel.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { createWasmPasses } from '#wasm/bindings/link-passes.ts'
import { createWasmKernel } from '#wasm/bindings/rank.ts'
import { buildWasm } from '#wasm/build.ts'
import { openCardKernel } from '#webgpu/kernels/rank/open-kernel.ts'
import type { Engine } from './engine.ts'
import { processorMs } from './processor-ms.ts'

const MASS = 2 ** 62
/** Kernels give the same bits. */
const TOLERANCE = 1e-18

export async function loadKernels(): Promise<readonly RankKernel[]> {
  return [await createWasmKernel(new Uint8Array(await readFile((await buildWasm()).rank))), createTsKernel()]
}

/** The passes that a graph is built by: wasm's, then those of plain TypeScript. */
export async function loadPasses(): Promise<readonly LinkPasses[]> {
  const module = await WebAssembly.compile(new Uint8Array(await readFile((await buildWasm()).rank)))
  return [createWasmPasses(module), PLAIN_PASSES]
}

/** A kernel as an engine. The first iteration, with the layout before it, is not counted. */
export function createOurEngine(kernel: RankKernel, graph: RankGraph, iterations: number): Engine {
  return {
    name: kernel.name,
    note: 'exact integers',
    tolerance: TOLERANCE,
    async run() {
      const times: number[] = []
      const pause = async () => {
        times.push(processorMs())
      }
      const { ranks } = await kernel.rank(graph, { iterations, pause })
      return {
        msPerIteration: (times.at(-1)! - times[0]!) / (iterations - 1),
        ranks: sharesOf(ranks),
        bytes: bytesOf(graph),
      }
    },
  }
}

/** The kernel on a real graphics card. @returns undefined, after a word about it, where there is none */
export async function loadCardKernel(): Promise<RankKernel | undefined> {
  const shader = await readFile(new URL('../../../webgpu/kernels/rank/rank.wgsl', import.meta.url), 'utf8')
  const dawn = await import('webgpu').catch(() => undefined)
  const kernel = dawn && (await openCardKernel({ gpu: dawn.create([]), shader }))
  if (kernel === undefined)
    console.log('There is no graphics card that WebGPU may use here: webgpu is left out.')
  return kernel
}

/**
 * The card as an engine. What it is given waits in a queue, so its time is that on the clock, of all iterations less
 * that of one, which has taking the graph there and the ranks back in it too.
 */
export function createCardEngine(kernel: RankKernel, graph: RankGraph, iterations: number): Engine {
  const time = async (count: number) => {
    const startedAt = performance.now()
    const { ranks } = await kernel.rank(graph, { iterations: count })
    return { ms: performance.now() - startedAt, ranks }
  }
  return {
    name: kernel.name,
    note: 'exact integers, by the clock',
    tolerance: TOLERANCE,
    async run() {
      const one = await time(1)
      const all = await time(iterations)
      return {
        msPerIteration: (all.ms - one.ms) / (iterations - 1),
        ranks: sharesOf(all.ranks),
        bytes: undefined,
      }
    },
  }
}

/** Between the iterations wanted and one fewer, for rivals that stop when little moves. */
export async function findEpsilon(kernel: RankKernel, graph: RankGraph, iterations: number): Promise<number> {
  const deltas: number[] = []
  const onIteration = (_: number, delta: bigint) => deltas.push(Number(delta) / MASS)
  await kernel.rank(graph, { iterations, onIteration })
  return Math.sqrt(deltas[iterations - 1]! * deltas[iterations - 2]!)
}

function sharesOf(ranks: BigUint64Array): Float64Array {
  return Float64Array.from(ranks, (rank) => Number(rank) / MASS)
}

/** Both kernels: columns and rows u32, x and f u64 and the particle u32 of each virtual source, y twice u64. */
function bytesOf({ particles, links, sources }: RankGraph): number {
  return 4 * links + 4 * (particles + 1) + 20 * sources.length + 16 * particles
}
