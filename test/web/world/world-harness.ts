import { signal } from '@preact/signals'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import type { ParcelToken } from '#api/access-types.ts'
import type { LandState, ModelPlacement, ParcelBuild } from '#api/types.ts'
import type { WorldInit, WorldView } from '#api/world.ts'
import type { Cell } from '#core/land.ts'
import { plotAt } from '#core/plots.ts'
import { createWorld } from '#world/create-world.ts'
import { type ModelName, readModel } from '../objects/glb-fixtures.ts'

export const UPRIGHT: ModelPlacement = { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 }
export const WIDTH = 800
export const HEIGHT = 600

/** As much of a canvas as the world touches. */
function createCanvas() {
  const page = Object.assign(new EventTarget(), { defaultView: new EventTarget() })
  return Object.assign(new EventTarget(), {
    id: 'world',
    width: WIDTH,
    height: HEIGHT,
    clientWidth: WIDTH,
    clientHeight: HEIGHT,
    style: {},
    ownerDocument: page,
    getBoundingClientRect: () => ({ left: 0, top: 0, width: WIDTH, height: HEIGHT }),
  })
}

/** Frames of the screen, fired by the test. */
export const screen = {
  callbacks: new Map<number, (timestampMs: number) => void>(),
  next: 1,
  time: 0,
  /** One frame of 16 ms, if any was asked for. */
  frame() {
    const due = [...this.callbacks.values()]
    this.callbacks.clear()
    this.time += 16
    for (const callback of due) callback(this.time)
  },
  /** Frames until none is asked for any more. */
  settle() {
    for (let i = 0; i < 2000 && this.callbacks.size > 0; i++) this.frame()
    expect(this.callbacks.size).toBe(0)
  },
}

export interface Harness {
  readonly world: WorldView
  readonly canvas: ReturnType<typeof createCanvas>
  readonly cat: ReturnType<typeof vi.fn<WorldInit['tabland']['cat']>>
  build(...builds: readonly (Partial<ParcelBuild> & { cell: Cell })[]): void
  /** Model tokens that stand from now on. */
  place(...tokens: readonly ParcelToken[]): void
  /** Frames until `condition`, letting promises run between. */
  until(condition: () => boolean): Promise<void>
}

let running: WorldView | undefined

/** Gives each test of a file a screen of its own, and stops the world that it started. */
export function useScreen(): void {
  beforeEach(() => {
    screen.callbacks.clear()
    vi.stubGlobal('requestAnimationFrame', (callback: (timestampMs: number) => void) => {
      screen.callbacks.set(screen.next, callback)
      return screen.next++
    })
    vi.stubGlobal('cancelAnimationFrame', (handle: number) => screen.callbacks.delete(handle))
    vi.stubGlobal('devicePixelRatio', 1)
  })

  afterEach(() => {
    running?.stop()
    running = undefined
    vi.unstubAllGlobals()
  })
}

export async function start(
  cat: WorldInit['tabland']['cat'],
  { read, ...init }: Partial<WorldInit> & { readonly read?: (id: string) => AsyncIterable<Uint8Array> } = {},
): Promise<Harness> {
  const land = signal<LandState>({ builds: new Map() })
  const canvas = createCanvas()
  const spy = vi.fn(cat)
  const world = await createWorld({
    canvas: canvas as unknown as HTMLCanvasElement,
    tabland: { state: { land }, cat: spy, objects: { read } } as unknown as WorldInit['tabland'],
    device: 'null',
    ...init,
  })
  running = world
  return {
    world,
    canvas,
    cat: spy,
    build(...builds) {
      const placed = new Map(builds.map(toBuild).map((build) => [build.parcel, build]))
      land.value = { ...land.value, builds: placed }
    },
    place(...tokens) {
      land.value = { ...land.value, tokens }
    },
    async until(condition) {
      for (let i = 0; i < 500 && !condition(); i++) {
        screen.frame()
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(condition()).toBe(true)
    },
  }
}

function toBuild(build: Partial<ParcelBuild> & { cell: Cell }): ParcelBuild {
  const parcel = plotAt(build.cell)
  if (parcel === undefined) throw new Error('no plot there')
  return { parcel, root: 'WaterBottle', placement: UPRIGHT, neuron: '0x0', time: 0, mine: false, ...build }
}

export const fromVectors: WorldInit['tabland']['cat'] = async (cid, options) => {
  const bytes = readModel(cid as ModelName)
  options?.onProgress?.({ bytes: bytes.length, total: bytes.length })
  return bytes
}

export function press(
  canvas: ReturnType<typeof createCanvas>,
  code: string,
  type: 'keydown' | 'keyup',
): Event {
  const event = Object.assign(new Event(type, { cancelable: true }), { code })
  canvas.ownerDocument.dispatchEvent(event)
  return event
}

export function click(
  canvas: ReturnType<typeof createCanvas>,
  at: { x: number; y: number },
  time: number,
): void {
  pointer(canvas, 'pointerdown', at, time)
  pointer(canvas, 'pointerup', at, time + 50)
}

export function pointer(
  canvas: ReturnType<typeof createCanvas>,
  type: string,
  { x, y }: { x: number; y: number },
  time: number,
): void {
  const event = Object.assign(new Event(type), { clientX: x, clientY: y, pointerId: 1, button: 0 })
  Object.defineProperty(event, 'timeStamp', { value: time })
  canvas.dispatchEvent(event)
}
