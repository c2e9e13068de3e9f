/** The world's view ([WO1]–[WO3], [WO9]): joins the scene to input and state, and draws on demand. */
import { type Signal, signal } from '@preact/signals'
import type { AppBase } from 'playcanvas'
import type { Failure, LandState } from '#api/types.ts'
import type {
  CreateWorld,
  PortalStep,
  WorldInit,
  WorldPlanet,
  WorldPosition,
  WorldPreview,
  WorldStats,
  WorldView,
} from '#api/world.ts'
import { CELL_SIZE_M, type Cell } from '#core/land.ts'
import { plotAt, plotOn } from '#core/plots.ts'
import type { Bounds } from '#objects/glb.ts'
import { Builds } from './builds.ts'
import { fetchModel } from './fetch-model.ts'
import { cellAtGround, centreOf, groundOf, placeOf, wrapDegrees } from './frame.ts'
import { FrameLoop } from './frame-loop.ts'
import { frameSource } from './frame-source.ts'
import { type Input, listenInput } from './input.ts'
import { ModelAssets } from './model-assets.ts'
import { createModelPreparer, type ModelPreparer } from './model-preparer.ts'
import { PlanetVisit } from './planet-visit.ts'
import { type Feet, ringOfParcel } from './portal-ring.ts'
import { PortalWatch } from './portal-watch.ts'
import { createScene, type WorldScene } from './scene.ts'
import { meetBox, meetGround, projectPoint, rayThrough, type Vector } from './view-ray.ts'
import { Visitor } from './visitor.ts'
import { nearestWithin } from './walker.ts'
import { createApp, createDevice } from './world-app.ts'

/** Without a place in the address one begins near the north edge of the square, facing the first plots. */
const DEFAULT_START: Cell = { x: 0, y: 28 }
/** The signals follow at most this often while things move, and once at rest. */
const POSITION_MS = 100
const STATS_MS = 500
/** From here a model of a plot's size fills the view. */
const VIEW_DISTANCE_M = 1.7 * CELL_SIZE_M
/** Models are planned anew after this way, metres. */
const PLAN_STEP_M = 8

/** @throws WORLD_NO_GRAPHICS */
export const createWorld: CreateWorld = async (init) => {
  const device = await createDevice(init.canvas, init.device ?? 'auto')
  return new World(init, createApp(init.canvas, device))
}

class World implements WorldView {
  readonly position: Signal<WorldPosition>
  readonly selected = signal<number | undefined>(undefined)
  readonly stats: Signal<WorldStats>
  readonly failures = signal<ReadonlyMap<number, Failure>>(new Map())
  readonly tokenFailures = signal<ReadonlyMap<number, Failure>>(new Map())
  readonly movement = signal<'walk' | 'fly'>('walk')
  readonly stepped = signal<PortalStep | undefined>(undefined)

  readonly #canvas: HTMLCanvasElement
  readonly #app: AppBase
  readonly #scene: WorldScene
  readonly #visitor: Visitor
  readonly #assets: ModelAssets
  readonly #builds: Builds
  readonly #loop: FrameLoop
  readonly #input: Input
  readonly #reducedMotion: boolean
  readonly #stops: (() => void)[] = []
  #solids: readonly Bounds[] = []
  #land: LandState = { builds: new Map() }
  #portals: readonly Cell[] = []
  #planet: PlanetVisit | undefined
  readonly #watch = new PortalWatch()
  /** where the address led, until it is known what stands there */
  #startCell: Cell | undefined
  #planned = { x: Number.NaN, z: Number.NaN }
  #replan = true
  #frames = 0
  #positionAt = -Infinity
  #statsAt = -Infinity

