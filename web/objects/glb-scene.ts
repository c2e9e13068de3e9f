import { MAX_MODEL_JOINTS, MAX_MODEL_NODES } from '#core/limits.ts'
import { type Accessor, FLOAT, readValues } from './glb-accessors.ts'
import {
  checkIndex,
  glbError,
  indexOf,
  type JsonObject,
  listOf,
  numbersOf,
  objectOf,
  ownValue,
} from './glb-json.ts'
import {
  BoundsBuilder,
  compose,
  IDENTITY,
  type Matrix,
  multiply,
  transformBounds,
  transformPoint,
} from './glb-matrix.ts'
import type { Bounds, MeshShape, Primitive } from './glb-meshes.ts'

/** What the default scene draws. */
export interface SceneShape {
  readonly bounds: Bounds
  readonly triangles: number
  readonly draws: number
  /** indices of the nodes that the scene reaches */
  readonly nodes: readonly number[]
}

/** One use of a primitive by the default scene. */
export interface ScenePart {
  readonly primitive: Primitive
  /** index of its mesh in the document, and its own within the mesh */
  readonly mesh: number
  readonly index: number
  /** of its node */
  readonly world: Matrix
  /** one per joint, which place a skinned shape instead of `world`; undefined when it is not skinned */
  readonly joints: readonly Matrix[] | undefined
}

export interface SceneInput {
  readonly json: JsonObject
  readonly meshes: readonly MeshShape[]
  readonly accessors: readonly Accessor[]
  readonly bin: Uint8Array
}

interface Node {
  readonly children: readonly number[]
  readonly local: Matrix
  readonly mesh: number | undefined
  readonly skin: number | undefined
}

interface Skin {
  readonly joints: readonly number[]
  /** one per joint */
  readonly inverseBind: readonly Matrix[]
}

/**
 * Walks the default scene. Bounds are those of the pose at rest: animations may lean out of them.
 * @throws GLB_STRUCTURE, GLB_CYCLE, GLB_BOUNDS, GLB_NUMBER, GLB_LIMIT
 */
export function readScene(input: SceneInput): SceneShape {
  const { worlds, parts } = readParts(input)
  const box = new BoundsBuilder()
  for (const part of parts) addPart(box, part, input.bin)
  if (box.isEmpty) {
    throw glbError(
      'GLB_STRUCTURE',
      'This model shows nothing: its scene has no shapes. Export it with its objects.',
    )
  }
  const triangles = parts.reduce((sum, { primitive }) => sum + primitive.triangles, 0)
  return { bounds: checkBounds(box.bounds()), triangles, draws: parts.length, nodes: [...worlds.keys()] }
}

/**
 * What the default scene draws, and the world matrices of its nodes.
 * @throws GLB_STRUCTURE, GLB_CYCLE, GLB_BOUNDS, GLB_NUMBER, GLB_LIMIT
 */
export function readParts(input: SceneInput): {
  readonly worlds: ReadonlyMap<number, Matrix>
  readonly parts: readonly ScenePart[]
} {
  const nodes = readNodes(input)
  const skins = readSkins(input, nodes.length)
  const worlds = walk(rootsOf(input.json, nodes.length), nodes)
  const parts: ScenePart[] = []
  for (const [nodeIndex, world] of worlds) {
    const { mesh, skin: skinIndex } = nodes[nodeIndex] as Node
    if (mesh === undefined) continue
    const skin = skinIndex === undefined ? undefined : (skins[skinIndex] as Skin)
    for (const [index, primitive] of (input.meshes[mesh] as MeshShape).primitives.entries()) {
      const isSkinned = skin !== undefined && primitive.skinning !== undefined
      const joints = isSkinned ? jointMatrices(skin, worlds) : undefined
      parts.push({ primitive, mesh, index, world, joints })
    }
  }
  return { worlds, parts }
}

function readNodes({ json, meshes }: SceneInput): readonly Node[] {
  const list = listOf(json, 'nodes', 'nodes')
  if (list.length > MAX_MODEL_NODES) {
    throw glbError(
      'GLB_LIMIT',
      `This model has ${list.length} nodes; at most ${MAX_MODEL_NODES} fit on a parcel. Join some of its parts.`,
      { limit: 'nodes', got: list.length, max: MAX_MODEL_NODES },
    )
  }
  const skinCount = listOf(json, 'skins', 'skins').length
  return list.map((value, i) => {
    const path = `nodes[${i}]`
    const node = objectOf(value, path)
    const children = listOf(node, 'children', `${path}.children`)
    return {
      children: children.map((child) => checkIndex(child, `${path}.children`, list.length)),
      local: localMatrix(node, path),
      mesh: indexOf(node, 'mesh', path, meshes.length),
      skin: indexOf(node, 'skin', path, skinCount),
    }
  })
}

