import {
  type AppBase,
  Entity,
  type GraphicsDevice,
  LAYERID_IMMEDIATE,
  LAYERID_UI,
  LAYERID_WORLD,
  TONEMAP_LINEAR,
} from 'playcanvas'
import type { Bounds } from '#objects/glb.ts'
import { type Boxes, createBoxes } from './boxes.ts'
import { createIslets, type Islets } from './islets.ts'
import { createLand, type Land } from './land.ts'
import { createMarkers, type Markers } from './markers.ts'
import { createPlanetGround, type PlanetGround, planetLook } from './planet-ground.ts'
import { createPortalRings, type PortalRings } from './portal-rings.ts'
import { createShore, SHORE_TRIANGLES } from './shore.ts'
import { createSky, SHADOW_DISTANCE, type Sky } from './sky.ts'
import { createTrees, placeTrees, treeSolids } from './trees.ts'
import type { ViewCamera } from './view-ray.ts'

/** metres: the horizon's haze has closed long before */
const FAR_CLIP = 32_000
/** metres of the eye above which no shadow is seen */
const SHADOWLESS_HEIGHT = 260

/** Everything that stands by itself, and the eye. */
export interface WorldScene {
  readonly land: Land
  readonly islets: Islets
  readonly boxes: Boxes
  readonly markers: Markers
  readonly sky: Sky
  readonly rings: PortalRings
  /** of what cannot be walked through, models apart */
  readonly solids: readonly Bounds[]
  /** triangles of what stands by itself, boxes included */
  triangles(): number
  /** Shows a planet's ground and sky in place of the land's. @default the land again */
  setPlanet(id?: number): void
  /** Puts the eye where the visitor looks from. */
  setCamera(camera: ViewCamera): void
  destroy(): void
}

export function createScene(app: AppBase): WorldScene {
  const device = app.graphicsDevice as GraphicsDevice
  const trees = placeTrees()
  const land = createLand(device)
  const islets = createIslets(device)
  const shore = createShore(device)
  const sky = createSky(device, app.scene)
  const forest = createTrees(device, trees)
  const boxes = createBoxes(device)
  const markers = createMarkers(device)
  const rings = createPortalRings(device)
  const camera = createCamera()
  const ofLand = [land.entity, islets.entity, ...shore.entities, forest.entity]
  const entities = [...ofLand, sky.dome, sky.sun, boxes.entity, markers.entity, rings.entity]
  for (const entity of [...entities, camera]) app.root.addChild(entity)
  const landTriangles = (): number =>
    land.triangles() + islets.triangles() + SHORE_TRIANGLES + forest.triangles()
  let planet: PlanetGround | undefined
  return {
    land,
    islets,
    boxes,
    markers,
    sky,
    rings,
    solids: treeSolids(trees),
    triangles: () => boxes.triangles() + (planet?.triangles ?? landTriangles()),
    setPlanet(id) {
      planet?.destroy()
      planet = id === undefined ? undefined : createPlanetGround(device, id)
      if (planet !== undefined) app.root.addChild(planet.entity)
      for (const entity of ofLand) entity.enabled = planet === undefined
      sky.setColours(id === undefined ? undefined : planetLook(id).sky)
    },
    setCamera(view) {
      placeCamera(camera, sky.sun, view)
      sky.setHeight(view.y)
      shore.setEye(view.x, view.z)
      islets.setEye(view.x, view.z)
    },
    destroy() {
      planet?.destroy()
      for (const part of [land, islets, shore, sky, forest, boxes, markers, rings, camera]) part.destroy()
    },
  }
}

function createCamera(): Entity {
  const camera = new Entity('camera')
  // Without the engine's sky layer: the dome is the sky, the light of the sky is not for looking at.
  const layers = [LAYERID_WORLD, LAYERID_IMMEDIATE, LAYERID_UI]
  camera.addComponent('camera', { farClip: FAR_CLIP, layers })
  if (camera.camera !== undefined) camera.camera.toneMapping = TONEMAP_LINEAR
  return camera
}

function placeCamera(entity: Entity, sun: Entity, view: ViewCamera): void {
  entity.setLocalPosition(view.x, view.y, view.z)
  entity.setLocalEulerAngles(view.pitchDegrees, -view.headingDegrees, 0)
  const camera = entity.camera
  if (camera === undefined) return
  camera.fov = view.fovDegrees
  // The higher the eye, the farther the nearest thing: depth stays fine enough for the coast seen from above.
  camera.nearClip = Math.min(60, Math.max(0.1, view.y * 0.06))
  if (sun.light === undefined) return
  sun.light.shadowDistance = SHADOW_DISTANCE + Math.min(view.y, SHADOWLESS_HEIGHT) * 2.5
  // From high above the shadows are smaller than pixels: they fade before they would flicker.
  sun.light.shadowIntensity = Math.min(1, Math.max(0, 2 - (2 * view.y) / SHADOWLESS_HEIGHT))
}
