import { type Bytes, toHex } from './bytes.ts'
import { AppError } from './errors.ts'
import { MAX_FEEDS } from './limits.ts'

export type SignatureErrorCode = 'KEY_INVALID'

export const ED25519_KEY_BYTES = 32
export const ED25519_SIGNATURE_BYTES = 64

/** y of the points of small order on edwards25519, little-endian, without the sign bit; y ≥ p is refused before. */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  // y = 0: order 4
  '0000000000000000000000000000000000000000000000000000000000000000',
  // y = 1: the neutral point
  '0100000000000000000000000000000000000000000000000000000000000000',
  // order 8, both signs of both
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  // y = p − 1: order 2
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/** L, the order of the base point, little-endian: a signature's s must be below it (RFC 8032, 5.1.7). */
const ORDER = Uint8Array.from([
  0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
])
/** p = 2²⁵⁵ − 19, little-endian. */
const FIELD = Uint8Array.from([0xed, ...Array.from({ length: 30 }, () => 0xff), 0x7f])

function isBelow(value: Uint8Array, bound: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = value[i]! - bound[i]!
    if (difference !== 0) return difference < 0
  }
  return false
}

/**
 * Refuses keys on which engines may disagree: those not reduced mod p and those of small order, under which one
 * signature fits many messages. What is left, every WebCrypto judges alike.
 *
 * @throws KEY_INVALID
 */
export function assertEd25519Key(key: Uint8Array): void {
  const y = new Uint8Array(key)
  if (y.length === ED25519_KEY_BYTES) {
    y[31]! &= 0x7f
    if (isBelow(y, FIELD) && !SMALL_ORDER_Y.has(toHex(y))) return
  }
  throw new AppError<SignatureErrorCode>(
    'KEY_INVALID',
    `${toHex(key.subarray(0, 40))} is no Ed25519 key: expected 32 bytes of a point of large order. Make a new Device key.`,
  )
}

/** An imported key, by whatever name this engine's types have for it. */
type VerifyKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

export interface Ed25519Verifier {
  /** True when `signature` (64 bytes) of `message` verifies under `key`. Never throws for bad bytes from outside. */
  verify(key: Bytes, signature: Bytes, message: Bytes): Promise<boolean>
}

/** Checks signatures by WebCrypto; the imported keys of the last MAX_FEEDS devices are kept. */
export function createEd25519Verifier(): Ed25519Verifier {
  const keys = new Map<string, Promise<VerifyKey>>()

  function importKey(key: Bytes): Promise<VerifyKey> {
    const id = toHex(key)
    const known = keys.get(id)
    if (known !== undefined) return known
    assertEd25519Key(key)
    const imported = crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify'])
    keys.set(id, imported)
    if (keys.size > MAX_FEEDS) keys.delete(keys.keys().next().value!)
    return imported
  }

  return {
    async verify(key, signature, message) {
      if (signature.length !== ED25519_SIGNATURE_BYTES || !isBelow(signature.subarray(32), ORDER))
        return false
      try {
        return await crypto.subtle.verify('Ed25519', await importKey(key), signature, message)
      } catch {
        // a key that is no point: nothing can be signed by it
        return false
      }
    },
  }
}
