import {
  ADDRESS_CLAMP_TO_EDGE,
  type Entity,
  FILTER_NEAREST,
  FILTER_NEAREST_MIPMAP_LINEAR,
  type GraphicsDevice,
  Mesh,
  PIXELFORMAT_RGBA8,
  SEMANTIC_ATTR10,
  Texture,
  TYPE_FLOAT32,
} from 'playcanvas'
import type { ParcelBuild } from '#api/types.ts'
import { CELL_SIZE_M } from '#core/land.ts'
import { createGrainTexture } from './grain.ts'
import { createInstanced } from './instanced.ts'
import { createInstancedMaterial } from './instanced-material.ts'
import { BLOCK_CELLS, createLandPixels, LAND_PIXELS, landBlocks, updateLandPixels } from './land-data.ts'
import { LAND_CHUNKS_GLSL, LAND_CHUNKS_WGSL } from './land-shader.ts'

const NO_BUILDS: ReadonlyMap<number, ParcelBuild> = new Map()

export interface Land {
  readonly entity: Entity
  triangles(): number
  /** Colours the parcels by what is built. */
  setBuilds(builds: ReadonlyMap<number, ParcelBuild>): void
  destroy(): void
}

/**
 * All 50,000 parcels and the square: one instanced mesh, one draw call. An instance is a block of 24 × 24 cells.
 * One instance per cell was tried: tiny instances cost a fixed price each (25 µs in a software renderer, six times
 * the rest of the frame), and far cells flickered, since nothing averages triangles smaller than a pixel.
 */
export function createLand(device: GraphicsDevice): Land {
  const pixels = createLandPixels()
  const cells = new Texture(device, {
    name: 'land-cells',
    width: LAND_PIXELS,
    height: LAND_PIXELS,
    format: PIXELFORMAT_RGBA8,
    mipmaps: true,
    minFilter: FILTER_NEAREST_MIPMAP_LINEAR,
    magFilter: FILTER_NEAREST,
    addressU: ADDRESS_CLAMP_TO_EDGE,
    addressV: ADDRESS_CLAMP_TO_EDGE,
    levels: [pixels],
  })
  const grain = createGrainTexture(device)
  const blocks = landBlocks()
  const instanced = createInstanced(device, {
    name: 'land',
    mesh: createBlockMesh(device),
    material: createLandMaterial(cells, grain),
    attributes: [{ semantic: SEMANTIC_ATTR10, components: 2, type: TYPE_FLOAT32 }],
    capacity: blocks.length,
    castShadows: false,
    receiveShadows: true,
  })
  for (const [i, { x, z }] of blocks.entries()) {
    instanced.records.setFloat32(8 * i, x, true)
    instanced.records.setFloat32(8 * i + 4, z, true)
  }
  instanced.show(blocks.length)
  let shown = NO_BUILDS
  return {
    entity: instanced.entity,
    triangles: () => instanced.triangles(),
    setBuilds(builds) {
      const changed = updateLandPixels(pixels, shown, builds)
      shown = builds
      if (changed) cells.upload()
    },
    destroy() {
      instanced.destroy()
      cells.destroy()
      grain.destroy()
    },
  }
}

function createBlockMesh(device: GraphicsDevice): Mesh {
  const half = (BLOCK_CELLS * CELL_SIZE_M) / 2
  const mesh = new Mesh(device)
  mesh.setPositions([-half, 0, -half, -half, 0, half, half, 0, half, half, 0, -half])
  mesh.setNormals([0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0])
  mesh.setIndices([0, 1, 2, 0, 2, 3])
  mesh.update()
  return mesh
}

function createLandMaterial(cells: Texture, grain: Texture): ReturnType<typeof createInstancedMaterial> {
  const material = createInstancedMaterial({
    name: 'land',
    attributes: { aBlockCentre: SEMANTIC_ATTR10 },
    glsl: LAND_CHUNKS_GLSL,
    wgsl: LAND_CHUNKS_WGSL,
  })
  // Level ground sees the whole sky alike: one colour instead of a look-up for each pixel of the screen.
  material.useSkybox = false
  material.setParameter('uCells', cells)
  material.setParameter('uGrain', grain)
  material.update()
  return material
}
