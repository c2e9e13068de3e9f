import { MAX_MODEL_BYTES } from '#core/limits.ts'
import {
  checkIndex,
  countOf,
  glbError,
  indexOf,
  type JsonObject,
  listOf,
  objectOf,
  ownValue,
} from './glb-json.ts'

/** A slice of the .glb's binary buffer. */
export interface BufferView {
  /** from the start of the binary buffer */
  readonly byteOffset: number
  readonly byteLength: number
  /** 0 = tightly packed */
  readonly byteStride: number
}

/** Typed elements in the binary buffer, checked to lie inside it. */
export interface Accessor {
  readonly path: string
  readonly count: number
  /** numbers per element, 1..16 */
  readonly components: number
  readonly componentType: ComponentType
  readonly normalized: boolean
  /** bytes from one element to the next */
  readonly stride: number
  /** absolute in the binary buffer; undefined = all zeros */
  readonly byteOffset: number | undefined
  readonly sparse: SparseValues | undefined
  /** from the document, when it gives them; not yet compared with the data */
  readonly min: readonly number[] | undefined
  readonly max: readonly number[] | undefined
}

interface SparseValues {
  readonly count: number
  readonly indicesOffset: number
  readonly indicesType: ComponentType
  readonly valuesOffset: number
}

export type ComponentType = 5120 | 5121 | 5122 | 5123 | 5125 | 5126

export const FLOAT: ComponentType = 5126

const COMPONENT_BYTES: Readonly<Record<ComponentType, number>> = {
  5120: 1,
  5121: 1,
  5122: 2,
  5123: 2,
  5125: 4,
  5126: 4,
}

const COMPONENTS: ReadonlyMap<unknown, number> = new Map([
  ['SCALAR', 1],
  ['VEC2', 2],
  ['VEC3', 3],
  ['VEC4', 4],
  ['MAT2', 4],
  ['MAT3', 9],
  ['MAT4', 16],
])

/** All views of the document, each inside `binLength` bytes. @throws GLB_BOUNDS, GLB_EXTERNAL, GLB_STRUCTURE */
export function readBufferViews(json: JsonObject, binLength: number): readonly BufferView[] {
  checkBuffers(json, binLength)
  return listOf(json, 'bufferViews', 'bufferViews').map((value, i) => {
    const path = `bufferViews[${i}]`
    const view = objectOf(value, path)
    checkIndex(ownValue(view, 'buffer'), `${path}.buffer`, 1)
    const byteOffset = countOf(view, 'byteOffset', path, 0)
    const byteLength = countOf(view, 'byteLength', path)
    const byteStride = countOf(view, 'byteStride', path, 0)
    if (byteOffset + byteLength > binLength) throw outside(path, byteOffset + byteLength, binLength)
    if (byteStride !== 0 && (byteStride < 4 || byteStride > 252 || byteStride % 4 !== 0)) {
      throw glbError(
        'GLB_STRUCTURE',
        `The model's ${path}.byteStride is ${byteStride}. Export the model again.`,
      )
    }
    return { byteOffset, byteLength, byteStride }
  })
}

function checkBuffers(json: JsonObject, binLength: number): void {
  const buffers = listOf(json, 'buffers', 'buffers')
  for (const value of buffers) {
    const buffer = objectOf(value, 'buffers')
    if (ownValue(buffer, 'uri') === undefined) continue
    throw glbError(
      'GLB_EXTERNAL',
      'This model keeps its shapes in another file. Export it as one .glb with everything inside.',
    )
  }
  if (buffers.length > 1) {
    throw glbError('GLB_STRUCTURE', 'A .glb has one buffer, this has several. Export the model again.')
  }
  if (buffers.length === 0) return
  const byteLength = countOf(objectOf(buffers[0], 'buffers[0]'), 'byteLength', 'buffers[0]')
  if (byteLength > binLength) throw outside('buffers[0]', byteLength, binLength)
}

