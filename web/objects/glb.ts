/**
 * What a .glb may be before anyone spends memory or a GPU on it ([WO2]): structure first, then limits.
 * Format: glTF 2.0, https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
 */
import type { AppError } from '#core/errors.ts'
import { CELL_SIZE_M } from '#core/land.ts'
import {
  MAX_MODEL_BYTES,
  MAX_MODEL_DRAWS,
  MAX_MODEL_HEIGHT_M,
  MAX_MODEL_MATERIALS,
  MAX_MODEL_TEXTURES,
  MAX_MODEL_TRIANGLES,
  MAX_MODEL_VERTICES,
  MAX_TEXTURE_SIDE,
} from '#core/limits.ts'
import { type BufferView, readAccessors, readBufferViews } from './glb-accessors.ts'
import { readContainer } from './glb-container.ts'
import { type ImageMime, readImageHeader } from './glb-image.ts'
import { checkIndex, glbError, type JsonObject, listOf, objectOf, ownValue } from './glb-json.ts'
import { checkTextureReferences, SUPPORTED_EXTENSIONS } from './glb-materials.ts'
import { compose, IDENTITY, multiply, transformBounds } from './glb-matrix.ts'
import { type Bounds, readMeshes } from './glb-meshes.ts'
import { checkAnimations, readScene } from './glb-scene.ts'

export type { GlbErrorCode } from './glb-json.ts'
export type { Bounds } from './glb-meshes.ts'

export interface GlbTexture {
  readonly mime: ImageMime
  /** pixels */
  readonly width: number
  readonly height: number
  /** encoded */
  readonly bytes: number
}

export interface GlbReport {
  readonly bytes: number
  /** drawn by the default scene, every use of a mesh counted */
  readonly triangles: number
  /** kept in memory, morph targets included */
  readonly vertices: number
  /** draw calls of the default scene */
  readonly draws: number
  readonly materials: number
  readonly textures: readonly GlbTexture[]
  /** of the default scene at rest, with its nodes' transforms, in metres; y is up */
  readonly bounds: Bounds
  readonly animations: number
  readonly extensionsUsed: readonly string[]
}

/** Where a model stands: metres from the parcel's centre (x east, y up, z south), turn about y, uniform scale. */
export interface GlbPlacement {
  readonly x: number
  readonly y: number
  readonly z: number
  /** counter-clockwise seen from above */
  readonly yawDegrees: number
  readonly scale: number
}

/**
 * Reads and checks a whole .glb. Every offset, index and number that a renderer would follow is inside the file.
 * @throws GlbErrorCode as AppError; GLB_LIMIT carries the bounding box in its details when the shape is known
 */
export function inspectGlb(bytes: Uint8Array): GlbReport {
  if (bytes.length > MAX_MODEL_BYTES) throw overLimit('bytes', bytes.length, MAX_MODEL_BYTES)
  const { json, bin } = readContainer(bytes)
  const extensionsUsed = checkExtensions(json)
  const views = readBufferViews(json, bin.length)
  const accessors = readAccessors(json, views)
  const textures = readTextures(json, views, bin)
  const materials = listOf(json, 'materials', 'materials')
  checkTextureReferences(json)
  const meshes = readMeshes({ json, accessors, bin, materialCount: materials.length })
  const input = { json, meshes, accessors, bin }
  const { bounds, triangles, draws } = readScene(input)
  const animations = checkAnimations(input)
  const primitives = meshes.flatMap((mesh) => mesh.primitives)
  const report: GlbReport = {
    bytes: bytes.length,
    triangles: Math.max(triangles, sum(primitives.map((primitive) => primitive.triangles))),
    vertices: sum(primitives.map((primitive) => primitive.vertices)),
    draws: Math.max(draws, primitives.length),
    materials: materials.length,
    textures,
    bounds,
    animations,
    extensionsUsed,
  }
  checkCounts(report, listOf(json, 'textures', 'textures').length)
  return report
}

/**
 * Does a model fit its parcel where it stands? @throws GLB_LIMIT (height, footprint), GLB_NUMBER (placement)
 */
export function checkModel(report: Pick<GlbReport, 'bounds'>, placement: GlbPlacement): void {
  const numbers = [placement.x, placement.y, placement.z, placement.yawDegrees, placement.scale]
  if (!numbers.every((value) => Number.isFinite(value)) || placement.scale <= 0) {
    throw glbError(
      'GLB_NUMBER',
      "The model's place, turn and size must be ordinary numbers, its size above zero.",
    )
  }
  const { min, max } = placedBounds(report.bounds, placement)
  const height = Math.max(max[1], max[1] - min[1])
  if (height > MAX_MODEL_HEIGHT_M + TOLERANCE_M) {
    throw glbError(
      'GLB_LIMIT',
      `The model reaches ${format(height)} m; a parcel allows ${MAX_MODEL_HEIGHT_M} m. Make it smaller or lower it.`,
      { limit: 'height', got: height, max: MAX_MODEL_HEIGHT_M, ...boundsDetails(report.bounds) },
    )
  }
  const reach = Math.max(-min[0], max[0], -min[2], max[2])
  if (reach <= CELL_SIZE_M / 2 + TOLERANCE_M) return
  throw glbError(
    'GLB_LIMIT',
    `The model reaches ${format(reach)} m from its parcel's centre; the parcel ends at ${CELL_SIZE_M / 2} m. ` +
      'Make it smaller or move it inward.',
    { limit: 'footprint', got: reach, max: CELL_SIZE_M / 2, ...boundsDetails(report.bounds) },
  )
}

