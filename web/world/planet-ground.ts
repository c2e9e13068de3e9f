import { Entity, type GraphicsDevice, Mesh, MeshInstance, StandardMaterial } from 'playcanvas'
import { linear, mix32, type Rgb } from './palette.ts'
import type { SkyColours } from './sky.ts'

/** Models stand within 5 km of a planet's middle ([CH6]); nobody walks farther. */
export const PLANET_REACH_M = 5_000

/** A planet's colours, which follow from its number: the same in every tab. */
export interface PlanetLook {
  /** from the middle outwards */
  readonly ground: readonly [Rgb, Rgb, Rgb]
  readonly sky: SkyColours
}

const LOOKS: readonly PlanetLook[] = [
  {
    ground: [
      [0xc9, 0x8d, 0x62],
      [0xb2, 0x70, 0x4c],
      [0x93, 0x57, 0x40],
    ],
    sky: { horizon: [0xf4, 0xd9, 0xb6], middle: [0xdd, 0xb0, 0x96], zenith: [0x8d, 0x79, 0x8e] },
  },
  {
    ground: [
      [0x9a, 0xb0, 0xa4],
      [0x7f, 0x9a, 0x94],
      [0x65, 0x80, 0x82],
    ],
    sky: { horizon: [0xe6, 0xee, 0xec], middle: [0xa9, 0xcf, 0xd4], zenith: [0x4d, 0x83, 0x9b] },
  },
  {
    ground: [
      [0xa8, 0x9b, 0xb8],
      [0x8c, 0x80, 0xa3],
      [0x70, 0x67, 0x8c],
    ],
    sky: { horizon: [0xf0, 0xe2, 0xea], middle: [0xc4, 0xb3, 0xdc], zenith: [0x6a, 0x62, 0xa6] },
  },
  {
    ground: [
      [0xb9, 0xb5, 0x7c],
      [0x9c, 0x9c, 0x66],
      [0x7d, 0x83, 0x58],
    ],
    sky: { horizon: [0xf3, 0xf0, 0xd6], middle: [0xc8, 0xdc, 0xb4], zenith: [0x6f, 0xa0, 0x9a] },
  },
]

export function planetLook(id: number): PlanetLook {
  return LOOKS[mix32(id) % LOOKS.length] as PlanetLook
}

export interface PlanetGround {
  readonly entity: Entity
  readonly triangles: number
  destroy(): void
}

const AROUND = 96
/** A walker sees the colour change; beyond the reach the ground falls away, and hills close the view. */
const DISTANCES = [0, 14, 40, 110, 300, 800, 2_000, PLANET_REACH_M + 60, 6_200, 7_400, 9_000, 12_000]

/** Level where one walks, hills behind it. */
export function createPlanetGround(device: GraphicsDevice, id: number): PlanetGround {
  const material = new StandardMaterial()
  material.name = 'planet'
  material.diffuseVertexColor = true
  material.specular.set(0, 0, 0)
  material.useSkybox = false
  material.update()
  const entity = new Entity('planet')
  entity.addComponent('render', {
    meshInstances: [new MeshInstance(createGroundMesh(device, id), material)],
    castShadows: false,
    receiveShadows: true,
  })
  return {
    entity,
    triangles: 2 * AROUND * (DISTANCES.length - 1),
    destroy() {
      entity.destroy()
      material.destroy()
    },
  }
}

function createGroundMesh(device: GraphicsDevice, id: number): Mesh {
  const { ground } = planetLook(id)
  const positions: number[] = []
  const normals: number[] = []
  const colours: number[] = []
  const indices: number[] = []
  for (const [ring, radius] of DISTANCES.entries()) {
    for (let i = 0; i <= AROUND; i++) {
      const angle = (2 * Math.PI * i) / AROUND
      const noise = (mix32(id * 7_919 + ring * 131 + (i % AROUND)) & 0xff) / 0xff
      const hill = radius > PLANET_REACH_M + 60 ? 90 + 420 * noise * (ring % 2) : 0
      positions.push(radius * Math.cos(angle), hill, radius * Math.sin(angle))
      normals.push(0, 1, 0)
      colours.push(...shade(ground, ring / (DISTANCES.length - 1), noise - 0.5), 1)
    }
  }
  const row = AROUND + 1
  for (let ring = 0; ring + 1 < DISTANCES.length; ring++) {
    for (let i = 0; i < AROUND; i++) {
      const inner = ring * row + i
      indices.push(inner, inner + 1, inner + row, inner + 1, inner + row + 1, inner + row)
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

/** Between three colours, a little lighter or darker here and there; linear. */
function shade([near, middle, far]: PlanetLook['ground'], part: number, amount: number): number[] {
  const [from, to, t] = part < 0.5 ? [near, middle, 2 * part] : [middle, far, 2 * part - 1]
  return [0, 1, 2].map((k) => {
    const byte = (from[k] as number) * (1 - t) + (to[k] as number) * t + 14 * amount
    return linear(Math.min(255, Math.max(0, byte)))
  })
}
