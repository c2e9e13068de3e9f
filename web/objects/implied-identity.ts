import type { Bytes } from '#core/bytes.ts'
import { type Delegation, decodeDelegation, recoverPeopleKey } from '#core/delegation.ts'
import { sha256 } from '#core/hash.ts'
import type { Address } from '#core/identity.ts'
import { type Desc, objectIdOfDesc } from './desc.ts'
import type { ObjectId } from './object-id.ts'
import { createDesc } from './object-type.ts'
import { DEVICE_KINDS, deviceType, UNIQUE_ID_BYTES } from './types/device.ts'
import { peopleType } from './types/people.ts'

/** The People and the Device that a delegation speaks of, as objects: both follow from it alone. */
export interface ImpliedIdentity {
  readonly delegation: Delegation
  /** the wallet's address */
  readonly people: Address
  /** the wallet's key and nothing else: the same for every device and network */
  readonly peopleDesc: Desc
  readonly peopleId: ObjectId
  /** owned by the People */
  readonly deviceDesc: Desc
  readonly deviceId: ObjectId
}

/**
 * @param bytes an encoded delegation
 * @throws DELEGATION_INVALID, DELEGATION_FORGED
 */
export function impliedIdentity(bytes: Bytes): ImpliedIdentity {
  const delegation = decodeDelegation(bytes)
  const peopleDesc = createDesc(peopleType, {}, singleKey('secp256k1', recoverPeopleKey(delegation)))
  const peopleId = objectIdOfDesc(peopleDesc)
  const { deviceKey } = delegation
  const deviceDesc = createDesc(
    deviceType,
    { uniqueId: sha256(deviceKey).slice(0, UNIQUE_ID_BYTES) },
    {
      ...singleKey('ed25519', deviceKey),
      owner: peopleId,
      area: { country: 0, carrier: 0, city: 0, inner: DEVICE_KINDS.browser },
    },
  )
  return {
    delegation,
    people: delegation.people,
    peopleDesc,
    peopleId,
    deviceDesc,
    deviceId: objectIdOfDesc(deviceDesc),
  }
}

function singleKey(algorithm: 'secp256k1' | 'ed25519', key: Bytes) {
  return { publicKey: { kind: 'single', key: { algorithm, key } } } as const
}
