import type { Gpu } from '../../device.ts'

/** Entry points of rank.wgsl, in the order of an iteration. */
const PASSES = ['spread', 'pullJoined', 'pullPlain', 'settle', 'distance'] as const
export type RankPass = (typeof PASSES)[number]

/** The compiled passes, made once for all graphs. */
export interface RankPipelines {
  readonly workgroupSize: number
  readonly passes: Readonly<Record<RankPass, GPUComputePipeline>>
}

const DEFAULT_WORKGROUP_SIZE = 64

/**
 * Compiles rank.wgsl.
 *
 * @param workgroupSize invocations of a workgroup, 1 to 256
 * @throws WEBGPU_FAILED, WEBGPU_LOST
 */
export async function createPipelines(
  gpu: Gpu,
  shader: string,
  workgroupSize = DEFAULT_WORKGROUP_SIZE,
): Promise<RankPipelines> {
  const module = gpu.device.createShaderModule({ label: 'rank', code: shader })
  const compile = async (pass: RankPass): Promise<[RankPass, GPUComputePipeline]> => {
    const constants: Record<string, number> = pass === 'settle' ? {} : { workgroupSize }
    const pipeline = gpu.device.createComputePipelineAsync({
      label: `rank ${pass}`,
      layout: 'auto',
      compute: { module, entryPoint: pass, constants },
    })
    return [pass, await gpu.guard(pipeline)]
  }
  // every pass is a key: they come from PASSES
  const passes = Object.fromEntries(await Promise.all(PASSES.map(compile))) as RankPipelines['passes']
  return { workgroupSize, passes }
}
