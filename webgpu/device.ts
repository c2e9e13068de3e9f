import { type AppError, isAppError } from '#core/errors.ts'
import { type WebgpuErrorCode, webgpuError } from './errors.ts'

export interface GpuOptions {
  /** also an adapter that computes on the processor, which plain code outruns @default false */
  readonly software?: boolean
  /** the device was lost or refused work, once, with the reason; not after `destroy` */
  readonly onLoss?: (error: AppError<WebgpuErrorCode>) => void
}

/** A device with all that its adapter offers for compute. Its holder destroys it. */
export interface Gpu {
  /** kept, because Dawn in Node.js ends with the last reference to it, whatever its devices still do */
  readonly gpu: GPU
  readonly device: GPUDevice
  /** computes on the processor */
  readonly isSoftware: boolean
  /** maker and kind of the adapter, for people */
  readonly name: string
  /** Rejects as soon as the device is lost or refused work, even if `work` never ends. @throws WEBGPU_LOST, WEBGPU_FAILED */
  guard<T>(work: Promise<T>): Promise<T>
  destroy(): void
}

/** The limits that kernels here reach; everything else stays at what is promised everywhere. */
const RAISED_LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize'] as const

/**
 * Opens the fastest adapter with the largest buffers that it has.
 *
 * @param gpu `navigator.gpu`, or the same of another engine; undefined where there is none
 * @throws WEBGPU_ABSENT, WEBGPU_SOFTWARE when nothing faster than plain code is there, WEBGPU_FAILED
 */
export async function openGpu(gpu: GPU | undefined, options: GpuOptions = {}): Promise<Gpu> {
  const adapter = (await gpu?.requestAdapter({ powerPreference: 'high-performance' })) ?? undefined
  if (gpu === undefined || adapter === undefined) {
    throw webgpuError(
      'WEBGPU_ABSENT',
      'WebGPU finds no graphics card here: choose another kernel, or install a driver.',
    )
  }
  const isSoftware = adapter.info.isFallbackAdapter
  if (isSoftware && options.software !== true) {
    throw webgpuError('WEBGPU_SOFTWARE', 'WebGPU computes on the processor here, slower than plain code.')
  }
  return createGpu({ gpu, adapter, device: await requestDevice(adapter) }, options)
}

async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const requiredLimits = Object.fromEntries(RAISED_LIMITS.map((name) => [name, adapter.limits[name]]))
  try {
    return await adapter.requestDevice({ label: 'tabland', requiredLimits })
  } catch (cause) {
    throw webgpuError('WEBGPU_FAILED', 'The graphics card gave no device: close other pages and reload.', {
      cause,
    })
  }
}

interface Opened {
  readonly gpu: GPU
  readonly adapter: GPUAdapter
  readonly device: GPUDevice
}

function createGpu({ gpu, adapter, device }: Opened, { onLoss }: GpuOptions): Gpu {
  const waiting = new Set<(error: unknown) => void>()
  let failure: AppError<WebgpuErrorCode> | undefined
  let isDestroyed = false
  const fail = (error: AppError<WebgpuErrorCode>) => {
    if (failure !== undefined) return
    failure = error
    for (const reject of waiting) reject(error)
    if (!isDestroyed) onLoss?.(error)
  }
  device.lost.then(({ reason, message }) => fail(lossError(reason, message)))
  device.addEventListener('uncapturederror', ({ error }) => fail(refusalOf(error)))
  return {
    gpu,
    device,
    isSoftware: adapter.info.isFallbackAdapter,
    name: nameOf(adapter.info),
    guard: (work) =>
      // Not Promise.race: each of its calls would stay with the device for as long as that lives.
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure)
        waiting.add(reject)
        work
          .then(resolve, (cause) => reject(isAppError(cause) ? cause : refusalOf(cause)))
          .finally(() => waiting.delete(reject))
      }),
    destroy() {
      isDestroyed = true
      device.destroy()
    },
  }
}

function nameOf({ vendor, architecture, description }: GPUAdapterInfo): string {
  return description || [vendor, architecture].filter((part) => part !== '').join(' ') || 'unnamed'
}

function refusalOf(cause: { readonly message: string }): AppError<WebgpuErrorCode> {
  return webgpuError('WEBGPU_FAILED', `The graphics card refused work: ${cause.message}`, { cause })
}

function lossError(reason: string, message: string): AppError<WebgpuErrorCode> {
  const why = message === '' ? reason : message
  return webgpuError('WEBGPU_LOST', `The graphics card was lost (${why}).`, { details: { reason } })
}