  constructor({ canvas, tabland, start }: WorldInit, app: AppBase) {
    this.#canvas = canvas
    this.#app = app
    this.#reducedMotion = prefersReducedMotion()
    this.#scene = createScene(app)
    const place = start ?? DEFAULT_START
    const ground = placeOf(place.x, place.y)
    this.#startCell = place
    this.#visitor = new Visitor(ground.x, ground.z, 0)
    this.position = signal(this.#readPosition())
    this.#loop = new FrameLoop(frameSource(), (dt, timestampMs) => this.#frame(dt, timestampMs))
    const preparer = createModelPreparer()
    this.#assets = this.#createAssets(tabland, preparer)
    this.#builds = new Builds({
      root: app.root,
      boxes: this.#scene.boxes,
      markers: this.#scene.markers,
      assets: this.#assets,
      animates: !this.#reducedMotion,
    })
    this.stats = signal(this.#readStats())
    this.#input = this.#listen()
    this.#stops.push(
      () => preparer.stop(),
      tabland.state.land.subscribe((land) => this.#setLand(land)),
      watchSize(canvas, () => this.#loop.invalidate()),
      this.#watchDevice(),
    )
    if (!this.#reducedMotion && !this.#app.graphicsDevice.isNull) this.#visitor.open()
    this.#loop.invalidate()
  }

  select(parcel: number | undefined): void {
    this.selected.value = parcel
    this.#builds.setSelected(parcel)
    this.#scene.islets.setSelected(parcel)
    this.#loop.invalidate()
  }

  goTo(x: number, y: number): void {
    if (this.#planet !== undefined) {
      this.visit(undefined)
      this.stepped.value = { to: 'land' }
    }
    this.#startCell = undefined
    this.#goTo(x, y, this.#reducedMotion ? 0 : undefined)
  }

  /** Inside a model there is nothing to see of it: one stops in front of what is built, facing it. */
  #goTo(x: number, y: number, seconds: number | undefined): void {
    const ground = placeOf(x, y)
    const parcel = plotAt({ x, y })
    if (parcel !== undefined && this.#builds.stands(parcel)) {
      this.#visitor.goTo(ground.x, ground.z + VIEW_DISTANCE_M, seconds, 0)
    } else this.#visitor.goTo(ground.x, ground.z, seconds)
    this.#loop.invalidate()
  }

  setMovement(movement: 'walk' | 'fly'): void {
    this.#visitor.setMovement(movement, this.#reducedMotion ? 0 : undefined)
    this.movement.value = movement
    this.#loop.invalidate()
  }

  preview(preview: WorldPreview | undefined): void {
    this.#builds.setPreview(preview)
    this.#replan = true
    this.#loop.invalidate()
  }

  setPortals(cells: readonly Cell[]): void {
    this.#portals = cells
    if (this.#planet === undefined) this.#scene.rings.set(cells.map(ringOfParcel))
    this.#loop.invalidate()
  }

  visit(planet: WorldPlanet | undefined): void {
    this.#planet?.end()
    this.#planet =
      planet &&
      new PlanetVisit(planet, {
        scene: this.#scene,
        visitor: this.#visitor,
        root: this.#app.root,
        assets: this.#assets,
        animates: !this.#reducedMotion,
        back: this.#watch.wayBack(this.#visitor.pose),
      })
    this.#watch.arrive()
    this.#builds.setShown(planet === undefined)
    if (planet === undefined) this.setPortals(this.#portals)
    this.movement.value = this.#visitor.movement
    this.#replan = true
    this.#loop.invalidate()
  }

  cellAt(clientX: number, clientY: number): Cell | undefined {
    if (this.#planet !== undefined) return undefined
    const hit = this.#hit(clientX, clientY)
    return hit === undefined ? undefined : cellAtGround(hit.x, hit.z)
  }

  project(x: number, y: number, height = 0): { readonly x: number; readonly y: number } | undefined {
    const ground = groundOf(x, y)
    const point = projectPoint(this.#camera(), [ground.x, height, ground.z])
    if (point === undefined) return undefined
    const { left, top, width, height: boxHeight } = this.#canvas.getBoundingClientRect()
    return { x: left + ((point.x + 1) / 2) * width, y: top + ((1 - point.y) / 2) * boxHeight }
  }

  stop(): void {
    this.#loop.stop()
    this.#input.stop()
    for (const stop of this.#stops) stop()
    this.#planet?.end()
    this.#builds.stop()
    // The engine cannot be taken away from under a model that it is reading.
    void this.#assets.stop().then(() => {
      this.#scene.destroy()
      this.#app.destroy()
    })
  }

  #createAssets(tabland: WorldInit['tabland'], preparer: ModelPreparer): ModelAssets {
    return new ModelAssets({
      app: this.#app,
      fetch: (key, options) => fetchModel(tabland, key, options),
      preparer,
      onChange: () => {
        this.#replan = true
        this.#loop.invalidate()
      },
    })
  }

  #listen(): Input {
    return listenInput(this.#canvas, {
      look: (dx, dy) => this.#moved(() => this.#visitor.look(dx, dy)),
      zoom: (factor) => this.#moved(() => this.#visitor.zoom(factor)),
      tap: (x, y) => this.#tap(x, y),
      doubleTap: (x, y) => this.#walkTo(x, y),
      toggleFly: () => this.setMovement(this.#visitor.movement === 'fly' ? 'walk' : 'fly'),
      change: () => this.#loop.invalidate(),
    })
  }

  #moved(move: () => void): void {
    move()
    this.movement.value = this.#visitor.movement
    this.#loop.invalidate()
  }

  #tap(clientX: number, clientY: number): void {
    if (this.#planet !== undefined) return
    const cell = this.cellAt(clientX, clientY)
    this.select(cell === undefined ? undefined : plotOn(this.#land, cell))
  }

  #walkTo(clientX: number, clientY: number): void {
    const hit = this.#planet === undefined ? this.#hit(clientX, clientY) : undefined
    if (hit === undefined) return
    // the open sea is nowhere to stand: one gets as far as feet would
    const isPlot = plotOn(this.#land, cellAtGround(hit.x, hit.z)) !== undefined
    const { x, z } = isPlot ? hit : nearestWithin(hit, this.#visitor.body.reach)
    this.goTo(x / CELL_SIZE_M, -z / CELL_SIZE_M)
  }

  #setLand(land: LandState): void {
    const { builds, tokens } = land
    this.#land = land
    this.#scene.land.setBuilds(builds)
    this.#scene.islets.setStanding(builds, tokens)
    this.#builds.setPublished(builds, tokens)
    this.#stepBackFromStart()
    this.#replan = true
    this.#loop.invalidate()
  }

  /** An address may lead to a plot whose model is heard of only later; who walked on meanwhile is left alone. */
  #stepBackFromStart(): void {
    const start = this.#startCell
    const parcel = start === undefined ? undefined : plotAt(start)
    if (start === undefined || parcel === undefined || !this.#builds.stands(parcel)) return
    this.#startCell = undefined
    const { x, z } = placeOf(start.x, start.y)
    const { pose } = this.#visitor
    const moved = Math.hypot(pose.x - x, pose.z - z) > 1
    if (!moved || this.#visitor.isFlying) this.#goTo(start.x, start.y, this.#reducedMotion ? 0 : undefined)
  }

  /** A lost device is rebuilt by the engine from what it kept; only what the GPU itself had drawn is drawn again. */
  #watchDevice(): () => void {
    const device = this.#app.graphicsDevice
    const restored = () => {
      this.#scene.sky.relight()
      this.#loop.invalidate()
    }
    device.on('devicerestored', restored)
    return () => device.off('devicerestored', restored)
  }

  /** One frame. @returns ms until the next is due */
  #frame(dt: number, timestampMs: number): number {
    this.#input.poll()
    const { x, y, z } = this.#visitor.body
    const { walks } = this.#visitor
    const moving = this.#visitor.step(this.#input.intent, this.#solids, dt)
    if (walks) this.#watchPortals({ x, y, z })
    this.#planIfDue()
    const buildsMs = this.#here.step(dt)
    const nextMs = moving ? 0 : buildsMs
    this.#here.draw()
    this.#scene.setCamera(this.#camera())
    this.#app.tick(timestampMs)
    this.#frames += 1
    this.#publish(timestampMs, nextMs === Infinity)
    return nextMs
  }

  /** What stands where the visitor is. */
  get #here(): Builds {
    return this.#planet?.builds ?? this.#builds
  }

  /** Only feet lead through a ring: who flies or is brought somewhere passes over it. */
  #watchPortals(from: Feet): void {
    const at = this.#watch.step(this.#scene.rings.places, from, this.#visitor.body)
    if (at === undefined) return
    const cell = this.#portals[at]
    if (this.#planet !== undefined) this.stepped.value = { to: 'land' }
    else if (cell !== undefined) this.stepped.value = { to: 'planet', cell }
  }

  #planIfDue(): void {
    const { x, z } = this.#visitor.pose
    const far = !(Math.hypot(x - this.#planned.x, z - this.#planned.z) < PLAN_STEP_M)
    if (!far && !this.#replan) return
    this.#replan = false
    this.#planned.x = x
    this.#planned.z = z
    const { solids } = this.#planet === undefined ? this.#scene : NO_SOLIDS
    this.#here.plan(x, z)
    this.#solids = [...solids, ...this.#here.solids]
    this.failures.value = this.#builds.failures
    this.tokenFailures.value = this.#builds.tokenFailures
  }

  #publish(now: number, atRest: boolean): void {
    if (atRest || now - this.#positionAt >= POSITION_MS) {
      this.#positionAt = now
      const next = this.#readPosition()
      if (!samePosition(next, this.position.peek())) this.position.value = next
    }
    if (atRest || now - this.#statsAt >= STATS_MS) {
      this.#statsAt = now
      this.stats.value = this.#readStats()
    }
  }

  /** On a planet: where they left the land. */
  #readPosition(): WorldPosition {
    const { x, z, headingDegrees } = this.#planet?.left ?? this.#visitor.pose
    return { x: x / CELL_SIZE_M, y: -z / CELL_SIZE_M, headingDegrees: wrapDegrees(headingDegrees) }
  }

  #readStats(): WorldStats {
    const device = this.#app.graphicsDevice
    const { models, triangles } = this.#here.standing
    return {
      device: device.isNull ? 'null' : device.isWebGPU ? 'webgpu' : 'webgl2',
      frames: this.#frames,
      drawCalls: this.#app.stats.drawCallCount,
      triangles: this.#scene.triangles() + triangles,
      textureBytes: this.#assets.textureBytes,
      modelsLoaded: models,
      modelsLoading: this.#assets.loading,
    }
  }

