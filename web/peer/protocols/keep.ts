import { base58btc } from 'multiformats/bases/base58'
import type { CID } from 'multiformats/cid'
import { ByteReader, type Bytes, ByteWriter, concat, utf8 } from '#core/bytes.ts'
import { ADDRESS_BYTES, type DelegationVerifier, formatAddress } from '#core/delegation.ts'
import { decodeEnvelope, encodeEnvelope } from '#core/envelope.ts'
import { AppError, isAppError } from '#core/errors.ts'
import type { Identity } from '#core/identity.ts'
import type { KeepAnswer, KeepRequest } from '#core/seeding.ts'
import { ED25519_KEY_BYTES, ED25519_SIGNATURE_BYTES, type Ed25519Verifier } from '#core/signatures.ts'
import { readCid } from './copies.ts'

/** How far a wish may be from our clock: badly set ones are a minute off, and a request takes seconds. */
export const KEEP_WINDOW_MS = 2 * 60_000
/** Text form of an Ed25519 id has 52 characters. */
const MAX_PEER_ID_BYTES = 64
/** A sentence, in any alphabet. */
const MAX_REASON_BYTES = 400
const DOMAIN = utf8('tabland/keep/1\n')

export type KeepErrorCode = 'KEEP_INVALID' | 'KEEP_OTHER_PEER' | 'KEEP_EXPIRED' | 'KEEP_FORGED'

/** What is signed, besides the domain. */
export interface KeepFields {
  /** 32 bytes: the network */
  readonly machine: Bytes
  readonly root: CID
  readonly bytes: number
  /** unix ms */
  readonly time: number
  /** peer ids, text form: nobody else can hand the wish on, nor to anybody else */
  readonly asker: string
  readonly answerer: string
}

interface KeepRecord extends KeepFields {
  readonly people: Bytes
  readonly device: Bytes
  readonly signature: Bytes
}

/** A wish signed by the device, with the wallet's word for that device. */
export async function signKeep(fields: KeepFields, { neuron, device, delegation }: Identity): Promise<Bytes> {
  const unsigned = encodeFields({ ...fields, people: neuron, device: device.publicKey })
  const signature = await device.sign(concat(DOMAIN, unsigned))
  return encodeEnvelope({ delegation, record: concat(unsigned, signature) })
}

export interface KeepVerification {
  /** of the own network, 32 bytes */
  readonly machine: Bytes
  /** own peer id and the one that asks, text form */
  readonly answerer: string
  readonly asker: string
  /** unix ms */
  readonly now: number
  readonly delegations: DelegationVerifier
  readonly signatures: Ed25519Verifier
}

/**
 * Reads a wish and checks whose it is. A device that may build in the wallet's name may ask that what was built be
 * kept, so the delegation's scope is `placements`: wallets that authorised a device need not sign anew, and the
 * domain keeps either signature from passing for the other. The same wish may come twice within its window; that
 * asks for nothing more than the first did.
 *
 * @throws KEEP_INVALID, KEEP_OTHER_PEER, KEEP_EXPIRED, KEEP_FORGED, DELEGATION_…, ENVELOPE_INVALID
 */
export async function verifyKeep(bytes: Uint8Array, verification: KeepVerification): Promise<KeepRequest> {
  const { machine, answerer, asker, now, delegations, signatures } = verification
  const { delegation, record } = decodeEnvelope(bytes)
  const keep = decodeRecord(record)
  if (keep.answerer !== answerer || keep.asker !== asker) {
    throw refuse('KEEP_OTHER_PEER', `it is from …${keep.asker.slice(-6)} to …${keep.answerer.slice(-6)}`)
  }
  if (Math.abs(now - keep.time) > KEEP_WINDOW_MS) {
    throw refuse(
      'KEEP_EXPIRED',
      `its time is ${Math.round((keep.time - now) / 1_000)} s from ours, at most ${KEEP_WINDOW_MS / 1_000} are allowed. Set the clock and ask again`,
    )
  }
  delegations.verify(delegation, {
    people: keep.people,
    deviceKey: keep.device,
    machine,
    scope: 'placements',
    timeUs: keep.time * 1_000,
  })
  const signed = concat(DOMAIN, record.subarray(0, record.length - ED25519_SIGNATURE_BYTES))
  if (!(await signatures.verify(keep.device, keep.signature, signed))) {
    throw refuse('KEEP_FORGED', 'the device did not sign it')
  }
  return {
    root: keep.root.toString(),
    bytes: keep.bytes,
    neuron: formatAddress(keep.people),
    device: base58btc.baseEncode(keep.device),
    peer: asker,
  }
}

