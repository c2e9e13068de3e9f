import {
  type GraphicsDevice,
  Mesh,
  SEMANTIC_ATTR10,
  SEMANTIC_ATTR11,
  type StandardMaterial,
  TYPE_FLOAT32,
  TYPE_UINT8,
} from 'playcanvas'
import { CELL_SIZE_M, LAND_RADIUS, SQUARE_MAX } from '#core/land.ts'
import type { Bounds } from '#objects/glb.ts'
import { createInstanced, type Instanced } from './instanced.ts'
import { createInstancedMaterial } from './instanced-material.ts'
import { linear, mix32, type Rgb } from './palette.ts'

/** Trees stand on public ground only: in the square, and where the public ways between the plots cross. */
export interface Tree {
  /** metres */
  readonly x: number
  readonly z: number
  readonly scale: number
  readonly yawRadians: number
  readonly tint: Rgb
}

/** Every tenth border between plots is drawn as a public way (see the land's shader). */
export const WAY_STEP_M = 10 * CELL_SIZE_M
const WAY_REACH = 1_300
const SQUARE_EDGE = (SQUARE_MAX + 1) * CELL_SIZE_M
const TRUNK_RADIUS = 0.3
const TRUNK_HEIGHT = 6

/** All trees; the same in every tab. */
export function placeTrees(): readonly Tree[] {
  const places: [number, number][] = []
  for (let along = -SQUARE_EDGE + 15; along < SQUARE_EDGE; along += 20) {
    // Gaps where the avenues leave the square.
    if (Math.abs(along) < 22) continue
    const edge = SQUARE_EDGE - 6
    places.push([along, edge], [along, -edge], [edge, along], [-edge, along])
  }
  for (let along = 70; along < SQUARE_EDGE - 20; along += 24) {
    for (const side of [-16, 16]) {
      places.push([side, along], [side, -along], [along, side], [-along, side])
    }
  }
  for (let i = 0; i < 20; i++) {
    const angle = ((i + 0.5) / 20) * 2 * Math.PI
    if (Math.min(Math.abs(Math.sin(angle)), Math.abs(Math.cos(angle))) < 0.3) continue
    places.push([46 * Math.cos(angle), 46 * Math.sin(angle)])
  }
  for (let x = -WAY_REACH; x <= WAY_REACH; x += WAY_STEP_M) {
    for (let z = -WAY_REACH; z <= WAY_REACH; z += WAY_STEP_M) {
      const inSquare = Math.max(Math.abs(x), Math.abs(z)) <= SQUARE_EDGE
      if (!inSquare && Math.hypot(x, z) < LAND_RADIUS * CELL_SIZE_M - 25) places.push([x, z])
    }
  }
  return places.map(([x, z], i) => createTree(x, z, i))
}

function createTree(x: number, z: number, index: number): Tree {
  const random = (salt: number) => (mix32(index * 8 + salt) & 0xffff) / 0xffff
  return {
    x: x + 2.4 * (random(0) - 0.5),
    z: z + 2.4 * (random(1) - 0.5),
    scale: 0.85 + 0.6 * random(2),
    yawRadians: 2 * Math.PI * random(3),
    tint: [200 + 55 * random(4), 205 + 50 * random(5), 190 + 40 * random(6)].map(
      Math.round,
    ) as unknown as Rgb,
  }
}

/** Trunks, for whoever walks into them. */
export function treeSolids(trees: readonly Tree[]): readonly Bounds[] {
  return trees.map(({ x, z }) => ({
    min: [x - TRUNK_RADIUS, 0, z - TRUNK_RADIUS],
    max: [x + TRUNK_RADIUS, TRUNK_HEIGHT, z + TRUNK_RADIUS],
  }))
}

/** f32 x, z, scale, yaw; u8 tint rgb, pad */
const RECORD_BYTES = 20

export function createTrees(device: GraphicsDevice, trees: readonly Tree[]): Instanced {
  const instanced = createInstanced(device, {
    name: 'trees',
    mesh: createTreeMesh(device),
    material: createTreeMaterial(),
    attributes: [
      { semantic: SEMANTIC_ATTR10, components: 4, type: TYPE_FLOAT32 },
      { semantic: SEMANTIC_ATTR11, components: 4, type: TYPE_UINT8, normalize: true },
    ],
    capacity: trees.length,
    castShadows: true,
    receiveShadows: true,
  })
  for (const [i, { x, z, scale, yawRadians, tint }] of trees.entries()) {
    const at = i * RECORD_BYTES
    for (const [k, value] of [x, z, scale, yawRadians].entries()) {
      instanced.records.setFloat32(at + 4 * k, value, true)
    }
    for (const [k, value] of tint.entries()) instanced.records.setUint8(at + 16 + k, value)
  }
  instanced.show(trees.length)
  return instanced
}

const BARK: Rgb = [0x7a, 0x62, 0x4e]
const SHADE: Rgb = [0x55, 0x84, 0x4c]
const LEAVES: Rgb = [0x74, 0xa2, 0x58]
const TOP: Rgb = [0x94, 0xbb, 0x66]

