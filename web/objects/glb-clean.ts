import { readAccessors, readBufferViews, readValues } from './glb-accessors.ts'
import { readContainer, writeContainer } from './glb-container.ts'
import { readImageHeader } from './glb-image.ts'
import { glbError, type JsonObject, listOf, objectOf, ownValue } from './glb-json.ts'
import { SUPPORTED_EXTENSIONS } from './glb-materials.ts'
import { ATTRIBUTES, boundsOf, readMeshes } from './glb-meshes.ts'
import { defaultSceneOf, readScene } from './glb-scene.ts'

type MutableObject = Record<string, unknown>

/** glTF nests at most 6 levels of its own; more is damage or an attack on the stack. */
const MAX_DEPTH = 16
const ANIMATED_PATHS: ReadonlySet<unknown> = new Set(['translation', 'rotation', 'scale', 'weights'])
/** Renderers read attributes in whole words and may look past the last one. */
const PADDING_BYTES = 8

/**
 * Rewrites an inspected .glb so that a renderer meets only what `inspectGlb` has looked at: one scene, known
 * attributes and extensions, true bounding boxes, names of our own; no cameras, lights, extras or instancing.
 * Only the first animation is kept: it is the one that the world plays.
 * @throws GlbErrorCode as `inspectGlb`
 */
export function cleanGlb(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { json, bin } = readContainer(bytes)
  const reachable = reachableNodes(json, bin)
  const document = copy(json, 0) as MutableObject
  keepOneScene(document, json)
  cleanNodes(document, reachable)
  cleanMeshes(document)
  cleanSkins(document)
  writeBounds(document, bin)
  cleanAnimations(document)
  cleanImages(document, bin)
  for (const key of ['cameras', 'extensions', 'extensionsRequired', 'extensionsUsed']) delete document[key]
  document.buffers = [{ byteLength: bin.length + PADDING_BYTES }]
  const padded = new Uint8Array(bin.length + PADDING_BYTES)
  padded.set(bin)
  return writeContainer({ json: document, bin: padded })
}

/** A deep copy without names, extras, unknown extensions and keys that every object inherits. */
function copy(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH)
    throw glbError('GLB_STRUCTURE', 'This model is nested too deep. Export the model again.')
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw glbError('GLB_NUMBER', 'This model holds a number that is not finite. Export the model again.')
  }
  if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  const out: MutableObject = {}
  for (const [key, item] of Object.entries(value)) {
    if (key === 'extras' || key === 'name' || key in Object.prototype) continue
    out[key] = key === 'extensions' ? copyExtensions(item, depth + 1) : copy(item, depth + 1)
  }
  return out
}

function copyExtensions(value: unknown, depth: number): unknown {
  const known = Object.entries(objectOf(value, 'extensions')).filter(([name]) =>
    SUPPORTED_EXTENSIONS.has(name),
  )
  return Object.fromEntries(known.map(([name, item]) => [name, copy(item, depth + 1)]))
}

function objectsOf(parent: JsonObject, key: string): MutableObject[] {
  return listOf(parent, key, key).map((item) => objectOf(item, key) as MutableObject)
}

function reachableNodes(json: JsonObject, bin: Uint8Array): ReadonlySet<number> {
  const accessors = readAccessors(json, readBufferViews(json, bin.length))
  const materialCount = listOf(json, 'materials', 'materials').length
  const meshes = readMeshes({ json, accessors, bin, materialCount })
  return new Set(readScene({ json, meshes, accessors, bin }).nodes)
}

function keepOneScene(document: MutableObject, json: JsonObject): void {
  const scene = objectsOf(document, 'scenes')[defaultSceneOf(json)] as MutableObject
  document.scenes = [{ nodes: scene.nodes ?? [] }]
  document.scene = 0
}

/** Names are ours and unique: joints and animations find their nodes by name. Nodes elsewhere lose their children. */
function cleanNodes(document: MutableObject, reachable: ReadonlySet<number>): void {
  for (const [i, node] of objectsOf(document, 'nodes').entries()) {
    node.name = `n${i}`
    for (const key of ['camera', 'extensions', 'weights']) delete node[key]
    if (!reachable.has(i)) for (const key of ['children', 'mesh', 'skin']) delete node[key]
  }
}