/** All accessors of the document, each inside its view. @throws GLB_BOUNDS, GLB_STRUCTURE, GLB_NUMBER */
export function readAccessors(json: JsonObject, views: readonly BufferView[]): readonly Accessor[] {
  return listOf(json, 'accessors', 'accessors').map((value, i) => {
    const path = `accessors[${i}]`
    return readAccessor(objectOf(value, path), path, views)
  })
}

function readAccessor(object: JsonObject, path: string, views: readonly BufferView[]): Accessor {
  const componentType = componentTypeOf(object, path)
  const components = COMPONENTS.get(ownValue(object, 'type'))
  if (components === undefined) {
    throw glbError('GLB_STRUCTURE', `The model's ${path}.type is unknown. Export the model again.`)
  }
  const count = countOf(object, 'count', path)
  const elementBytes = components * COMPONENT_BYTES[componentType]
  if (count * elementBytes > MAX_MODEL_BYTES) throw outside(path, count * elementBytes, MAX_MODEL_BYTES)
  const viewIndex = indexOf(object, 'bufferView', path, views.length)
  const place = viewIndex === undefined ? undefined : views[viewIndex]
  const offset = countOf(object, 'byteOffset', path, 0)
  const stride = place === undefined || place.byteStride === 0 ? elementBytes : place.byteStride
  if (place !== undefined) checkSpan({ path, place, offset, count, stride, elementBytes, componentType })
  return {
    path,
    count,
    components,
    componentType,
    normalized: ownValue(object, 'normalized') === true,
    stride,
    byteOffset: place === undefined ? undefined : place.byteOffset + offset,
    sparse: readSparse({ object, path, views, count, componentType, elementBytes }),
    min: bounds(object, 'min', path, components),
    max: bounds(object, 'max', path, components),
  }
}

function componentTypeOf(object: JsonObject, path: string): ComponentType {
  const value = ownValue(object, 'componentType')
  if (typeof value === 'number' && Object.hasOwn(COMPONENT_BYTES, value)) return value as ComponentType
  throw glbError('GLB_STRUCTURE', `The model's ${path}.componentType is unknown. Export the model again.`)
}

interface Span {
  readonly path: string
  readonly place: BufferView
  readonly offset: number
  readonly count: number
  readonly stride: number
  readonly elementBytes: number
  readonly componentType: ComponentType
}

/** glTF 2.0 §3.6.2.4: inside the view, and aligned, since typed arrays are laid over it. */
function checkSpan({ path, place, offset, count, stride, elementBytes, componentType }: Span): void {
  const end = count === 0 ? offset : offset + (count - 1) * stride + elementBytes
  if (end > place.byteLength) throw outside(path, end, place.byteLength)
  const aligned = (place.byteOffset + offset) % COMPONENT_BYTES[componentType] === 0
  if (aligned && stride >= elementBytes) return
  throw glbError(
    'GLB_STRUCTURE',
    `The model's ${path} is not aligned to its numbers. Export the model again.`,
  )
}

interface SparseInput {
  readonly object: JsonObject
  readonly path: string
  readonly views: readonly BufferView[]
  readonly count: number
  readonly componentType: ComponentType
  readonly elementBytes: number
}

function readSparse(input: SparseInput): SparseValues | undefined {
  const value = ownValue(input.object, 'sparse')
  if (value === undefined) return undefined
  const path = `${input.path}.sparse`
  const sparse = objectOf(value, path)
  const count = countOf(sparse, 'count', path)
  if (count > input.count) throw outside(path, count, input.count)
  const indices = objectOf(ownValue(sparse, 'indices'), `${path}.indices`)
  const indicesType = componentTypeOf(indices, `${path}.indices`)
  if (!isIndexType(indicesType)) {
    throw glbError('GLB_STRUCTURE', `The model's ${path}.indices have a wrong type. Export the model again.`)
  }
  const values = objectOf(ownValue(sparse, 'values'), `${path}.values`)
  const place = { views: input.views, count }
  return {
    count,
    indicesType,
    indicesOffset: sparseOffset(indices, `${path}.indices`, {
      ...place,
      componentType: indicesType,
      elementBytes: COMPONENT_BYTES[indicesType],
    }),
    valuesOffset: sparseOffset(values, `${path}.values`, {
      ...place,
      componentType: input.componentType,
      elementBytes: input.elementBytes,
    }),
  }
}

