import type { RankGraph } from '#graph/rank-kernel.ts'
import { RANK_MASS } from '#graph/rank-rules.ts'
import { BUFFER } from '../../flags.ts'
import type { SlicedLayout } from './sliced-layout.ts'

/** Places that a sum goes to by turns; SLOTS of rank.wgsl. */
const SLOTS = 64
/** WebGPU binds no empty buffer, and a uniform one takes its struct rounded to 16. */
const MIN_BUFFER_BYTES = 16

/** One graph on the card; names are those of rank.wgsl. */
export interface RankBuffers {
  readonly state: GPUBuffer
  readonly totals: GPUBuffer
  readonly deltas: GPUBuffer
  readonly windows: readonly { readonly job: GPUBuffer; readonly rows: number }[]
  /** two vectors that iterations write by turns, each by window */
  readonly y: readonly (readonly GPUBuffer[])[]
  readonly chunks: readonly ChunkBuffers[]
  readonly parts: readonly PartBuffers[]
  /** of everything, less what the driver adds */
  readonly byteLength: number
  destroy(): void
}

interface ChunkBuffers {
  readonly job: GPUBuffer
  readonly sources: GPUBuffer
  readonly weights: GPUBuffer
  /** u64[count + 1]: the last one stays 0, padding reads it */
  readonly x: GPUBuffer
}

interface PartBuffers {
  readonly job: GPUBuffer
  readonly offsets: GPUBuffer
  readonly columns: GPUBuffer
  readonly targets: GPUBuffer | undefined
}

/** Makes and fills the buffers; whether there was room for them tells the error scope around it. */
export function uploadGraph(device: GPUDevice, graph: RankGraph, layout: SlicedLayout): RankBuffers {
  const owned: GPUBuffer[] = []
  const create = (label: string, bytes: number, usage: number = BUFFER.storage): GPUBuffer => {
    const size = Math.max(MIN_BUFFER_BYTES, bytes)
    const all = usage | BUFFER.copyTarget | BUFFER.copySource
    const buffer = device.createBuffer({ label: `rank ${label}`, size, usage: all })
    owned.push(buffer)
    return buffer
  }
  const fill = (label: string, data: Uint32Array | BigUint64Array, usage?: number): GPUBuffer => {
    const buffer = create(label, data.byteLength, usage)
    device.queue.writeBuffer(buffer, 0, data.buffer, data.byteOffset, data.byteLength)
    return buffer
  }
  const job = (count: number, firstRow = 0): GPUBuffer =>
    fill('job', Uint32Array.of(count, firstRow, graph.particles, 0), BUFFER.uniform)
  const windows = rowsOfWindows(graph.particles, layout.windowRows)
  return {
    // r⁰: nothing in y, everything in base ([KG9])
    state: fill('state', BigUint64Array.of(RANK_MASS / BigInt(graph.particles), 0n)),
    totals: create('totals', 8 * SLOTS),
    deltas: create('deltas', 8 * SLOTS),
    windows: windows.map((rows) => ({ rows, job: job(rows) })),
    y: [0, 1].map(() => windows.map((rows) => create('y', 8 * rows))),
    chunks: layout.chunks.map(({ first, count }) => ({
      job: job(count),
      sources: fill('sources', layout.sources.subarray(first, first + count)),
      weights: fill('weights', graph.weights.subarray(first, first + count)),
      x: create('x', 8 * (count + 1)),
    })),
    parts: layout.parts.map(({ pieces, firstRow, offsets, columns, targets }) => ({
      job: job(pieces, firstRow),
      offsets: fill('offsets', offsets),
      columns: fill('columns', columns),
      targets: targets && fill('targets', targets),
    })),
    byteLength: owned.reduce((sum, { size }) => sum + size, 0),
    destroy() {
      for (const buffer of owned) buffer.destroy()
    },
  }
}

function rowsOfWindows(particles: number, windowRows: number): number[] {
  return Array.from({ length: Math.ceil(particles / windowRows) }, (_, window) =>
    Math.min(windowRows, particles - window * windowRows),
  )
}
