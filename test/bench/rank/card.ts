import type { RankGraph } from '#graph/rank-kernel.ts'
import { type Gpu, openGpu } from '#webgpu/device.ts'
import { BUFFER } from '#webgpu/flags.ts'
import { createWebgpuKernel } from '#webgpu/kernels/rank/rank.ts'
import { readRankShader } from '../../fakes/node-gpu.ts'

/** "Figures" of the specification. */
const LEAST_SHARE = 0.6
const COPY_BYTES = 2 ** 28
const COPIES = 16
const ROUNDS = 3

/**
 * The WebGPU kernel on a real graphics card: prints the share of the card's copy bandwidth that E(4 + 8) + 28V + 48N
 * bytes an iteration come to. Says nothing where there is none.
 */
export async function printCard(graph: RankGraph, iterations: number): Promise<void> {
  const gpu = await findCard()
  if (gpu === undefined) return
  try {
    const kernel = await createWebgpuKernel({ gpu, shader: await readRankShader() })
    const time = (count: number) => best(() => kernel.rank(graph, { iterations: count }))
    await time(1)
    // layout, upload and the way back are in both
    const ms = ((await time(4 * iterations)) - (await time(iterations))) / (3 * iterations)
    const bytes = 12 * graph.links + 28 * graph.sources.length + 48 * graph.particles
    const bandwidth = await measureCopy(gpu)
    const share = bytes / ms / bandwidth
    console.log(
      `webgpu on ${gpu.name}: ${ms.toFixed(3)} ms an iteration, ${(graph.links / ms / 1e3).toFixed(0)} M links/s, ` +
        `${(bytes / ms / 1e6).toFixed(0)} GB/s, ${(100 * share).toFixed(0)} % of the ${(bandwidth / 1e6).toFixed(0)} GB/s ` +
        `of a copy, aim ≥ ${100 * LEAST_SHARE} %: ${share >= LEAST_SHARE ? 'kept' : 'NOT kept'}`,
    )
  } finally {
    gpu.destroy()
  }
}

async function findCard(): Promise<Gpu | undefined> {
  const dawn = await import('webgpu').catch(() => undefined)
  // why there is none was told before
  return dawn && openGpu(dawn.create([])).catch(() => undefined)
}

/** Bytes read and written in a millisecond by the card's own copies. */
async function measureCopy({ device, guard }: Gpu): Promise<number> {
  const usage = BUFFER.copySource | BUFFER.copyTarget
  const [from, to] = ['from', 'to'].map((label) => device.createBuffer({ label, size: COPY_BYTES, usage }))
  const copy = async () => {
    const encoder = device.createCommandEncoder({ label: 'copies' })
    for (let i = 0; i < COPIES; i++) encoder.copyBufferToBuffer(from!, 0, to!, 0, COPY_BYTES)
    device.queue.submit([encoder.finish()])
    await guard(device.queue.onSubmittedWorkDone().then(() => {}))
  }
  await copy()
  return (2 * COPIES * COPY_BYTES) / (await best(copy))
}

/** The least time of a few, in ms. */
async function best(task: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now()
    await task()
    least = Math.min(least, performance.now() - startedAt)
  }
  return least
}
