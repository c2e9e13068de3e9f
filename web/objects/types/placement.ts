import { PARCEL_COUNT } from '#core/land.ts'
import { optional } from '../content/composite-fields.ts'
import { hash, i32, u16, u32, u64 } from '../content/fields.ts'
import { struct } from '../content/struct.ts'
import { type BodyOf, type DescOf, objectType } from '../object-type.ts'

/** What stands, and where: millimetres, thousandths of a degree, millionths (see FixedPose). */
const model = struct({
  /** digest of the model's root */
  root: [1, hash],
  x: [2, i32],
  y: [3, i32],
  z: [4, i32],
  yaw: [5, u32],
  scale: [6, u32],
})

/**
 * What its owner, a wallet's People, wants on a parcel: one object for each wallet and parcel, with a newer body for
 * each change. Of several wallets' objects for one parcel the greater wins (comparePlacements).
 */
export const placementType = objectType({
  name: 'Placement',
  type: 20_002,
  formats: { desc: 'raw', body: 'raw' },
  scope: 'placements',
  desc: struct(
    {
      machine: [1, hash],
      /** serial, 0..49,999 */
      parcel: [2, u16],
    },
    {
      check: ({ parcel }) =>
        parcel < PARCEL_COUNT
          ? undefined
          : { path: 'parcel', got: String(parcel), expected: `0 to ${PARCEL_COUNT - 1}` },
    },
  ),
  body: struct({
    /** one more than that of the record which this one follows */
    sequence: [1, u64],
    /** absent: the parcel is cleared */
    model: [2, optional(model)],
  }),
})

export type PlacementDesc = DescOf<typeof placementType>
export type PlacementBody = BodyOf<typeof placementType>
