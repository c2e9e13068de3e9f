/** A small kit for flat-shaded models: shapes as triangles by material, written as one .glb. Metres, y up, +z front. */

export type Vec3 = readonly [x: number, y: number, z: number]

export interface Material {
  readonly name: string
  /** #rrggbb in sRGB */
  readonly colour: string
  /** #rrggbb of its own light @default none */
  readonly glow?: string
  /** 0..1 @default 0.9 */
  readonly roughness?: number
  /** 0..1 @default 0 */
  readonly metalness?: number
}

/** Three corners, counter-clockwise seen from outside. */
export type Triangle = readonly [Vec3, Vec3, Vec3]

export interface Part {
  readonly material: Material
  readonly triangles: readonly Triangle[]
}

const add = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
const subtract = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
const multiply = (a: Vec3, factor: number): Vec3 => [a[0] * factor, a[1] * factor, a[2] * factor]
const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]
const normalise = (a: Vec3): Vec3 => multiply(a, 1 / (Math.hypot(...a) || 1))

/** Every corner through `map`; the shape must not be turned inside out by it. */
export function mapCorners(triangles: readonly Triangle[], map: (corner: Vec3) => Vec3): Triangle[] {
  return triangles.map(([a, b, c]) => [map(a), map(b), map(c)])
}

export function move(triangles: readonly Triangle[], by: Vec3): Triangle[] {
  return mapCorners(triangles, (corner) => add(corner, by))
}

/** Turns about an axis through the origin, degrees, counter-clockwise seen from the axis' tip. */
export function turn(triangles: readonly Triangle[], axis: 'x' | 'y' | 'z', degrees: number): Triangle[] {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)]
  return mapCorners(triangles, ([x, y, z]) => {
    if (axis === 'x') return [x, y * cos - z * sin, y * sin + z * cos]
    if (axis === 'y') return [x * cos + z * sin, y, z * cos - x * sin]
    return [x * cos - y * sin, x * sin + y * cos, z]
  })
}

function quad(a: Vec3, b: Vec3, c: Vec3, d: Vec3): Triangle[] {
  return [
    [a, b, c],
    [a, c, d],
  ]
}

/** A box that stands on `base` (the centre of its bottom); `top` narrows or widens its upper face. */
export function box(base: Vec3, [width, height, depth]: Vec3, top = 1): Triangle[] {
  const at = (x: number, y: number, z: number): Vec3 => {
    const narrow = y > 0 ? top : 1
    return add(base, [(x * width * narrow) / 2, y * height, (z * depth * narrow) / 2])
  }
  return [
    ...quad(at(-1, 0, 1), at(1, 0, 1), at(1, 1, 1), at(-1, 1, 1)),
    ...quad(at(1, 0, -1), at(-1, 0, -1), at(-1, 1, -1), at(1, 1, -1)),
    ...quad(at(1, 0, 1), at(1, 0, -1), at(1, 1, -1), at(1, 1, 1)),
    ...quad(at(-1, 0, -1), at(-1, 0, 1), at(-1, 1, 1), at(-1, 1, -1)),
    ...quad(at(-1, 1, 1), at(1, 1, 1), at(1, 1, -1), at(-1, 1, -1)),
    ...quad(at(-1, 0, -1), at(1, 0, -1), at(1, 0, 1), at(-1, 0, 1)),
  ]
}

/** A gable roof over a rectangle around the z axis, its ridge along x. */
export function gable(base: Vec3, [width, height, depth]: Vec3): Triangle[] {
  const at = (x: number, y: number, z: number): Vec3 =>
    add(base, [(x * width) / 2, y * height, (z * depth) / 2])
  const [a, b, c, d] = [at(-1, 0, 1), at(1, 0, 1), at(1, 0, -1), at(-1, 0, -1)]
  const [left, right] = [at(-1, 1, 0), at(1, 1, 0)]
  return [
    ...quad(a, b, right, left),
    ...quad(c, d, left, right),
    [b, c, right],
    [d, a, left],
    ...quad(d, c, b, a),
  ]
}

/** A profile of [radius, height] pairs from bottom to top, turned about the y axis. */
export function lathe(profile: readonly (readonly [radius: number, y: number])[], segments = 16): Triangle[] {
  const at = ([radius, y]: readonly [number, number], step: number): Vec3 => {
    const angle = (2 * Math.PI * step) / segments
    return [radius * Math.sin(angle), y, radius * Math.cos(angle)]
  }
  const triangles: Triangle[] = []
  for (let i = 0; i + 1 < profile.length; i++) {
    const [lower, upper] = [profile[i], profile[i + 1]]
    if (lower === undefined || upper === undefined) continue
    for (let step = 0; step < segments; step++) {
      const [a, b] = [at(lower, step), at(lower, step + 1)]
      const [c, d] = [at(upper, step + 1), at(upper, step)]
      if (lower[0] > 0) triangles.push([a, b, upper[0] > 0 ? c : d])
      if (upper[0] > 0) triangles.push([a, c, d])
    }
  }
  return triangles
}

/** A ball of 20 · 4^detail triangles around the origin; `radius` may differ by direction. */
export function ball(radius: number | ((direction: Vec3) => number), detail = 2): Triangle[] {
  let faces = icosahedron()
  for (let i = 0; i < detail; i++) faces = faces.flatMap(split)
  const radiusOf = typeof radius === 'number' ? () => radius : radius
  return mapCorners(faces, (corner) => {
    const direction = normalise(corner)
    return multiply(direction, radiusOf(direction))
  })
}

