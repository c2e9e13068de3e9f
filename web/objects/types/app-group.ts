import { struct } from '../content/struct.ts'
import { STANDARD_TYPES } from '../object-id.ts'
import { objectType } from '../object-type.ts'

/** Users of one app: all that it says stands in the desc's header. */
export const appGroupType = objectType({
  name: 'AppGroup',
  type: STANDARD_TYPES.AppGroup,
  formats: { desc: 'raw', body: 'raw' },
  desc: struct({}),
  body: struct({}),
})
