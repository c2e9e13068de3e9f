import { list, optional, sortedBy } from '../content/composite-fields.ts'
import { fixedBytes, objectId, text, u64 } from '../content/fields.ts'
import { struct } from '../content/struct.ts'
import { protobufTail, variant } from '../content/variant.ts'
import { STANDARD_TYPES } from '../object-id.ts'
import { type BodyOf, type DescOf, objectType } from '../object-type.ts'
import { UNIQUE_ID_BYTES } from './device.ts'

const members = sortedBy(struct({ id: [1, objectId], title: [2, text] }), ({ id }) => id)

const common = struct({
  name: [1, optional(text)],
  icon: [2, optional(text)],
  description: [3, optional(text)],
  members: [4, members],
  oods: [5, list(objectId)],
  /** the GroupShell before */
  previous: [6, optional(objectId)],
  version: [7, u64],
})

const simpleDesc = struct({
  uniqueId: [1, fixedBytes(UNIQUE_ID_BYTES)],
  founder: [2, optional(objectId)],
  admins: [3, members],
})
const orgDesc = struct({
  uniqueId: [1, fixedBytes(UNIQUE_ID_BYTES)],
  founder: [2, optional(objectId)],
})

/** People who act together: a simple group has fixed admins, an organisation may change them. */
export const groupType = objectType({
  name: 'Group',
  type: STANDARD_TYPES.Group,
  formats: { desc: 'raw', body: 'raw' },
  desc: struct({
    group: [1, variant({ simple: [1, protobufTail(simpleDesc)], org: [2, protobufTail(orgDesc)] })],
  }),
  body: struct({
    group: [
      1,
      variant({
        simple: [1, protobufTail(struct({ common: [1, common] }))],
        org: [2, protobufTail(struct({ admins: [1, members], common: [2, common] }))],
      }),
    ],
  }),
})

export type GroupDesc = DescOf<typeof groupType>
export type GroupBody = BodyOf<typeof groupType>
