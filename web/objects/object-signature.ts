import type { Bytes } from '#core/bytes.ts'
import { DELEGATION_BYTES } from '#core/delegation.ts'
import { checkedBytes, checkedU64, checkedUint } from './desc.ts'
import { objectInvalid } from './object-errors.ts'
import { type ObjectReference, readReference, writeReference } from './object-reference.ts'
import { type KeyAlgorithm, type ObjectKey, readKeyValue, writeKeyValue } from './public-key.ts'
import type { RawReader } from './raw-reader.ts'
import { RawWriter } from './raw-writer.ts'

/** Whose key made a signature ([OB7]). */
export type SignatureSource =
  /** REF_SELF, REF_OWNER, …, or the place of an object among the desc's references (0 to 127) */
  | { readonly kind: 'ref'; readonly ref: number }
  | { readonly kind: 'object'; readonly object: ObjectReference }
  /** a key that stands here alone: it says nothing about who holds it */
  | { readonly kind: 'key'; readonly key: ObjectKey }
  /** the device that a wallet's Delegation names, encoded: our addition, so that nothing else is needed to verify */
  | { readonly kind: 'delegated'; readonly delegation: Bytes }

/** A signature over the desc's or body's hash, followed by `signedAt` as u64 ([OB6]). */
export interface ObjectSignature {
  readonly source: SignatureSource
  /** which of several keys, below 64 */
  readonly keyIndex: number
  /** µs since 1601 */
  readonly signedAt: bigint
  readonly algorithm: KeyAlgorithm
  readonly signature: Bytes
}

export const REF_SELF = 255
export const REF_OWNER = 254

/** [OB7] lists no codes of signatures: 0, 1, 2 and 5 are CYFS's, 32 is that of our key. */
const ALGORITHMS: readonly { readonly algorithm: KeyAlgorithm; readonly code: number; bytes: number }[] = [
  { algorithm: 'rsa1024', code: 0, bytes: 128 },
  { algorithm: 'rsa2048', code: 1, bytes: 256 },
  { algorithm: 'rsa3072', code: 2, bytes: 384 },
  { algorithm: 'secp256k1', code: 5, bytes: 64 },
  { algorithm: 'ed25519', code: 32, bytes: 64 },
]
/** Kinds by their numbers in the two low bits; the six high bits are the index of the key. */
const KINDS = ['ref', 'object', 'key', 'delegated'] as const
const MAX_KEY_INDEX = 63
/** An owner, its devices and a few witnesses; more sign by a quorum certificate. */
export const MAX_SIGNATURES = 16
/** kind, ref, time, code, the shortest signature */
const MIN_SIGNATURE_BYTES = 1 + 1 + 8 + 1 + 64

export function writeSignatures(writer: RawWriter, signatures: readonly ObjectSignature[]): void {
  writer.size(checkedUint('signatures', signatures.length, MAX_SIGNATURES))
  for (const signature of signatures) writeSignature(writer, signature)
}

/** @throws OBJECT_INVALID for none, which has no flag, and for more than MAX_SIGNATURES */
export function readSignatures(reader: RawReader, field: string): readonly ObjectSignature[] {
  const start = reader.offset
  const count = reader.count(field, { minBytes: MIN_SIGNATURE_BYTES, max: MAX_SIGNATURES })
  if (count === 0) throw reader.refusal(field, 'none', 'at least one, or no flag', reader.offset - start)
  return Array.from({ length: count }, (_, i) => reader.within(`${field}[${i}]`, () => readSignature(reader)))
}

function writeSignature(writer: RawWriter, value: ObjectSignature): void {
  const { source, signedAt, algorithm, signature } = value
  const keyIndex = checkedUint(
    'signature.keyIndex',
    value.keyIndex,
    hasIndex(source.kind) ? MAX_KEY_INDEX : 0,
  )
  writer.u8((keyIndex << 2) | KINDS.indexOf(source.kind))
  writeSource(writer, source)
  const rule = ALGORITHMS.find((other) => other.algorithm === algorithm)
  if (rule === undefined) {
    throw objectInvalid({ path: 'signature.algorithm', got: String(algorithm), expected: ALGORITHM_NAMES })
  }
  writer.u64(checkedU64('signature.signedAt', signedAt)).u8(rule.code)
  writer.bytes(checkedBytes('signature.signature', signature, rule.bytes))
}

function writeSource(writer: RawWriter, source: SignatureSource): void {
  switch (source.kind) {
    case 'ref':
      writer.u8(checkedUint('signature.source.ref', source.ref, 0xff))
      break
    case 'object':
      writeReference(writer, source.object)
      break
    case 'key':
      writeKeyValue(writer, source.key)
      break
    default:
      writer.bytes(checkedBytes('signature.source.delegation', source.delegation, DELEGATION_BYTES))
  }
}

/** Bytes that tell two sources apart. */
export function encodeSource(source: SignatureSource): Bytes {
  const writer = new RawWriter(64).u8(KINDS.indexOf(source.kind))
  writeSource(writer, source)
  return writer.finish()
}

const ALGORITHM_NAMES = ALGORITHMS.map(({ algorithm }) => algorithm).join(', ')

function readSignature(reader: RawReader): ObjectSignature {
  const head = reader.u8('source')
  const kind = KINDS[head & 3]!
  const keyIndex = head >> 2
  if (keyIndex > 0 && !hasIndex(kind)) {
    throw reader.refusal('keyIndex', String(keyIndex), `0 for a source of kind ${kind}`, 1)
  }
  const source = readSource(reader, kind)
  const signedAt = reader.u64('signedAt')
  const code = reader.u8('algorithm')
  const rule = ALGORITHMS.find((other) => other.code === code)
  if (rule === undefined) {
    throw reader.refusal('algorithm', `code ${code}`, ALGORITHMS.map((other) => other.code).join(', '), 1)
  }
  const { algorithm, bytes } = rule
  return { source, keyIndex, signedAt, algorithm, signature: reader.bytes(bytes, 'signature') }
}

function readSource(reader: RawReader, kind: SignatureSource['kind']): SignatureSource {
  switch (kind) {
    case 'ref':
      return { kind, ref: reader.u8('ref') }
    case 'object':
      return { kind, object: readReference(reader, 'object') }
    case 'key':
      return { kind, key: readKeyValue(reader, 'key') }
    default:
      return { kind, delegation: reader.bytes(DELEGATION_BYTES, 'delegation') }
  }
}

/** CYFS writes no index beside a key; a delegation has one device. */
function hasIndex(kind: SignatureSource['kind']): boolean {
  return kind === 'ref' || kind === 'object'
}
