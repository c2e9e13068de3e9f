import { ByteReader, type Bytes, ByteWriter, concat, utf8 } from '#core/bytes.ts'
import { decodeEnvelope, encodeEnvelope } from '#core/envelope.ts'
import { AppError } from '#core/errors.ts'
import type { Address, Identity } from '#core/identity.ts'
import { ED25519_SIGNATURE_BYTES } from '#core/signatures.ts'
import type { ObjectId } from '#objects/object-id.ts'
import {
  type KeyProofVerification,
  type KeyQuestion,
  type ObjectKeyErrorCode,
  verifyDeviceWord,
  verifyKeyProof,
} from './object-key.ts'

/**
 * A device's word that a relay may hand out the key of an object of its wallet for a time ([CH7]): "or a relay that was
 * given the key". It names one relay, one object and one network, so that nobody else can show it.
 */
export interface KeyGrant {
  /** 32 bytes: the network */
  readonly machine: Bytes
  readonly id: ObjectId
  /** peer id of the relay, text form */
  readonly holder: string
  /** unix seconds: from then on it says nothing */
  readonly until: number
}

/** A month: an owner who comes by less often gives it anew then, and a relay that is left is believed no longer. */
const DAYS = 30
export const KEY_GRANT_SECONDS = DAYS * 86_400
/** Clocks of owners, relays and askers differ. */
const SLACK_SECONDS = 86_400
const GRANT_DOMAIN = utf8('tabland/object-key/grant/1\n')
/** until u64 ‖ signature */
const RECORD_BYTES = 8 + ED25519_SIGNATURE_BYTES

/** An envelope: the device's delegation, and the time with its signature. */
export async function signKeyGrant(grant: KeyGrant, { device, delegation }: Identity): Promise<Bytes> {
  const signature = await device.sign(grantMessage(grant))
  const record = concat(new ByteWriter(8).u64(BigInt(grant.until)).finish(), signature)
  return encodeEnvelope({ delegation, record })
}

export interface VerifiedGrant {
  /** the wallet whose device gave it */
  readonly people: Address
  readonly delegation: Bytes
  /** unix seconds */
  readonly until: number
}

/**
 * Who gave this grant to exactly this relay for exactly this object, when it holds now.
 *
 * @throws OBJECT_KEY_FORGED, OBJECT_KEY_GRANT_OVER, DELEGATION_…, ENVELOPE_INVALID
 */
export async function verifyKeyGrant(
  given: Omit<KeyGrant, 'until'>,
  grant: Bytes,
  verification: KeyProofVerification,
): Promise<VerifiedGrant> {
  const { delegation, record } = decodeEnvelope(grant)
  if (record.length !== RECORD_BYTES) throw noGrant(record.length)
  const reader = new ByteReader(record)
  const seconds = reader.u64('until')
  const now = Math.floor(verification.now / 1_000)
  if (seconds <= BigInt(now)) throw over(now, `ended at ${timeOf(Number(seconds))}`)
  if (seconds > BigInt(now + KEY_GRANT_SECONDS + SLACK_SECONDS))
    throw over(now, `is for more than ${DAYS} days`)
  const until = Number(seconds)
  const signature = reader.bytes(ED25519_SIGNATURE_BYTES, 'signature')
  const message = grantMessage({ ...given, until })
  const { machine } = given
  const word = await verifyDeviceWord({ delegation, signature, machine, message }, verification)
  return { ...word, until }
}

/**
 * Whose device vouches for an offer: that of who answers itself, or one that gave the key to who answers.
 *
 * @throws OBJECT_KEY_FORGED, OBJECT_KEY_GRANT_OVER, DELEGATION_…, ENVELOPE_INVALID
 */
export async function verifyKeyOffer(
  question: KeyQuestion,
  proof: Bytes,
  verification: KeyProofVerification,
): Promise<{ readonly delegation: Bytes }> {
  if (decodeEnvelope(proof).record.length !== RECORD_BYTES)
    return verifyKeyProof({ kind: 'offer', question }, proof, verification)
  const { machine, id, answerer } = question
  return verifyKeyGrant({ machine, id, holder: answerer }, proof, verification)
}

/** domain ‖ machine ‖ id ‖ until u64 ‖ the relay's peer id */
function grantMessage({ machine, id, holder, until }: KeyGrant): Bytes {
  return new ByteWriter()
    .bytes(GRANT_DOMAIN)
    .bytes(machine)
    .bytes(id)
    .u64(BigInt(until))
    .bytes(utf8(holder))
    .finish()
}

function noGrant(length: number): AppError<ObjectKeyErrorCode> {
  return new AppError(
    'OBJECT_KEY_FORGED',
    `A relay's word that it may give the key of an object was refused: expected ${RECORD_BYTES} bytes, got ${length}.`,
  )
}

function over(now: number, what: string): AppError<ObjectKeyErrorCode> {
  return new AppError(
    'OBJECT_KEY_GRANT_OVER',
    `A relay's word that it may give the key of an object ${what}, by the clock of this device, which shows ${timeOf(now)}. Check that clock; if it is right, the owner has to give the key anew.`,
  )
}

/** `2027-01-03 10:00 UTC` */
function timeOf(seconds: number): string {
  return `${new Date(seconds * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
