import fc from 'fast-check'
import type { Bytes } from '#core/bytes.ts'
import type { Area } from '#objects/area-bits.ts'
import { chunkIdOf, type ObjectId } from '#objects/object-id.ts'
import type { ObjectKey, PublicKey } from '#objects/public-key.ts'

export const bytesOf = (length: number): fc.Arbitrary<Bytes> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => new Uint8Array(bytes))
export const anyBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes))
export const anyId = bytesOf(32).map((bytes) => {
  bytes[0]! |= 0x40
  return bytes as ObjectId
})
export const anyText = fc.string({ unit: 'grapheme', maxLength: 12 })
export const anyU64 = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
export const anyU32 = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
export const anyArea: fc.Arbitrary<Area> = fc.record({
  country: fc.integer({ min: 0, max: 511 }),
  carrier: fc.integer({ min: 0, max: 15 }),
  city: fc.integer({ min: 0, max: 8191 }),
  inner: fc.integer({ min: 0, max: 255 }),
})
export const anyI32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
export const anyU8 = fc.integer({ min: 0, max: 255 })
export const anyChunk = fc.tuple(anyU32, bytesOf(32)).map(([length, hash]) => chunkIdOf(length, hash))
export const listOf = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 4 })

/** Keys of RFC 8032 and of private keys 1 and 2 on secp256k1; no decoder asks who holds them. */
const ED25519 = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
const SECP256K1 = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'
const hexKey = (algorithm: PublicKey['algorithm'], hex: string): PublicKey => ({
  algorithm,
  key: Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16)),
})
export const TEST_KEYS = [hexKey('ed25519', ED25519), hexKey('secp256k1', SECP256K1)] as const

const anyPublicKey = fc.oneof(
  fc.constantFrom(...TEST_KEYS),
  fc.constantFrom(128, 256, 384).chain((bytes) => bytesOf(bytes).map(rsaKey)),
)
export const singleKey: fc.Arbitrary<ObjectKey> = anyPublicKey.map((key) => ({ kind: 'single', key }))
const anyKey: fc.Arbitrary<ObjectKey> = fc.oneof(
  singleKey,
  fc
    .array(anyPublicKey, { minLength: 1, maxLength: 3 })
    .map((keys) => ({ kind: 'multi', threshold: keys.length, keys }) as const),
)

/** PKCS #1 DER of an odd modulus of full length. */
function rsaKey(modulus: Bytes): PublicKey {
  modulus[0]! |= 0x80
  modulus[modulus.length - 1]! |= 1
  const integer = (value: Bytes) => [0x02, ...derLength(value.length + 1), 0, ...value]
  const content = [...integer(modulus), 0x02, 3, 1, 0, 1]
  const key = Uint8Array.from([0x30, ...derLength(content.length), ...content])
  return { algorithm: `rsa${(modulus.length * 8) as 1024 | 2048 | 3072}`, key }
}

function derLength(length: number): number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

/** Everything of a desc beside type and content. */
export const anyHeader = fc.record(
  {
    decId: anyId,
    references: listOf(fc.record({ id: anyId, owner: anyId }, { requiredKeys: ['id'] })),
    previous: anyId,
    createdAfter: bytesOf(32),
    created: anyU64,
    expires: anyU64,
    owner: anyId,
    area: anyArea,
    author: anyId,
    publicKey: anyKey,
    extension: anyBytes,
  },
  { requiredKeys: [] },
)
