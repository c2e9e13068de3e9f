import { secp256k1 } from '@noble/curves/secp256k1.js'
import { type Bytes, concat, toHex } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { createEd25519Verifier } from '#core/signatures.ts'
import type { ObjectSignature } from './object-signature.ts'
import type { PublicKey } from './public-key.ts'
import { RawWriter } from './raw-writer.ts'

export interface KeyVerifier {
  /** Did `key` sign `hash` at the signature's time? False for another algorithm; never throws for bytes from outside. */
  verify(key: PublicKey, signature: ObjectSignature, hash: Uint8Array): Promise<boolean>
}

/** RSA of objects: PKCS #1 v1.5 over SHA-256. */
const RSA = 'RSASSA-PKCS1-v1_5'
/** AlgorithmIdentifier of rsaEncryption (RFC 3279, 2.3.1) */
const RSA_ALGORITHM = Uint8Array.from([0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0])
/** Imported RSA keys kept: people whose objects came from CYFS. */
const MAX_RSA_KEYS = 256

/** What a signature of a desc or body signs: its hash, then the time as u64 ([OB6]). */
export function signedBytes(hash: Uint8Array, signedAt: bigint): Bytes {
  return new RawWriter(40).bytes(hash).u64(signedAt).finish()
}

/** Verifies by WebCrypto, secp256k1 by @noble/curves. Ed25519 is the one that objects of tabs use. */
export function createKeyVerifier(): KeyVerifier {
  const ed25519 = createEd25519Verifier()
  const rsaKeys = new Map<string, Promise<object>>()

  function importRsa(key: Bytes): Promise<object> {
    const id = toHex(key)
    const known = rsaKeys.get(id)
    if (known !== undefined) return known
    const imported = crypto.subtle.importKey('spki', toSpki(key), { name: RSA, hash: 'SHA-256' }, false, [
      'verify',
    ]) as Promise<object>
    rsaKeys.set(id, imported)
    if (rsaKeys.size > MAX_RSA_KEYS) rsaKeys.delete(rsaKeys.keys().next().value!)
    return imported
  }

  return {
    async verify({ algorithm, key }, { algorithm: signedBy, signature, signedAt }, hash) {
      if (algorithm !== signedBy) return false
      const message = signedBytes(hash, signedAt)
      try {
        if (algorithm === 'ed25519') return await ed25519.verify(key, signature, message)
        if (algorithm === 'secp256k1') {
          return secp256k1.verify(signature, sha256(message), key, { prehash: false })
        }
        const imported = (await importRsa(key)) as Parameters<typeof crypto.subtle.verify>[1]
        return await crypto.subtle.verify(RSA, imported, signature, message)
      } catch {
        // a key or signature that the engine does not take signs nothing
        return false
      }
    },
  }
}

/** SubjectPublicKeyInfo around a PKCS #1 key: what WebCrypto imports. */
function toSpki(key: Bytes): Bytes {
  const bits = concat(Uint8Array.of(0x03), derLength(key.length + 1), Uint8Array.of(0), key)
  return concat(Uint8Array.of(0x30), derLength(RSA_ALGORITHM.length + bits.length), RSA_ALGORITHM, bits)
}

function derLength(length: number): Bytes {
  if (length < 0x80) return Uint8Array.of(length)
  if (length < 0x100) return Uint8Array.of(0x81, length)
  return Uint8Array.of(0x82, length >> 8, length & 0xff)
}
