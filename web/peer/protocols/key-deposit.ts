import { ByteReader, type Bytes, ByteWriter, concat, utf8 } from '#core/bytes.ts'
import { ADDRESS_BYTES } from '#core/delegation.ts'
import { decodeEnvelope, encodeEnvelope } from '#core/envelope.ts'
import type { Address, Identity } from '#core/identity.ts'
import { MAX_OBJECT_READERS } from '#core/limits.ts'
import { OBJECT_ID_BYTES, type ObjectId, toObjectId } from '#objects/object-id.ts'
import { SEAL_KEY_BYTES } from '#objects/sealed-segments.ts'
import {
  encodeReason,
  type KeyProofVerification,
  orInvalid,
  readReason,
  verifyDeviceWord,
} from './object-key.ts'

/**
 * How an owner gives the key of a restricted object to a relay, which hands it out while the owner is away, and takes
 * it back ([CH7]). The relay learns the key: Noise hides it from everybody else on the way. One request, one answer;
 * the device signs the whole request for exactly this connection, so that nobody can say it again.
 */

/** The desc of a File takes 110 bytes. */
const MAX_DESC_BYTES = 512
/** A delegation, a time and a signature take 371 bytes. */
const MAX_GRANT_BYTES = 512
/** What a giving with as many readers as there may be takes, with a delegation and a signature behind it. */
export const MAX_DEPOSIT_BYTES =
  1 + 2 + MAX_DESC_BYTES + SEAL_KEY_BYTES + 2 + MAX_GRANT_BYTES + 2 + MAX_OBJECT_READERS * ADDRESS_BYTES + 512
const DOMAIN = utf8('tabland/object-key/deposit/1\n')

/** What the owner's device wants of a relay. Giving again takes the place of what was given before. */
export type KeyDeposit =
  | {
      readonly kind: 'give'
      /** the object's, encoded: its hash is the id, and it names the owner */
      readonly desc: Bytes
      /** 32 bytes */
      readonly key: Bytes
      /** who may have it without paying, the author first */
      readonly readers: readonly Address[]
      /** an envelope of `signKeyGrant` for this relay, which it shows to who asks */
      readonly grant: Bytes
    }
  | { readonly kind: 'take'; readonly id: ObjectId }

export type KeyDepositAnswer =
  /** `sells`: the relay knows a chain, and gives the key to who has paid, too */
  | { readonly kind: 'kept'; readonly sells: boolean }
  /** it has no key of this object of the wallet any more, or never had */
  | { readonly kind: 'gone' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'refused'; readonly why: string }

const KINDS = ['give', 'take'] as const
const ANSWERS = ['kept', 'gone', 'busy', 'refused'] as const

/** The connection that a request was made for. */
export interface DepositRoute {
  /** 32 bytes: the network */
  readonly machine: Bytes
  /** peer ids, text form */
  readonly from: string
  readonly to: string
}

/** The whole request: what is wanted, and behind it the device's word for it. */
export async function signKeyDeposit(
  deposit: KeyDeposit,
  route: DepositRoute,
  { device, delegation }: Identity,
): Promise<Bytes> {
  const body = encodeDepositBody(deposit)
  return concat(body, encodeEnvelope({ delegation, record: await device.sign(depositMessage(body, route)) }))
}

export interface ReadKeyDeposit {
  readonly deposit: KeyDeposit
  /** as it was signed */
  readonly body: Bytes
  /** an envelope */
  readonly proof: Bytes
}

/** Reads a request; nothing of it is believed before `verifyKeyDeposit`. @throws OBJECT_KEY_MESSAGE_INVALID */
export function decodeKeyDeposit(bytes: Bytes): ReadKeyDeposit {
  return orInvalid('deposit', () => {
    if (bytes.length > MAX_DEPOSIT_BYTES) throw new RangeError(`${bytes.length} bytes`)
    const reader = new ByteReader(bytes)
    const deposit = readBody(reader)
    const body = bytes.slice(0, reader.offset)
    return { deposit, body, proof: reader.bytes(reader.remaining, 'proof') }
  })
}

