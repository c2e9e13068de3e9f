/** What stands on the parcels: boxes far away, models near, signs on the ground; and what one walks against. */
import { Entity } from 'playcanvas'
import type { ParcelToken } from '#api/access-types.ts'
import type { Failure, ParcelBuild } from '#api/types.ts'
import type { WorldPreview } from '#api/world.ts'
import type { Cell } from '#core/land.ts'
import { cellOfPlot } from '#core/plots.ts'
import { type Bounds, placedBounds } from '#objects/glb.ts'
import type { Boxes } from './boxes.ts'
import {
  type Build,
  boxColour,
  createBuild,
  easeOut,
  sameFailures,
  standingOf,
  translate,
  UNKNOWN_BOX,
} from './build.ts'
import { type BuildGround, PARCELS } from './build-ground.ts'
import { centreOf } from './frame.ts'
import type { Markers } from './markers.ts'
import type { ModelAssets } from './model-assets.ts'
import { MAX_MODELS_LOADING, type PlanEntry, planModels } from './model-plan.ts'
import { DANGER, GOLD, PAPER } from './palette.ts'

/** seconds that a model takes to appear or vanish */
const FADE_SECONDS = 0.25
/** Models play only this near, and no faster than this: a moving model must not cost what a game costs. */
const ANIMATION_DISTANCE_M = 45
const ANIMATION_STEP_S = 1 / 30

export interface BuildsComponents {
  /** @default PARCELS */
  readonly ground?: BuildGround
  readonly root: Entity
  readonly boxes: Boxes
  readonly markers: Markers
  readonly assets: ModelAssets
  /** @default true: play models' animations */
  readonly animates: boolean
}

export class Builds {
  readonly #components: BuildsComponents
  /** by the numbers of `standingOf` */
  readonly #builds = new Map<number, Build>()
  #published: ReadonlyMap<number, ParcelBuild> = new Map()
  #tokens: readonly ParcelToken[] = []
  #preview: { readonly preview: WorldPreview; readonly key: string } | undefined
  #previewCount = 0
  #selected: number | undefined
  #solids: readonly Bounds[] = []
  #animated = 0
  #sincePlayed = 0
  #failures: ReadonlyMap<number, Failure> = new Map()
  #tokenFailures: ReadonlyMap<number, Failure> = new Map()

  readonly #ground: BuildGround

  constructor(components: BuildsComponents) {
    this.#components = components
    this.#ground = components.ground ?? PARCELS
  }

  /** Is something published on the parcel, or a token placed there? */
  stands(parcel: number): boolean {
    return this.#published.has(parcel) || this.#tokens.some((token) => token.parcel === parcel)
  }

  /** Boxes that stop a walker: those of the models that stand. */
  get solids(): readonly Bounds[] {
    return this.#solids
  }

  /** by parcel */
  get failures(): ReadonlyMap<number, Failure> {
    return this.#failures
  }

  /** by the token's id */
  get tokenFailures(): ReadonlyMap<number, Failure> {
    return this.#tokenFailures
  }

  /** Models that stand, and their triangles. */
  get standing(): { readonly models: number; readonly triangles: number } {
    let models = 0
    let triangles = 0
    for (const build of this.#builds.values()) {
      if (build.copy === undefined) continue
      models += 1
      triangles += this.#costOf(build)?.triangles ?? 0
    }
    return { models, triangles }
  }

  setPublished(builds: ReadonlyMap<number, ParcelBuild>, tokens: readonly ParcelToken[] = []): void {
    this.#published = builds
    this.#tokens = tokens
    this.#sync()
  }

  setPreview(preview: WorldPreview | undefined): void {
    const before = this.#preview
    if (preview === undefined) this.#preview = undefined
    else if (before?.preview.model === preview.model) this.#preview = { preview, key: before.key }
    else this.#preview = { preview, key: `preview-${this.#previewCount++}` }
    this.#sync()
  }

  /** Hides the models that stand, or shows them again; who hides them plans and steps nothing meanwhile. */
  setShown(shown: boolean): void {
    for (const { copy } of this.#builds.values()) {
      const holder = copy?.entity.parent
      if (holder !== null && holder !== undefined) holder.enabled = shown
    }
  }

