import { describe, expect, it, vi } from 'vitest'
import { createKernelChoice, type KernelChoiceInit } from '#graph/kernel-choice.ts'
import { PLAIN_PASSES } from '#graph/link-passes.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankGraph, RankKernel, RankOptions } from '#graph/rank-kernel.ts'
import { createTsKernel } from '#graph/rank-reference.ts'

const graph = buildRankGraph({ particles: 3, links: Uint32Array.of(0, 1, 0, 1, 2, 0), stakes: [2n] })
const tiny = buildRankGraph({ particles: 2, links: Uint32Array.of(0, 1, 0), stakes: [2n] })

/** The bits of TypeScript under another name. */
function named<Name extends RankKernel['name']>(name: Name) {
  const ts = createTsKernel()
  return { ...ts, name, rank: vi.fn((of: RankGraph, options?: RankOptions) => ts.rank(of, options)) }
}

function create(init: Partial<KernelChoiceInit> = {}) {
  const wasm = named('wasm')
  const card = named('webgpu')
  const dropped: unknown[] = []
  const choice = createKernelChoice({
    wasm: async () => wasm,
    passes: async () => PLAIN_PASSES,
    card: async () => card,
    webgpu: async () => card,
    minCardLinks: 2,
    onDrop: (name, cause) => dropped.push([name, (cause as Error).message]),
    ...init,
  })
  return { choice, wasm, card, dropped }
}

describe('[KG12] createKernelChoice', () => {
  it('takes large graphs to the card after its first rank was checked, small ones to wasm', async () => {
    const { choice, wasm, card } = create()
    const kernel = await choice.kernel()
    await kernel.rank(tiny)
    expect(kernel.name).toBe('wasm')
    await kernel.rank(graph)
    await kernel.rank(graph)
    expect(kernel.name).toBe('webgpu')
    expect([card.rank.mock.calls.length, wasm.rank.mock.calls.length]).toEqual([2, 2])
  })

  it('goes on with wasm where there is no card, without a warning', async () => {
    const card = vi.fn(async () => undefined)
    const { choice, dropped } = create({ card })
    const kernel = await choice.kernel()
    for (const _ of [1, 2]) expect(await kernel.rank(graph)).toEqual(await createTsKernel().rank(graph))
    expect({ name: kernel.name, dropped, looked: card.mock.calls.length }).toEqual({
      name: 'wasm',
      dropped: [],
      looked: 1,
    })
  })

  it('drops a card with other bits, and says so', async () => {
    const card = {
      ...named('webgpu'),
      rank: async (of: RankGraph) => createTsKernel().rank(of, { iterations: 1 }),
    }
    const { choice, dropped } = create({ card: async () => card })
    const kernel = await choice.kernel()
    expect(await kernel.rank(graph)).toEqual(await createTsKernel().rank(graph))
    expect(kernel.name).toBe('wasm')
    const reason = 'The webgpu kernel stopped elsewhere than the reference: it is not used.'
    expect(dropped).toEqual([['webgpu', reason]])
    expect(choice.dropped).toEqual([{ name: 'webgpu', reason }])
  })

  it('checks against TypeScript where wasm does not load', async () => {
    const { choice, card, dropped } = create({ wasm: () => Promise.reject(new Error('no wasm')) })
    expect(await (await choice.kernel()).rank(graph)).toEqual(await createTsKernel().rank(graph))
    expect([card.rank.mock.calls.length, dropped]).toEqual([1, []])
    expect((await choice.contextKernel()).name).toBe('ts')
  })

  it('gives the kernel that is asked for by name, and loads it again when that failed', async () => {
    const webgpu = vi.fn<() => Promise<RankKernel>>().mockRejectedValueOnce(new Error('busy'))
    webgpu.mockResolvedValue(named('webgpu'))
    const { choice } = create({ webgpu })
    await expect(choice.kernel('webgpu')).rejects.toThrow('busy')
    for (const name of ['webgpu', 'wasm', 'ts', 'webgpu'] as const)
      expect((await choice.kernel(name)).name).toBe(name)
    expect(webgpu).toHaveBeenCalledTimes(2)
    // from the console anything may come
    await expect(choice.kernel('gpu' as 'ts')).rejects.toMatchObject({ code: 'RANK_NO_KERNEL' })
    expect((await choice.contextKernel('ts')).name).toBe('ts')
    expect((await choice.contextKernel()).name).toBe('wasm')
  })

  it('builds graphs by plain TypeScript where wasm does not load, and tries again', async () => {
    const wasm = { ...PLAIN_PASSES, name: 'wasm' as const }
    let isOnline = false
    const { choice } = create({
      passes: async () => {
        if (!isOnline) throw new Error('offline')
        return wasm
      },
    })
    expect(await choice.passes()).toBe(PLAIN_PASSES)
    isOnline = true
    expect(await choice.passes()).toBe(wasm)
  })
})
