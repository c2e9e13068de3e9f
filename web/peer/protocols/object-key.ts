import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { ByteReader, type Bytes, ByteWriter, concat, equalBytes, utf8 } from '#core/bytes.ts'
import { type Delegation, type DelegationVerifier, decodeDelegation } from '#core/delegation.ts'
import { decodeEnvelope, encodeEnvelope } from '#core/envelope.ts'
import { AppError } from '#core/errors.ts'
import type { Address, Identity } from '#core/identity.ts'
import { ED25519_SIGNATURE_BYTES, type Ed25519Verifier } from '#core/signatures.ts'
import { OBJECT_ID_BYTES, type ObjectId, toObjectId } from '#objects/object-id.ts'
import { WRAP_KEY_BYTES, WRAPPED_BYTES, type WrappedKey } from './key-wrap.ts'

/**
 * How the key of a restricted object is given ([OB11]): the asker says the id and a nonce of its own; who has the key
 * signs both and a nonce of its own, so that the asker knows it for the owner's device before it names itself; then
 * the asker signs all of it with a key that only it can open, and gets the object's key wrapped to that one, when its
 * wallet is among the readers or has paid for a model that shows the object ([CH7]). A relay that was given the key shows
 * its grant (key-grant.ts) in place of the first signature.
 */

export type ObjectKeyErrorCode =
  | 'OBJECT_KEY_MESSAGE_INVALID'
  /** a proof that was made for another object, peer or question, or by another device than it says */
  | 'OBJECT_KEY_FORGED'
  /** a relay's word that it may give the key, which is over, or for longer than anybody may give it */
  | 'OBJECT_KEY_GRANT_OVER'
  /** the wallet is not among the readers, and has paid for no model that shows it */
  | 'OBJECT_KEY_REFUSED'
  /** nobody who has the key is here */
  | 'OBJECT_KEY_NOT_FOUND'

export const KEY_NONCE_BYTES = 32
/** A sentence, in any alphabet. */
const MAX_REASON_BYTES = 400
/** The claim follows the nonce within a round trip; a busy peer takes seconds. */
const NONCE_MS = 60_000
const OFFER_DOMAIN = utf8('tabland/object-key/offer/2\n')
const CLAIM_DOMAIN = utf8('tabland/object-key/claim/2\n')

/** One question, between two peers that know each other's ids by their connection. */
export interface KeyQuestion {
  /** 32 bytes: the network */
  readonly machine: Bytes
  readonly id: ObjectId
  /** peer ids, text form: nobody else can hand a proof on */
  readonly asker: string
  readonly answerer: string
  /** of the asker */
  readonly question: Bytes
  /** of the answerer */
  readonly nonce: Bytes
}

/** What a claim asks for besides. */
export interface KeyWish {
  /** public half of a pair that the asker made for this question (key-wrap.ts) */
  readonly wrapTo: Bytes
  /** the Model token that its wallet has paid for; 0: it is a reader */
  readonly model: number
}

export type KeyRequest =
  /** who has the key? */
  | { readonly kind: 'ask'; readonly id: ObjectId; readonly question: Bytes }
  /** `proof`: an envelope of `signKeyProof` */
  | (KeyWish & {
      readonly kind: 'claim'
      readonly id: ObjectId
      readonly question: Bytes
      readonly nonce: Bytes
      readonly proof: Bytes
    })

export type KeyAnswer =
  | { readonly kind: 'lacks' }
  | { readonly kind: 'busy' }
  /** `proof`: of the owner's device, an envelope of `signKeyProof`; of a relay, one of `signKeyGrant` */
  | { readonly kind: 'offer'; readonly nonce: Bytes; readonly proof: Bytes }
  /** `until`: unix seconds to which it was paid; 0 without end */
  | { readonly kind: 'key'; readonly key: WrappedKey; readonly until: number }
  | { readonly kind: 'refused'; readonly why: string }

const REQUESTS = ['ask', 'claim'] as const
const ANSWERS = ['lacks', 'busy', 'offer', 'key', 'refused'] as const

/** What a device signs: that it has the key, or what it wants. */
export type KeyStatement =
  | { readonly kind: 'offer'; readonly question: KeyQuestion }
  | { readonly kind: 'claim'; readonly question: KeyQuestion; readonly wish: KeyWish }

