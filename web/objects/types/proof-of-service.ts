import { bytes, oneOf } from '../content/fields.ts'
import { struct } from '../content/struct.ts'
import { STANDARD_TYPES } from '../object-id.ts'
import { type BodyOf, type DescOf, objectType } from '../object-type.ts'

/** That a service was done, as its kind proves it. */
export const proofOfServiceType = objectType({
  name: 'ProofOfService',
  type: STANDARD_TYPES.ProofOfService,
  formats: { desc: 'raw', body: 'raw' },
  desc: struct({
    proof: [1, oneOf('dsgStorage', 'dsgStorageCheck', 'dsgMerkleProof')],
    data: [2, bytes],
  }),
  body: struct({ data: [1, bytes] }),
})

export type ProofOfServiceDesc = DescOf<typeof proofOfServiceType>
export type ProofOfServiceBody = BodyOf<typeof proofOfServiceType>
