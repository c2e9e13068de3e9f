import { isAppError } from '#core/errors.ts'
import type { RankKernel } from '#graph/rank-kernel.ts'
import { openGpu } from '../../device.ts'
import { createWebgpuKernel } from './rank.ts'

export interface OpenKernelInit {
  /** `navigator.gpu`, or the same of another engine; undefined where there is none */
  readonly gpu: GPU | undefined
  /** text of rank.wgsl */
  readonly shader: string
}

/**
 * The kernel on whatever computes WebGPU here, for who asks for it by name. It keeps its device.
 *
 * @throws WEBGPU_ABSENT, WEBGPU_FAILED, WEBGPU_LOST
 */
export async function openKernel({ gpu, shader }: OpenKernelInit): Promise<RankKernel> {
  return createWebgpuKernel({ gpu: await openGpu(gpu, { software: true }), shader })
}

/**
 * The kernel on a real graphics card; undefined where there is none.
 *
 * @throws WEBGPU_FAILED, WEBGPU_LOST
 */
export async function openCardKernel({ gpu, shader }: OpenKernelInit): Promise<RankKernel | undefined> {
  try {
    return await createWebgpuKernel({ gpu: await openGpu(gpu), shader })
  } catch (error) {
    if (isAppError(error, 'WEBGPU_ABSENT') || isAppError(error, 'WEBGPU_SOFTWARE')) return undefined
    throw error
  }
}