/** Signed by the device, with the wallet's word for it. */
export async function signKeyProof(
  statement: KeyStatement,
  { device, delegation }: Identity,
): Promise<Bytes> {
  return encodeEnvelope({ delegation, record: await device.sign(proofMessage(statement)) })
}

export interface KeyProofVerification {
  readonly delegations: DelegationVerifier
  readonly signatures: Ed25519Verifier
  /** unix ms */
  readonly now: number
}

/**
 * Whose device made a proof: its delegation for objects holds now.
 *
 * @throws OBJECT_KEY_FORGED, DELEGATION_…, ENVELOPE_INVALID
 */
export async function verifyKeyProof(
  statement: KeyStatement,
  proof: Bytes,
  verification: KeyProofVerification,
): Promise<{ readonly people: Address; readonly delegation: Bytes }> {
  const { delegation, record } = decodeEnvelope(proof)
  const { machine } = statement.question
  const signed = { delegation, signature: record, machine, message: proofMessage(statement) }
  return verifyDeviceWord(signed, verification)
}

export interface DeviceWord {
  /** encoded, of the device that signs */
  readonly delegation: Bytes
  readonly signature: Bytes
  readonly machine: Bytes
  /** what is signed, which begins with a domain of its own */
  readonly message: Bytes
}

/**
 * Whose device said something about the key of an object: its delegation for objects holds now.
 *
 * @throws OBJECT_KEY_FORGED, DELEGATION_…
 */
export async function verifyDeviceWord(
  { delegation, signature, machine, message }: DeviceWord,
  { delegations, signatures, now }: KeyProofVerification,
): Promise<{ readonly people: Address; readonly delegation: Bytes }> {
  const { people, deviceKey }: Delegation = decodeDelegation(delegation)
  delegations.verify(delegation, { people, deviceKey, machine, scope: 'objects', timeUs: now * 1_000 })
  const isRight =
    signature.length === ED25519_SIGNATURE_BYTES && (await signatures.verify(deviceKey, signature, message))
  if (isRight) return { people, delegation }
  throw new AppError<ObjectKeyErrorCode>(
    'OBJECT_KEY_FORGED',
    'The key of an object was not given: the device that is named did not sign this question.',
  )
}

/** domain ‖ machine ‖ id ‖ question ‖ nonce ‖ both peer ids behind their length u8, and of a claim wrapTo ‖ model u32 */
function proofMessage(statement: KeyStatement): Bytes {
  const { machine, id, question, nonce, asker, answerer } = statement.question
  const writer = new ByteWriter().bytes(statement.kind === 'offer' ? OFFER_DOMAIN : CLAIM_DOMAIN)
  for (const field of [machine, id, question, nonce]) writer.bytes(field)
  for (const peer of [utf8(asker), utf8(answerer)]) writer.u8(peer.length).bytes(peer)
  if (statement.kind === 'claim') writer.bytes(statement.wish.wrapTo).u32(statement.wish.model)
  return writer.finish()
}

/** What a key is wrapped for: nothing of the question can be another one. */
export function wrapContext(question: KeyQuestion, wish: KeyWish): Bytes {
  return sha256(proofMessage({ kind: 'claim', question, wish })) as Bytes
}

/** Nonces that need not be remembered: each holds for one question of one peer, for a minute or two. */
export interface KeyNonces {
  issue(question: Omit<KeyQuestion, 'nonce'>): Bytes
  isFresh(question: KeyQuestion): boolean
}

/** @param secret 32 bytes of this process @param now ms */
export function createKeyNonces(secret: Bytes, now: () => number): KeyNonces {
  const nonceAt = (slot: number, { id, question, asker }: Omit<KeyQuestion, 'nonce'>) => {
    const message = new ByteWriter().u64(BigInt(slot)).bytes(id).bytes(question).bytes(utf8(asker)).finish()
    return hmac(sha256, secret, message) as Bytes
  }
  const slot = () => Math.floor(now() / NONCE_MS)
  return {
    issue: (question) => nonceAt(slot(), question),
    isFresh: (question) =>
      [slot(), slot() - 1].some((at) => equalBytes(nonceAt(at, question), question.nonce)),
  }
}

