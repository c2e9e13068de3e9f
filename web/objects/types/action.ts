import { struct } from '../content/struct.ts'
import { STANDARD_TYPES } from '../object-id.ts'
import { objectType } from '../object-type.ts'

/** Something done: all that it says stands in the desc's header. */
export const actionType = objectType({
  name: 'Action',
  type: STANDARD_TYPES.Action,
  formats: { desc: 'raw', body: 'raw' },
  desc: struct({}),
  body: struct({}),
})
