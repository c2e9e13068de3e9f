import { AppError, type ErrorDetails } from '#core/errors.ts'

/** Why a .glb is refused. Each has one sentence that says what was found and what to do. */
export type GlbErrorCode =
  /** the first bytes are not glTF's */
  | 'GLB_NOT_GLB'
  | 'GLB_VERSION'
  | 'GLB_TRUNCATED'
  /** lengths or types of the chunks contradict the file */
  | 'GLB_CHUNK'
  | 'GLB_JSON'
  /** valid JSON that is not valid glTF */
  | 'GLB_STRUCTURE'
  /** an index, view or accessor reaches outside what it points into */
  | 'GLB_BOUNDS'
  /** NaN, infinity, or a number without sense at its place */
  | 'GLB_NUMBER'
  /** bytes that are not inside the file */
  | 'GLB_EXTERNAL'
  | 'GLB_EXTENSION'
  | 'GLB_CYCLE'
  /** an image whose header cannot be read */
  | 'GLB_IMAGE'
  /** a bound of [WO2]; `details` has `limit`, `got`, `max` and, once known, the bounding box */
  | 'GLB_LIMIT'

export type JsonObject = Readonly<Record<string, unknown>>

export function glbError(
  code: GlbErrorCode,
  message: string,
  details?: ErrorDetails,
): AppError<GlbErrorCode> {
  return new AppError<GlbErrorCode>(code, message, details === undefined ? {} : { details })
}

/** `value` as an object. @throws GLB_STRUCTURE */
export function objectOf(value: unknown, path: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw glbError('GLB_STRUCTURE', `The model's ${path} is not an object. Export the model again.`)
}

/** The list at a key; empty when absent. @throws GLB_STRUCTURE */
export function listOf(parent: JsonObject, key: string, path: string): readonly unknown[] {
  const value = ownValue(parent, key)
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  throw glbError('GLB_STRUCTURE', `The model's ${path} is not a list. Export the model again.`)
}

/** A whole number ≥ 0, or `fallback` when the key is absent. @throws GLB_STRUCTURE */
export function countOf(parent: JsonObject, key: string, path: string, fallback?: number): number {
  const value = ownValue(parent, key) ?? fallback
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw glbError('GLB_STRUCTURE', `The model's ${path}.${key} is not a whole number. Export the model again.`)
}

/** An index into a list of `length` things; undefined when absent. @throws GLB_BOUNDS */
export function indexOf(parent: JsonObject, key: string, path: string, length: number): number | undefined {
  if (ownValue(parent, key) === undefined) return undefined
  return checkIndex(ownValue(parent, key), `${path}.${key}`, length)
}

/** @throws GLB_BOUNDS when `value` is not an integer in 0..length-1 */
export function checkIndex(value: unknown, path: string, length: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < length) return value
  throw glbError(
    'GLB_BOUNDS',
    `The model's ${path} points at number ${String(value).slice(0, 20)}, but there are ${length}. Export the model again.`,
  )
}

/** Exactly `length` finite numbers; undefined when absent. @throws GLB_NUMBER */
export function numbersOf(
  parent: JsonObject,
  key: string,
  path: string,
  length: number,
): readonly number[] | undefined {
  const value = ownValue(parent, key)
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.length === length && value.every((item) => Number.isFinite(item))) {
    return value
  }
  throw glbError(
    'GLB_NUMBER',
    `The model's ${path}.${key} should be ${length} finite numbers. Export the model again.`,
  )
}

/** A key of the object itself: never one that every object inherits. */
export function ownValue(parent: JsonObject, key: string): unknown {
  return Object.hasOwn(parent, key) ? parent[key] : undefined
}
