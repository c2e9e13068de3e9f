import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { NotFoundError, type PrivateKey } from '@libp2p/interface'
import { MAX_TLS_FILE_BYTES } from '../limits.ts'
import { writePrivateFile } from '../private-file.ts'

/**
 * What `@ipshipyard/libp2p-auto-tls` keeps: the key of its account, that of the certificate, and the certificate. It
 * asks for a keychain and a datastore; these two need no more than a file each.
 */
export interface AutoTlsFolder {
  readonly keychain: {
    exportKey(name: string): Promise<PrivateKey>
    importKey(name: string, key: PrivateKey): Promise<void>
  }
  readonly datastore: {
    get(key: { toString(): string }): Promise<Uint8Array>
    put(key: { toString(): string }, value: Uint8Array): Promise<void>
  }
}

/** Files in `path`, which is made with the first of them. */
export function createAutoTlsFolder(path: string): AutoTlsFolder {
  const fileOf = (name: string) => name.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^-/, '')
  return {
    keychain: {
      async exportKey(name) {
        return privateKeyFromProtobuf(await read(join(path, fileOf(`${name}.key`))))
      },
      importKey: (name, key) => writePrivateFile(path, fileOf(`${name}.key`), privateKeyToProtobuf(key)),
    },
    datastore: {
      get: (key) => read(join(path, fileOf(`${key}.pem`))),
      put: (key, value) => writePrivateFile(path, fileOf(`${key}.pem`), value),
    },
  }
}

async function read(file: string): Promise<Uint8Array> {
  try {
    const bytes = await readFile(file)
    if (bytes.length <= MAX_TLS_FILE_BYTES) return bytes
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new NotFoundError(`There is no ${file}.`)
    throw error
  }
  throw new Error(`${file} has more than ${MAX_TLS_FILE_BYTES} bytes: remove it to get a new one.`)
}
