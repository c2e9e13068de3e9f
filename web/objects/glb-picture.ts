/** A small still picture of a model, drawn without a GPU: what a page of search results shows of it. */
import { inspectGlb } from './glb.ts'
import { glbError } from './glb-json.ts'
import { CORNER_NUMBERS, type Paint, Raster } from './glb-raster.ts'
import { type EncodedImage, faceNormal, readShapes, type Shape } from './glb-shapes.ts'
import type { Surface } from './glb-surface.ts'

export type { EncodedImage } from './glb-shapes.ts'

/** Pixels, row by row from the top: four sRGB bytes each, alpha last and not multiplied in. */
export interface PixelImage {
  readonly width: number
  readonly height: number
  readonly rgba: Uint8ClampedArray<ArrayBuffer>
}

export interface DrawGlbOptions {
  /** pixels, 1 to MAX_PICTURE_SIDE */
  readonly width: number
  readonly height: number
  /** Pixels of an image, at any scale; undefined = it is left out. Without it no image is drawn. */
  readonly decodeImage?: (image: EncodedImage) => Promise<PixelImage | undefined>
}

export const MAX_PICTURE_SIDE = 512
/** Samples along each side of a pixel. */
const SAMPLES = 2
/**
 * Samples looked at for each one of the picture, by the triangles' boxes together. The sample models need under 10;
 * 10,000 triangles as large as the picture would take a minute.
 */
const MAX_OVERDRAW = 256
/** Share of the picture left free on each side. */
const MARGIN = 0.05

type Triple = readonly [number, number, number]

/** Three quarters from the front (glTF's is +z), a little from above: heading 35° to the right, 22° up. */
const HEADING = (35 * Math.PI) / 180
const PITCH = (22 * Math.PI) / 180
const RIGHT: Triple = [Math.cos(HEADING), 0, -Math.sin(HEADING)]
const TO_EYE: Triple = [
  Math.sin(HEADING) * Math.cos(PITCH),
  Math.sin(PITCH),
  Math.cos(HEADING) * Math.cos(PITCH),
]
const UP: Triple = [
  -Math.sin(HEADING) * Math.sin(PITCH),
  Math.cos(PITCH),
  -Math.cos(HEADING) * Math.sin(PITCH),
]
/** From over the left shoulder, so that the two sides seen differ. Length 1. */
const TO_SUN: Triple = [-0.36, 0.8, 0.48]
/** As in the world: half of the light is the sky's, and with the sun's it lights level ground by one. */
const AMBIENT = 0.5
const SUN = (1 - AMBIENT) / TO_SUN[1]
/** Downward faces get this share of the sky's light back from the ground. */
const GROUND = 0.6

/**
 * Draws the default scene of a model at rest on nothing, fitted to the picture. The same bytes and images give
 * the same pixels.
 * @throws GlbErrorCode as `inspectGlb`; GLB_STRUCTURE without surfaces, GLB_LIMIT with too many over each other
 */
export async function drawGlb(bytes: Uint8Array, options: DrawGlbOptions): Promise<PixelImage> {
  const { width, height, decodeImage } = options
  for (const side of [width, height]) {
    if (Number.isInteger(side) && side >= 1 && side <= MAX_PICTURE_SIDE) continue
    throw new RangeError(`A picture's side is ${side}; it should be 1 to ${MAX_PICTURE_SIDE} pixels.`)
  }
  inspectGlb(bytes)
  const { shapes, image } = readShapes(bytes)
  const used = new Set(shapes.flatMap(({ surface }) => surface.image ?? []))
  const images = new Map<number, PixelImage>()
  for (const index of decodeImage === undefined ? [] : used) {
    const pixels = await decodeImage?.(image(index))
    if (pixels !== undefined) images.set(index, pixels)
  }
  const raster = new Raster(SAMPLES * width, SAMPLES * height)
  drawShapes(raster, shapes, images)
  return { width, height, rgba: resolve(raster, width, height) }
}

