import { type Bytes, equalBytes, toHex } from '#core/bytes.ts'
import { createDelegationVerifier, DELEGATION_BYTES, decodeDelegation, type Scope } from '#core/delegation.ts'
import { decodeEnvelope } from '#core/envelope.ts'
import { isAppError } from '#core/errors.ts'
import { sha256 } from '#core/hash.ts'
import type { Address, Identity } from '#core/identity.ts'
import { MAX_CLOCK_SKEW_MS } from '#core/limits.ts'
import { createEd25519Verifier, ED25519_SIGNATURE_BYTES } from '#core/signatures.ts'
import { bodyHash } from './body.ts'
import { descHash } from './desc.ts'
import { impliedIdentity } from './implied-identity.ts'
import { createKeyVerifier } from './key-verifier.ts'
import { decodeObject, encodeObject, type NamedObject, objectIdOf } from './object.ts'
import { objectInvalid } from './object-errors.ts'
import type { ObjectId } from './object-id.ts'
import { toUnixUs } from './object-time.ts'
import type { AnyObjectType } from './object-types.ts'
import { deviceSigner, signObject } from './sign-object.ts'
import { createObjectVerifier } from './verify-object.ts'

/**
 * Records that peers merge into one state: link batches, placements. Each is a named object that one device signed,
 * with its wallet's delegation as the source of the signature, so that whoever has it can check it alone. Data of
 * before there were objects is read as well: `u16 length ‖ delegation ‖ signed bytes ‖ signature`.
 */
export interface SignedRecord {
  /** 32 bytes */
  readonly machine: Bytes
  /** 20 bytes: the wallet that the delegation names */
  readonly neuron: Address
  /** Ed25519 key, 32 bytes */
  readonly device: Bytes
  /** µs since 1970 */
  readonly timeUs: number
  readonly proof: RecordProof
}

export type RecordProof = { readonly kind: 'object'; readonly object: NamedObject } | EnvelopeProof

export interface EnvelopeProof {
  readonly kind: 'envelope'
  readonly signed: Bytes
  readonly signature: Bytes
  readonly delegation: Bytes
}

/** What kind of record it is: how it is named in messages, and what the wallet must have allowed. */
export interface RecordKind {
  readonly name: 'link batch' | 'placement record' | 'block'
  readonly scope: Scope
}

/** A record that is an object, read; nothing is verified but its form. */
export interface RecordObject extends Omit<SignedRecord, 'machine'> {
  readonly object: NamedObject
  /** SHA-256 of the part that was signed; the signature is left out, it may vary */
  readonly hash: Bytes
}

/** Of two parts the one that changes says what the record says: links have a desc alone. */
type Part = 'desc' | 'body'

/** Is it a record of before there were objects? No type of object has the number that its first bytes would be. */
export function isEnvelope(bytes: Uint8Array): boolean {
  return (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) === DELEGATION_BYTES
}

/**
 * The record in an envelope: its signed bytes and their hash.
 *
 * @throws ENVELOPE_INVALID
 */
export function readEnvelope(bytes: Bytes): EnvelopeProof & { readonly hash: Bytes } {
  const { delegation, record } = decodeEnvelope(bytes)
  const signed = record.slice(0, Math.max(0, record.length - ED25519_SIGNATURE_BYTES))
  return {
    kind: 'envelope',
    signed,
    signature: record.slice(signed.length),
    delegation,
    hash: sha256(signed),
  }
}

/** Fields that a record's desc has, by the part that says what the record says. Whatever else came along is no record. */
const DESC_FIELDS = { desc: ['type', 'owner', 'created', 'content'], body: ['type', 'owner', 'content'] }
const BODY_FIELDS = ['updated', 'objectId', 'content']

export interface RecordForm {
  readonly type: AnyObjectType
  readonly part: Part
  /** of the encoded object: every peer keeps it, and hands it on behind a u16 */
  readonly maxBytes: number
}

