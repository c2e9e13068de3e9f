import { optional } from '../content/composite-fields.ts'
import { descField } from '../content/desc-field.ts'
import { bytes, i64, objectId, oneOf, u8, u16, u32 } from '../content/fields.ts'
import { struct } from '../content/struct.ts'
import { variant } from '../content/variant.ts'
import { STANDARD_TYPES } from '../object-id.ts'
import { type BodyOf, type DescOf, objectType } from '../object-type.ts'

/** A transaction on a chain of CYFS. */
export const txType = objectType({
  name: 'Tx',
  type: STANDARD_TYPES.Tx,
  formats: { desc: 'raw', body: 'protobuf' },
  desc: struct({
    nonce: [1, i64],
    caller: [
      2,
      variant({
        people: [1, descField(STANDARD_TYPES.People)],
        device: [2, descField(STANDARD_TYPES.Device)],
        group: [3, descField(STANDARD_TYPES.Group)],
        union: [4, descField(STANDARD_TYPES.UnionAccount)],
        miner: [5, objectId],
        id: [6, objectId],
      }),
    ],
    gasCoin: [3, u8],
    gasPrice: [4, u16],
    maxFee: [5, u32],
    /** CYFS has no conditions yet */
    condition: [6, optional(oneOf<never>())],
    body: [7, bytes],
  }),
  body: struct({ data: [1, bytes] }),
})

export type TxDesc = DescOf<typeof txType>
export type TxBody = BodyOf<typeof txType>
