import { describe, expect, it } from 'vitest'
import { openGpu } from '#webgpu/device.ts'

interface FakeInit {
  readonly isFallbackAdapter?: boolean
  readonly info?: Partial<GPUAdapterInfo>
  readonly refuses?: Error
}

interface FakeGpu {
  readonly gpu: GPU
  readonly asked: GPUDeviceDescriptor[]
  lose(reason: GPUDeviceLostReason, message: string): void
  refuse(message: string): void
}

/** An adapter without a card, whose device is lost when the test says so. */
function createFakeGpu({ isFallbackAdapter = false, info = {}, refuses }: FakeInit = {}): FakeGpu {
  const asked: GPUDeviceDescriptor[] = []
  const lost = Promise.withResolvers<Pick<GPUDeviceLostInfo, 'reason' | 'message'>>()
  const events = new EventTarget()
  const device = {
    lost: lost.promise,
    addEventListener: events.addEventListener.bind(events),
    destroy: () => lost.resolve({ reason: 'destroyed', message: '' }),
  }
  const adapter = {
    info: { vendor: '', architecture: '', description: '', isFallbackAdapter, ...info },
    limits: { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 29 },
    async requestDevice(descriptor: GPUDeviceDescriptor) {
      if (refuses !== undefined) throw refuses
      asked.push(descriptor)
      return device
    },
  }
  return {
    // what openGpu asks of it is all there
    gpu: { requestAdapter: async () => adapter } as unknown as GPU,
    asked,
    lose: (reason, message) => lost.resolve({ reason, message }),
    refuse: (message) =>
      events.dispatchEvent(Object.assign(new Event('uncapturederror'), { error: { message } })),
  }
}

const never = new Promise<never>(() => {})

describe('openGpu', () => {
  it('asks for the largest buffers that there are', async () => {
    const { gpu, asked } = createFakeGpu({ info: { vendor: 'acme', architecture: 'tesla' } })
    const { name, isSoftware } = await openGpu(gpu)
    expect({ name, isSoftware }).toEqual({ name: 'acme tesla', isSoftware: false })
    expect(asked[0]?.requiredLimits).toEqual({ maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 29 })
  })

  it('says what is missing, and what to do', async () => {
    const none = { requestAdapter: async () => null } as unknown as GPU
    await expect(openGpu(undefined)).rejects.toMatchObject({ code: 'WEBGPU_ABSENT' })
    await expect(openGpu(none)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[AppError: WebGPU finds no graphics card here: choose another kernel, or install a driver.]`,
    )
    const cause = new Error('no')
    await expect(openGpu(createFakeGpu({ refuses: cause }).gpu)).rejects.toMatchObject({
      code: 'WEBGPU_FAILED',
      cause,
    })
  })

  it('[KG12] takes an adapter that computes on the processor only when told so', async () => {
    const { gpu } = createFakeGpu({ isFallbackAdapter: true, info: { description: 'SwiftShader' } })
    await expect(openGpu(gpu)).rejects.toMatchObject({ code: 'WEBGPU_SOFTWARE' })
    const { name, isSoftware } = await openGpu(gpu, { software: true })
    expect({ name, isSoftware }).toEqual({ name: 'SwiftShader', isSoftware: true })
  })

  it('[KG12] tells the loss of a device once, to its holder and to all who wait', async () => {
    const { gpu, lose, refuse } = createFakeGpu()
    const told: unknown[] = []
    const opened = await openGpu(gpu, { onLoss: (error) => told.push(error) })
    const waiting = [opened.guard(never), opened.guard(never)]
    lose('unknown', 'reset by the driver')
    const loss = { code: 'WEBGPU_LOST', message: 'The graphics card was lost (reset by the driver).' }
    for (const work of waiting) await expect(work).rejects.toMatchObject(loss)
    refuse('too late')
    await expect(opened.guard(Promise.resolve(1))).rejects.toMatchObject(loss)
    expect(told).toEqual([expect.objectContaining(loss)])
  })

  it('stops all who wait when the device refuses work', async () => {
    const { gpu, refuse } = createFakeGpu()
    const opened = await openGpu(gpu)
    await expect(opened.guard(Promise.resolve(1))).resolves.toBe(1)
    await expect(opened.guard(Promise.reject(new Error('bad map')))).rejects.toMatchObject({
      code: 'WEBGPU_FAILED',
      message: 'The graphics card refused work: bad map',
    })
    const waiting = opened.guard(never)
    refuse('bad binding')
    await expect(waiting).rejects.toMatchObject({ code: 'WEBGPU_FAILED' })
  })

  it('calls no loss what its holder destroyed', async () => {
    const { gpu } = createFakeGpu()
    const told: unknown[] = []
    const opened = await openGpu(gpu, { onLoss: (error) => told.push(error) })
    opened.destroy()
    await expect(opened.guard(never)).rejects.toMatchObject({ code: 'WEBGPU_LOST' })
    expect(told).toEqual([])
  })
})