interface Triangle {
  readonly corners: Float64Array
  readonly paint: Paint
}

/** What is solid first, then what is seen through, from far to near. */
function drawShapes(raster: Raster, shapes: readonly Shape[], images: ReadonlyMap<number, PixelImage>): void {
  const place = projectionOf(shapes, raster)
  const seenThrough: Triangle[] = []
  let budget = MAX_OVERDRAW * raster.width * raster.height
  for (const shape of shapes) {
    const paint = paintOf(shape.surface, images)
    for (let i = 0; i < shape.triangles.length; i += 3) {
      const corners = cornersOf(shape, shape.triangles.subarray(i, i + 3), place)
      budget -= raster.cost(corners)
      if (budget < 0) throw tooDense()
      if (shape.surface.alphaMode === 'BLEND') seenThrough.push({ corners, paint })
      else raster.draw(corners, paint, false)
    }
  }
  const depthOf = ({ corners }: Triangle): number =>
    (corners[2] as number) +
    (corners[CORNER_NUMBERS + 2] as number) +
    (corners[2 * CORNER_NUMBERS + 2] as number)
  seenThrough.sort((a, b) => depthOf(a) - depthOf(b))
  for (const { corners, paint } of seenThrough) raster.draw(corners, paint, true)
}

type Place = (x: number, y: number, z: number) => Triple

/** Parallel projection that shows all triangles' corners as large as they fit. @throws GLB_STRUCTURE */
function projectionOf(shapes: readonly Shape[], { width, height }: Raster): Place {
  const min: [number, number] = [Infinity, Infinity]
  const max: [number, number] = [-Infinity, -Infinity]
  for (const { positions, triangles } of shapes) {
    for (const corner of triangles) {
      const at = pointAt(positions, corner)
      const seen = [dot(RIGHT, at), dot(UP, at)] as const
      for (const k of [0, 1] as const) {
        min[k] = Math.min(min[k], seen[k])
        max[k] = Math.max(max[k], seen[k])
      }
    }
  }
  const [across, high] = [max[0] - min[0], max[1] - min[1]]
  if (!(Math.max(across, high) > 0)) {
    throw glbError(
      'GLB_STRUCTURE',
      'This model has no surfaces, so there is nothing to draw. Export it with some.',
    )
  }
  const scale = (1 - 2 * MARGIN) * Math.min(width / (across || high), height / (high || across))
  const middle = [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2] as const
  return (x, y, z) => {
    const at: Triple = [x, y, z]
    return [
      width / 2 + scale * (dot(RIGHT, at) - middle[0]),
      height / 2 - scale * (dot(UP, at) - middle[1]),
      scale * dot(TO_EYE, at),
    ]
  }
}

function cornersOf(shape: Shape, vertices: Uint32Array, place: Place): Float64Array {
  const { positions, normals, uvs, colors } = shape
  const across = faceNormal(positions, vertices)
  const flat = dot(across, TO_EYE) < 0 ? scaled(across, -1) : across
  // Both sides are drawn, so a normal that leans to the hidden side is turned, for the whole triangle at once.
  const given =
    normals === undefined ? undefined : [...vertices].map((vertex) => unit(pointAt(normals, vertex)))
  const lean = given?.reduce((sum, normal) => sum + dot(normal, flat), 0) ?? 0
  const out = new Float64Array(3 * CORNER_NUMBERS)
  for (let i = 0; i < 3; i++) {
    const vertex = vertices[i] as number
    const normal =
      given === undefined || lean === 0 ? unit(flat) : scaled(given[i] as Triple, Math.sign(lean))
    const size = colors?.components ?? 0
    const color = colors === undefined ? [] : colors.values.subarray(size * vertex, size * vertex + size)
    const [u = 0, v = 0] = uvs?.subarray(2 * vertex, 2 * vertex + 2) ?? []
    const [r = 1, g = 1, b = 1, a = 1] = color
    out.set([...place(...pointAt(positions, vertex)), ...normal, u, v, r, g, b, a], i * CORNER_NUMBERS)
  }
  return out
}