/**
 * Reads a record that is an object of one type in its raw format, with nothing in it that need not be, signed by one
 * device in one part and nowhere else.
 *
 * @throws OBJECT_INVALID, DELEGATION_INVALID
 */
export function readRecordObject(bytes: Bytes, { type, part, maxBytes }: RecordForm): RecordObject {
  if (bytes.length > maxBytes) {
    throw objectInvalid({ path: 'object', got: `${bytes.length} bytes`, expected: `at most ${maxBytes}` })
  }
  const object = decodeObject(bytes)
  const { desc, body, descSigns, bodySigns } = object
  expect(desc.type === type.type, 'type', `${desc.type}`, `${type.type} (${type.name})`)
  const [signs, others] = part === 'desc' ? [descSigns, bodySigns] : [bodySigns, descSigns]
  const [sign] = signs
  expectPlain(object, part)
  const got = `${signs.length} of its ${part} and ${others.length} of the other part`
  expect(signs.length === 1 && others.length === 0, 'signatures', got, `one of its ${part} alone`)
  expect(sign?.source.kind === 'delegated', `${part}Signs[0].source`, 'a key or an object', 'a delegation')
  const hasBody = body !== undefined
  expect(hasBody === (part === 'body'), 'body', hasBody ? 'one' : 'none', hasBody ? 'none' : 'one')
  const time = part === 'desc' ? desc.created : body?.updated
  expect(time !== undefined, 'desc.created', 'nothing', 'the time of the record')
  // one time only: with another beside it, the record could be dated anew without a new hash
  expect(sign.signedAt === time, `${part}Signs[0].signedAt`, `${sign.signedAt}`, `${time}`)
  const timeUs = toUnixUs(time)
  expect(timeUs >= 0 && Number.isSafeInteger(timeUs), `${part} time`, `${time}`, 'a time of our age')
  const { people, deviceKey } = decodeDelegation(sign.source.delegation)
  return {
    neuron: people,
    device: deviceKey,
    timeUs,
    proof: { kind: 'object', object },
    object,
    hash: body === undefined ? descHash(desc) : bodyHash(body),
  }
}

/** One record has one encoding but for its signature, and takes no room for what nobody reads. */
function expectPlain({ desc, body, nonce }: NamedObject, part: Part): void {
  const extra =
    Object.keys(desc).find((name) => !DESC_FIELDS[part].includes(name)) ??
    Object.keys(body ?? {}).find((name) => !BODY_FIELDS.includes(name)) ??
    (nonce === undefined ? undefined : 'nonce')
  expect(extra === undefined, extra ?? '', 'it', 'no more than a record needs')
  for (const { version, format } of [desc.content, ...(body === undefined ? [] : [body.content])]) {
    expect(version === 0 && format === 0, 'content', `version ${version}, format ${format}`, 'version 0, raw')
  }
}

function expect(condition: boolean, path: string, got: string, expected: string): asserts condition {
  if (!condition) throw objectInvalid({ path: `object.${path}`, got, expected })
}

/** Of the object that a record is; undefined for one of before there were any. */
export function recordId(proof: RecordProof): ObjectId | undefined {
  return proof.kind === 'object' ? objectIdOf(proof.object) : undefined
}

const owners = new WeakMap<Identity, ObjectId>()

/** The People of an identity's wallet: who owns what it signs. Remembered, as recovering a key takes a millisecond. */
export function ownerOf(identity: Identity): ObjectId {
  const known = owners.get(identity)
  if (known !== undefined) return known
  const { peopleId } = impliedIdentity(identity.delegation)
  owners.set(identity, peopleId)
  return peopleId
}

/** The encoded object with the identity's signature of `part`. `time`: µs since 1601. @throws OBJECT_INVALID */
export async function signRecord(
  { desc, body }: Pick<NamedObject, 'desc' | 'body'>,
  identity: Identity,
  { part, time }: { readonly part: Part; readonly time: bigint },
): Promise<Bytes> {
  const unsigned = { desc, ...(body === undefined ? {} : { body }), descSigns: [], bodySigns: [] }
  return encodeObject(await signObject(unsigned, deviceSigner(identity), { signedAt: time, parts: [part] }))
}

