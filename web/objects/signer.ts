import { secp256k1 } from '@noble/curves/secp256k1.js'
import { type Bytes, equalBytes, toHex } from '#core/bytes.ts'
import { addressOf } from '#core/delegation.ts'
import type { Address } from '#core/identity.ts'
import { MAX_FEEDS } from '#core/limits.ts'
import { type Desc, objectIdOfDesc } from './desc.ts'
import { type ImpliedIdentity, impliedIdentity } from './implied-identity.ts'
import { type ObjectId, STANDARD_TYPES } from './object-id.ts'
import { type ObjectSignature, REF_OWNER, REF_SELF } from './object-signature.ts'
import { toUnixUs } from './object-time.ts'
import { findObjectType } from './object-types.ts'
import type { ObjectKey, PublicKey } from './public-key.ts'
import type { VerifyComponents } from './verify-object.ts'

/** The key that a signature claims, and what it is to the object. */
export interface FoundSigner {
  /** undefined when it is not known here whose it is */
  readonly key?: PublicKey
  /** may it speak for the object's owner? */
  readonly isOwner: boolean
  /** is it the key in the object's own desc? */
  readonly isSelf: boolean
  readonly people?: Address
  /** key of the device, 32 bytes */
  readonly device?: Bytes
}

const UNKNOWN: FoundSigner = { isOwner: false, isSelf: false }

/** What was signed, and whose it is. */
interface Signed {
  readonly desc: Desc
  readonly owner: ObjectId
}

type Finder = Pick<VerifyComponents, 'delegations' | 'machine' | 'findDesc' | 'findDelegation'>

/** Finds out whose key made a signature: the owner chain object → Device → People of [OB10]. */
export function createSignerFinder({ delegations, machine, findDesc, findDelegation }: Finder) {
  const identities = new Map<string, ImpliedIdentity>()
  let last: { readonly delegation: Bytes; readonly identity: ImpliedIdentity } | undefined

  /** A desc of this id; what was found is believed only when it hashes to the id. */
  async function descOf(id: ObjectId): Promise<Desc | undefined> {
    const desc = await findDesc?.(id)
    return desc !== undefined && equalBytes(objectIdOfDesc(desc), id) ? desc : undefined
  }

  /**
   * Remembered: recovering a key takes a millisecond, and a device's objects all carry the same delegation. They come
   * in runs, so that the last one is mostly the next.
   */
  function implied(delegation: Bytes): ImpliedIdentity {
    if (last !== undefined && equalBytes(delegation, last.delegation)) return last.identity
    const identity = find(delegation)
    last = { delegation: delegation.slice(), identity }
    return identity
  }

  function find(delegation: Bytes): ImpliedIdentity {
    const name = toHex(delegation)
    const known = identities.get(name)
    if (known !== undefined) return known
    const identity = impliedIdentity(delegation)
    identities.set(name, identity)
    if (identities.size > MAX_FEEDS) identities.delete(identities.keys().next().value!)
    return identity
  }

  /** @throws what a delegation that does not hold is refused with */
  function delegated({ type }: Desc, delegation: Bytes, signature: ObjectSignature) {
    const identity = implied(delegation)
    const { people, deviceKey } = identity.delegation
    const timeUs = toUnixUs(signature.signedAt)
    const scope = findObjectType(type)?.scope ?? 'objects'
    delegations.verify(delegation, { people, deviceKey, machine, scope, timeUs })
    const key: PublicKey = { algorithm: 'ed25519', key: deviceKey }
    return { identity, key, people, device: deviceKey }
  }

  /** Is `owner` this wallet's People, or this Device of it? */
  async function isWallet(owner: ObjectId, { peopleId, deviceId, people, delegation }: ImpliedIdentity) {
    if (equalBytes(owner, peopleId) || equalBytes(owner, deviceId)) return true
    // a People or Device with more in its desc than the delegation implies
    const desc = await descOf(owner)
    const key = singleKey(desc?.publicKey)
    if (desc === undefined || key === undefined) return false
    if (desc.type === STANDARD_TYPES.People) return addressIs(key, people)
    if (desc.type !== STANDARD_TYPES.Device || desc.owner === undefined) return false
    return equalBytes(key.key, delegation.deviceKey) && equalBytes(desc.owner, peopleId)
  }

  async function byDelegation(
    { desc, owner }: Signed,
    delegation: Bytes,
    signature: ObjectSignature,
  ): Promise<FoundSigner> {
    const { identity, ...signer } = delegated(desc, delegation, signature)
    return { ...signer, isSelf: false, isOwner: await isWallet(owner, identity) }
  }

  /** An object that signs by the key in its desc. A Device of somebody speaks for them only with a delegation. */
  async function byObject(signed: Signed, id: ObjectId, signature: ObjectSignature): Promise<FoundSigner> {
    const delegation = await findDelegation?.(id)
    if (delegation !== undefined) return byDelegation(signed, delegation, signature)
    const desc = await descOf(id)
    const key = keyAt(desc?.publicKey, signature.keyIndex)
    if (desc === undefined || key === undefined) return UNKNOWN
    const speaks = desc.type !== STANDARD_TYPES.Device || desc.owner === undefined
    return { key, isSelf: false, isOwner: speaks && equalBytes(id, signed.owner), ...deviceOf(desc, key) }
  }

  return {
    /** @throws DELEGATION_… */
    async find(desc: Desc, id: ObjectId, signature: ObjectSignature): Promise<FoundSigner> {
      const { source, keyIndex } = signature
      const signed = { desc, owner: desc.owner ?? id }
      if (source.kind === 'delegated') return byDelegation(signed, source.delegation, signature)
      if (source.kind === 'object') return byObject(signed, source.object.id, signature)
      if (source.kind === 'key') return byKey(desc, source.key, keyIndex)
      if (source.ref === REF_OWNER && desc.owner !== undefined) return byObject(signed, desc.owner, signature)
      const key = source.ref === REF_SELF ? keyAt(desc.publicKey, keyIndex) : undefined
      if (key === undefined) return UNKNOWN
      return { key, isSelf: true, isOwner: speaksForItself(desc), ...deviceOf(desc, key) }
    },
  }
}

