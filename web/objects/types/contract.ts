import { bytes, oneOf } from '../content/fields.ts'
import { struct } from '../content/struct.ts'
import { STANDARD_TYPES } from '../object-id.ts'
import { type BodyOf, type DescOf, objectType } from '../object-type.ts'

/** An agreement: data that its kind gives meaning to. */
export const contractType = objectType({
  name: 'Contract',
  type: STANDARD_TYPES.Contract,
  formats: { desc: 'raw', body: 'protobuf' },
  desc: struct({ contract: [1, oneOf('dsg', 'solidity')], data: [2, bytes] }),
  body: struct({ data: [1, bytes] }),
})

export type ContractDesc = DescOf<typeof contractType>
export type ContractBody = BodyOf<typeof contractType>
