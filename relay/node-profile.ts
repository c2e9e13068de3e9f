import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { plainPhrase, type StoredWallet, type WalletStore } from '#chain/stored-wallet.ts'
import { type Bytes, fromHex, toHex } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import type { DeviceKey } from '#core/identity.ts'
import { createMutex } from '#core/mutex.ts'
import { createDeviceKey } from '#peer/device-key.ts'

export type NodeProfileErrorCode = 'PROFILE_DAMAGED'

/** Only the owner may read what signs for them. */
const SECRET_MODE = 0o600
const SEED_BYTES = 32

/**
 * The Device key of a `tabland` profile: a seed in `device.key`, made on first use. Node.js has no store for keys
 * that cannot be read, so the file's mode guards it.
 *
 * @throws PROFILE_DAMAGED
 */
export async function openFileDeviceKey(folder: string): Promise<DeviceKey> {
  return createDeviceKey(await openFileSecret(folder, 'device.key'))
}

/**
 * 32 secret bytes in a file, made on first use.
 *
 * @throws PROFILE_DAMAGED
 */
export async function openFileSecret(folder: string, name: string): Promise<Bytes> {
  const path = join(folder, name)
  const known = await readIfThere(path)
  if (known !== undefined) return parseHex(known, path, SEED_BYTES)
  const seed = new Uint8Array(randomBytes(SEED_BYTES))
  await writeSecret(folder, name, `${toHex(seed)}\n`)
  return seed
}

/** The wallet of a `tabland` profile, in `wallet.json`. The folder's record store keeps other processes away. */
export function createFileWalletStore(folder: string): WalletStore {
  const path = join(folder, 'wallet.json')
  const exclusive = createMutex()
  return {
    async get() {
      const text = await readIfThere(path)
      return text === undefined ? undefined : parseWallet(text, path)
    },
    async put(wallet) {
      const { address, delegations } = wallet
      const plain = {
        phrase: plainPhrase(wallet),
        address: toHex(address),
        delegations: Object.fromEntries(
          Object.entries(delegations).map(([machine, delegation]) => [machine, toHex(delegation)]),
        ),
      }
      await writeSecret(folder, 'wallet.json', `${JSON.stringify(plain, undefined, 2)}\n`)
    },
    exclusive: (task) => exclusive(task),
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whole or not at all: a crash leaves the file as it was. */
async function writeSecret(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const fresh = join(folder, `${name}.new`)
  const file = await open(fresh, 'w', SECRET_MODE)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(fresh, join(folder, name))
}

function parseWallet(text: string, path: string): StoredWallet {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw damaged(path, 'it is no JSON', cause)
  }
  const { phrase, address, delegations } = (value ?? {}) as Record<string, unknown>
  if (typeof phrase !== 'string') throw damaged(path, 'it has no phrase')
  if (typeof delegations !== 'object' || delegations === null) throw damaged(path, 'it has no delegations')
  return {
    phrase,
    address: parseHex(address, path, 20),
    delegations: Object.fromEntries(
      Object.entries(delegations).map(([machine, delegation]) => [machine, parseHex(delegation, path)]),
    ),
  }
}

function parseHex(value: unknown, path: string, length?: number): Bytes {
  const text = typeof value === 'string' ? value.trim() : ''
  if (text === '' || !/^[0-9a-f]*$/.test(text) || (length !== undefined && text.length !== 2 * length)) {
    throw damaged(
      path,
      `"${String(value).slice(0, 40)}" is not ${length ?? 'some'} bytes in hexadecimal digits`,
    )
  }
  return fromHex(text)
}

function damaged(path: string, why: string, cause?: unknown): AppError<NodeProfileErrorCode> {
  return new AppError(
    'PROFILE_DAMAGED',
    `${path} cannot be used: ${why}. Restore it from a backup, or move it away to begin with a new one.`,
    { cause },
  )
}
