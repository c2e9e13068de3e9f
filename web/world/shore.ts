import { Entity, type GraphicsDevice, Mesh, MeshInstance, StandardMaterial } from 'playcanvas'
import { CELL_SIZE_M, LAND_RADIUS } from '#core/land.ts'
import { linear, type Rgb, SAND, SEA } from './palette.ts'

const COAST = LAND_RADIUS * CELL_SIZE_M

/** A ring's edge: how far out, how high, and its colour. Rings between are blended. */
interface Edge {
  readonly radius: number
  readonly y: number
  readonly colour: Rgb
}

const WET_SAND: Rgb = [0xcb, 0xb9, 0x8d]
const SHALLOW: Rgb = [0x8c, 0xc4, 0xb8]
const LAGOON: Rgb = [0x3f, 0x93, 0xa6]

/** Under the ragged border of the land a round beach slopes into the sea. */
const BEACH: readonly Edge[] = [
  { radius: COAST - 60, y: -0.4, colour: SAND },
  { radius: COAST + 12, y: -0.4, colour: SAND },
  { radius: COAST + 26, y: -1.5, colour: WET_SAND },
]

const WATER: readonly Edge[] = [
  { radius: COAST + 14, y: -0.9, colour: SHALLOW },
  { radius: COAST + 45, y: -0.9, colour: LAGOON },
  { radius: COAST + 160, y: -0.9, colour: SEA },
]

/** Around the land, up to where the haze has closed. */
const SEA_RING: readonly Edge[] = [
  { radius: COAST + 160, y: -0.9, colour: SEA },
  { radius: 30_000, y: -0.9, colour: SEA },
]
/** Around an eye that is far out; lower by what nobody sees, so that the water at the coast lies over it. */
const OPEN_SEA: readonly Edge[] = [
  { radius: 0, y: -0.95, colour: SEA },
  { radius: 30_000, y: -0.95, colour: SEA },
]
/**
 * Metres from the middle beyond which the sea goes with the eye: triangles that reach from far behind it to far before
 * it are cut at the eye too coarsely, and the water stood a metre too high.
 */
const OPEN_SEA_FROM = 3_000

export interface Shore {
  readonly entities: readonly Entity[]
  /** Where the eye is, metres. */
  setEye(x: number, z: number): void
  destroy(): void
}

/** The round beach and the quiet sea around it. */
export function createShore(device: GraphicsDevice): Shore {
  const sand = new StandardMaterial()
  sand.name = 'beach'
  sand.diffuseVertexColor = true
  sand.specular.set(0, 0, 0)
  sand.useSkybox = false
  sand.update()
  const water = new StandardMaterial()
  water.name = 'sea'
  water.diffuseVertexColor = true
  water.useMetalness = true
  water.metalness = 0
  water.gloss = 0.82
  water.update()
  const sea = new Entity('sea')
  const ring = ringEntity(device, 'sea-ring', SEA_RING, water)
  const open = ringEntity(device, 'open-sea', OPEN_SEA, water)
  sea.addChild(ring)
  sea.addChild(open)
  const entities = [ringEntity(device, 'beach', BEACH, sand), ringEntity(device, 'coast', WATER, water), sea]
  return {
    entities,
    setEye(x, z) {
      open.enabled = Math.hypot(x, z) > OPEN_SEA_FROM
      ring.enabled = !open.enabled
      open.setLocalPosition(x, 0, z)
    },
    destroy() {
      for (const entity of entities) entity.destroy()
      sand.destroy()
      water.destroy()
    },
  }
}

function ringEntity(
  device: GraphicsDevice,
  name: string,
  edges: readonly Edge[],
  material: StandardMaterial,
): Entity {
  const instance = new MeshInstance(createRings(device, edges), material)
  const entity = new Entity(name)
  entity.addComponent('render', { meshInstances: [instance], castShadows: false, receiveShadows: false })
  return entity
}

const SEGMENTS = 192
/** Of beach and sea together; one of both seas is drawn. */
export const SHORE_TRIANGLES = 2 * SEGMENTS * (BEACH.length - 1 + WATER.length - 1 + SEA_RING.length - 1)

/** Concentric rings around the origin, facing up. */
function createRings(device: GraphicsDevice, edges: readonly Edge[]): Mesh {
  const positions: number[] = []
  const normals: number[] = []
  const colours: number[] = []
  const indices: number[] = []
  for (const { radius, y, colour } of edges) {
    for (let i = 0; i <= SEGMENTS; i++) {
      const angle = (2 * Math.PI * i) / SEGMENTS
      positions.push(radius * Math.cos(angle), y, radius * Math.sin(angle))
      normals.push(0, 1, 0)
      colours.push(linear(colour[0]), linear(colour[1]), linear(colour[2]), 1)
    }
  }
  const row = SEGMENTS + 1
  for (let ring = 0; ring + 1 < edges.length; ring++) {
    for (let i = 0; i < SEGMENTS; i++) {
      const inner = ring * row + i
      const outer = inner + row
      indices.push(inner, inner + 1, outer, inner + 1, outer + 1, outer)
    }
  }
  const mesh = new Mesh(device)
  mesh.setPositions(positions)
  mesh.setNormals(normals)
  mesh.setColors(colours)
  mesh.setIndices(indices)
  mesh.update()
  return mesh
}
