import { rankError } from '#graph/rank-errors.ts'
import type { RankRun } from '#graph/rank-iterate.ts'
import type { RankGraph } from '#graph/rank-kernel.ts'
import { restoreOrder } from '#graph/rank-layout.ts'
import { STOP_CHECK_EVERY } from '#graph/rank-rules.ts'
import type { Gpu } from '../../device.ts'
import { BUFFER, MAP_READ } from '../../flags.ts'
import { type RankBuffers, uploadGraph } from './rank-buffers.ts'
import type { RankPass, RankPipelines } from './rank-pipelines.ts'
import { layOutSlices, type SlicedLayout } from './sliced-layout.ts'

export interface GpuRunInit {
  readonly graph: RankGraph
  readonly maxBindingBytes: number
  readonly maxGroups: number
}

/** A run whose ranks stay on the card; `destroy` gives its memory back. */
export interface GpuRun extends RankRun {
  destroy(): void
}

/** Iterations on their way to the card; more would hold up whatever else draws or computes there. */
const MAX_QUEUED = 2 * STOP_CHECK_EVERY

/** One dispatch: which pipeline, on what, for how many invocations. */
interface Dispatch {
  readonly pass: RankPass
  readonly group: GPUBindGroup
  readonly count: number
}

/**
 * Lays the graph out and takes it to the card.
 *
 * @throws RANK_MEMORY when the card has no room, WEBGPU_FAILED, WEBGPU_LOST
 */
export async function createGpuRun(gpu: Gpu, pipelines: RankPipelines, init: GpuRunInit): Promise<GpuRun> {
  const { graph, maxBindingBytes, maxGroups } = init
  const { device } = gpu
  const layout = layOutSlices(graph, { words: Math.floor(maxBindingBytes / 4) })
  device.pushErrorScope('out-of-memory')
  const buffers = uploadGraph(device, graph, layout)
  const outOfMemory = await gpu.guard(device.popErrorScope())
  if (outOfMemory !== null) {
    buffers.destroy()
    throw rankError('RANK_MEMORY', 'The graphics card has no room for this graph: choose the wasm kernel.', {
      cause: outOfMemory,
    })
  }
  const dispatches = [0, 1].map((to) => planPasses(device, pipelines, { layout, buffers, to }))
  return new WebgpuRun(gpu, { pipelines, layout, buffers, dispatches, maxGroups })
}

interface Passes {
  readonly iteration: readonly Dispatch[]
  readonly distance: readonly Dispatch[]
}

interface PlanInit {
  readonly layout: SlicedLayout
  readonly buffers: RankBuffers
  /** which y is written; the other one is read */
  readonly to: number
}

/** Binds the buffers for iterations that write one of both y. */
function planPasses(device: GPUDevice, { passes }: RankPipelines, { layout, buffers, to }: PlanInit): Passes {
  const y = buffers.y[to]!
  const before = buffers.y[1 - to]!
  const { state, totals, deltas } = buffers
  const bind = (pass: RankPass, count: number, entries: Readonly<Record<number, GPUBuffer>>): Dispatch => ({
    pass,
    count,
    group: device.createBindGroup({
      label: `rank ${pass}`,
      layout: passes[pass].getBindGroupLayout(0),
      entries: Object.entries(entries).map(([binding, buffer]) => ({
        binding: Number(binding),
        resource: { buffer },
      })),
    }),
  })
  const spread = layout.chunks.map(({ count, window }, chunk) => {
    const { job, sources, weights, x } = buffers.chunks[chunk]!
    return bind('spread', count, { 0: job, 1: sources, 2: weights, 3: before[window]!, 4: x, 5: state })
  })
  const pull = layout.parts.map(({ chunk, window, pieces }, part) => {
    const { job, offsets, columns, targets } = buffers.parts[part]!
    const { x } = buffers.chunks[chunk]!
    const shared = { 0: job, 1: offsets, 2: columns, 3: x, 4: y[window]!, 6: totals }
    return targets === undefined
      ? bind('pullPlain', pieces, shared)
      : bind('pullJoined', pieces, { ...shared, 5: targets })
  })
  const settle = bind('settle', 1, { 0: buffers.windows[0]!.job, 5: state, 6: totals })
  const distance = buffers.windows.map(({ job, rows }, window) =>
    bind('distance', rows, { 0: job, 1: y[window]!, 2: before[window]!, 5: state, 6: deltas }),
  )
  return { iteration: [...spread, ...pull, settle], distance }
}

