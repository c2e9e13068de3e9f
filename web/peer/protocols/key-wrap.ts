import { type Bytes, concat, utf8 } from '#core/bytes.ts'
import { importSealKey, SEAL_KEY_BYTES, SEAL_NONCE_BYTES, sealKeyBytes } from '#objects/sealed-segments.ts'

/**
 * A key on its way to one asker, wrapped to a key of theirs: ECDH on P-256, which every browser's WebCrypto has, with a
 * fresh key pair on both sides, then AES-256-GCM. Device keys only sign, so the asker makes a pair for one question and
 * has its device sign the public half.
 */

/** An uncompressed point of P-256. */
export const WRAP_KEY_BYTES = 65
const TAG_BYTES = 16
export const WRAPPED_BYTES = SEAL_KEY_BYTES + TAG_BYTES
const P256 = { name: 'ECDH', namedCurve: 'P-256' } as const
const CONTEXT = utf8('tabland/object-key/wrap/1\n')
/** Each wrapping has a key of its own, so that one nonce does. */
const NONCE = new Uint8Array(SEAL_NONCE_BYTES)

export interface WrappedKey {
  /** of who wrapped it, WRAP_KEY_BYTES */
  readonly from: Bytes
  /** WRAPPED_BYTES */
  readonly sealed: Bytes
}

export interface WrapPair {
  /** WRAP_KEY_BYTES */
  readonly publicKey: Bytes
  /** @throws an error of WebCrypto when it was wrapped to another key, for another question, or was changed */
  open(wrapped: WrappedKey, question: Bytes): Promise<Bytes>
}

/** A pair for one question, whose private half never leaves WebCrypto. */
export async function createWrapPair(): Promise<WrapPair> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(P256, false, ['deriveBits'])
  const own = await exportPublic(publicKey)
  return {
    publicKey: own,
    async open({ from, sealed }, question) {
      const key = await sharedKey(privateKey, from, concat(from, own, question))
      return new Uint8Array(await crypto.subtle.decrypt(parameters(question), key, sealed))
    },
  }
}

/**
 * @param to public half of the asker's pair
 * @param question what was asked, which it is bound to
 * @throws an error of WebCrypto when `to` is no point of the curve
 */
export async function wrapKey(key: Bytes, to: Bytes, question: Bytes): Promise<WrappedKey> {
  const pair = await crypto.subtle.generateKey(P256, false, ['deriveBits'])
  const from = await exportPublic(pair.publicKey)
  const shared = await sharedKey(pair.privateKey, to, concat(from, to, question))
  return { from, sealed: new Uint8Array(await crypto.subtle.encrypt(parameters(question), shared, key)) }
}

async function sharedKey(privateKey: CryptoKey, publicKey: Bytes, about: Bytes): Promise<CryptoKey> {
  const other = await crypto.subtle.importKey('raw', publicKey, P256, false, [])
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: other }, privateKey, 256)
  return importSealKey(sealKeyBytes(new Uint8Array(shared), concat(CONTEXT, about)))
}

async function exportPublic(key: CryptoKey): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.exportKey('raw', key))
}

function parameters(additionalData: Bytes) {
  return { name: 'AES-GCM', iv: NONCE, additionalData } as const
}
