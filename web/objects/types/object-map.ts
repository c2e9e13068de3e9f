import { isAppError } from '#core/errors.ts'
import { map, optional, set, sortedBy } from '../content/composite-fields.ts'
import type { Problem } from '../content/field.ts'
import { objectId, oneOf, text16, u8, u16, u64 } from '../content/fields.ts'
import { type StructValue, struct } from '../content/struct.ts'
import { variant } from '../content/variant.ts'
import { MAP_TYPES } from '../map/map-entry.ts'
import { checkMapContent, MAP_ROLES } from '../map/map-node.ts'
import { STANDARD_TYPES } from '../object-id.ts'
import { type DescOf, objectType } from '../object-type.ts'
import { RawWriter } from '../raw-writer.ts'

const change = struct({
  previous: [1, optional(objectId)],
  next: [2, optional(objectId)],
  diff: [3, optional(objectId)],
})
const setChange = struct({ previous: [1, optional(objectId)], next: [2, optional(objectId)] })

/** In the order of MAP_TYPES. */
const entries = variant({
  map: [1, struct({ values: [1, map(objectId, text16)] })],
  diffMap: [2, struct({ values: [1, map(change, text16)] })],
  set: [3, struct({ values: [1, set(objectId)] })],
  diffSet: [4, struct({ values: [1, set(setChange)] })],
})

const sub = struct({ bucket: [1, u16], id: [2, objectId] })

const fields = {
  class: [1, oneOf(...MAP_ROLES)],
  total: [2, u64],
  size: [3, u64],
  depth: [4, u8],
  type: [5, oneOf(...MAP_TYPES)],
  content: [
    6,
    variant({
      simple: [1, struct({ depth: [1, u8], entries: [2, entries] })],
      hub: [2, struct({ depth: [1, u8], subs: [2, sortedBy(sub, ({ bucket }) => bigEndian(bucket))] })],
    }),
  ],
} as const

/**
 * One node of a map ([OB13]) as an object among others: this schema is what `object decode` shows. Whoever works with
 * maps uses web/objects/map, which reads the raw form alone and faster, and whose rules these are.
 */
export const objectMapType = objectType({
  name: 'ObjectMap',
  type: STANDARD_TYPES.ObjectMap,
  formats: { desc: 'raw', body: 'raw' },
  desc: struct(fields, { check: nodeProblem }),
  body: struct({}),
})

export type ObjectMapDesc = DescOf<typeof objectMapType>

const rawNode = struct(fields)

/** What the fields alone cannot say, by the rules of map-node.ts. */
function nodeProblem(node: StructValue<typeof fields>): Problem | undefined {
  const writer = new RawWriter()
  rawNode.writeRaw(writer, node)
  try {
    checkMapContent(writer.finish())
    return undefined
  } catch (error) {
    if (!isAppError(error, 'OBJECT_INVALID')) throw error
    const { path, got, expected } = error.details
    return {
      path: String(path).replace(/^content\./, ''),
      got: String(got),
      expected: String(expected),
    }
  }
}

function bigEndian(bucket: number): Uint8Array {
  return new Uint8Array([bucket >> 8, bucket & 0xff])
}
