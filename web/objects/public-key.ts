import { type Bytes, compareBytes, fromHex, toHex } from '#core/bytes.ts'
import { assertEd25519Key, ED25519_KEY_BYTES } from '#core/signatures.ts'
import { objectInvalid } from './object-errors.ts'
import type { RawReader } from './raw-reader.ts'
import type { RawWriter } from './raw-writer.ts'

export type KeyAlgorithm = 'rsa1024' | 'rsa2048' | 'rsa3072' | 'secp256k1' | 'ed25519'

/** A key that verifies signatures. RSA keys are PKCS #1 DER, secp256k1 ones compressed. */
export interface PublicKey {
  readonly algorithm: KeyAlgorithm
  readonly key: Bytes
}

/** What the key field of a desc holds: one key, or several of which `threshold` must sign. */
export type ObjectKey =
  | { readonly kind: 'single'; readonly key: PublicKey }
  | { readonly kind: 'multi'; readonly threshold: number; readonly keys: readonly PublicKey[] }

interface KeyRule {
  readonly algorithm: KeyAlgorithm
  readonly code: number
  /** bytes of the field; RSA keys end in zeros that fill it */
  readonly bytes: number
  /** bytes of the RSA modulus */
  readonly modulus?: number
}

/** [OB7]; lengths of the RSA fields as in CYFS. */
const RULES: readonly KeyRule[] = [
  { algorithm: 'rsa1024', code: 0, bytes: 162, modulus: 128 },
  { algorithm: 'rsa2048', code: 1, bytes: 294, modulus: 256 },
  { algorithm: 'rsa3072', code: 2, bytes: 422, modulus: 384 },
  { algorithm: 'secp256k1', code: 10, bytes: 33 },
  { algorithm: 'ed25519', code: 32, bytes: ED25519_KEY_BYTES },
]
type Kinds = Readonly<Record<ObjectKey['kind'], number>>
const DESC_KINDS: Kinds = { single: 1, multi: 2 }
const VALUE_KINDS: Kinds = { single: 0, multi: 1 }
/** p = 2²⁵⁶ − 2³² − 977 (SEC 2, 2.4.1) */
const SECP256K1_FIELD = fromHex(`${'f'.repeat(55)}efffffc2f`)
/** A group of people who sign together; a quorum of more needs another kind of certificate. */
const MAX_KEYS = 64
/** code and the shortest key */
const MIN_KEY_BYTES = 1 + ED25519_KEY_BYTES

export function writePublicKey(writer: RawWriter, { algorithm, key }: PublicKey, path = 'publicKey'): void {
  const rule = RULES.find((other) => other.algorithm === algorithm)
  if (rule === undefined) {
    const expected = RULES.map((known) => known.algorithm).join(', ')
    throw objectInvalid({ path: `${path}.algorithm`, got: String(algorithm), expected })
  }
  if (key.length > rule.bytes) {
    throw objectInvalid({
      path,
      got: `${key.length} bytes`,
      expected: `an ${algorithm} key of at most ${rule.bytes}`,
    })
  }
  const problem = keyProblem(rule, key)
  if (problem !== undefined) throw objectInvalid({ path, ...problem })
  writer.u8(rule.code).bytes(key)
  writer.bytes(new Uint8Array(rule.bytes - key.length))
}

/** @throws OBJECT_INVALID for an unknown code and for bytes that are no key of their algorithm */
export function readPublicKey(reader: RawReader, field: string): PublicKey {
  const code = reader.u8(field)
  const rule = RULES.find((other) => other.code === code)
  if (rule === undefined) {
    throw reader.refusal(field, `key code ${code}`, RULES.map((known) => known.code).join(', '), 1)
  }
  const bytes = reader.bytes(rule.bytes, field)
  const key = rule.modulus === undefined ? bytes : bytes.slice(0, derLength(bytes))
  const problem = bytes.subarray(key.length).some((byte) => byte !== 0)
    ? { got: 'other bytes after the key', expected: 'zeros' }
    : keyProblem(rule, key)
  if (problem !== undefined) throw reader.refusal(field, problem.got, problem.expected, rule.bytes)
  return { algorithm: rule.algorithm, key }
}

/** The desc's field: a kind (1 one key, 2 several), then the key or threshold and keys. */
export function writeObjectKey(writer: RawWriter, value: ObjectKey): void {
  writeKey(writer, value, DESC_KINDS)
}

/** @throws OBJECT_INVALID */
export function readObjectKey(reader: RawReader, field: string): ObjectKey {
  return readKey(reader, field, DESC_KINDS)
}

/** The same in a signature, where CYFS numbers the kinds 0 and 1. */
export function writeKeyValue(writer: RawWriter, value: ObjectKey): void {
  writeKey(writer, value, VALUE_KINDS)
}

/** @throws OBJECT_INVALID */
export function readKeyValue(reader: RawReader, field: string): ObjectKey {
  return readKey(reader, field, VALUE_KINDS)
}

