/** A planet while the visitor is on it: its ground and sky, what stands there, and the ring that leads back. */
import { Entity } from 'playcanvas'
import type { ParcelBuild } from '#api/types.ts'
import type { WorldPlanet } from '#api/world.ts'
import type { Bounds } from '#objects/glb.ts'
import type { BuildGround } from './build-ground.ts'
import { Builds } from './builds.ts'
import type { Pose } from './camera-rig.ts'
import { sealedKey } from './fetch-model.ts'
import type { GroundPoint } from './frame.ts'
import type { ModelAssets } from './model-assets.ts'
import { PLANET_REACH_M } from './planet-ground.ts'
import type { Stand } from './portal-watch.ts'
import type { WorldScene } from './scene.ts'
import type { Visitor } from './visitor.ts'
import { reachFrom } from './walker.ts'

export interface PlanetVisitComponents {
  readonly scene: WorldScene
  readonly visitor: Visitor
  /** what the planet's models become children of */
  readonly root: Entity
  readonly assets: ModelAssets
  readonly animates: boolean
  /** where the visitor comes back to */
  readonly back: Stand
}

/** One comes out of the ring, the planet's middle before one: a plot's size away. */
const RING: GroundPoint = { x: 0, z: 17 }
const ARRIVAL = { x: 0, z: 14, headingDegrees: 0 }

/** Placements are measured from the planet's middle; what a model's own budget allows may stand. */
const PLANET: BuildGround = {
  centreOf: () => ({ x: 0, z: 0 }),
  middleOf: (_, { x, z }) => ({ x, z }),
  crop: (bounds: Bounds) => bounds,
  refuse: () => undefined,
}

export class PlanetVisit {
  readonly builds: Builds
  /** where the visitor left the land */
  readonly left: Readonly<Pose>
  readonly #components: PlanetVisitComponents
  readonly #root = new Entity('planet-models')

  constructor({ id, models }: WorldPlanet, components: PlanetVisitComponents) {
    const { scene, visitor, root, assets, animates } = components
    this.#components = components
    this.left = { ...visitor.pose }
    root.addChild(this.#root)
    const { boxes, markers } = scene
    this.builds = new Builds({ root: this.#root, boxes, markers, assets, animates, ground: PLANET })
    this.builds.setPublished(new Map(models.map((model) => [model.id, standing(model)])))
    scene.setPlanet(id)
    scene.rings.set([RING])
    visitor.appear(ARRIVAL, PLANET_REACH_M)
  }

  /** Back on the land. */
  end(): void {
    const { scene, visitor, back } = this.#components
    this.builds.stop()
    this.#root.destroy()
    scene.setPlanet()
    visitor.appear(back, reachFrom(back.x, back.z))
  }
}

/** As `Builds` takes what stands: the planet's middle is its only cell. */
function standing({ id, root, object, placement }: WorldPlanet['models'][number]): ParcelBuild {
  const key = object === undefined ? root : sealedKey(object)
  return { parcel: id, cell: { x: 0, y: 0 }, root: key, placement, neuron: '', time: 0, mine: false }
}
