import {
  BLEND_NORMAL,
  CULLFACE_NONE,
  Entity,
  type GraphicsDevice,
  Mesh,
  MeshInstance,
  StandardMaterial,
} from 'playcanvas'
import type { GroundPoint } from './frame.ts'
import { GOLD } from './palette.ts'
import { RING_RADIUS, RING_TUBE } from './portal-ring.ts'

/** All within reach of a visitor, and far fewer than can be told apart. */
const MAX_RINGS = 64
const AROUND = 40
const TUBE_SIDES = 8
/** the ring stands a little in the ground */
const MIDDLE_HEIGHT = RING_RADIUS + RING_TUBE / 2

/** Portals as one sees them: rings of gold with a veil in them. */
export interface PortalRings {
  readonly entity: Entity
  readonly places: readonly GroundPoint[]
  set(places: readonly GroundPoint[]): void
  destroy(): void
}

export function createPortalRings(device: GraphicsDevice): PortalRings {
  const [ring, veil] = [createRingMesh(device), createVeilMesh(device)]
  // a mesh goes with the last that draws it, and rings come and go
  for (const mesh of [ring, veil]) mesh.incRefCount()
  const [gold, light] = [createGold(), createVeil()]
  const entity = new Entity('portals')
  let shown: readonly GroundPoint[] = []
  return {
    entity,
    get places() {
      return shown
    },
    set(places) {
      shown = places.slice(0, MAX_RINGS)
      for (const child of [...entity.children]) (child as Entity).destroy()
      for (const { x, z } of shown) {
        const portal = new Entity('portal')
        portal.addComponent('render', {
          meshInstances: [new MeshInstance(ring, gold), new MeshInstance(veil, light)],
          castShadows: true,
          receiveShadows: false,
        })
        portal.setLocalPosition(x, MIDDLE_HEIGHT, z)
        entity.addChild(portal)
      }
    },
    destroy() {
      entity.destroy()
      for (const mesh of [ring, veil]) {
        mesh.decRefCount()
        if (mesh.refCount < 1) mesh.destroy()
      }
      gold.destroy()
      light.destroy()
    },
  }
}

function createGold(): StandardMaterial {
  const material = new StandardMaterial()
  material.name = 'portal'
  material.diffuse.set(GOLD[0] / 255, GOLD[1] / 255, GOLD[2] / 255)
  material.emissive.set(0.28, 0.19, 0.03)
  material.specular.set(0, 0, 0)
  material.update()
  return material
}

function createVeil(): StandardMaterial {
  const material = new StandardMaterial()
  material.name = 'portal-veil'
  material.useLighting = false
  material.diffuse.set(0, 0, 0)
  material.emissive.set(0.55, 0.82, 0.95)
  material.opacity = 0.42
  material.blendType = BLEND_NORMAL
  material.depthWrite = false
  material.cull = CULLFACE_NONE
  material.update()
  return material
}

/** A torus around the z axis. */
function createRingMesh(device: GraphicsDevice): Mesh {
  const positions: number[] = []
  const normals: number[] = []
  const indices: number[] = []
  for (let i = 0; i <= AROUND; i++) {
    const around = (2 * Math.PI * i) / AROUND
    const [cos, sin] = [Math.cos(around), Math.sin(around)]
    for (let j = 0; j <= TUBE_SIDES; j++) {
      const tube = (2 * Math.PI * j) / TUBE_SIDES
      const [out, along] = [Math.cos(tube), Math.sin(tube)]
      const radius = RING_RADIUS + RING_TUBE * out
      positions.push(radius * cos, radius * sin, RING_TUBE * along)
      normals.push(out * cos, out * sin, along)
    }
  }
  const row = TUBE_SIDES + 1
  for (let i = 0; i < AROUND; i++) {
    for (let j = 0; j < TUBE_SIDES; j++) {
      const at = i * row + j
      indices.push(at, at + row, at + 1, at + 1, at + row, at + row + 1)
    }
  }
  return createMesh(device, positions, normals, indices)
}

/** The disc within the ring. */
function createVeilMesh(device: GraphicsDevice): Mesh {
  const positions = [0, 0, 0]
  const normals = [0, 0, 1]
  const indices: number[] = []
  for (let i = 0; i <= AROUND; i++) {
    const around = (2 * Math.PI * i) / AROUND
    positions.push(RING_RADIUS * Math.cos(around), RING_RADIUS * Math.sin(around), 0)
    normals.push(0, 0, 1)
    if (i > 0) indices.push(0, i, i + 1)
  }
  return createMesh(device, positions, normals, indices)
}

function createMesh(device: GraphicsDevice, positions: number[], normals: number[], indices: number[]): Mesh {
  const mesh = new Mesh(device)
  mesh.setPositions(positions)
  mesh.setNormals(normals)
  mesh.setIndices(indices)
  mesh.update()
  return mesh
}