/** Why a record is not taken. */
export interface RecordFault {
  readonly reason: 'machine' | 'time' | 'not-authorised' | 'forged'
  readonly message: string
  readonly cause?: unknown
}

export interface RecordVerifierComponents {
  /** 32 bytes: records of other machines are refused */
  readonly machine: Bytes
  /** unix ms */
  readonly now: () => number
}

export interface RecordVerifier {
  /** Checks machine, time, delegation and signature, in this order; undefined when all of them hold. */
  judge(record: SignedRecord, kind: RecordKind): Promise<RecordFault | undefined>
}

/** Keeps the keys and delegations that it saw: one for all records of a service. */
export function createRecordVerifier({ machine, now }: RecordVerifierComponents): RecordVerifier {
  const delegations = createDelegationVerifier()
  const signatures = createEd25519Verifier()
  const objects = createObjectVerifier({ keys: createKeyVerifier(), delegations, machine, now })

  /** @throws what a delegation that does not hold is refused with */
  async function isForged(record: SignedRecord, proof: EnvelopeProof, scope: Scope): Promise<boolean> {
    const { neuron: people, device, timeUs } = record
    delegations.verify(proof.delegation, { people, deviceKey: device, machine, scope, timeUs })
    return !(await signatures.verify(device, proof.signature, proof.signed))
  }

  async function judgeProof(record: SignedRecord, kind: RecordKind): Promise<RecordFault | undefined> {
    const { proof } = record
    if (proof.kind === 'envelope') {
      return (await isForged(record, proof, kind.scope)) ? forged(record, kind) : undefined
    }
    const trust = await objects.verify(proof.object)
    if (trust.level === 'owner') return undefined
    return unauthorised(record, kind, 'The wallet of its delegation is not its owner. It was dropped.')
  }

  return {
    async judge(record, kind) {
      if (!equalBytes(record.machine, machine)) return foreign(record, kind, machine)
      const aheadMs = record.timeUs / 1_000 - now()
      if (aheadMs > MAX_CLOCK_SKEW_MS) return early(kind, aheadMs)
      try {
        return await judgeProof(record, kind)
      } catch (cause) {
        if (!isAppError(cause)) throw cause
        if (cause.code === 'OBJECT_FORGED' || cause.code === 'OBJECT_UNBOUND')
          return forged(record, kind, cause)
        return unauthorised(record, kind, cause.message, cause)
      }
    },
  }
}

function foreign({ machine }: SignedRecord, { name }: RecordKind, own: Bytes): RecordFault {
  const [theirs, ours] = [machine, own].map((bytes) => `${toHex(bytes).slice(0, 16)}…`)
  return {
    reason: 'machine',
    message: `A ${name} belongs to machine ${theirs}, this is ${ours}. Choose the network that it was made for.`,
  }
}

function early({ name }: RecordKind, aheadMs: number): RecordFault {
  const seconds = Math.round(aheadMs / 1_000)
  return {
    reason: 'time',
    message: `A ${name} is dated ${seconds} s in the future. It will be taken then; check the clock of this device.`,
  }
}

function unauthorised(
  { neuron }: SignedRecord,
  { name }: RecordKind,
  why: string,
  cause?: unknown,
): RecordFault {
  return {
    reason: 'not-authorised',
    message: `The wallet 0x${toHex(neuron)} did not authorise the device of a ${name}: ${why}`,
    cause,
  }
}

function forged({ device }: SignedRecord, { name }: RecordKind, cause?: unknown): RecordFault {
  return {
    reason: 'forged',
    message: `The signature of a ${name} does not verify for device ${toHex(device)}. It was dropped.`,
    cause,
  }
}
