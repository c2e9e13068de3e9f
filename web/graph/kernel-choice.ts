import type { KernelName } from './graph-ranker.ts'
import { type LinkPasses, PLAIN_PASSES } from './link-passes.ts'
import { checkFirstRank } from './rank-check.ts'
import type { ContextKernel } from './rank-context.ts'
import { rankError } from './rank-errors.ts'
import { createFallbackKernel, type DroppedKernel, type KernelCandidate } from './rank-fallback.ts'
import type { RankKernel } from './rank-kernel.ts'
import { createTsKernel } from './rank-reference.ts'

export interface KernelChoiceInit {
  readonly wasm: () => Promise<RankKernel & ContextKernel>
  /** of the same module as the wasm kernel */
  readonly passes: () => Promise<LinkPasses>
  /** the kernel on a real graphics card; undefined where there is none */
  readonly card: () => Promise<RankKernel | undefined>
  /** the WebGPU kernel on whatever computes it, for who asks for it by name */
  readonly webgpu: () => Promise<RankKernel>
  /** graphs of fewer links are not taken to the card */
  readonly minCardLinks: number
  /** told why a kernel was dropped, before the next takes over */
  readonly onDrop: (name: RankKernel['name'], cause: unknown) => void
}

/** The kernels of a tab or process ([KG12]). */
export interface KernelChoice {
  /** The kernel asked for, whatever its speed, or the fastest that works. @throws RANK_NO_KERNEL, or why it does not load */
  readonly kernel: (name?: KernelName) => Promise<RankKernel>
  /** The one asked for that ranks in contexts ([KG15]), or wasm, and plain TypeScript where that does not load. */
  readonly contextKernel: (name?: 'ts' | 'wasm') => Promise<ContextKernel>
  readonly dropped: readonly DroppedKernel[]
  /** What graphs are built by: wasm, and plain TypeScript where that does not load. */
  readonly passes: () => Promise<LinkPasses>
}

/** Chooses the fastest kernel that is there, works, and gives the reference's bits; makes each only when it is wanted. */
export function createKernelChoice(init: KernelChoiceInit): KernelChoice {
  const wasm = untilLoaded(init.wasm)
  const passes = untilLoaded(init.passes)
  const ts = async () => createTsKernel()
  const plain: readonly KernelCandidate[] = [
    { name: 'wasm', load: wasm },
    { name: 'ts', load: ts },
  ]
  const reference = createFallbackKernel({ candidates: plain })
  const loadCard = async () => {
    const kernel = await init.card()
    return kernel && checkFirstRank(kernel, reference)
  }
  const fastest = createFallbackKernel({
    candidates: [{ name: 'webgpu', load: loadCard, minLinks: init.minCardLinks }, ...plain],
    onDrop: init.onDrop,
  })
  const named: Readonly<Record<KernelName, () => Promise<RankKernel>>> = {
    ts,
    wasm,
    webgpu: untilLoaded(init.webgpu),
  }
  return {
    kernel: async (name) => {
      if (name === undefined) return fastest
      if (Object.hasOwn(named, name)) return named[name]()
      throw rankError(
        'RANK_NO_KERNEL',
        `Expected the kernel ts, wasm or webgpu, got "${String(name).slice(0, 80)}".`,
      )
    },
    contextKernel: (name) => {
      if (name === 'ts') return ts()
      return name === 'wasm' ? wasm() : wasm().catch(ts)
    },
    dropped: fastest.dropped,
    passes: () => passes().catch(() => PLAIN_PASSES),
  }
}

/** Loads once; what failed is tried again by the next who asks. */
function untilLoaded<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined
  return () => {
    loading ??= load().catch((error) => {
      loading = undefined
      throw error
    })
    return loading
  }
}
