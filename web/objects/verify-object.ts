import { type Bytes, equalBytes, toHex } from '#core/bytes.ts'
import type { DelegationVerifier } from '#core/delegation.ts'
import type { Address } from '#core/identity.ts'
import { MAX_CLOCK_SKEW_MS } from '#core/limits.ts'
import { bodyHash } from './body.ts'
import { type Desc, descHash } from './desc.ts'
import type { KeyVerifier } from './key-verifier.ts'
import { type NamedObject, objectIdOf } from './object.ts'
import { objectRefused } from './object-errors.ts'
import { formatObjectId, type ObjectId } from './object-id.ts'
import type { ObjectSignature } from './object-signature.ts'
import { toObjectTime } from './object-time.ts'
import { createSignerFinder, type FoundSigner } from './signer.ts'

/** How far an object is to be believed ([OB10]). */
export type ObjectTrust =
  /** desc and body are the owner's: its key signed, or a device that its wallet authorised */
  | { readonly level: 'owner'; readonly people?: Address; readonly device?: Bytes }
  /** the desc is the one that was asked for; the body, if there is one, is nobody's */
  | { readonly level: 'id' }
  | { readonly level: 'untrusted'; readonly why: string }

/** The newest body of an object that was verified before. */
export interface SeenBody {
  readonly updated: bigint
  /** see bodyHash */
  readonly hash: Bytes
}

export interface VerifyComponents {
  readonly keys: KeyVerifier
  readonly delegations: DelegationVerifier
  /** machine id: delegations are for one network */
  readonly machine: Bytes
  /** unix ms */
  readonly now: () => number
  /** the desc of a People or Device by its id; what it gives is checked. Descs that a delegation implies are not asked for */
  readonly findDesc?: (id: ObjectId) => Promise<Desc | undefined>
  /** a delegation of the Device of this id, for signatures that name the Device alone */
  readonly findDelegation?: (device: ObjectId) => Promise<Bytes | undefined>
}

export interface VerifyOptions {
  /** the id that was asked for */
  readonly requested?: ObjectId | undefined
  /** the newest body seen of this object */
  readonly seen?: SeenBody | undefined
}

export interface ObjectVerifier {
  /**
   * Says how far `object` is to be believed. Whoever stores it remembers the body's time and hash when the level is
   * 'owner', and nothing otherwise.
   *
   * @throws OBJECT_WRONG_ID, OBJECT_FORGED, OBJECT_STRANGER, OBJECT_UNBOUND, OBJECT_OLD_BODY, OBJECT_EARLY, and what
   * DelegationVerifier throws for a delegation that does not hold
   */
  verify(object: NamedObject, options?: VerifyOptions): Promise<ObjectTrust>
}

/** Verifies one object: see ObjectVerifier. */
export function verifyObject(
  object: NamedObject,
  components: VerifyComponents,
  options: VerifyOptions = {},
): Promise<ObjectTrust> {
  return createObjectVerifier(components).verify(object, options)
}

/** Keeps keys and delegations that it saw: better than verifyObject for many objects. */
export function createObjectVerifier(components: VerifyComponents): ObjectVerifier {
  const signers = createSignerFinder(components)

  /** @throws OBJECT_FORGED, DELEGATION_… */
  async function check(
    { desc }: NamedObject,
    id: ObjectId,
    signatures: readonly ObjectSignature[],
    hash: Bytes,
  ) {
    let owner: FoundSigner | undefined
    let unknown = false
    for (const signature of signatures) {
      const found = await signers.find(desc, id, signature)
      // one whose key is not known here vouches for nothing, and is no reason to refuse
      if (found.key === undefined) unknown = true
      else if (!(await components.keys.verify(found.key, signature, hash))) {
        throw objectRefused('OBJECT_FORGED', formatObjectId(id), `${describe(found)} did not sign it`)
      } else if (found.isOwner) owner ??= found
    }
    return { owner, unknown }
  }

  return {
    async verify(object, { requested, seen } = {}) {
      const id = objectIdOf(object)
      if (requested !== undefined && !equalBytes(requested, id)) {
        const why = `what came has the id ${formatObjectId(id)}`
        throw objectRefused('OBJECT_WRONG_ID', formatObjectId(requested), why)
      }
      assertNotEarly(object, id, toObjectTime(components.now() + MAX_CLOCK_SKEW_MS))
      const { desc, body, descSigns, bodySigns } = object
      const ofDesc = await check(object, id, descSigns, descHash(desc))
      if (body === undefined) return trustOf(ofDesc.owner, requested, 'its owner did not sign it')
      const hash = bodyHash(body)
      const { owner, unknown } = await check(object, id, bodySigns, hash)
      if (owner !== undefined) {
        assertBound(object, id, owner)
        assertNewer(id, { updated: body.updated, hash }, seen)
      } else if (bodySigns.length > 0 && !unknown && isOwned(desc)) {
        throw objectRefused('OBJECT_STRANGER', formatObjectId(id), 'its body is signed, but not by its owner')
      }
      return trustOf(owner, requested, 'its owner did not sign its body')
    },
  }
}

/** Is there somebody whose word its body needs? */
function isOwned({ owner, publicKey }: Desc): boolean {
  return owner !== undefined || publicKey !== undefined
}

function trustOf(owner: FoundSigner | undefined, requested: ObjectId | undefined, why: string): ObjectTrust {
  if (owner !== undefined) {
    const { people, device } = owner
    return {
      level: 'owner',
      ...(people === undefined ? {} : { people }),
      ...(device === undefined ? {} : { device }),
    }
  }
  return requested === undefined ? { level: 'untrusted', why } : { level: 'id' }
}

/** A time ahead of ours would lock every later body out. */
function assertNotEarly({ body, descSigns, bodySigns }: NamedObject, id: ObjectId, limit: bigint): void {
  const times = [...descSigns, ...bodySigns].map(({ signedAt }) => signedAt)
  if (body !== undefined) times.push(body.updated)
  const late = times.find((time) => time > limit)
  if (late === undefined) return
  throw objectRefused(
    'OBJECT_EARLY',
    formatObjectId(id),
    `its time ${late} (µs since 1601) is ahead of our clock's ${limit}`,
  )
}

/** A body says whose it is; one that a key of the very object signed belongs to no other. */
function assertBound({ body }: NamedObject, id: ObjectId, { isSelf }: FoundSigner): void {
  const bound = body?.objectId
  if (bound === undefined ? isSelf : equalBytes(bound, id)) return
  const got = bound === undefined ? 'no object' : formatObjectId(bound)
  throw objectRefused('OBJECT_UNBOUND', formatObjectId(id), `its body names ${got}`)
}

function assertNewer(id: ObjectId, body: SeenBody, seen: SeenBody | undefined): void {
  if (seen === undefined || body.updated > seen.updated) return
  if (body.updated === seen.updated && equalBytes(body.hash, seen.hash)) return
  throw objectRefused(
    'OBJECT_OLD_BODY',
    formatObjectId(id),
    `its body is of ${body.updated}, and another of ${seen.updated} (µs since 1601) was seen`,
  )
}

function describe({ people, device }: FoundSigner): string {
  if (device !== undefined) return `the device ${toHex(device).slice(0, 16)}…`
  return people === undefined ? 'its key' : `the wallet 0x${toHex(people)}`
}