function cleanMeshes(document: MutableObject): void {
  for (const mesh of objectsOf(document, 'meshes')) {
    for (const primitive of objectsOf(mesh, 'primitives')) {
      delete primitive.extensions
      primitive.attributes = pick(objectOf(primitive.attributes, 'attributes'), [...ATTRIBUTES.keys()])
      const targets = objectsOf(primitive, 'targets')
      if (targets.length > 0)
        primitive.targets = targets.map((target) => pick(target, ['POSITION', 'NORMAL']))
      else delete primitive.targets
    }
  }
}

function pick(object: JsonObject, keys: readonly string[]): MutableObject {
  return Object.fromEntries(keys.filter((key) => Object.hasOwn(object, key)).map((key) => [key, object[key]]))
}

/** A mesh can follow a skin only when all its parts have joints. */
function cleanSkins(document: MutableObject): void {
  const meshes = objectsOf(document, 'meshes')
  for (const node of objectsOf(document, 'nodes')) {
    if (node.skin === undefined) continue
    const mesh = typeof node.mesh === 'number' ? meshes[node.mesh] : undefined
    const skinned = mesh !== undefined && objectsOf(mesh, 'primitives').every(hasJoints)
    if (!skinned) delete node.skin
  }
}

function hasJoints(primitive: JsonObject): boolean {
  const attributes = objectOf(ownValue(primitive, 'attributes'), 'attributes')
  return Object.hasOwn(attributes, 'JOINTS_0') && Object.hasOwn(attributes, 'WEIGHTS_0')
}

/** What is culled by its box must have a true one, whatever the file says. */
function writeBounds(document: MutableObject, bin: Uint8Array): void {
  const accessors = readAccessors(document, readBufferViews(document, bin.length))
  const list = objectsOf(document, 'accessors')
  const positions = new Set<unknown>()
  for (const mesh of objectsOf(document, 'meshes')) {
    for (const primitive of objectsOf(mesh, 'primitives')) {
      positions.add(objectOf(primitive.attributes, 'attributes').POSITION)
      for (const target of objectsOf(primitive, 'targets')) positions.add(target.POSITION)
    }
  }
  for (const [i, accessor] of accessors.entries()) {
    if (!positions.has(i)) continue
    const { min, max } = boundsOf(readValues({ ...accessor, normalized: false }, bin))
    Object.assign(list[i] as MutableObject, { min, max })
  }
}

function cleanAnimations(document: MutableObject): void {
  const [first] = objectsOf(document, 'animations')
  delete document.animations
  if (first === undefined) return
  const nodes = objectsOf(document, 'nodes')
  const meshes = objectsOf(document, 'meshes')
  const channels = objectsOf(first, 'channels').filter((channel) => {
    const target = objectOf(channel.target, 'target')
    const node = typeof target.node === 'number' ? nodes[target.node] : undefined
    if (node === undefined || !ANIMATED_PATHS.has(target.path)) return false
    if (target.path !== 'weights') return true
    return typeof node.mesh === 'number' && isMorphed(meshes[node.mesh])
  })
  if (channels.length > 0) document.animations = [{ samplers: first.samplers, channels }]
}

function isMorphed(mesh: JsonObject | undefined): boolean {
  return (
    mesh !== undefined &&
    objectsOf(mesh, 'primitives').every((primitive) => Object.hasOwn(primitive, 'targets'))
  )
}

function cleanImages(document: MutableObject, bin: Uint8Array): void {
  const views = readBufferViews(document, bin.length)
  for (const [i, image] of objectsOf(document, 'images').entries()) {
    image.name = `i${i}`
    const view = views[image.bufferView as number]
    if (view === undefined)
      throw glbError('GLB_BOUNDS', `The model's images[${i}] is missing. Export the model again.`)
    const { byteOffset, byteLength } = view
    image.mimeType = readImageHeader(bin.subarray(byteOffset, byteOffset + byteLength), `images[${i}]`).mime
  }
}