/** kind u8 ‖ id ‖ question, and of a claim nonce ‖ wrapTo ‖ model u32 ‖ proof */
export function encodeKeyRequest(request: KeyRequest): Bytes {
  const head = new ByteWriter().u8(REQUESTS.indexOf(request.kind)).bytes(request.id).bytes(request.question)
  if (request.kind === 'ask') return head.finish()
  const { nonce, wrapTo, model, proof } = request
  return head.bytes(nonce).bytes(wrapTo).u32(model).bytes(proof).finish()
}

/** @throws OBJECT_KEY_MESSAGE_INVALID */
export function decodeKeyRequest(bytes: Uint8Array): KeyRequest {
  return orInvalid('question', () => {
    const reader = new ByteReader(bytes)
    const kind = REQUESTS[reader.u8('kind')]
    if (kind === undefined) throw new RangeError(`unknown kind ${bytes[0]}`)
    const id = toObjectId(reader.bytes(OBJECT_ID_BYTES, 'id'))
    const question = reader.bytes(KEY_NONCE_BYTES, 'question')
    if (kind === 'claim') {
      const nonce = reader.bytes(KEY_NONCE_BYTES, 'nonce')
      const wrapTo = reader.bytes(WRAP_KEY_BYTES, 'wrapTo')
      const model = reader.u32('model')
      return { kind, id, question, nonce, wrapTo, model, proof: reader.bytes(reader.remaining, 'proof') }
    }
    reader.end('question')
    return { kind, id, question }
  })
}

/** kind u8 ‖ of an offer nonce ‖ proof; of a key until u64 ‖ who wrapped it ‖ itself wrapped; of a refusal its sentence */
export function encodeKeyAnswer(answer: KeyAnswer): Bytes {
  const kind = Uint8Array.of(ANSWERS.indexOf(answer.kind))
  switch (answer.kind) {
    case 'offer':
      return concat(kind, answer.nonce, answer.proof)
    case 'key':
      return new ByteWriter()
        .bytes(kind)
        .u64(BigInt(answer.until))
        .bytes(answer.key.from)
        .bytes(answer.key.sealed)
        .finish()
    case 'refused':
      return concat(kind, encodeReason(answer.why))
    default:
      return kind
  }
}

/** @throws OBJECT_KEY_MESSAGE_INVALID */
export function decodeKeyAnswer(bytes: Uint8Array): KeyAnswer {
  return orInvalid('answer', () => {
    const reader = new ByteReader(bytes)
    const kind = ANSWERS[reader.u8('kind')]
    if (kind === undefined) throw new RangeError(`unknown kind ${bytes[0]}`)
    if (kind === 'offer') {
      const nonce = reader.bytes(KEY_NONCE_BYTES, 'nonce')
      return { kind, nonce, proof: reader.bytes(reader.remaining, 'proof') }
    }
    if (kind === 'refused') return { kind, why: readReason(reader) }
    const answer = kind === 'key' ? readKey(reader) : ({ kind } as const)
    reader.end('answer')
    return answer
  })
}

function readKey(reader: ByteReader): KeyAnswer {
  const until = reader.u64('until')
  if (until > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`a time of ${until} s`)
  const from = reader.bytes(WRAP_KEY_BYTES, 'key')
  return {
    kind: 'key',
    until: Number(until),
    key: { from, sealed: reader.bytes(WRAPPED_BYTES, 'key') },
  }
}

export function encodeReason(why: string): Bytes {
  return utf8(why).slice(0, MAX_REASON_BYTES)
}

/** It is shown to people: one line, whatever the other side sent. @throws RangeError when it is too long */
export function readReason(reader: ByteReader): string {
  if (reader.remaining > MAX_REASON_BYTES) throw new RangeError(`a sentence of ${reader.remaining} bytes`)
  const text = new TextDecoder().decode(reader.bytes(reader.remaining, 'sentence'))
  return text.replaceAll(/[\p{C}\ufffd]+/gu, ' ').trim()
}

/** @throws OBJECT_KEY_MESSAGE_INVALID for whatever `read` throws */
export function orInvalid<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new AppError<ObjectKeyErrorCode>(
      'OBJECT_KEY_MESSAGE_INVALID',
      `A peer's ${what} about the key of an object was refused: ${(cause as Error).message}.`,
      { cause },
    )
  }
}