function localMatrix(node: JsonObject, path: string): Matrix {
  const matrix = numbersOf(node, 'matrix', path, 16)
  if (matrix !== undefined) return matrix
  return compose({
    translation: numbersOf(node, 'translation', path, 3) ?? [0, 0, 0],
    rotation: numbersOf(node, 'rotation', path, 4) ?? [0, 0, 0, 1],
    scale: numbersOf(node, 'scale', path, 3) ?? [1, 1, 1],
  })
}

/** Index of the scene that is shown. @throws GLB_STRUCTURE */
export function defaultSceneOf(json: JsonObject): number {
  const scenes = listOf(json, 'scenes', 'scenes')
  if (scenes.length === 0) {
    throw glbError(
      'GLB_STRUCTURE',
      'This model has no scene, so there is nothing to show. Export it with one.',
    )
  }
  return indexOf(json, 'scene', 'document', scenes.length) ?? 0
}

function rootsOf(json: JsonObject, nodeCount: number): readonly number[] {
  const index = defaultSceneOf(json)
  const scene = objectOf(listOf(json, 'scenes', 'scenes')[index], `scenes[${index}]`)
  return listOf(scene, 'nodes', `scenes[${index}].nodes`).map((node) =>
    checkIndex(node, `scenes[${index}].nodes`, nodeCount),
  )
}

/** World matrices of all nodes under the roots. A node met twice would be a cycle or have two parents. */
function walk(roots: readonly number[], nodes: readonly Node[]): ReadonlyMap<number, Matrix> {
  const worlds = new Map<number, Matrix>()
  const queue = roots.map((index) => ({ index, parent: IDENTITY }))
  for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
    if (worlds.has(item.index)) {
      throw glbError(
        'GLB_CYCLE',
        `The model's nodes[${item.index}] is its own ancestor or has two parents. Export it again.`,
      )
    }
    const node = nodes[item.index] as Node
    const world = multiply(item.parent, node.local)
    worlds.set(item.index, world)
    for (const index of node.children) queue.push({ index, parent: world })
  }
  return worlds
}

function readSkins({ json, accessors, bin }: SceneInput, nodeCount: number): readonly Skin[] {
  return listOf(json, 'skins', 'skins').map((value, i) => {
    const path = `skins[${i}]`
    const skin = objectOf(value, path)
    const list = listOf(skin, 'joints', `${path}.joints`)
    if (list.length === 0 || list.length > MAX_MODEL_JOINTS) {
      throw glbError(
        'GLB_LIMIT',
        `The model's ${path} has ${list.length} joints; 1 to ${MAX_MODEL_JOINTS} can be drawn.`,
        {
          limit: 'joints',
          got: list.length,
          max: MAX_MODEL_JOINTS,
        },
      )
    }
    const joints = list.map((joint) => checkIndex(joint, `${path}.joints`, nodeCount))
    return { joints, inverseBind: readInverseBind(skin, path, { count: joints.length, accessors, bin }) }
  })
}

interface BindInput {
  readonly count: number
  readonly accessors: readonly Accessor[]
  readonly bin: Uint8Array
}

function readInverseBind(
  skin: JsonObject,
  path: string,
  { count, accessors, bin }: BindInput,
): readonly Matrix[] {
  const index = indexOf(skin, 'inverseBindMatrices', path, accessors.length)
  if (index === undefined) return new Array<Matrix>(count).fill(IDENTITY)
  const accessor = accessors[index] as Accessor
  if (accessor.components !== 16 || accessor.componentType !== FLOAT || accessor.count < count) {
    throw glbError(
      'GLB_STRUCTURE',
      `The model's ${path} lacks a bind matrix for each joint. Export the model again.`,
    )
  }
  const values = readValues(accessor, bin)
  return Array.from({ length: count }, (_, i) => [...values.subarray(16 * i, 16 * i + 16)])
}

/** glTF 2.0 §3.7.3.3: a skinned shape follows its joints alone, not its node. */
function addPart(box: BoundsBuilder, { primitive, world, joints }: ScenePart, bin: Uint8Array): void {
  const bounds =
    joints === undefined ? transformBounds(world, primitive.bounds) : skinnedBounds(primitive, joints, bin)
  box.add(bounds.min)
  box.add(bounds.max)
}

