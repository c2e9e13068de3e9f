import { list, optional } from '../content/composite-fields.ts'
import { objectId, text, textOneOf } from '../content/fields.ts'
import { struct } from '../content/struct.ts'
import { STANDARD_TYPES } from '../object-id.ts'
import { type BodyOf, objectType } from '../object-type.ts'

/** How several OODs of a zone share the work. */
export const oodWorkMode = textOneOf('standalone', 'active-standby')

/** A person: the desc's key is the wallet's. */
export const peopleType = objectType({
  name: 'People',
  type: STANDARD_TYPES.People,
  formats: { desc: 'raw', body: 'protobuf' },
  keyed: true,
  desc: struct({}),
  body: struct({
    oods: [1, list(objectId)],
    name: [2, optional(text)],
    /** a File */
    icon: [3, optional(objectId)],
    oodWorkMode: [4, optional(oodWorkMode)],
  }),
})

export type PeopleBody = BodyOf<typeof peopleType>
