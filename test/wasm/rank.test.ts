import { readFile } from 'node:fs/promises'
import { describe, expect, it, vi } from 'vitest'
import type { ContextKernel } from '#graph/rank-context.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankKernel } from '#graph/rank-kernel.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { createWasmKernel } from '#wasm/bindings/rank.ts'
import { buildWasm } from '#wasm/build.ts'
import { describeContextKernel } from '../contract/context-kernel-contract.ts'
import { describeRankKernel } from '../contract/rank-kernel-contract.ts'
import { largeInputs } from '../web/graph/rank-graphs.ts'

async function readBinary(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile((await buildWasm()).rank))
}

async function create(): Promise<RankKernel & ContextKernel> {
  return createWasmKernel(await readBinary())
}

describeRankKernel('AssemblyScript', create)
describeContextKernel('AssemblyScript', create)

describe('[KG12] ts and wasm give the same bits', () => {
  it.each(largeInputs())('$name', async ({ input }) => {
    const graph = buildRankGraph(input)
    const [ts, wasm] = await Promise.all([createTsKernel().rank(graph), (await create()).rank(graph)])
    expect(wasm.iterations).toBe(ts.iterations)
    expect(wasm.delta).toBe(ts.delta)
    // Compared by hand: a failing toEqual of 20,000 bigints takes minutes to print.
    expect(wasm.ranks.findIndex((rank, particle) => rank !== ts.ranks[particle])).toBe(-1)
    expect(wasm.ranks.length).toBe(ts.ranks.length)
  })
})

describe('createWasmKernel', () => {
  it('takes a compiled module, as workers are sent', async () => {
    const kernel = await createWasmKernel(await WebAssembly.compile(await readBinary()))
    const { ranks } = await kernel.rank(
      buildRankGraph({ particles: 2, links: Uint32Array.of(0, 1, 0, 1, 0, 0), stakes: [2n] }),
    )
    expect([...ranks]).toEqual([2n ** 61n, 2n ** 61n])
  })

  it('refuses what is no wasm', async () => {
    await expect(createWasmKernel(new Uint8Array(8))).rejects.toBeInstanceOf(WebAssembly.CompileError)
  })

  it('refuses a graph beyond 4 GiB before it takes memory', async () => {
    const kernel = await create()
    const graph = {
      ...buildRankGraph({ particles: 1, links: new Uint32Array(0), stakes: [] }),
      particles: 2 ** 30,
    }
    await expect(kernel.rank(graph)).rejects.toMatchObject({ code: 'RANK_MEMORY' })
  })

  it('ranks many graphs in a row in one memory, and those at once in one each', async () => {
    const kernel = await create()
    const large = buildRankGraph(largeInputs()[0]!.input)
    const small = buildRankGraph({ particles: 2, links: Uint32Array.of(0, 1, 0), stakes: [2n] })
    const instantiate = vi.spyOn(WebAssembly, 'instantiate')
    try {
      for (const graph of [small, large, small, large, small]) await kernel.rank(graph, { iterations: 1 })
      expect(instantiate).toHaveBeenCalledTimes(1)
      await Promise.all([kernel.rank(large, { iterations: 1 }), kernel.rank(small, { iterations: 1 })])
      expect(instantiate).toHaveBeenCalledTimes(2)
    } finally {
      instantiate.mockRestore()
    }
  })
})