function split([a, b, c]: Triangle): Triangle[] {
  const middle = (p: Vec3, q: Vec3): Vec3 => normalise(add(p, q))
  const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)]
  return [
    [a, ab, ca],
    [ab, b, bc],
    [ca, bc, c],
    [ab, bc, ca],
  ]
}

/** From three golden rectangles; a face is any three corners at the edge's length. */
function icosahedron(): Triangle[] {
  const golden = (1 + Math.sqrt(5)) / 2
  const corners: Vec3[] = [-1, 1].flatMap((a) =>
    [-golden, golden].flatMap((b): Vec3[] => [
      [0, a, b],
      [a, b, 0],
      [b, 0, a],
    ]),
  )
  const isEdge = (p: Vec3, q: Vec3): boolean => Math.abs(Math.hypot(...subtract(p, q)) - 2) < 1e-6
  const faces: Triangle[] = []
  for (const [i, a] of corners.entries()) {
    for (const [j, b] of corners.entries()) {
      for (const [k, c] of corners.entries()) {
        if (!(i < j && j < k && isEdge(a, b) && isEdge(b, c) && isEdge(c, a))) continue
        const outward = cross(subtract(b, a), subtract(c, a))
        const facesOut = outward[0] * a[0] + outward[1] * a[1] + outward[2] * a[2] > 0
        faces.push(facesOut ? [a, b, c] : [a, c, b])
      }
    }
  }
  return faces
}

/** One mesh with a primitive for each material. */
export function writeGlb(name: string, parts: readonly Part[]): Uint8Array {
  const materials = [...new Set(parts.map(({ material }) => material))]
  const chunks: Float32Array[] = []
  const accessors: object[] = []
  const addAccessor = (values: readonly Vec3[], withBounds: boolean): number => {
    const byteOffset = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
    const data = Float32Array.from(values.flat())
    chunks.push(data)
    const bounds = withBounds ? boundsOf(data) : {}
    accessors.push({
      bufferView: 0,
      byteOffset,
      componentType: 5126,
      count: values.length,
      type: 'VEC3',
      ...bounds,
    })
    return accessors.length - 1
  }
  const primitives = materials.map((material, index) => {
    const triangles = parts.filter((part) => part.material === material).flatMap((part) => part.triangles)
    const normals = triangles.flatMap(([a, b, c]) => {
      const normal = normalise(cross(subtract(b, a), subtract(c, a)))
      return [normal, normal, normal]
    })
    const attributes = { POSITION: addAccessor(triangles.flat(), true), NORMAL: addAccessor(normals, false) }
    return { attributes, material: index }
  })
  const bin = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk.buffer)))
  return packGlb(
    {
      asset: { version: '2.0', generator: 'Tabland scripts/make-models.ts' },
      scene: 0,
      scenes: [{ nodes: [0] }],
      nodes: [{ name, mesh: 0 }],
      meshes: [{ name, primitives }],
      materials: materials.map(describeMaterial),
      accessors,
      bufferViews: [{ buffer: 0, byteLength: bin.length, target: 34962 }],
      buffers: [{ byteLength: bin.length }],
    },
    bin,
  )
}

/** The file's own rounding counts: bounds are those of the stored floats. */
function boundsOf(data: Float32Array): { min: number[]; max: number[] } {
  const axis = (offset: number) => data.filter((_, i) => i % 3 === offset)
  return {
    min: [0, 1, 2].map((offset) => Math.min(...axis(offset))),
    max: [0, 1, 2].map((offset) => Math.max(...axis(offset))),
  }
}

function describeMaterial({ name, colour, glow, roughness = 0.9, metalness = 0 }: Material): object {
  return {
    name,
    pbrMetallicRoughness: {
      baseColorFactor: [...linear(colour), 1],
      metallicFactor: metalness,
      roughnessFactor: roughness,
    },
    ...(glow === undefined ? {} : { emissiveFactor: linear(glow) }),
  }
}

/** sRGB to linear light, as glTF's factors want it (IEC 61966-2-1). */
function linear(colour: string): number[] {
  return [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    const light = value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    return Number(light.toFixed(5))
  })
}

/** The container: a header, then the JSON and binary chunks, each padded to 4 bytes. */
function packGlb(json: object, bin: Buffer): Uint8Array {
  const text = Buffer.from(JSON.stringify(json))
  const jsonChunk = Buffer.concat([text, Buffer.alloc(-text.length & 3, ' ')])
  const binChunk = Buffer.concat([bin, Buffer.alloc(-bin.length & 3)])
  const header = Buffer.alloc(12)
  header.write('glTF')
  header.writeUInt32LE(2, 4)
  header.writeUInt32LE(12 + 8 + jsonChunk.length + 8 + binChunk.length, 8)
  return Buffer.concat([
    header,
    chunkHeader(jsonChunk, 'JSON'),
    jsonChunk,
    chunkHeader(binChunk, 'BIN\0'),
    binChunk,
  ])
}

function chunkHeader(chunk: Buffer, type: string): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32LE(chunk.length)
  header.write(type, 4, 'latin1')
  return header
}