function sparseOffset(
  object: JsonObject,
  path: string,
  input: Pick<SparseInput, 'views' | 'count' | 'componentType' | 'elementBytes'>,
): number {
  const { views, count, componentType, elementBytes } = input
  const place = views[
    checkIndex(ownValue(object, 'bufferView'), `${path}.bufferView`, views.length)
  ] as BufferView
  const offset = countOf(object, 'byteOffset', path, 0)
  checkSpan({ path, place, offset, count, stride: elementBytes, elementBytes, componentType })
  return place.byteOffset + offset
}

export function isIndexType(type: ComponentType): boolean {
  return type === 5121 || type === 5123 || type === 5125
}

function bounds(
  object: JsonObject,
  key: 'min' | 'max',
  path: string,
  length: number,
): readonly number[] | undefined {
  const value = ownValue(object, key)
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.length === length && value.every((item) => Number.isFinite(item)))
    return value
  throw glbError(
    'GLB_NUMBER',
    `The model's ${path}.${key} should be ${length} finite numbers. Export the model again.`,
  )
}

/**
 * Elements as plain numbers, element after element, integers normalised where the accessor says so; a copy.
 * @throws GLB_NUMBER on NaN and infinity, GLB_BOUNDS on a sparse index outside
 */
export function readValues(accessor: Accessor, bin: Uint8Array): Float64Array {
  const { count, components, byteOffset, stride, componentType, normalized } = accessor
  const view = new DataView(bin.buffer, bin.byteOffset, bin.byteLength)
  const out = new Float64Array(count * components)
  const scale = normalized ? normalScale(componentType) : 1
  const read = (target: number, at: number) => {
    for (let k = 0; k < components; k++) {
      const raw = readNumber(view, at + k * COMPONENT_BYTES[componentType], componentType)
      if (!Number.isFinite(raw)) throw notFinite(accessor.path)
      out[target + k] = scale === 1 ? raw : Math.max(-1, raw / scale)
    }
  }
  if (byteOffset !== undefined) for (let i = 0; i < count; i++) read(i * components, byteOffset + i * stride)
  if (accessor.sparse !== undefined) readSparseValues(accessor, accessor.sparse, view, read)
  return out
}

function readSparseValues(
  accessor: Accessor,
  sparse: SparseValues,
  view: DataView,
  read: (target: number, at: number) => void,
): void {
  const elementBytes = accessor.components * COMPONENT_BYTES[accessor.componentType]
  for (let i = 0; i < sparse.count; i++) {
    const at = sparse.indicesOffset + i * COMPONENT_BYTES[sparse.indicesType]
    const index = checkIndex(
      readNumber(view, at, sparse.indicesType),
      `${accessor.path}.sparse`,
      accessor.count,
    )
    read(index * accessor.components, sparse.valuesOffset + i * elementBytes)
  }
}

/** §3.6.2.2: the integer that stands for 1. */
function normalScale(type: ComponentType): number {
  if (type === 5120) return 127
  if (type === 5121) return 255
  if (type === 5122) return 32_767
  return type === 5123 ? 65_535 : 1
}

function readNumber(view: DataView, at: number, type: ComponentType): number {
  switch (type) {
    case 5120:
      return view.getInt8(at)
    case 5121:
      return view.getUint8(at)
    case 5122:
      return view.getInt16(at, true)
    case 5123:
      return view.getUint16(at, true)
    case 5125:
      return view.getUint32(at, true)
    case 5126:
      return view.getFloat32(at, true)
  }
}

function outside(path: string, end: number, length: number): Error {
  return glbError(
    'GLB_BOUNDS',
    `The model's ${path} ends at ${end}, outside the ${length} there are. The file is damaged: export it again.`,
    { end, length },
  )
}

function notFinite(path: string): Error {
  return glbError(
    'GLB_NUMBER',
    `The model's ${path} holds a number that is not finite. Export the model again.`,
  )
}
