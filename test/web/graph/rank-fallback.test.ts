import { describe, expect, it } from 'vitest'
import { createFallbackKernel, type KernelCandidate } from '#graph/rank-fallback.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankKernel } from '#graph/rank-kernel.ts'
import { createTsKernel } from '#graph/rank-reference.ts'

const graph = buildRankGraph({ particles: 2, links: Uint32Array.of(0, 1, 0), stakes: [2n] })
const ts: KernelCandidate = { name: 'ts', load: async () => createTsKernel() }

function unloadable(cause: Error): KernelCandidate {
  return { name: 'wasm', load: () => Promise.reject(cause) }
}

function failing(cause: Error): KernelCandidate {
  const kernel: RankKernel = { name: 'webgpu', rank: () => Promise.reject(cause) }
  return { name: 'webgpu', load: async () => kernel }
}

describe('[KG12] createFallbackKernel', () => {
  it('drops what does not load or work, once, and goes on with the next', async () => {
    const dropped: unknown[] = []
    const causes = [new Error('device lost'), new Error('no wasm')] as const
    const kernel = createFallbackKernel({
      candidates: [failing(causes[0]), unloadable(causes[1]), ts],
      onDrop: (name, cause) => dropped.push([name, cause]),
    })
    expect(kernel.name).toBe('webgpu')
    const ranks = await Promise.all([kernel.rank(graph), kernel.rank(graph)])
    expect(ranks[0]).toEqual(await createTsKernel().rank(graph))
    expect(ranks[1]).toEqual(ranks[0])
    expect(kernel.name).toBe('ts')
    await kernel.rank(graph)
    expect(dropped).toEqual([
      ['webgpu', causes[0]],
      ['wasm', causes[1]],
    ])
  })

  it('says so when none is left', async () => {
    const cause = new Error('no wasm')
    const kernel = createFallbackKernel({ candidates: [unloadable(cause)] })
    await expect(kernel.rank(graph)).rejects.toMatchObject({ code: 'RANK_NO_KERNEL', cause })
  })

  it('blames no kernel for an abort or a wrong option', async () => {
    const dropped: unknown[] = []
    const kernel = createFallbackKernel({ candidates: [ts], onDrop: (name) => dropped.push(name) })
    const signal = AbortSignal.abort()
    await expect(kernel.rank(graph, { signal })).rejects.toBe(signal.reason)
    await expect(kernel.rank(graph, { iterations: -1 })).rejects.toMatchObject({ code: 'RANK_ITERATIONS' })
    expect(dropped).toEqual([])
  })
})