/** The colour of a surface in the light: base colour · vertex colour · image, as glTF 2.0 §3.9.2 has it. */
function paintOf(surface: Surface, images: ReadonlyMap<number, PixelImage>): Paint {
  const { color, emissive, unlit, alphaMode, alphaCutoff } = surface
  const image = surface.image === undefined ? undefined : images.get(surface.image)
  const texel = new Float64Array(4).fill(1)
  return (at, out) => {
    const [nx = 0, ny = 0, nz = 0, u = 0, v = 0] = at
    if (image !== undefined) sample(image, u, v, texel)
    const light = unlit ? 1 : lightOn(nx, ny, nz)
    const alpha = (color[3] as number) * (at[8] as number) * (texel[3] as number)
    for (let k = 0; k < 3; k++) {
      const base = (color[k] as number) * (at[5 + k] as number) * (texel[k] as number)
      out[k] = clamp(base * light + (emissive[k] as number))
    }
    if (alphaMode === 'OPAQUE') out[3] = 1
    else if (alphaMode === 'MASK') out[3] = alpha < alphaCutoff ? 0 : 1
    else out[3] = clamp(alpha)
  }
}

/** Share of full light on a face with this normal, of any length. */
function lightOn(x: number, y: number, z: number): number {
  const length = Math.hypot(x, y, z) || 1
  const sun = Math.max(0, (x * TO_SUN[0] + y * TO_SUN[1] + z * TO_SUN[2]) / length)
  const sky = GROUND + ((1 - GROUND) * (1 + y / length)) / 2
  return AMBIENT * sky + SUN * sun
}

/** Nearest texel, the image repeated in both directions; linear. */
function sample({ width, height, rgba }: PixelImage, u: number, v: number, out: Float64Array): void {
  const x = Math.min(width - 1, Math.floor((u - Math.floor(u)) * width))
  const y = Math.min(height - 1, Math.floor((v - Math.floor(v)) * height))
  const at = 4 * (y * width + x)
  for (let k = 0; k < 3; k++) out[k] = LINEAR[rgba[at + k] as number] as number
  out[3] = (rgba[at + 3] as number) / 255
}

/** Mean of each pixel's samples, taken in linear light. */
function resolve(raster: Raster, width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(4 * width * height)
  const sum = new Float64Array(4)
  for (let pixel = 0; pixel < width * height; pixel++) {
    sum.fill(0)
    const [left, top] = [SAMPLES * (pixel % width), SAMPLES * Math.floor(pixel / width)]
    for (let i = 0; i < SAMPLES * SAMPLES; i++) {
      const at = 4 * ((top + Math.floor(i / SAMPLES)) * raster.width + left + (i % SAMPLES))
      for (let k = 0; k < 4; k++) sum[k] = (sum[k] as number) + (raster.colors[at + k] as number)
    }
    const alpha = sum[3] as number
    if (alpha === 0) continue
    for (let k = 0; k < 3; k++) rgba[4 * pixel + k] = 255 * toSrgb((sum[k] as number) / alpha)
    rgba[4 * pixel + 3] = (255 * alpha) / (SAMPLES * SAMPLES)
  }
  return rgba
}

/** IEC 61966-2-1, of each sRGB byte. */
const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
})

function toSrgb(value: number): number {
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}

function dot(a: Triple, b: Triple): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

function scaled([x, y, z]: Triple, by: number): Triple {
  return [x * by, y * by, z * by]
}

function unit(vector: Triple): Triple {
  return scaled(vector, 1 / (Math.hypot(...vector) || 1))
}

function pointAt(values: Float64Array, index: number): Triple {
  return [values[3 * index] as number, values[3 * index + 1] as number, values[3 * index + 2] as number]
}

function tooDense(): Error {
  return glbError(
    'GLB_LIMIT',
    'The surfaces of this model lie over each other so often that it is not drawn small. Simplify its shapes.',
    { limit: 'overdraw', max: MAX_OVERDRAW },
  )
}
