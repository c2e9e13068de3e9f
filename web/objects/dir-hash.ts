import { type Bytes, concat } from '#core/bytes.ts'
import type { Content } from './desc.ts'
import { chunkId, STANDARD_TYPES } from './object-id.ts'

const ATTRIBUTES_BYTES = 4
/** Numbers of the cases of a Dir's list, each one byte as a raw size. */
const CHUNK = 0
const ENTRIES = 1

/**
 * The content that goes into an id's hash. A Dir's list counts as the chunk that it would be, so that a Dir has one id
 * whether its list stands in the desc or in a chunk; everything else counts as it is.
 */
export function hashedContent(type: number, content: Content): Bytes {
  const { version, format, bytes } = content
  if (type !== STANDARD_TYPES.Dir || version !== 0 || format !== 0) return bytes
  const kind = bytes[ATTRIBUTES_BYTES]
  const list = bytes.subarray(ATTRIBUTES_BYTES + 1)
  if (kind === ENTRIES) return concat(bytes.subarray(0, ATTRIBUTES_BYTES), chunkId(list))
  return kind === CHUNK ? concat(bytes.subarray(0, ATTRIBUTES_BYTES), list) : bytes
}