/** A key that stands beside its signature is worth what the object's own desc says of it. */
function byKey(desc: Desc, value: ObjectKey, keyIndex: number): FoundSigner {
  const key = keyAt(value, keyIndex)
  const own = singleKey(desc.publicKey)
  if (key === undefined) return UNKNOWN
  const isSelf = own !== undefined && own.algorithm === key.algorithm && equalBytes(own.key, key.key)
  return { key, isSelf, isOwner: isSelf && speaksForItself(desc) }
}

/** An object without an owner is its own; one key of several is not enough. */
function speaksForItself({ owner, publicKey }: Desc): boolean {
  return owner === undefined && publicKey?.kind === 'single'
}

function singleKey(value: ObjectKey | undefined): PublicKey | undefined {
  return value?.kind === 'single' ? value.key : undefined
}

function keyAt(value: ObjectKey | undefined, index: number): PublicKey | undefined {
  if (value?.kind === 'multi') return value.keys[index]
  return index === 0 ? value?.key : undefined
}

function deviceOf(desc: Desc, { algorithm, key }: PublicKey): Pick<FoundSigner, 'people' | 'device'> {
  if (desc.type === STANDARD_TYPES.Device) return { device: key }
  const people = desc.type === STANDARD_TYPES.People ? addressOfKey({ algorithm, key }) : undefined
  return people === undefined ? {} : { people }
}

function addressIs(key: PublicKey, address: Address): boolean {
  const found = addressOfKey(key)
  return found !== undefined && equalBytes(found, address)
}

/** The wallet that a key is of; undefined for other keys, and for bytes that are no point. */
function addressOfKey({ algorithm, key }: PublicKey): Address | undefined {
  if (algorithm !== 'secp256k1') return undefined
  try {
    return addressOf(secp256k1.Point.fromBytes(key).toBytes(false))
  } catch {
    return undefined
  }
}