function writeKey(writer: RawWriter, value: ObjectKey, kinds: Kinds): void {
  writer.u8(kinds[value.kind])
  if (value.kind === 'single') {
    writePublicKey(writer, value.key)
    return
  }
  assertThreshold(value.threshold, value.keys.length)
  writer.u8(value.threshold).size(value.keys.length)
  for (const key of value.keys) writePublicKey(writer, key)
}

function readKey(reader: RawReader, field: string, kinds: Kinds): ObjectKey {
  return reader.within(field, () => {
    const kind = reader.u8('kind')
    if (kind === kinds.single) return { kind: 'single', key: readPublicKey(reader, 'key') }
    if (kind !== kinds.multi)
      throw reader.refusal('kind', String(kind), `${kinds.single} or ${kinds.multi}`, 1)
    const threshold = reader.u8('threshold')
    const count = reader.count('keys', { minBytes: MIN_KEY_BYTES, max: MAX_KEYS })
    const keys = Array.from({ length: count }, (_, i) => readPublicKey(reader, `keys[${i}]`))
    if (threshold < 1 || threshold > count)
      throw reader.refusal('threshold', String(threshold), `1 to ${count}`)
    return { kind: 'multi', threshold, keys }
  })
}

function assertThreshold(threshold: number, keys: number): void {
  if (Number.isInteger(threshold) && threshold >= 1 && threshold <= keys && keys <= MAX_KEYS) return
  throw objectInvalid({
    path: 'publicKey.threshold',
    got: `${threshold} of ${keys} keys`,
    expected: `1 to ${keys}, of at most ${MAX_KEYS} keys`,
  })
}

function keyProblem(rule: KeyRule, key: Bytes): { got: string; expected: string } | undefined {
  const { algorithm, bytes, modulus } = rule
  const got = toHex(key.subarray(0, 33))
  if (modulus !== undefined) {
    return rsaModulusBytes(key) === modulus
      ? undefined
      : { got, expected: `PKCS #1 DER of ${modulus * 8} bits` }
  }
  if (key.length !== bytes) return { got: `${key.length} bytes`, expected: `${bytes} bytes` }
  if (algorithm === 'secp256k1') {
    // whether a point has this x takes a square root; an object may have hundreds of keys, and one that is no point
    // signs nothing
    const [sign = 0] = key
    const isKey = (sign === 2 || sign === 3) && compareBytes(key.subarray(1), SECP256K1_FIELD) < 0
    return isKey ? undefined : { got, expected: 'a compressed point of secp256k1' }
  }
  try {
    assertEd25519Key(key)
    return undefined
  } catch {
    return { got, expected: 'an Ed25519 point of large order' }
  }
}

/** Bytes of the DER value at the start, 0 when there is none: the tag SEQUENCE, a length of one to three bytes. */
function derLength(bytes: Uint8Array): number {
  const header = derHeader(bytes, 0, 0x30)
  return header === undefined ? 0 : Math.min(bytes.length, header.start + header.length)
}

/**
 * Bytes of the modulus in `RSAPublicKey ::= SEQUENCE { INTEGER n, INTEGER e }` (RFC 8017, A.1.1), and undefined for
 * anything that DER would write otherwise.
 */
function rsaModulusBytes(key: Uint8Array): number | undefined {
  const outer = derHeader(key, 0, 0x30)
  if (outer === undefined || outer.start + outer.length !== key.length) return undefined
  const modulus = derInteger(key, outer.start)
  if (modulus === undefined) return undefined
  const exponent = derInteger(key, modulus.end)
  // an even exponent or one of one byte's 1 makes no key; more than 8 bytes would make a slow one
  if (exponent === undefined || exponent.end !== key.length || exponent.bytes > 8) return undefined
  if ((key[key.length - 1]! & 1) === 0 || (key[modulus.end - 1]! & 1) === 0) return undefined
  return modulus.bytes
}

function derInteger(key: Uint8Array, at: number): { bytes: number; end: number } | undefined {
  const header = derHeader(key, at, 0x02)
  if (header === undefined || header.length === 0) return undefined
  const { start, length } = header
  const [first = 0, second = 0] = key.subarray(start, start + length)
  const padded = first === 0
  // DER: positive, and a leading zero only before a high bit
  if (first >= 0x80 || (padded && (length === 1 || second < 0x80))) return undefined
  return start + length <= key.length
    ? { bytes: padded ? length - 1 : length, end: start + length }
    : undefined
}

function derHeader(key: Uint8Array, at: number, tag: number): { start: number; length: number } | undefined {
  if (key[at] !== tag) return undefined
  const first = key[at + 1]
  if (first === undefined) return undefined
  if (first < 0x80) return { start: at + 2, length: first }
  if (first === 0x81) {
    const length = key[at + 2] ?? 0
    return length < 0x80 ? undefined : { start: at + 3, length }
  }
  if (first !== 0x82) return undefined
  const length = ((key[at + 2] ?? 0) << 8) | (key[at + 3] ?? 0)
  return length < 0x100 ? undefined : { start: at + 4, length }
}