/** A centimetre: placements are stored rounded, and a model may touch its border. */
const TOLERANCE_M = 0.01

/** The box around a placed model, in metres from its parcel's centre. */
export function placedBounds(bounds: Bounds, { x, y, z, yawDegrees, scale }: GlbPlacement): Bounds {
  const half = (yawDegrees * Math.PI) / 360
  const place = compose({
    translation: [x, y, z],
    rotation: [0, Math.sin(half), 0, Math.cos(half)],
    scale: [scale, scale, scale],
  })
  return transformBounds(multiply(place, IDENTITY), bounds)
}

function checkExtensions(json: JsonObject): readonly string[] {
  for (const name of listOf(json, 'extensionsRequired', 'extensionsRequired')) {
    if (typeof name === 'string' && SUPPORTED_EXTENSIONS.has(name)) continue
    const shown = String(name).slice(0, 60)
    throw glbError(
      'GLB_EXTENSION',
      `This model needs "${shown}", which cannot be drawn here. ${adviceFor(shown)}`,
      {
        extension: shown,
      },
    )
  }
  return listOf(json, 'extensionsUsed', 'extensionsUsed').map((name) => String(name).slice(0, 60))
}

function adviceFor(extension: string): string {
  if (extension.includes('compression')) return 'Export it without mesh compression.'
  if (extension.includes('basisu')) return 'Export it with PNG, JPEG or WebP textures.'
  return 'Export it without this extension.'
}

function readTextures(
  json: JsonObject,
  views: readonly BufferView[],
  bin: Uint8Array,
): readonly GlbTexture[] {
  const images = listOf(json, 'images', 'images')
  if (images.length > MAX_MODEL_TEXTURES) throw overLimit('textures', images.length, MAX_MODEL_TEXTURES)
  return images.map((value, i) => {
    const image = objectOf(value, `images[${i}]`)
    if (ownValue(image, 'uri') !== undefined) {
      throw glbError(
        'GLB_EXTERNAL',
        'This model keeps its images in other files. Export it as one .glb with everything inside.',
      )
    }
    const index = checkIndex(ownValue(image, 'bufferView'), `images[${i}].bufferView`, views.length)
    const { byteOffset, byteLength } = views[index] as BufferView
    const header = readImageHeader(bin.subarray(byteOffset, byteOffset + byteLength), `images[${i}]`)
    const side = Math.max(header.width, header.height)
    if (side > MAX_TEXTURE_SIDE) throw overLimit('textureSide', side, MAX_TEXTURE_SIDE)
    return { ...header, bytes: byteLength }
  })
}

type CountedLimit = 'bytes' | 'triangles' | 'vertices' | 'draws' | 'materials' | 'textures' | 'textureSide'

function checkCounts(report: GlbReport, textureCount: number): void {
  const counts: readonly (readonly [CountedLimit, number, number])[] = [
    ['triangles', report.triangles, MAX_MODEL_TRIANGLES],
    ['materials', report.materials, MAX_MODEL_MATERIALS],
    ['textures', textureCount, MAX_MODEL_TEXTURES],
    ['draws', report.draws, MAX_MODEL_DRAWS],
    ['vertices', report.vertices, MAX_MODEL_VERTICES],
  ]
  for (const [limit, got, max] of counts) if (got > max) throw overLimit(limit, got, max, report.bounds)
}

const LIMIT_TEXTS: Readonly<Record<CountedLimit, readonly [what: string, advice: string]>> = {
  bytes: ['bytes', 'Use smaller images or fewer details.'],
  triangles: ['triangles', 'Simplify its shapes.'],
  vertices: ['vertices', 'Simplify its shapes or leave out morph targets.'],
  draws: ['separate parts', 'Join parts that share a material.'],
  materials: ['materials', 'Join some of them.'],
  textures: ['textures', 'Join some of them into one image.'],
  textureSide: ['pixels along one side of a texture', 'Make its images smaller.'],
}

function overLimit(limit: CountedLimit, got: number, max: number, bounds?: Bounds): Error {
  const [what, advice] = LIMIT_TEXTS[limit]
  const message = `This model has ${got.toLocaleString('en')} ${what}; a parcel allows ${max.toLocaleString('en')}. ${advice}`
  return glbError('GLB_LIMIT', message, {
    limit,
    got,
    max,
    ...(bounds === undefined ? {} : boundsDetails(bounds)),
  })
}

function boundsDetails({ min, max }: Bounds) {
  return { minX: min[0], minY: min[1], minZ: min[2], maxX: max[0], maxY: max[1], maxZ: max[2] }
}

/** The bounding box that a GLB_LIMIT error carries, once the shape was readable: what is drawn in its place. */
export function boundsOfError(error: AppError): Bounds | undefined {
  const { minX, minY, minZ, maxX, maxY, maxZ } = error.details
  const values = [minX, minY, minZ, maxX, maxY, maxZ]
  if (!values.every((value) => typeof value === 'number')) return undefined
  const [a, b, c, d, e, f] = values as [number, number, number, number, number, number]
  return { min: [a, b, c], max: [d, e, f] }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function format(metres: number): string {
  return metres.toFixed(1)
}