/** machine ‖ people ‖ device ‖ time u64 (ms) ‖ bytes u64 ‖ answerer ‖ asker ‖ root, the last three behind their length u8 */
function encodeFields({
  machine,
  people,
  device,
  time,
  bytes,
  answerer,
  asker,
  root,
}: Omit<KeepRecord, 'signature'>): Bytes {
  const writer = new ByteWriter()
    .bytes(machine)
    .bytes(people)
    .bytes(device)
    .u64(BigInt(time))
    .u64(BigInt(bytes))
  for (const field of [utf8(answerer), utf8(asker), root.bytes]) writer.u8(field.length).bytes(field)
  return writer.finish()
}

function decodeRecord(bytes: Uint8Array): KeepRecord {
  try {
    const reader = new ByteReader(bytes)
    const record = {
      machine: reader.bytes(32, 'machine'),
      people: reader.bytes(ADDRESS_BYTES, 'people'),
      device: reader.bytes(ED25519_KEY_BYTES, 'device key'),
      time: readNumber(reader, 'time'),
      bytes: readNumber(reader, 'bytes'),
      answerer: readPeer(reader),
      asker: readPeer(reader),
      root: readCid(reader),
      signature: reader.bytes(ED25519_SIGNATURE_BYTES, 'signature'),
    }
    reader.end('wish')
    return record
  } catch (cause) {
    throw refuse('KEEP_INVALID', (cause as Error).message, cause)
  }
}

function readNumber(reader: ByteReader, field: string): number {
  const value = reader.u64(field)
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value)
  throw new RangeError(`${field} ${value} is out of range`)
}

function readPeer(reader: ByteReader): string {
  const length = reader.u8('peer id length')
  if (length > MAX_PEER_ID_BYTES) throw new RangeError(`a peer id of ${length} bytes`)
  return String.fromCharCode(...reader.bytes(length, 'peer id'))
}

function refuse(code: KeepErrorCode, why: string, cause?: unknown): AppError<KeepErrorCode> {
  return new AppError(code, `A wish to keep a content was refused: ${why}.`, { cause })
}

/** accepted u8 ‖ of a refusal its sentence */
export function encodeKeepAnswer(answer: true | { readonly refused: string }): Bytes {
  if (answer === true) return Uint8Array.of(1)
  return concat(Uint8Array.of(0), cutText(answer.refused))
}

/** @throws KEEP_INVALID */
export function decodeKeepAnswer(bytes: Uint8Array, peer: string): KeepAnswer {
  if (bytes[0] === 1 && bytes.length === 1) return { peer, accepted: true }
  if (bytes[0] !== 0 || bytes.length > 1 + MAX_REASON_BYTES) {
    throw refuse('KEEP_INVALID', `an answer of ${bytes.length} bytes that begins with ${bytes[0]}`)
  }
  // it is shown to people: one line, whatever the other side sent
  const text = new TextDecoder()
    .decode(bytes.subarray(1))
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
  return { peer, accepted: false, reason: text }
}

/** As many whole characters as fit. */
function cutText(text: string): Bytes {
  let bytes = utf8(text)
  for (let length = text.length; bytes.length > MAX_REASON_BYTES; bytes = utf8(text.slice(0, length))) {
    length = Math.min(length - 1, MAX_REASON_BYTES)
  }
  return bytes
}

/** What the other side is told when something fails: our own sentences, nothing else. */
export function refusalOf(error: unknown): { readonly refused: string } {
  return { refused: isAppError(error) ? error.message : 'This peer could not look into it. Ask again later.' }
}
