import { createDelegationVerifier } from '#core/delegation.ts'
import { MAX_CACHED_OBJECT_BYTES, MAX_CACHED_OBJECTS, MAX_OBJECTS_SEEN } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import type { NetworkName } from '#core/network.ts'
import type { RecordStore } from '#core/record-store.ts'
import { createKeyVerifier } from '#objects/key-verifier.ts'
import {
  createObjectStore,
  type ObjectBlockStore,
  type ObjectStore,
  type ObjectStoreInit,
} from '#objects/object-store.ts'
import { createObjectVerifier } from '#objects/verify-object.ts'
import { type RecordServices, withRecords } from './record-objects.ts'

export interface OpenObjectStoreInit {
  readonly network: NetworkName
  /** the profile's */
  readonly records: RecordStore
  readonly blocks: ObjectBlockStore
  /** unix ms @default Date.now */
  readonly now?: () => number
  /** the peer's links and placements, which are objects too */
  readonly services: RecordServices
  /** @default those of a profile */
  readonly bounds?: ObjectStoreInit
}

const PROFILE_BOUNDS: ObjectStoreInit = {
  maxObjects: MAX_CACHED_OBJECTS,
  maxBytes: MAX_CACHED_OBJECT_BYTES,
  maxSeen: MAX_OBJECTS_SEEN,
}

/** The objects of a profile, or of a relay; a People or Device that is stored here is found for others that name it. */
export function openObjectStore(init: OpenObjectStoreInit): ObjectStore {
  const { network, records, blocks, services, now = Date.now, bounds = PROFILE_BOUNDS } = init
  const verifier = createObjectVerifier({
    keys: createKeyVerifier(),
    delegations: createDelegationVerifier(),
    machine: machineOf(network),
    now,
    findDesc: async (id) => (await store.get(id))?.object.desc,
  })
  const store = withRecords(createObjectStore({ records, blocks, verifier, now }, bounds), services)
  return store
}
