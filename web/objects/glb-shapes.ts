import { type Accessor, readAccessors, readBufferViews, readValues } from './glb-accessors.ts'
import { readContainer } from './glb-container.ts'
import { readImageHeader } from './glb-image.ts'
import { type JsonObject, listOf, objectOf, ownValue } from './glb-json.ts'
import { type Matrix, transformPoint } from './glb-matrix.ts'
import { readMeshes } from './glb-meshes.ts'
import { forEachSkinned, readParts, type ScenePart } from './glb-scene.ts'
import { readSurface, type Surface } from './glb-surface.ts'

/** Triangles of one part of the default scene, where they stand. */
export interface Shape {
  /** xyz of each vertex, in metres */
  readonly positions: Float64Array
  /** xyz of each vertex, of any length; undefined = flat triangles */
  readonly normals: Float64Array | undefined
  /** uv of each vertex */
  readonly uvs: Float64Array | undefined
  /** linear colour of each vertex */
  readonly colors: { readonly values: Float64Array; readonly components: number } | undefined
  /** three vertices for each triangle */
  readonly triangles: Uint32Array
  readonly surface: Surface
}

/** An image as the file holds it. */
export interface EncodedImage {
  /** an alias of the file */
  readonly bytes: Uint8Array
  readonly mime: string
  /** pixels */
  readonly width: number
  readonly height: number
}

export interface Shapes {
  readonly shapes: readonly Shape[]
  /** @throws GLB_IMAGE */
  image(index: number): EncodedImage
}

/** The shapes of a model at rest, without its morph targets. The model must be one that `inspectGlb` accepted. */
export function readShapes(bytes: Uint8Array): Shapes {
  const { json, bin } = readContainer(bytes)
  const views = readBufferViews(json, bin.length)
  const accessors = readAccessors(json, views)
  const materialCount = listOf(json, 'materials', 'materials').length
  const meshes = readMeshes({ json, accessors, bin, materialCount })
  const { parts } = readParts({ json, meshes, accessors, bin })
  return {
    shapes: parts
      .filter(({ primitive }) => primitive.triangles > 0)
      .map((part) => readShape(part, { json, accessors, bin })),
    image(index) {
      const image = objectOf(listOf(json, 'images', 'images')[index], `images[${index}]`)
      const { byteOffset, byteLength } = views[
        ownValue(image, 'bufferView') as number
      ] as (typeof views)[number]
      const encoded = bin.subarray(byteOffset, byteOffset + byteLength)
      return { bytes: encoded, ...readImageHeader(encoded, `images[${index}]`) }
    },
  }
}

interface ShapeInput {
  readonly json: JsonObject
  readonly accessors: readonly Accessor[]
  readonly bin: Uint8Array
}

function readShape(part: ScenePart, { json, accessors, bin }: ShapeInput): Shape {
  const mesh = objectOf(listOf(json, 'meshes', 'meshes')[part.mesh], 'meshes')
  const source = objectOf(listOf(mesh, 'primitives', 'primitives')[part.index], 'primitives')
  const attributes = objectOf(ownValue(source, 'attributes'), 'attributes')
  const accessorAt = (index: unknown): Accessor | undefined =>
    typeof index === 'number' ? accessors[index] : undefined
  const valuesOf = (index: unknown): Float64Array | undefined => {
    const accessor = accessorAt(index)
    return accessor === undefined ? undefined : readValues(accessor, bin)
  }
  const material = ownValue(source, 'material')
  const surface = readSurface(json, typeof material === 'number' ? material : undefined)
  const positions = placedPositions(part, bin)
  const order =
    valuesOf(ownValue(source, 'indices')) ?? Float64Array.from({ length: positions.length / 3 }, (_, i) => i)
  const triangles = listTriangles(order, ownValue(source, 'mode'))
  const colors = accessorAt(ownValue(attributes, 'COLOR_0'))
  return {
    positions,
    normals:
      part.joints === undefined
        ? turnNormals(valuesOf(ownValue(attributes, 'NORMAL')), part.world)
        : smoothNormals(positions, triangles),
    uvs: valuesOf(ownValue(attributes, surface.texCoord)),
    colors:
      colors === undefined ? undefined : { values: readValues(colors, bin), components: colors.components },
    triangles,
    surface,
  }
}

function placedPositions({ primitive, world, joints }: ScenePart, bin: Uint8Array): Float64Array {
  const positions = readValues(primitive.positions, bin)
  if (joints !== undefined) {
    forEachSkinned(primitive, { joints, bin }, (i, position) => positions.set(position, 3 * i))
    return positions
  }
  const out: number[] = [0, 0, 0]
  for (let i = 0; i < positions.length; i += 3) {
    transformPoint(world, [...positions.subarray(i, i + 3)], out)
    positions.set(out, i)
  }
  return positions
}

/** glTF 2.0 §3.7.2.1: lists, strips (5) and fans (6). Which way a triangle winds is lost: both sides are drawn. */
function listTriangles(order: Float64Array, mode: unknown): Uint32Array {
  if (mode !== 5 && mode !== 6) return Uint32Array.from(order.subarray(0, 3 * Math.floor(order.length / 3)))
  const out = new Uint32Array(3 * Math.max(0, order.length - 2))
  for (let i = 0; 3 * i < out.length; i++) {
    out.set([order[mode === 5 ? i : 0] as number, order[i + 1] as number, order[i + 2] as number], 3 * i)
  }
  return out
}

/** Normals through the cofactors of a matrix, which keep them upright on what it stretches. */
function turnNormals(normals: Float64Array | undefined, m: Matrix): Float64Array | undefined {
  if (normals === undefined) return undefined
  const at = (column: number, row: number): number => m[4 * (column % 3) + (row % 3)] as number
  const cofactor = (column: number, row: number): number =>
    at(column + 1, row + 1) * at(column + 2, row + 2) - at(column + 1, row + 2) * at(column + 2, row + 1)
  const cofactors = Array.from({ length: 9 }, (_, i) => cofactor(Math.floor(i / 3), i % 3))
  for (let i = 0; i < normals.length; i += 3) {
    const [x = 0, y = 0, z = 0] = normals.subarray(i, i + 3)
    for (let row = 0; row < 3; row++) {
      const [a = 0, b = 0, c = 0] = [cofactors[row], cofactors[3 + row], cofactors[6 + row]]
      normals[i + row] = a * x + b * y + c * z
    }
  }
  return normals
}

/** Normals of each vertex as the mean of its triangles', by area. */
function smoothNormals(positions: Float64Array, triangles: Uint32Array): Float64Array {
  const normals = new Float64Array(positions.length)
  for (let i = 0; i < triangles.length; i += 3) {
    const corners = triangles.subarray(i, i + 3)
    const normal = faceNormal(positions, corners)
    for (const corner of corners) {
      for (let k = 0; k < 3; k++)
        normals[3 * corner + k] = (normals[3 * corner + k] as number) + (normal[k] as number)
    }
  }
  return normals
}

/** Across a triangle, as long as twice its area. */
export function faceNormal(positions: Float64Array, corners: Uint32Array): [number, number, number] {
  const [a = 0, b = 0, c = 0] = corners
  const edge = (to: number, k: number): number =>
    (positions[3 * to + k] as number) - (positions[3 * a + k] as number)
  const cross = (i: number, j: number): number => edge(b, i) * edge(c, j) - edge(b, j) * edge(c, i)
  return [cross(1, 2), cross(2, 0), cross(0, 1)]
}
