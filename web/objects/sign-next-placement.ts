import type { Bytes } from '#core/bytes.ts'
import { parseDigest } from '#core/cid.ts'
import type { Identity } from '#core/identity.ts'
import { type ReadPlacement, signPlacement } from './placement.ts'
import type { Pose } from './placement-pose.ts'
import type { PlacementService } from './placement-service.ts'

export interface SignNextPlacement {
  /** 32 bytes */
  readonly machine: Bytes
  readonly identity: Identity
  readonly parcel: number
  /** CIDv0 of the model; undefined clears the parcel */
  readonly root: string | undefined
  readonly pose?: Pose
}

/** Signs a record that follows the one that stands on the parcel now. */
export async function signNextPlacement(
  service: Pick<PlacementService, 'next'>,
  { machine, identity, parcel, root, pose }: SignNextPlacement,
): Promise<ReadPlacement> {
  const next = await service.next(parcel)
  const fields = { machine, parcel, root: root === undefined ? undefined : parseDigest(root), ...next }
  return signPlacement(pose === undefined ? fields : { ...fields, pose }, identity)
}
