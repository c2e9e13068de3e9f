import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { createFallbackKernel } from '#graph/rank-fallback.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { Rank, RankKernel } from '#graph/rank-kernel.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { createWasmKernel } from '#wasm/bindings/rank.ts'
import { buildWasm } from '#wasm/build.ts'
import type { Gpu } from '#webgpu/device.ts'
import { createWebgpuKernel, type WebgpuKernelInit } from '#webgpu/kernels/rank/rank.ts'
import { describeRankKernel } from '../../../contract/rank-kernel-contract.ts'
import { findNodeGpu, openNodeGpu, readRankShader } from '../../../fakes/node-gpu.ts'
import { randomRankInput } from '../../../web/graph/random-rank-inputs.ts'
import { createRandom, largeInputs, powerLaw, shuffleLinks } from '../../../web/graph/rank-graphs.ts'

const { reason } = await findNodeGpu()
/** Without a driver one test says why it was skipped. */
const describeGpu =
  reason === undefined ? describe : (name: string) => test(name, (context) => context.skip(reason))

const GRAPHS = 320
/** A processor that plays the card takes 5 s for them; a busy one much longer. */
const SLOW_MS = 120_000
/** Those that the layout treats differently; `npm run bench kernels` ranks all of them to the end. */
const SHAPES = largeInputs().filter(({ name }) =>
  ['power law, few neurons', 'star in', 'chain'].includes(name),
)
/** A slice of 64 rows of 64 links: the least that the layout needs. */
const TIGHT_BYTES = 4 * 64 * 64

describeGpu('[KG12] WebGPU', () => {
  let gpu: Gpu
  let wasm: RankKernel
  beforeAll(async () => {
    gpu = await openNodeGpu()
    wasm = await createWasmKernel(new Uint8Array(await readFile((await buildWasm()).rank)))
  })
  afterAll(() => gpu.destroy())

  const create = async (init: Partial<WebgpuKernelInit> = {}) =>
    createWebgpuKernel({ gpu, shader: await readRankShader(), ...init })

  describeRankKernel('WebGPU', create, {
    goldenUpTo: 1,
    tinyUpTo: 16,
    goldenStop: false,
    runs: 4,
  })

  it(
    `gives the bits of TypeScript and wasm on ${GRAPHS} random graphs, links in any order, workgroups of any size`,
    async () => {
      const random = createRandom(5)
      const kernels = await Promise.all([1, 48, 64, 256].map((workgroupSize) => create({ workgroupSize })))
      for (let seed = 0; seed < GRAPHS; seed++) {
        const input = randomRankInput(seed)
        const iterations = 1 + random(2)
        const ts = await createTsKernel().rank(buildRankGraph(input), { iterations })
        const shuffled = buildRankGraph(shuffleLinks(input, seed))
        expectSame(await wasm.rank(shuffled, { iterations }), ts, `wasm, seed ${seed}`)
        const gpuRank = await kernels[random(kernels.length)]!.rank(shuffled, { iterations })
        expectSame(gpuRank, ts, `webgpu, seed ${seed}`)
      }
    },
    SLOW_MS,
  )

  it.each(SHAPES)('[KG13] in one pass or many, in two dimensions: $name', async ({ input }) => {
    const graph = buildRankGraph(input)
    const expected = await wasm.rank(graph, { iterations: 2 })
    expectSame(await (await create()).rank(graph, { iterations: 2 }), expected, 'one pass')
    const tight = await create({ maxBindingBytes: TIGHT_BYTES, maxGroups: 3 })
    expectSame(await tight.rank(graph, { iterations: 2 }), expected, 'many passes')
  })

  it('[KG10] stops where the others do', async () => {
    const graph = buildRankGraph(powerLaw({ particles: 900, links: 4_000, neurons: 9, seed: 4 }))
    const checks: [number, bigint][] = []
    const rank = await (await create()).rank(graph, { onCheck: (t, delta) => checks.push([t, delta]) })
    expectSame(rank, await wasm.rank(graph), 'to the end')
    expect(checks.map(([iteration]) => iteration)).toEqual(checks.map((_, index) => 8 * (index + 1)))
    expect(checks.at(-1)).toEqual([rank.iterations, rank.delta])
  })

  it('begins again on the next kernel when the device is lost midway', async () => {
    const lost = await openNodeGpu()
    const kernel = await create({ gpu: lost })
    const graph = buildRankGraph(powerLaw({ particles: 300, links: 2_000, neurons: 5, seed: 6 }))
    const fallback = createFallbackKernel({
      candidates: [
        { name: 'webgpu', load: async () => kernel },
        { name: 'wasm', load: async () => wasm },
      ],
    })
    let told = 0
    const onCheck = () => {
      if (told++ === 0) lost.device.destroy()
    }
    expectSame(await fallback.rank(graph, { onCheck }), await wasm.rank(graph), 'after the loss')
    expect(fallback.name).toBe('wasm')
    expect(fallback.dropped).toEqual([
      { name: 'webgpu', reason: expect.stringContaining('The graphics card was lost') },
    ])
    await expect(kernel.rank(graph)).rejects.toMatchObject({ code: 'WEBGPU_LOST' })
  })

  it('refuses a shader that does not compile', async () => {
    await expect(create({ shader: 'fn spread() {' })).rejects.toMatchObject({ code: 'WEBGPU_FAILED' })
  })
})

/** By hand: a failing toEqual of many bigints takes minutes to print. */
function expectSame(rank: Rank, expected: Rank, what: string): void {
  const wrong = rank.ranks.findIndex((value, particle) => value !== expected.ranks[particle])
  const { iterations, delta, ranks } = rank
  expect({ what, wrong, iterations, delta, particles: ranks.length }).toEqual({
    what,
    wrong: -1,
    iterations: expected.iterations,
    delta: expected.delta,
    particles: expected.ranks.length,
  })
}
