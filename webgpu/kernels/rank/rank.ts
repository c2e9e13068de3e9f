import { emptyRank, iterateRank } from '#graph/rank-iterate.ts'
import type { Rank, RankGraph, RankKernel, RankOptions } from '#graph/rank-kernel.ts'
import type { Gpu } from '../../device.ts'
import { createPipelines, type RankPipelines } from './rank-pipelines.ts'
import { createGpuRun } from './rank-run.ts'

export interface WebgpuKernelInit {
  readonly gpu: Gpu
  /** text of rank.wgsl: a page has it inlined, Node.js reads the file */
  readonly shader: string
  /** invocations of a workgroup, 1 to 256 @default 64 */
  readonly workgroupSize?: number
  /** bytes that one storage binding may have, at least 16 KiB @default what the device offers */
  readonly maxBindingBytes?: number
  /** workgroups of one dimension @default what the device offers */
  readonly maxGroups?: number
}

/**
 * The WebGPU kernel ([KG12], [KG13]): integer passes over slices, ranks and δ stay on the card until the stop rule
 * asks. Several ranks may run at once, each in its own buffers.
 *
 * @throws WEBGPU_FAILED, WEBGPU_LOST; `rank` throws these and RANK_MEMORY
 */
export async function createWebgpuKernel(init: WebgpuKernelInit): Promise<RankKernel> {
  const { gpu } = init
  const pipelines = await createPipelines(gpu, init.shader, init.workgroupSize)
  const { limits } = gpu.device
  const bounds = {
    maxBindingBytes:
      init.maxBindingBytes ?? Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
    maxGroups: init.maxGroups ?? limits.maxComputeWorkgroupsPerDimension,
  }
  return {
    name: 'webgpu',
    async rank(graph: RankGraph, options: RankOptions = {}): Promise<Rank> {
      options.signal?.throwIfAborted()
      return graph.particles === 0 ? emptyRank() : rankOn(gpu, pipelines, { graph, ...bounds }, options)
    },
  }
}

interface RankJob {
  readonly graph: RankGraph
  readonly maxBindingBytes: number
  readonly maxGroups: number
}

async function rankOn(gpu: Gpu, pipelines: RankPipelines, job: RankJob, options: RankOptions): Promise<Rank> {
  const run = await createGpuRun(gpu, pipelines, job)
  try {
    return await iterateRank(run, options)
  } finally {
    run.destroy()
  }
}