  #camera(): Visitor['camera'] {
    const { clientWidth, clientHeight } = this.#canvas
    this.#visitor.camera.aspect = clientHeight > 0 ? clientWidth / clientHeight : 1
    return this.#visitor.camera
  }

  /** What a point of the page shows: the middle of the parcel whose model it is, or a point of the ground. */
  #hit(clientX: number, clientY: number): { readonly x: number; readonly z: number } | undefined {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect()
    if (width === 0 || height === 0) return undefined
    const camera = this.#camera()
    const origin: Vector = [camera.x, camera.y, camera.z]
    const ray = rayThrough(camera, (2 * (clientX - left)) / width - 1, 1 - (2 * (clientY - top)) / height)
    const ground = meetGround(origin, ray)
    const built = this.#builds.pick((bounds) => meetBox(origin, ray, bounds), ground ?? Infinity)
    if (built !== undefined) return centreOf(built)
    return ground === undefined
      ? undefined
      : { x: origin[0] + ground * ray[0], z: origin[2] + ground * ray[2] }
  }
}

const NO_SOLIDS = { solids: [] as readonly Bounds[] }

function samePosition(a: WorldPosition, b: WorldPosition): boolean {
  return a.x === b.x && a.y === b.y && a.headingDegrees === b.headingDegrees
}

function prefersReducedMotion(): boolean {
  return typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches
}

function watchSize(canvas: HTMLCanvasElement, onSize: () => void): () => void {
  if (typeof ResizeObserver !== 'function') return () => {}
  const observer = new ResizeObserver(onSize)
  observer.observe(canvas)
  return () => observer.disconnect()
}
