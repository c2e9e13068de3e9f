import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ByteReader, type Bytes, ByteWriter, concat, equalBytes, toHex } from '#core/bytes.ts'
import { ADDRESS_BYTES } from '#core/delegation.ts'
import { sha256 } from '#core/hash.ts'
import type { Address } from '#core/identity.ts'
import { createMutex } from '#core/mutex.ts'
import {
  formatObjectId,
  OBJECT_ID_BYTES,
  type ObjectId,
  objectIdKey,
  toObjectId,
} from '#objects/object-id.ts'
import { SEAL_KEY_BYTES } from '#objects/sealed-segments.ts'
import { MAX_DEPOSIT_BYTES } from '#peer/protocols/key-deposit.ts'
import { syncFolder } from './fs-folder.ts'
import { writePrivateFile } from './private-file.ts'

/** The key of a restricted object that its owner gave to this relay. */
export interface KeptKey {
  readonly id: ObjectId
  /** the owner's wallet */
  readonly people: Address
  readonly key: Bytes
  /** the owner first */
  readonly readers: readonly Address[]
  /** what shows askers that the relay may give it */
  readonly grant: Bytes
  /** unix seconds: then it is deleted */
  readonly until: number
}

export interface KeptKeysInit {
  /** Made when it is missing; used by one process at a time. */
  readonly folder: string
  readonly maxBytes: number
  readonly maxKeys: number
  readonly maxKeysPerWallet: number
  /** unix ms */
  readonly now: () => number
  readonly log: (line: string) => void
}

export interface KeptKeys {
  /** undefined for one that nobody gave, took back, or whose time is over */
  get(id: ObjectId): KeptKey | undefined
  /** It takes the place of one of the same object; durable when it resolves. False when there is no room. */
  put(kept: KeptKey): Promise<boolean>
  remove(id: ObjectId): Promise<void>
  /** Deletes those whose time is over. */
  sweep(): Promise<void>
  stats(): { readonly keys: number; readonly bytes: number }
}

const VERSION = 1
const SUFFIX = '.key'
/** What a crash leaves of a file that was being written. */
const DRAFT = /\.key\.[0-9a-f]+$/
const HASH_BYTES = 32

interface Held {
  readonly kept: KeptKey
  /** of its file */
  readonly bytes: number
}

/**
 * Keys of restricted objects in a folder, one file each that only the relay's user may read: what is taken back or
 * over is gone from the disk, and damage costs the one key that it is in.
 */
export async function openKeptKeys(init: KeptKeysInit): Promise<KeptKeys> {
  const { folder, maxBytes, maxKeys, maxKeysPerWallet, now, log } = init
  const held = new Map<string, Held>()
  const ofWallet = new Map<string, number>()
  const oneByOne = createMutex()
  let bytes = 0

  const isOver = ({ until }: KeptKey) => until * 1_000 <= now()

  function hold(kept: KeptKey, size: number): void {
    drop(kept.id)
    held.set(objectIdKey(kept.id), { kept, bytes: size })
    const wallet = toHex(kept.people)
    ofWallet.set(wallet, (ofWallet.get(wallet) ?? 0) + 1)
    bytes += size
  }

  function drop(id: ObjectId): void {
    const known = held.get(objectIdKey(id))
    if (known === undefined) return
    held.delete(objectIdKey(id))
    bytes -= known.bytes
    const wallet = toHex(known.kept.people)
    const left = (ofWallet.get(wallet) ?? 1) - 1
    if (left === 0) ofWallet.delete(wallet)
    else ofWallet.set(wallet, left)
  }

  /** Would it fit, in place of what is here of the same object? */
  function fits({ id, people }: KeptKey, size: number): boolean {
    const old = held.get(objectIdKey(id))
    if (bytes - (old?.bytes ?? 0) + size > maxBytes) return false
    if (old !== undefined && equalBytes(old.kept.people, people)) return true
    return held.size < maxKeys && (ofWallet.get(toHex(people)) ?? 0) < maxKeysPerWallet
  }

  async function erase(id: ObjectId): Promise<void> {
    drop(id)
    await rm(join(folder, nameOf(id)), { force: true })
    await syncFolder(folder)
  }

  async function sweep(): Promise<void> {
    for (const { kept } of [...held.values()]) if (isOver(kept)) await erase(kept.id)
  }

  async function load(): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (const name of (await readdir(folder)).sort()) {
      const path = join(folder, name)
      if (DRAFT.test(name)) await rm(path, { force: true })
      if (!name.endsWith(SUFFIX)) continue
      try {
        const content = await readFileOf(path)
        const kept = decodeKept(content)
        if (nameOf(kept.id) !== name) throw new RangeError('it is of another object than its name says')
        hold(kept, content.length)
      } catch (error) {
        log(`Warning: ${path} is damaged and not used: ${(error as Error).message}. Its owner gives it anew.`)
      }
    }
    await sweep()
  }

  await load()
  return {
    get(id) {
      const kept = held.get(objectIdKey(id))?.kept
      return kept === undefined || isOver(kept) ? undefined : kept
    },
    put: (kept) =>
      oneByOne(async () => {
        await sweep()
        const content = encodeKept(kept)
        if (!fits(kept, content.length)) return false
        await writePrivateFile(folder, nameOf(kept.id), content)
        hold(kept, content.length)
        return true
      }),
    remove: (id) => oneByOne(() => erase(id)),
    sweep: () => oneByOne(sweep),
    stats: () => ({ keys: held.size, bytes }),
  }
}

function nameOf(id: ObjectId): string {
  return formatObjectId(id) + SUFFIX
}

async function readFileOf(path: string): Promise<Bytes> {
  const { size } = await stat(path)
  if (size > MAX_DEPOSIT_BYTES) throw new RangeError(`it has ${size} bytes`)
  return new Uint8Array(await readFile(path))
}

/** version u8 ‖ id ‖ people ‖ until u64 ‖ key ‖ grant behind its length u16 ‖ readers, and the SHA-256 of all that */
function encodeKept({ id, people, until, key, grant, readers }: KeptKey): Bytes {
  const writer = new ByteWriter(1_024).u8(VERSION).bytes(id).bytes(people).u64(BigInt(until)).bytes(key)
  writer.u16(grant.length).bytes(grant)
  for (const reader of readers) writer.bytes(reader)
  const content = writer.finish()
  return concat(content, sha256(content))
}

function decodeKept(bytes: Bytes): KeptKey {
  const content = bytes.slice(0, -HASH_BYTES)
  if (!equalBytes(sha256(content), bytes.slice(-HASH_BYTES))) throw new RangeError('its hash is another one')
  const reader = new ByteReader(content)
  const version = reader.u8('version')
  if (version !== VERSION) throw new RangeError(`it is of version ${version}, expected ${VERSION}`)
  const id = toObjectId(reader.bytes(OBJECT_ID_BYTES, 'id'))
  const people = reader.bytes(ADDRESS_BYTES, 'people')
  const until = Number(reader.u64('until'))
  const key = reader.bytes(SEAL_KEY_BYTES, 'key')
  const grant = reader.bytes(reader.u16('grant length'), 'grant')
  const readers: Address[] = []
  while (reader.remaining > 0) readers.push(reader.bytes(ADDRESS_BYTES, 'reader'))
  return { id, people, until, key, grant, readers }
}