/**
 * Whose device made a request over this connection.
 *
 * @throws OBJECT_KEY_FORGED, DELEGATION_…, ENVELOPE_INVALID
 */
export async function verifyKeyDeposit(
  { body, proof }: ReadKeyDeposit,
  route: DepositRoute,
  verification: KeyProofVerification,
): Promise<{ readonly people: Address; readonly delegation: Bytes }> {
  const { delegation, record } = decodeEnvelope(proof)
  const { machine } = route
  const message = depositMessage(body, route)
  return verifyDeviceWord({ delegation, signature: record, machine, message }, verification)
}

/** domain ‖ machine ‖ both peer ids behind their length u8 ‖ what is wanted */
function depositMessage(body: Bytes, { machine, from, to }: DepositRoute): Bytes {
  const writer = new ByteWriter().bytes(DOMAIN).bytes(machine)
  for (const peer of [utf8(from), utf8(to)]) writer.u8(peer.length).bytes(peer)
  return writer.bytes(body).finish()
}

/** What is signed: kind u8 ‖ of a giving desc and grant behind their lengths u16 ‖ key ‖ readers behind their number u16; else the id */
export function encodeDepositBody(deposit: KeyDeposit): Bytes {
  const writer = new ByteWriter().u8(KINDS.indexOf(deposit.kind))
  if (deposit.kind === 'take') return writer.bytes(deposit.id).finish()
  const { desc, grant, key, readers } = deposit
  for (const part of [desc, grant]) writer.u16(part.length).bytes(part)
  writer.bytes(key).u16(readers.length)
  for (const reader of readers) writer.bytes(reader)
  return writer.finish()
}

function readBody(reader: ByteReader): KeyDeposit {
  const number = reader.u8('kind')
  const kind = KINDS[number]
  if (kind === undefined) throw new RangeError(`unknown kind ${number}`)
  if (kind === 'take') return { kind, id: toObjectId(reader.bytes(OBJECT_ID_BYTES, 'id')) }
  const desc = reader.bytes(boundedLength(reader.u16('desc length'), MAX_DESC_BYTES), 'desc')
  const grant = reader.bytes(boundedLength(reader.u16('grant length'), MAX_GRANT_BYTES), 'grant')
  const key = reader.bytes(SEAL_KEY_BYTES, 'key')
  const count = boundedLength(reader.u16('readers'), MAX_OBJECT_READERS)
  const readers = Array.from({ length: count }, () => reader.bytes(ADDRESS_BYTES, 'reader'))
  return { kind, desc, key, readers, grant }
}

function boundedLength(value: number, max: number): number {
  if (value > max) throw new RangeError(`${value} where ${max} are the most`)
  return value
}

/** kind u8 ‖ of what is kept whether it is sold u8; of a refusal its sentence */
export function encodeDepositAnswer(answer: KeyDepositAnswer): Bytes {
  const kind = Uint8Array.of(ANSWERS.indexOf(answer.kind))
  if (answer.kind === 'kept') return concat(kind, Uint8Array.of(answer.sells ? 1 : 0))
  return answer.kind === 'refused' ? concat(kind, encodeReason(answer.why)) : kind
}

/** @throws OBJECT_KEY_MESSAGE_INVALID */
export function decodeDepositAnswer(bytes: Uint8Array): KeyDepositAnswer {
  return orInvalid('answer', () => {
    const reader = new ByteReader(bytes)
    const kind = ANSWERS[reader.u8('kind')]
    if (kind === undefined) throw new RangeError(`unknown kind ${bytes[0]}`)
    if (kind === 'refused') return { kind, why: readReason(reader) }
    const answer = kind === 'kept' ? { kind, sells: readFlag(reader) } : { kind }
    reader.end('answer')
    return answer
  })
}

function readFlag(reader: ByteReader): boolean {
  const value = reader.u8('sells')
  if (value > 1) throw new RangeError(`${value} where 0 or 1 was expected`)
  return value === 1
}
