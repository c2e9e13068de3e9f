import { type Accessor, FLOAT, isIndexType, readValues } from './glb-accessors.ts'
import { checkIndex, glbError, type JsonObject, listOf, numbersOf, objectOf, ownValue } from './glb-json.ts'

/** Axis-aligned box, metres (or model units before a node's transform). */
export interface Bounds {
  readonly min: readonly [number, number, number]
  readonly max: readonly [number, number, number]
}

/** One draw call's worth of a mesh. */
export interface Primitive {
  /** triangles drawn each time */
  readonly triangles: number
  /** vertices kept in memory, morph targets included */
  readonly vertices: number
  /** of the positions, with the morph targets at their default weights */
  readonly bounds: Bounds
  readonly positions: Accessor
  /** present when the primitive can be skinned */
  readonly skinning: { readonly joints: Accessor; readonly weights: Accessor } | undefined
  /** index into the document's accessors of the positions, and of each target's */
  readonly positionAccessors: readonly number[]
}

export interface MeshShape {
  readonly primitives: readonly Primitive[]
}

export interface MeshInput {
  readonly json: JsonObject
  readonly accessors: readonly Accessor[]
  readonly bin: Uint8Array
  readonly materialCount: number
}

/** Attributes that are drawn, with the components each may have (glTF 2.0 §3.7.2.1). Others are left out. */
export const ATTRIBUTES: ReadonlyMap<string, readonly number[]> = new Map([
  ['POSITION', [3]],
  ['NORMAL', [3]],
  ['TANGENT', [4]],
  ['TEXCOORD_0', [2]],
  ['TEXCOORD_1', [2]],
  ['COLOR_0', [3, 4]],
  ['JOINTS_0', [4]],
  ['WEIGHTS_0', [4]],
])

/** All meshes, every number that they use read and checked. @throws GLB_STRUCTURE, GLB_BOUNDS, GLB_NUMBER */
export function readMeshes(input: MeshInput): readonly MeshShape[] {
  return listOf(input.json, 'meshes', 'meshes').map((value, i) => {
    const path = `meshes[${i}]`
    const mesh = objectOf(value, path)
    const primitives = listOf(mesh, 'primitives', `${path}.primitives`)
    if (primitives.length === 0) {
      throw glbError('GLB_STRUCTURE', `The model's ${path} has nothing to draw. Export the model again.`)
    }
    const weights = readWeights(mesh, path)
    return {
      primitives: primitives.map((primitive, k) =>
        readPrimitive(objectOf(primitive, path), `${path}.primitives[${k}]`, { ...input, weights }),
      ),
    }
  })
}

interface PrimitiveInput extends MeshInput {
  readonly weights: readonly number[]
}

function readPrimitive(primitive: JsonObject, path: string, input: PrimitiveInput): Primitive {
  const attributes = readAttributes(primitive, path, input)
  const positions = attributes.get('POSITION')
  if (positions === undefined) {
    throw glbError('GLB_STRUCTURE', `The model's ${path} has no positions. Export the model again.`)
  }
  const material = ownValue(primitive, 'material')
  if (material !== undefined) checkIndex(material, `${path}.material`, input.materialCount)
  const targets = readTargets(primitive, path, { count: positions.accessor.count, input })
  const joints = attributes.get('JOINTS_0')?.accessor
  const weights = attributes.get('WEIGHTS_0')?.accessor
  return {
    triangles: countTriangles(primitive, path, { vertexCount: positions.accessor.count, input }),
    vertices: positions.accessor.count * (1 + targets.vertexCopies),
    bounds: grow(boundsOf(readValues(positions.accessor, input.bin)), targets.bounds, input.weights),
    positions: positions.accessor,
    skinning: joints === undefined || weights === undefined ? undefined : { joints, weights },
    positionAccessors: [positions.index, ...targets.positionAccessors],
  }
}

interface Attribute {
  readonly index: number
  readonly accessor: Accessor
}

function readAttributes(
  primitive: JsonObject,
  path: string,
  input: MeshInput,
): ReadonlyMap<string, Attribute> {
  const attributes = objectOf(ownValue(primitive, 'attributes'), `${path}.attributes`)
  const out = new Map<string, Attribute>()
  for (const [name, components] of ATTRIBUTES) {
    const value = ownValue(attributes, name)
    if (value === undefined) continue
    const attribute = attributeAt(value, `${path}.${name}`, input.accessors)
    if (!components.includes(attribute.accessor.components)) throw wrongType(`${path}.${name}`)
    const count = out.get('POSITION')?.accessor.count
    if (count !== undefined && attribute.accessor.count !== count) throw wrongCount(`${path}.${name}`)
    // Positions, joints and weights are read below; the rest only has to be finite.
    if (name !== 'POSITION' && attribute.accessor.componentType === FLOAT)
      readValues(attribute.accessor, input.bin)
    out.set(name, attribute)
  }
  return out
}