/** Outline of trunk and crown: radius and height in metres, from the ground up. */
const PROFILE: readonly (readonly [radius: number, y: number, colour: Rgb])[] = [
  [0.27, -0.1, BARK],
  [0.17, 0.9, BARK],
  [0.15, 1.9, BARK],
  [0.6, 1.75, SHADE],
  [1.55, 2.2, SHADE],
  [1.95, 3.1, LEAVES],
  [1.7, 4.2, LEAVES],
  [1.05, 5.1, TOP],
  [0.02, 5.6, TOP],
]
const SIDES = 9

function createTreeMesh(device: GraphicsDevice): Mesh {
  const positions: number[] = []
  const colours: number[] = []
  const indices: number[] = []
  for (const [ring, [radius, y, colour]] of PROFILE.entries()) {
    for (let side = 0; side <= SIDES; side++) {
      // An uneven crown reads as leaves; the seam's two columns must agree.
      const bump = ring < 3 ? 0 : (mix32(ring * 31 + (side % SIDES)) & 255) / 255 - 0.5
      const angle = (2 * Math.PI * side) / SIDES
      const r = radius * (1 + 0.28 * bump)
      positions.push(r * Math.cos(angle), y + 0.25 * bump, r * Math.sin(angle))
      colours.push(linear(colour[0]), linear(colour[1]), linear(colour[2]), 1)
    }
  }
  const row = SIDES + 1
  for (let ring = 0; ring + 1 < PROFILE.length; ring++) {
    for (let side = 0; side < SIDES; side++) {
      const low = ring * row + side
      indices.push(low, low + row, low + 1, low + 1, low + row, low + row + 1)
    }
  }
  const mesh = new Mesh(device)
  mesh.setPositions(positions)
  mesh.setNormals(smoothNormals(positions, indices))
  mesh.setColors(colours)
  mesh.setIndices(indices)
  mesh.update()
  return mesh
}

/** Normals averaged over the triangles around each vertex. */
function smoothNormals(positions: readonly number[], indices: readonly number[]): number[] {
  const normals = new Array<number>(positions.length).fill(0)
  const at = (vertex: number, axis: number) => positions[3 * vertex + axis] as number
  for (let i = 0; i < indices.length; i += 3) {
    const [a, b, c] = indices.slice(i, i + 3) as [number, number, number]
    const u = [0, 1, 2].map((k) => at(b, k) - at(a, k)) as [number, number, number]
    const v = [0, 1, 2].map((k) => at(c, k) - at(a, k)) as [number, number, number]
    const cross = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
    for (const vertex of [a, b, c]) {
      for (let k = 0; k < 3; k++)
        normals[3 * vertex + k] = (normals[3 * vertex + k] as number) + (cross[k] as number)
    }
  }
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(...normals.slice(i, i + 3)) || 1
    for (let k = i; k < i + 3; k++) normals[k] = (normals[k] as number) / length
  }
  return normals
}

const CHUNKS_GLSL = {
  transformInstancingVS: /* glsl */ `
    attribute vec4 aTree;
    attribute vec4 aTreeTint;
    mat4 getModelMatrix() {
      float s = aTree.z * sin(aTree.w);
      float c = aTree.z * cos(aTree.w);
      return mat4(
        c, 0.0, -s, 0.0,
        0.0, aTree.z, 0.0, 0.0,
        s, 0.0, c, 0.0,
        aTree.x, 0.0, aTree.y, 1.0);
    }
  `,
  litUserDeclarationVS: 'varying vec3 vTreeTint;',
  litUserMainEndVS: 'vTreeTint = aTreeTint.rgb;',
  diffusePS: /* glsl */ `
    varying vec3 vTreeTint;
    void getAlbedo() { dAlbedo = vVertexColor.rgb * vTreeTint; }
  `,
}

const CHUNKS_WGSL = {
  transformInstancingVS: /* wgsl */ `
    attribute aTree: vec4f;
    attribute aTreeTint: vec4f;
    fn getModelMatrix() -> mat4x4f {
      let s = aTree.z * sin(aTree.w);
      let c = aTree.z * cos(aTree.w);
      return mat4x4f(
        vec4f(c, 0.0, -s, 0.0),
        vec4f(0.0, aTree.z, 0.0, 0.0),
        vec4f(s, 0.0, c, 0.0),
        vec4f(aTree.x, 0.0, aTree.y, 1.0));
    }
  `,
  litUserDeclarationVS: 'varying vTreeTint: vec3f;',
  litUserMainEndVS: 'output.vTreeTint = aTreeTint.rgb;',
  diffusePS: /* wgsl */ `
    varying vTreeTint: vec3f;
    fn getAlbedo() { dAlbedo = vVertexColor.rgb * vTreeTint; }
  `,
}

function createTreeMaterial(): StandardMaterial {
  const material = createInstancedMaterial({
    name: 'trees',
    attributes: { aTree: SEMANTIC_ATTR10, aTreeTint: SEMANTIC_ATTR11 },
    glsl: CHUNKS_GLSL,
    wgsl: CHUNKS_WGSL,
  })
  material.diffuseVertexColor = true
  material.update()
  return material
}
