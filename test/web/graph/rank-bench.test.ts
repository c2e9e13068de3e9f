import { describe, expect, it } from 'vitest'
import { benchKernels } from '#graph/rank-bench.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import { createTsKernel } from '#graph/rank-reference.ts'

const graph = buildRankGraph({
  particles: 3,
  links: Uint32Array.of(0, 1, 0, 1, 2, 0, 2, 0, 0),
  stakes: [1_000_000n],
})

describe('[KG12] timing the kernels', () => {
  it('[KG12] tells how long an iteration takes, that the bits agree, and who does not run', async () => {
    let clock = 0
    const timings = await benchKernels(graph, {
      kernel: (name) => {
        if (name === 'webgpu') throw new Error('No graphics card here.')
        return createTsKernel()
      },
      now: () => (clock += 40),
    })
    expect(timings).toEqual([
      { kernel: 'webgpu', failure: { code: 'RANK_FAILED', message: 'No graphics card here.' } },
      expect.objectContaining({ kernel: 'wasm' }),
      expect.objectContaining({ kernel: 'ts', ranksSha256: expect.stringMatching(/^[0-9a-f]{64}$/) }),
    ])
    const [, wasm, ts] = timings
    expect(wasm).toEqual({ ...ts, kernel: 'wasm' })
    // the clock moves on at each look: three runs of eight iterations reach 100 ms
    expect(ts).toMatchObject({ iterationMs: 160 / 24, edgesPerSecond: (3 / (160 / 24)) * 1_000 })
  })

  it('ends on a clock that stands still', async () => {
    const timings = await benchKernels(graph, { kernel: () => createTsKernel(), now: () => 5 })
    expect(timings.map((timing) => 'edgesPerSecond' in timing && timing.edgesPerSecond)).toEqual([0, 0, 0])
  })
})
