import { standardTypeName } from './object-id.ts'
import type { ObjectType } from './object-type.ts'
import { actionType } from './types/action.ts'
import { appGroupType } from './types/app-group.ts'
import { contractType } from './types/contract.ts'
import { appListType, decAppType, nftListType, storageType, textType, zoneType } from './types/core.ts'
import { deviceType } from './types/device.ts'
import { diffType } from './types/diff.ts'
import { dirType } from './types/dir.ts'
import { fileType } from './types/file.ts'
import { graphBlockType } from './types/graph-block.ts'
import { groupType } from './types/group.ts'
import { linkBatchType } from './types/link-batch.ts'
import { objectMapType } from './types/object-map.ts'
import { peopleType } from './types/people.ts'
import { placementType } from './types/placement.ts'
import { proofOfServiceType } from './types/proof-of-service.ts'
import { txType } from './types/tx.ts'
import { unionAccountType } from './types/union-account.ts'

/** A type whose contents are not told apart here. */
// biome-ignore lint/suspicious/noExplicitAny: each table knows its own contents; a list of them cannot
export type AnyObjectType = ObjectType<any, any>

/** Every type with a schema. */
export const OBJECT_TYPES: readonly AnyObjectType[] = [
  deviceType,
  peopleType,
  groupType,
  appGroupType,
  unionAccountType,
  fileType,
  dirType,
  diffType,
  objectMapType,
  proofOfServiceType,
  txType,
  actionType,
  contractType,
  zoneType,
  storageType,
  textType,
  decAppType,
  appListType,
  nftListType,
  linkBatchType,
  placementType,
  graphBlockType,
]

const BY_NUMBER = new Map(OBJECT_TYPES.map((type) => [type.type, type]))

export function findObjectType(type: number): AnyObjectType | undefined {
  return BY_NUMBER.get(type)
}

/** A type's name for people: 'File', or 'type 32900' for one without a name. */
export function objectTypeName(type: number): string {
  return findObjectType(type)?.name ?? standardTypeName(type) ?? `type ${type}`
}
