import { list } from '../content/composite-fields.ts'
import { objectId } from '../content/fields.ts'
import { struct } from '../content/struct.ts'
import { STANDARD_TYPES } from '../object-id.ts'
import { type DescOf, objectType } from '../object-type.ts'

/** What changed between two files, itself kept in a file. */
export const diffType = objectType({
  name: 'Diff',
  type: STANDARD_TYPES.Diff,
  formats: { desc: 'raw', body: 'raw' },
  desc: struct({ file: [1, objectId], chunks: [2, list(objectId)] }),
  body: struct({}),
})

export type DiffDesc = DescOf<typeof diffType>
