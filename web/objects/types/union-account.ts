import { compareBytes } from '#core/bytes.ts'
import { objectId, u8 } from '../content/fields.ts'
import { struct } from '../content/struct.ts'
import { STANDARD_TYPES } from '../object-id.ts'
import { type DescOf, objectType } from '../object-type.ts'

/** An account that two hold together. */
export const unionAccountType = objectType({
  name: 'UnionAccount',
  type: STANDARD_TYPES.UnionAccount,
  formats: { desc: 'raw', body: 'raw' },
  desc: struct(
    { left: [1, objectId], right: [2, objectId], service: [3, u8] },
    {
      check: ({ left, right }) =>
        compareBytes(left, right) <= 0
          ? undefined
          : { path: 'right', got: 'the lesser id', expected: 'the lesser id at the left' },
    },
  ),
  body: struct({}),
})

export type UnionAccountDesc = DescOf<typeof unionAccountType>