/** §3.6.2.4: a vertex attribute starts and steps by whole words, as GPUs read it. */
function attributeAt(value: unknown, path: string, accessors: readonly Accessor[]): Attribute {
  const index = checkIndex(value, path, accessors.length)
  const accessor = accessors[index] as Accessor
  const aligned = (accessor.byteOffset ?? 0) % 4 === 0 && accessor.stride % 4 === 0
  if (aligned && accessor.count > 0) return { index, accessor }
  throw glbError(
    'GLB_STRUCTURE',
    `The model's ${path} is empty or not aligned to 4 bytes. Export the model again.`,
  )
}

interface Targets {
  readonly vertexCopies: number
  readonly bounds: readonly TargetBounds[]
  readonly positionAccessors: readonly number[]
}

interface TargetBounds {
  readonly target: number
  readonly bounds: Bounds
}

function readTargets(
  primitive: JsonObject,
  path: string,
  { count, input }: { readonly count: number; readonly input: MeshInput },
): Targets {
  const bounds: TargetBounds[] = []
  const positionAccessors: number[] = []
  const targets = listOf(primitive, 'targets', `${path}.targets`)
  for (const [i, value] of targets.entries()) {
    const target = objectOf(value, `${path}.targets[${i}]`)
    for (const name of ['POSITION', 'NORMAL'] as const) {
      const reference = ownValue(target, name)
      if (reference === undefined) continue
      const attribute = attributeAt(reference, `${path}.targets[${i}].${name}`, input.accessors)
      if (attribute.accessor.components !== 3) throw wrongType(attribute.accessor.path)
      if (attribute.accessor.count !== count) throw wrongCount(attribute.accessor.path)
      const values = readValues(attribute.accessor, input.bin)
      if (name !== 'POSITION') continue
      bounds.push({ target: i, bounds: boundsOf(values) })
      positionAccessors.push(attribute.index)
    }
  }
  return { vertexCopies: targets.length, bounds, positionAccessors }
}

/** Box that holds a shape with its morph targets pulled in by the mesh's default weights. */
function grow(base: Bounds, targets: readonly TargetBounds[], weights: readonly number[]): Bounds {
  const min = [...base.min] as [number, number, number]
  const max = [...base.max] as [number, number, number]
  for (const { target, bounds } of targets) {
    const weight = weights[target] ?? 0
    for (let k = 0; k < 3; k++) {
      const ends = [weight * (bounds.min[k] as number), weight * (bounds.max[k] as number)] as const
      min[k] = (min[k] as number) + Math.min(...ends)
      max[k] = (max[k] as number) + Math.max(...ends)
    }
  }
  return { min, max }
}

/** Default morph weights of a mesh; numbers of any count. @throws GLB_NUMBER */
function readWeights(mesh: JsonObject, path: string): readonly number[] {
  const length = listOf(mesh, 'weights', `${path}.weights`).length
  return numbersOf(mesh, 'weights', path, length) ?? []
}

/** Box of xyz triples; at least one. */
export function boundsOf(values: Float64Array): Bounds {
  const min: [number, number, number] = [Infinity, Infinity, Infinity]
  const max: [number, number, number] = [-Infinity, -Infinity, -Infinity]
  for (let i = 0; i < values.length; i++) {
    const axis = i % 3
    const value = values[i] as number
    if (value < (min[axis] as number)) min[axis] = value
    if (value > (max[axis] as number)) max[axis] = value
  }
  return { min, max }
}

function countTriangles(
  primitive: JsonObject,
  path: string,
  { vertexCount, input }: { readonly vertexCount: number; readonly input: MeshInput },
): number {
  const mode = ownValue(primitive, 'mode') ?? 4
  const reference = ownValue(primitive, 'indices')
  let count = vertexCount
  if (reference !== undefined) {
    const index = checkIndex(reference, `${path}.indices`, input.accessors.length)
    const accessor = input.accessors[index] as Accessor
    if (accessor.components !== 1 || !isIndexType(accessor.componentType)) throw wrongType(`${path}.indices`)
    for (const vertex of readValues(accessor, input.bin)) checkIndex(vertex, `${path}.indices`, vertexCount)
    count = accessor.count
  }
  if (mode === 4) return Math.floor(count / 3)
  if (mode === 5 || mode === 6) return Math.max(0, count - 2)
  if (mode === 0 || mode === 1 || mode === 2 || mode === 3) return 0
  throw glbError('GLB_STRUCTURE', `The model's ${path}.mode is unknown. Export the model again.`)
}

function wrongType(path: string): Error {
  return glbError('GLB_STRUCTURE', `The model's ${path} has a wrong type. Export the model again.`)
}

function wrongCount(path: string): Error {
  return glbError(
    'GLB_STRUCTURE',
    `The model's ${path} does not have one entry for each vertex. Export the model again.`,
  )
}