interface WebgpuRunInit {
  readonly pipelines: RankPipelines
  readonly layout: SlicedLayout
  readonly buffers: RankBuffers
  /** by the number of the y that is written */
  readonly dispatches: readonly Passes[]
  readonly maxGroups: number
}

class WebgpuRun implements GpuRun {
  readonly #gpu: Gpu
  readonly #init: WebgpuRunInit
  #encoder: GPUCommandEncoder | undefined
  #to = 0
  #queued = 0

  constructor(gpu: Gpu, init: WebgpuRunInit) {
    this.#gpu = gpu
    this.#init = init
  }

  advance(): void | Promise<void> {
    const { layout, buffers, dispatches } = this.#init
    this.#to = 1 - this.#to
    const encoder = this.#open()
    let joinedRows = layout.joinedRows
    for (const y of buffers.y[this.#to]!) {
      const rows = Math.min(joinedRows, layout.windowRows)
      if (rows > 0) encoder.clearBuffer(y, 0, 8 * rows)
      joinedRows -= rows
    }
    this.#encode(encoder, dispatches[this.#to]!.iteration)
    this.#queued++
    if (this.#queued < MAX_QUEUED) return
    this.#submit()
    return this.#gpu.guard(this.#gpu.device.queue.onSubmittedWorkDone().then(() => {}))
  }

  async delta(): Promise<bigint> {
    const { buffers, dispatches } = this.#init
    const encoder = this.#open()
    encoder.clearBuffer(buffers.deltas)
    this.#encode(encoder, dispatches[this.#to]!.distance)
    const slots = new BigUint64Array(await this.#read(buffers.deltas))
    return slots.reduce((sum, slot) => sum + slot, 0n)
  }

  async ranks(): Promise<BigUint64Array> {
    const { buffers, layout } = this.#init
    const y = new BigUint64Array(layout.order.length)
    const [state, ...windows] = await Promise.all(
      [buffers.state, ...buffers.y[this.#to]!].map((buffer) => this.#read(buffer)),
    )
    windows.forEach((bytes, window) => {
      const rows = new BigUint64Array(bytes)
      y.set(rows.subarray(0, y.length - window * layout.windowRows), window * layout.windowRows)
    })
    return restoreOrder(y, new BigUint64Array(state!)[0]!, layout.order)
  }

  destroy(): void {
    this.#encoder = undefined
    this.#init.buffers.destroy()
  }

  #open(): GPUCommandEncoder {
    this.#encoder ??= this.#gpu.device.createCommandEncoder({ label: 'rank' })
    return this.#encoder
  }

  #encode(encoder: GPUCommandEncoder, dispatches: readonly Dispatch[]): void {
    const { pipelines, maxGroups } = this.#init
    const pass = encoder.beginComputePass({ label: 'rank' })
    for (const { pass: name, group, count } of dispatches) {
      const groups = Math.ceil(count / pipelines.workgroupSize)
      const width = Math.min(groups, maxGroups)
      pass.setPipeline(pipelines.passes[name])
      pass.setBindGroup(0, group)
      pass.dispatchWorkgroups(width, Math.ceil(groups / width))
    }
    pass.end()
  }

  #submit(): void {
    if (this.#encoder !== undefined) this.#gpu.device.queue.submit([this.#encoder.finish()])
    this.#encoder = undefined
    this.#queued = 0
  }

  /** A copy of a buffer, after all that was encoded before. */
  async #read(buffer: GPUBuffer): Promise<ArrayBuffer> {
    const usage = BUFFER.mapRead | BUFFER.copyTarget
    const copy = this.#gpu.device.createBuffer({ label: `copy of ${buffer.label}`, size: buffer.size, usage })
    try {
      this.#open().copyBufferToBuffer(buffer, 0, copy, 0, buffer.size)
      this.#submit()
      await this.#gpu.guard(copy.mapAsync(MAP_READ))
      return copy.getMappedRange().slice(0)
    } finally {
      copy.destroy()
    }
  }
}
