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

/** A key as its file has it: one piece of memory, where 256 readers by themselves would take ten times their bytes. */
interface Held {
  readonly id: ObjectId
  readonly people: Address
  readonly until: number
  readonly file: Bytes
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

  const isOver = ({ until }: Held) => until * 1_000 <= now()

  function hold({ id, people, until }: KeptKey, file: Bytes): void {
    drop(id)
    held.set(objectIdKey(id), { id, people, until, file })
    const wallet = toHex(people)
    ofWallet.set(wallet, (ofWallet.get(wallet) ?? 0) + 1)
    bytes += file.length
  }

  function drop(id: ObjectId): void {
    const known = held.get(objectIdKey(id))
    if (known === undefined) return
    held.delete(objectIdKey(id))
    bytes -= known.file.length
    const wallet = toHex(known.people)
    const left = (ofWallet.get(wallet) ?? 1) - 1
    if (left === 0) ofWallet.delete(wallet)
    else ofWallet.set(wallet, left)
  }

  /** Would it fit, in place of what is here of the same object? */
  function fits({ id, people }: KeptKey, size: number): boolean {
    const old = held.get(objectIdKey(id))
    if (bytes - (old?.file.length ?? 0) + size > maxBytes) return false
    if (old !== undefined && equalBytes(old.people, people)) return true
    return held.size < maxKeys && (ofWallet.get(toHex(people)) ?? 0) < maxKeysPerWallet
  }

  /** It is held until its file is gone: whoever took it back is told so then, and not before. */
  async function erase(id: ObjectId): Promise<void> {
    await rm(join(folder, nameOf(id)), { force: true })
    await syncFolder(folder)
    drop(id)
  }

  /** One file that cannot be deleted keeps no other one here. */
  async function sweep(): Promise<void> {
    const over = [...held.values()].filter(isOver)
    const failures: unknown[] = []
    for (const { id } of over) await erase(id).catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }

  async function load(): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (const name of (await readdir(folder)).sort()) {
      const path = join(folder, name)
      if (DRAFT.test(name)) await rm(path, { force: true })
      if (!name.endsWith(SUFFIX)) continue
      try {
        const file = await readFileOf(path)
        const kept = decodeChecked(file)
        if (nameOf(kept.id) !== name) throw new RangeError('it is of another object than its name says')
        hold(kept, file)
      } catch (error) {
        // nobody could have it deleted any more
        await rm(path, { force: true }).catch((failure: Error) => log(`Warning: ${failure.message}`))
        log(
          `Warning: ${path} was damaged and is deleted: ${(error as Error).message}. Its owner gives it anew.`,
        )
      }
    }
    await sweep()
  }

  await load()
  return {
    get(id) {
      const known = held.get(objectIdKey(id))
      return known === undefined || isOver(known) ? undefined : decodeKept(known.file)
    },
    put: (kept) =>
      oneByOne(async () => {
        await sweep().catch(() => {}) // told by the sweep that comes by itself
        const file = encodeKept(kept)
        if (!fits(kept, file.length)) return false
        await writePrivateFile(folder, nameOf(kept.id), file)
        hold(kept, file)
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

/** @throws RangeError when it is not as it was written */
function decodeChecked(file: Bytes): KeptKey {
  const isWhole = equalBytes(sha256(file.subarray(0, -HASH_BYTES)), file.subarray(-HASH_BYTES))
  if (!isWhole) throw new RangeError('its hash is another one')
  return decodeKept(file)
}

function decodeKept(file: Bytes): KeptKey {
  const reader = new ByteReader(file.subarray(0, -HASH_BYTES))
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