  setSelected(parcel: number | undefined): void {
    this.#selected = parcel
  }

  /** The cell whose build a ray meets first, nearer than `limit`, by `meet` (way along the ray, or undefined). */
  pick(meet: (bounds: Bounds) => number | undefined, limit: number): Cell | undefined {
    let nearest = limit
    let found: Cell | undefined
    for (const build of this.#builds.values()) {
      const way = meet(build.bounds)
      if (way === undefined || way >= nearest) continue
      nearest = way
      found = build.cell
    }
    return found
  }

  /** Decides anew what is loaded and shown, for a visitor at a point. */
  plan(x: number, z: number): void {
    const { assets } = this.#components
    const entries: PlanEntry[] = []
    for (const build of this.#builds.values()) {
      const middle = this.#ground.middleOf(build.cell, build.placement)
      build.distance = Math.hypot(middle.x - x, middle.z - z)
      build.wanted = false
      entries.push({ ...build, cost: this.#costOf(build), shown: build.copy !== undefined })
    }
    const wanted = planModels(entries).map((id) => this.#builds.get(id) as Build)
    for (const build of wanted) build.wanted = true
    assets.keepOnly(new Set(wanted.map(({ key }) => key)))
    for (const build of wanted) this.#bring(build)
    this.#settle()
  }

  /**
   * One step of fades and animations.
   * @returns when the next step is due: ms, Infinity when nothing moves
   */
  step(dt: number): number {
    let fading = false
    for (const build of this.#builds.values()) {
      if (build.copy === undefined) continue
      const target = build.wanted ? 1 : 0
      if (build.opacity === target) continue
      fading = true
      const change = dt / FADE_SECONDS
      build.opacity = target === 1 ? Math.min(1, build.opacity + change) : Math.max(0, build.opacity - change)
      build.copy.setOpacity(easeOut(build.opacity))
      if (build.opacity === 0) this.#takeDown(build)
    }
    if (fading) this.#settle()
    const nextMs = this.#animate(dt)
    return fading ? 0 : nextMs
  }

  /** Signs and boxes as they are now. */
  draw(): void {
    this.#drawBoxes()
    this.#drawMarkers()
  }

  stop(): void {
    for (const build of this.#builds.values()) this.#takeDown(build)
    this.#builds.clear()
  }

  #sync(): void {
    const wanted = standingOf(this.#published, this.#tokens)
    const { preview, key } = this.#preview ?? {}
    const at = preview && cellOfPlot(preview.parcel)
    if (preview !== undefined && key !== undefined && at !== undefined) {
      const { placement, model } = preview
      wanted.set(preview.parcel, { parcel: preview.parcel, key, cell: at, placement, local: model })
    }
    for (const [id, build] of this.#builds) {
      const { key, parcel } = wanted.get(id) ?? {}
      if (key === build.key && parcel === build.parcel) continue
      this.#takeDown(build)
      this.#builds.delete(id)
    }
    for (const [id, standing] of wanted) {
      const build = this.#builds.get(id) ?? createBuild(id, standing)
      Object.assign(build, { placement: standing.placement, local: standing.local })
      this.#builds.set(id, build)
      this.#place(build)
    }
    this.#settle()
  }

  #costOf({ key }: Build): PlanEntry['cost'] {
    const state = this.#components.assets.get(key)
    if (state?.kind !== 'ready') return undefined
    const { report, textureBytes } = state.asset.model
    return { triangles: report.triangles, textureBytes }
  }

  /** Loads what is missing, stands up what is there. */
  #bring(build: Build): void {
    const { assets } = this.#components
    const state = assets.get(build.key)
    if (state === undefined) {
      if (assets.loading < MAX_MODELS_LOADING) assets.load(build.key, build.local)
      return
    }
    this.#place(build)
    if (state.kind !== 'ready' || build.copy !== undefined || build.failure !== undefined) return
    const copy = state.asset.createCopy()
    const holder = new Entity(`parcel-${build.parcel}`)
    holder.addChild(copy.entity)
    this.#components.root.addChild(holder)
    assets.hold(build.key)
    build.copy = copy
    build.opacity = 0
    copy.setOpacity(0)
    this.#place(build)
  }

  /** Puts a build where its placement says, or says why it may not stand there. */
  #place(build: Build): void {
    const centre = this.#ground.centreOf(build.cell)
    const state = this.#components.assets.get(build.key)
    build.failure = state?.kind === 'failed' ? state.failure : undefined
    const shape =
      state?.kind === 'ready'
        ? state.asset.model.report.bounds
        : state?.kind === 'failed'
          ? state.bounds
          : undefined
    if (shape === undefined) {
      const middle = this.#ground.middleOf(build.cell, build.placement)
      build.bounds = translate(UNKNOWN_BOX, middle.x, middle.z)
      return
    }
    build.bounds = this.#ground.crop(
      translate(placedBounds(shape, build.placement), centre.x, centre.z),
      centre,
    )
    if (state?.kind === 'ready') build.failure = this.#ground.refuse(shape, build.placement)
    if (build.failure !== undefined && build.copy !== undefined) this.#takeDown(build)
    const holder = build.copy?.entity.parent
    if (holder === null || holder === undefined) return
    const { x, y, z, yawDegrees, scale } = build.placement
    holder.setLocalPosition(centre.x + x, y, centre.z + z)
    holder.setLocalEulerAngles(0, yawDegrees, 0)
    holder.setLocalScale(scale, scale, scale)
  }