function jointMatrices(skin: Skin, worlds: ReadonlyMap<number, Matrix>): readonly Matrix[] {
  return skin.joints.map((joint, i) => {
    const world = worlds.get(joint)
    if (world !== undefined) return multiply(world, skin.inverseBind[i] as Matrix)
    throw glbError(
      'GLB_STRUCTURE',
      `The model's joint nodes[${joint}] is not in its scene. Export the model again.`,
    )
  })
}

function skinnedBounds(primitive: Primitive, joints: readonly Matrix[], bin: Uint8Array): Bounds {
  const box = new BoundsBuilder()
  forEachSkinned(primitive, { joints, bin }, (_, position) => box.add(position))
  return box.isEmpty ? primitive.bounds : box.bounds()
}

interface Pose {
  readonly joints: readonly Matrix[]
  readonly bin: Uint8Array
}

/** Calls `visit` with each vertex where its joints put it; those that no joint weighs are left out. @throws GLB_BOUNDS */
export function forEachSkinned(
  primitive: Primitive,
  { joints, bin }: Pose,
  visit: (index: number, position: readonly number[]) => void,
): void {
  const skinning = primitive.skinning as NonNullable<Primitive['skinning']>
  const positions = readValues(primitive.positions, bin)
  const indices = readValues(skinning.joints, bin)
  const weights = readValues(skinning.weights, bin)
  const through: number[] = [0, 0, 0]
  const vertex: number[] = [0, 0, 0]
  for (let i = 0; i < primitive.positions.count; i++) {
    const position = [positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]] as number[]
    vertex.fill(0)
    let sum = 0
    for (let k = 4 * i; k < 4 * i + 4; k++) {
      const joint = joints[checkIndex(indices[k], 'joints', joints.length)] as Matrix
      const weight = weights[k] as number
      if (weight <= 0) continue
      transformPoint(joint, position, through)
      for (let axis = 0; axis < 3; axis++)
        vertex[axis] = (vertex[axis] as number) + weight * (through[axis] as number)
      sum += weight
    }
    if (sum > 0)
      visit(
        i,
        vertex.map((value) => value / sum),
      )
  }
}

/** A million kilometres: such boxes come from damaged matrices. */
const MAX_COORDINATE = 1e9

function checkBounds(bounds: Bounds): Bounds {
  const sane = [...bounds.min, ...bounds.max].every((value) => Math.abs(value) <= MAX_COORDINATE)
  if (sane) return bounds
  throw glbError('GLB_NUMBER', "The model's size is not a sensible number. Export the model again.")
}

/** Every animation's indices, types and times. @throws GLB_STRUCTURE, GLB_BOUNDS, GLB_NUMBER */
export function checkAnimations({ json, accessors, bin }: SceneInput): number {
  const animations = listOf(json, 'animations', 'animations')
  const nodeCount = listOf(json, 'nodes', 'nodes').length
  for (const [i, value] of animations.entries()) {
    const path = `animations[${i}]`
    const animation = objectOf(value, path)
    const samplers = listOf(animation, 'samplers', `${path}.samplers`)
    for (const sampler of samplers)
      checkSampler(objectOf(sampler, path), `${path}.samplers`, { accessors, bin })
    for (const value of listOf(animation, 'channels', `${path}.channels`)) {
      const channel = objectOf(value, `${path}.channels`)
      checkIndex(ownValue(channel, 'sampler'), `${path}.channels.sampler`, samplers.length)
      const target = objectOf(ownValue(channel, 'target'), `${path}.channels.target`)
      indexOf(target, 'node', `${path}.channels.target`, nodeCount)
    }
  }
  return animations.length
}

function checkSampler(
  sampler: JsonObject,
  path: string,
  { accessors, bin }: Pick<SceneInput, 'accessors' | 'bin'>,
): void {
  const input = accessors[
    checkIndex(ownValue(sampler, 'input'), `${path}.input`, accessors.length)
  ] as Accessor
  const output = accessors[
    checkIndex(ownValue(sampler, 'output'), `${path}.output`, accessors.length)
  ] as Accessor
  const perKey = ownValue(sampler, 'interpolation') === 'CUBICSPLINE' ? 3 : 1
  const times = readValues(input, bin)
  readValues(output, bin)
  const ascending = times.every((time, i) => i === 0 || time > (times[i - 1] as number))
  // Weights have several outputs for each time, the rest exactly one (or three with tangents).
  const divides = input.count > 0 && output.count > 0 && output.count % (perKey * input.count) === 0
  if (input.components === 1 && ascending && divides) return
  throw glbError('GLB_STRUCTURE', `The model's ${path} do not fit their times. Export the model again.`)
}
