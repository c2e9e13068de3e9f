import { type DBSchema, openDB } from 'idb'
import { type Bytes, concat, fromHex } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import type { DeviceKey } from '#core/identity.ts'

export type DeviceKeyErrorCode = 'DEVICE_KEY_UNSUPPORTED' | 'DEVICE_KEY_SEED'

/** PKCS #8 of an Ed25519 key up to its 32 secret bytes (RFC 8410, section 7). */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420')

interface DeviceKeySchema extends DBSchema {
  keys: { key: string; value: CryptoKeyPair }
}

export interface DeviceKeyInit {
  /** IndexedDB database @default 'tabland-device' */
  readonly database?: string
}

/**
 * The profile's Device key ([OB7]): made once, never extractable, kept in IndexedDB as a CryptoKey and shared by
 * all tabs of the profile. A Web Lock keeps two tabs that open at once from making two.
 *
 * @throws DEVICE_KEY_UNSUPPORTED when this browser has no Ed25519 or cannot keep a key
 */
export async function openDeviceKey({ database = 'tabland-device' }: DeviceKeyInit = {}): Promise<DeviceKey> {
  try {
    return await navigator.locks.request(`tabland/${database}`, () => loadOrMake(database))
  } catch (cause) {
    throw new AppError<DeviceKeyErrorCode>(
      'DEVICE_KEY_UNSUPPORTED',
      'This browser cannot keep a signing key (Ed25519 in IndexedDB). Looking around works; to link or build, use Chrome 137, Firefox 129, Safari 17 or newer outside private windows.',
      { cause },
    )
  }
}

async function loadOrMake(database: string): Promise<DeviceKey> {
  const db = await openDB<DeviceKeySchema>(database, 1, {
    upgrade: (fresh) => {
      fresh.createObjectStore('keys')
    },
  })
  try {
    const known = await db.get('keys', 'device')
    if (known !== undefined) return await wrapKey(known)
    const made = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
    await db.put('keys', made, 'device')
    return await wrapKey(made)
  } finally {
    db.close()
  }
}

async function wrapKey({ publicKey, privateKey }: CryptoKeyPair): Promise<DeviceKey> {
  return toDeviceKey(new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)), privateKey)
}

function toDeviceKey(publicKey: Bytes, privateKey: CryptoKey): DeviceKey {
  return {
    publicKey,
    async sign(message) {
      return new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, new Uint8Array(message)))
    },
  }
}

/**
 * A Device key from 32 given bytes: for Node.js, whose keys lie in a file, for the sample world and for tests.
 *
 * @throws DEVICE_KEY_SEED
 */
export async function createDeviceKey(seed: Uint8Array): Promise<DeviceKey> {
  if (seed.length !== 32) {
    throw new AppError<DeviceKeyErrorCode>(
      'DEVICE_KEY_SEED',
      `A Device key needs a seed of 32 bytes, got ${seed.length}.`,
    )
  }
  const pkcs8 = concat(PKCS8_PREFIX, seed)
  const readable = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign'])
  const { x } = await crypto.subtle.exportKey('jwk', readable)
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign'])
  return toDeviceKey(fromBase64Url(x ?? ''), privateKey)
}

function fromBase64Url(text: string): Bytes {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
