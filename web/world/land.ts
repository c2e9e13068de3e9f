import {
  BUFFER_DYNAMIC,
  Entity,
  type GraphicsDevice,
  Mesh,
  MeshInstance,
  SEMANTIC_ATTR10,
  SEMANTIC_ATTR11,
  SEMANTIC_ATTR12,
  type StandardMaterial,
  TYPE_FLOAT32,
  TYPE_UINT8,
  VertexBuffer,
  VertexFormat,
} from 'playcanvas'
import type { ParcelBuild } from '#api/types.ts'
import { CELL_SIZE_M } from '#core/land.ts'
import { createGrainTexture } from './grain.ts'
import { createInstancedMaterial } from './instanced-material.ts'
import { CELL_RECORD_BYTES, CELL_RECORDS, createLandRecords, updateLandRecords } from './land-data.ts'
import { LAND_CHUNKS_GLSL, LAND_CHUNKS_WGSL } from './land-shader.ts'

const NO_BUILDS: ReadonlyMap<number, ParcelBuild> = new Map()

/** All 50,000 parcels and the square: one instanced mesh, one draw call. */
export interface Land {
  readonly entity: Entity
  /** Colours the parcels by what is built. @returns whether anything changed */
  setBuilds(builds: ReadonlyMap<number, ParcelBuild>): boolean
  destroy(): void
}

export function createLand(device: GraphicsDevice): Land {
  const records = createLandRecords()
  const format = new VertexFormat(device, [
    { semantic: SEMANTIC_ATTR10, components: 2, type: TYPE_FLOAT32 },
    { semantic: SEMANTIC_ATTR11, components: 4, type: TYPE_UINT8, normalize: true },
    { semantic: SEMANTIC_ATTR12, components: 4, type: TYPE_UINT8, normalize: true },
  ])
  const buffer = new VertexBuffer(device, format, CELL_RECORDS, { usage: BUFFER_DYNAMIC, data: records })
  const grain = createGrainTexture(device)
  const material = createLandMaterial(grain)
  const instance = new MeshInstance(createCellMesh(device), material)
  instance.setInstancing(buffer)
  instance.castShadow = false
  const entity = new Entity('land')
  entity.addComponent('render', { meshInstances: [instance], castShadows: false })
  let shown = NO_BUILDS
  return {
    entity,
    setBuilds(builds) {
      const changed = updateLandRecords(records, shown, builds)
      shown = builds
      if (changed === undefined) return false
      const first = changed.first * CELL_RECORD_BYTES
      buffer.unlock(first, (changed.last + 1) * CELL_RECORD_BYTES - first)
      return true
    },
    destroy() {
      entity.destroy()
      buffer.destroy()
      material.destroy()
      grain.destroy()
    },
  }
}

function createCellMesh(device: GraphicsDevice): Mesh {
  const half = CELL_SIZE_M / 2
  const mesh = new Mesh(device)
  mesh.setPositions([-half, 0, -half, -half, 0, half, half, 0, half, half, 0, -half])
  mesh.setNormals([0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0])
  mesh.setIndices([0, 1, 2, 0, 2, 3])
  mesh.update()
  return mesh
}

function createLandMaterial(grain: ReturnType<typeof createGrainTexture>): StandardMaterial {
  const material = createInstancedMaterial({
    name: 'land',
    attributes: { aCellCentre: SEMANTIC_ATTR10, aCellColour: SEMANTIC_ATTR11, aCellKind: SEMANTIC_ATTR12 },
    glsl: LAND_CHUNKS_GLSL,
    wgsl: LAND_CHUNKS_WGSL,
  })
  // Level ground sees the whole sky alike: one colour instead of a look-up for each pixel of the screen.
  material.useSkybox = false
  material.setParameter('uGrain', grain)
  material.update()
  return material
}
