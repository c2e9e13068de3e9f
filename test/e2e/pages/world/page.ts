/** The world alone, over a Tabland that only holds models: what test/e2e/world.test.ts drives. */
import { signal } from '@preact/signals'
import type { LandState, ModelPlacement, ParcelBuild, Tabland } from '#api/types.ts'
import type { WorldInit, WorldView } from '#api/world.ts'
import { AppError } from '#core/errors.ts'
import { plotAt } from '#core/plots.ts'

export interface TestBuild {
  readonly x: number
  readonly y: number
  /** file name under /models, or anything else for a model that nobody has */
  readonly model: string
  readonly placement?: Partial<ModelPlacement>
  readonly mine?: boolean
}

export interface TestPage {
  start(options: Partial<Pick<WorldInit, 'start' | 'device'>>): Promise<WorldView['stats']['value']['device']>
  setBuilds(builds: readonly TestBuild[]): void
  preview(build: TestBuild | undefined): Promise<void>
  world(): WorldView
  plotAt(x: number, y: number): number | undefined
  /** resolves at a frame that ends all motion */
  still(): Promise<void>
  /** how often each model was asked for */
  asked: Record<string, number>
}

const land = signal<LandState>({ builds: new Map() })
const asked: Record<string, number> = {}
const bytesByModel = new Map<string, Uint8Array<ArrayBuffer>>()

async function cat(
  cid: string,
  options: Parameters<Tabland['cat']>[1] = {},
): Promise<Uint8Array<ArrayBuffer>> {
  asked[cid] = (asked[cid] ?? 0) + 1
  const response = await fetch(
    `/models/${cid}`,
    options.signal === undefined ? {} : { signal: options.signal },
  )
  if (!response.ok) throw new AppError('FETCH_NO_PROVIDER', `Nobody here has ${cid}.`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  options.onProgress?.({ bytes: bytes.length, total: bytes.length })
  return bytes
}

function toBuild({ x, y, model, placement = {}, mine = false }: TestBuild): ParcelBuild {
  const parcel = plotAt({ x, y })
  if (parcel === undefined) throw new Error(`no plot at ${x}, ${y}`)
  return {
    parcel,
    cell: { x, y },
    root: model,
    placement: { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1, ...placement },
    neuron: '0x0000000000000000000000000000000000000001',
    time: 0,
    mine,
  }
}

/** Nothing here is restricted. */
async function* readNothing(): AsyncGenerator<never> {}

let view: WorldView | undefined
let lastFrames = -1

const page: TestPage = {
  asked,
  async start(options) {
    const { createWorld } = await import('#world/create-world.ts')
    const canvas = document.querySelector('canvas') as HTMLCanvasElement
    view = await createWorld({
      canvas,
      tabland: { state: { land } as unknown as Tabland['state'], cat, objects: { read: readNothing } },
      ...options,
    })
    return view.stats.value.device
  },
  setBuilds(builds) {
    land.value = { builds: new Map(builds.map(toBuild).map((build) => [build.parcel, build])) }
  },
  async preview(build) {
    if (build === undefined) return page.world().preview(undefined)
    const { parcel, placement } = toBuild(build)
    const model = bytesByModel.get(build.model) ?? (await cat(build.model))
    bytesByModel.set(build.model, model)
    page.world().preview({ parcel, placement, model })
  },
  world() {
    if (view === undefined) throw new Error('start first')
    return view
  },
  plotAt: (x, y) => plotAt({ x, y }),
  async still() {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    let same = 0
    while (same < 3) {
      await frame()
      const { frames, modelsLoading } = page.world().stats.value
      same = frames === lastFrames && modelsLoading === 0 ? same + 1 : 0
      lastFrames = frames
    }
  },
}

Object.assign(globalThis, { page })
