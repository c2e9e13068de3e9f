import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { relayError } from './errors.ts'

/** A protobuf Ed25519 key takes 68 bytes; a file far larger is something else. */
const MAX_KEY_FILE_BYTES = 4_096
const KEY_FILE = 'relay.key'

/**
 * The relay's key, which is its name: read from `relay.key` (libp2p's protobuf form), or made on the first run.
 * Only the owner may read folder and file.
 *
 * @throws DATA_FOLDER_UNUSABLE, KEY_FILE_INVALID
 */
export async function loadOrCreateKey(dataDir: string): Promise<PrivateKey> {
  const path = join(dataDir, KEY_FILE)
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    const known = await readKeyFile(path)
    if (known !== undefined) return parseKey(known, path)
    const key = await generateKeyPair('Ed25519')
    const isFirst = await writeOnce(path, privateKeyToProtobuf(key))
    // Another process was quicker: its key is the one on disk.
    return isFirst ? key : parseKey((await readKeyFile(path)) ?? new Uint8Array(), path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'KEY_FILE_INVALID') throw error
    throw relayError(
      'DATA_FOLDER_UNUSABLE',
      `Cannot keep the relay's key in ${dataDir}: ${message}. Choose a folder that this user may write with --data DIR.`,
      { cause: error, details: { dataDir } },
    )
  }
}

async function readKeyFile(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function parseKey(bytes: Uint8Array, path: string): PrivateKey {
  try {
    if (bytes.length > MAX_KEY_FILE_BYTES) throw new RangeError(`${bytes.length} bytes`)
    return privateKeyFromProtobuf(bytes)
  } catch (cause) {
    throw relayError(
      'KEY_FILE_INVALID',
      `${path} holds no libp2p private key. Restore it from a copy, or remove it to get a new key: the relay then has a new peer id.`,
      { cause, details: { path } },
    )
  }
}

/** Appears whole or not at all, and never replaces a file. False when there was one. */
async function writeOnce(path: string, bytes: Uint8Array): Promise<boolean> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
}