  #takeDown(build: Build): void {
    if (build.copy === undefined) return
    build.copy.entity.parent?.destroy()
    build.copy = undefined
    build.opacity = 0
    this.#components.assets.release(build.key)
  }

  /** What follows from which builds stand: walls, animations, failures. */
  #settle(): void {
    const solids: Bounds[] = []
    const failures = new Map<number, Failure>()
    const tokenFailures = new Map<number, Failure>()
    this.#animated = 0
    for (const build of this.#builds.values()) {
      if (build.copy !== undefined) solids.push(build.bounds)
      const { failure, token, parcel } = build
      if (failure !== undefined && token === undefined) failures.set(parcel, failure)
      if (failure !== undefined && token !== undefined) tokenFailures.set(token, failure)
      if (this.#plays(build)) this.#animated += 1
    }
    this.#solids = solids
    if (!sameFailures(failures, this.#failures)) this.#failures = failures
    if (!sameFailures(tokenFailures, this.#tokenFailures)) this.#tokenFailures = tokenFailures
  }

  #plays({ copy, distance }: Build): boolean {
    return this.#components.animates && copy?.isAnimated === true && distance <= ANIMATION_DISTANCE_M
  }

  #animate(dt: number): number {
    if (this.#animated === 0) return Infinity
    this.#sincePlayed += dt
    if (this.#sincePlayed >= ANIMATION_STEP_S) {
      for (const build of this.#builds.values())
        if (this.#plays(build)) build.copy?.animate(this.#sincePlayed)
      this.#sincePlayed = 0
    }
    return 1000 * (ANIMATION_STEP_S - this.#sincePlayed)
  }

  #drawBoxes(): void {
    const { boxes } = this.#components
    boxes.begin()
    for (const build of this.#builds.values()) {
      if (build.opacity === 1) continue
      boxes.add(build.bounds, boxColour(build), 1 - build.opacity)
    }
    boxes.end()
  }

  #drawMarkers(): void {
    const { markers, assets } = this.#components
    markers.begin()
    const selected = this.#selected === undefined ? undefined : cellOfPlot(this.#selected)
    if (selected !== undefined) {
      const { x, z } = centreOf(selected)
      markers.add({ kind: 'frame', x, z, colour: GOLD, alpha: 1, progress: 0 })
    }
    for (const { cell, placement, key, wanted, failure } of this.#builds.values()) {
      if (!wanted) continue
      const { x, z } = this.#ground.middleOf(cell, placement)
      const state = assets.get(key)
      if (failure !== undefined) markers.add({ kind: 'cross', x, z, colour: DANGER, alpha: 0.9, progress: 0 })
      else if (state?.kind === 'loading') {
        markers.add({ kind: 'ring', x, z, colour: PAPER, alpha: 0.95, progress: state.progress })
      }
    }
    markers.end()
  }
}
