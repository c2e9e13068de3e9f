import type { CID } from 'multiformats/cid'
import type { Bytes } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import type { RecordStore } from '#core/record-store.ts'
import { bodyHash } from './body.ts'
import { decodeObject, encodeObject, type NamedObject, objectIdOf } from './object.ts'
import {
  decodeSeal,
  isSeal,
  joinObject,
  MAX_SEAL_BYTES,
  type RawBlock,
  splitObject,
} from './object-blocks.ts'
import { rawCid } from './object-cid.ts'
import { encodeEntry, entryKey, type ObjectEntry, readEntries, readEntry } from './object-entry.ts'
import { objectRefused } from './object-errors.ts'
import { formatObjectId, type ObjectId } from './object-id.ts'
import type { ObjectTrust, ObjectVerifier } from './verify-object.ts'

/** Where objects' blocks are. */
export interface ObjectBlockStore {
  /** undefined when it is not here, or was damaged */
  get(cid: CID): Promise<Bytes | undefined>
  has(cid: CID): Promise<boolean>
  /** Stores the blocks and keeps them until `release`, or until others are kept for this id. */
  keep(id: ObjectId, blocks: readonly RawBlock[]): Promise<void>
  /** From now on they may go. */
  release(id: ObjectId): Promise<void>
  /** CIDs of the raw blocks that are here and have `maxBytes` at most */
  list(maxBytes: number): AsyncIterable<CID>
}

export interface ObjectStoreComponents {
  /** the profile's: its tabs share the index */
  readonly records: RecordStore
  readonly blocks: ObjectBlockStore
  readonly verifier: ObjectVerifier
  /** unix ms */
  readonly now: () => number
}

export interface ObjectStoreInit {
  /** objects of others that are kept, and their bytes: those used the longest ago go first */
  readonly maxObjects: number
  readonly maxBytes: number
  /** objects of others whose newest body is remembered, those that are kept among them */
  readonly maxSeen: number
}

export interface StoredObject {
  readonly id: ObjectId
  readonly object: NamedObject
  /** as it travels */
  readonly bytes: Bytes
}

export interface PutOptions {
  /** the id that was asked for */
  readonly requested?: ObjectId
  /** put by the profile's person: kept until `disown` @default false */
  readonly own?: boolean
}

export interface PutResult extends StoredObject {
  /**
   * `have`: it was here as good as this or better, and nothing changed. `unkept`: a link batch or placement that is
   * sound and does not count here, so that it is not here afterwards.
   */
  readonly status: 'new' | 'newer' | 'have' | 'unkept'
  /** it came with a body that was left out, as its owner did not sign it */
  readonly isCut: boolean
}

/** What is known of an object here. */
export type ObjectHead = Pick<ObjectEntry, 'id' | 'held' | 'own' | 'seen' | 'bytes' | 'usedAt'>

/** The named objects of a profile, each with the newest body that its owner signed. */
export interface ObjectStore {
  /** undefined when it is not here */
  get(id: ObjectId): Promise<StoredObject | undefined>
  /** `held` only while its blocks are here */
  head(id: ObjectId): Promise<ObjectHead | undefined>
  /** Those that were put here, the newest first. */
  own(): Promise<readonly ObjectHead[]>
  /**
   * Checks an encoded object ([OB10]) and stores it when it is more than what is here. Of an object that has an owner a
   * body that nobody signed is left out; a body that is nobody's never takes another's place, unless its person puts it.
   *
   * @throws OBJECT_INVALID and what ObjectVerifier throws; nothing is stored then
   */
  put(bytes: Uint8Array, options?: PutOptions): Promise<PutResult>
  /** How far what is here is to be believed. */
  trust(object: NamedObject): Promise<ObjectTrust>
  /** It is cache from now on. */
  disown(id: ObjectId): Promise<void>
  /** Makes the index anew of the blocks that are here, where there is none. */
  start(): Promise<void>
}

const LOCK = 'objects'
/** Says that the index is there: without it, the blocks are looked through once. */
const INDEX_MARK = 'objects-index'
/** Others' objects are counted after this many came: each tab may be over the bounds by as many. */
const TRIM_EVERY = 64
/** A use is written down once in this time: reading must not cost a write. */
const USE_MS = 3_600_000

export function createObjectStore(components: ObjectStoreComponents, init: ObjectStoreInit): ObjectStore {
  return new Objects(components, init)
}

class Objects implements ObjectStore {
  readonly #components: ObjectStoreComponents
  readonly #init: ObjectStoreInit
  /** an earlier page of the profile may have left some */
  #sinceTrim = TRIM_EVERY - 1

  constructor(components: ObjectStoreComponents, init: ObjectStoreInit) {
    this.#components = components
    this.#init = init
  }

  async get(id: ObjectId): Promise<StoredObject | undefined> {
    const entry = await readEntry(this.#components.records, id)
    const object = entry && (await this.#read(entry))
    if (object === undefined) return
    void this.#use(entry as ObjectEntry).catch(() => {}) // it is read all the same
    return { id, object, bytes: encodeObject(object) }
  }

  async head(id: ObjectId): Promise<ObjectHead | undefined> {
    const entry = await readEntry(this.#components.records, id)
    return entry?.held === true ? { ...entry, held: await this.#hasBlocks(entry) } : entry
  }

  async own(): Promise<readonly ObjectHead[]> {
    const found: ObjectEntry[] = []
    for await (const entry of readEntries(this.#components.records)) {
      if (entry.own && entry.held) found.push(entry)
    }
    return found.sort((a, b) => b.usedAt - a.usedAt)
  }

  async put(bytes: Uint8Array, options: PutOptions = {}): Promise<PutResult> {
    const object = decodeObject(bytes)
    const result = await this.#components.records.exclusive(LOCK, () => this.#put(object, options))
    if (result.status !== 'have' && options.own !== true) await this.#trimNowAndThen()
    return result
  }

  trust(object: NamedObject): Promise<ObjectTrust> {
    return this.#components.verifier.verify(object, { requested: objectIdOf(object) })
  }

  async disown(id: ObjectId): Promise<void> {
    const { records } = this.#components
    await records.exclusive(LOCK, async () => {
      const entry = await readEntry(records, id)
      if (entry?.own === true) await this.#write({ ...entry, own: false })
    })
  }

  async start(): Promise<void> {
    const { records } = this.#components
    if ((await records.get(INDEX_MARK)) !== undefined) return
    await this.#rebuild()
    await records.put([{ key: INDEX_MARK, value: Uint8Array.of(1) }])
  }

  /** Inside the lock. */
  async #put(object: NamedObject, { requested, own = false }: PutOptions): Promise<PutResult> {
    const { records, verifier } = this.#components
    const id = objectIdOf(object)
    const known = await readEntry(records, id)
    const { level } = await verifier.verify(object, { requested, seen: known?.seen })
    const isOwners = level === 'owner'
    const offered = isOwners || own ? object : withoutNobodysBody(object)
    const have = known && (await this.#read(known))
    if (known !== undefined && have !== undefined && !isMore(offered, { isOwners, own }, known, have)) {
      if (own && !known.own) await this.#write({ ...known, own: true })
      return { id, object: have, bytes: encodeObject(have), status: 'have', isCut: false }
    }
    assertBodyIsThere(id, offered, known)
    const { body } = offered
    const seen =
      isOwners && body !== undefined ? { updated: body.updated, hash: bodyHash(body) } : known?.seen
    await this.#store(id, offered, { own: own || known?.own === true, seen })
    return {
      id,
      object: offered,
      bytes: encodeObject(offered),
      status: known === undefined ? 'new' : 'newer',
      isCut: offered.body !== object.body,
    }
  }

  async #store(
    id: ObjectId,
    object: NamedObject,
    { own, seen }: Pick<ObjectEntry, 'own' | 'seen'>,
  ): Promise<void> {
    const { desc, body, seal } = splitObject(object)
    const blocks = [desc, seal, ...(body === undefined ? [] : [body])]
    await this.#components.blocks.keep(id, blocks)
    await this.#write({
      id,
      held: true,
      own,
      desc: digestOf(desc),
      seal: digestOf(seal),
      body: body && digestOf(body),
      seen,
      bytes: blocks.reduce((sum, block) => sum + block.bytes.length, 0),
      usedAt: this.#components.now(),
    })
  }

  /** Others' objects stay in the order of their last use. */
  async #use({ id, own, usedAt }: ObjectEntry): Promise<void> {
    const { records, now } = this.#components
    const isFresh = (time: number) => now() - time < USE_MS
    if (own || isFresh(usedAt)) return
    await records.exclusive(LOCK, async () => {
      const entry = await readEntry(records, id)
      if (entry !== undefined && !isFresh(entry.usedAt)) await this.#write({ ...entry, usedAt: now() })
    })
  }

  async #hasBlocks({ desc, body, seal }: ObjectEntry): Promise<boolean> {
    const digests = body === undefined ? [desc, seal] : [desc, seal, body]
    const has = await Promise.all(digests.map((digest) => this.#components.blocks.has(rawCid(digest))))
    return has.every(Boolean)
  }

  async #read(entry: ObjectEntry): Promise<NamedObject | undefined> {
    return entry.held ? this.#join(entry) : undefined
  }

  async #join({
    desc,
    body,
    seal,
  }: Pick<ObjectEntry, 'desc' | 'body' | 'seal'>): Promise<NamedObject | undefined> {
    const { blocks } = this.#components
    const [descBytes, bodyBytes, sealBytes] = await Promise.all([
      blocks.get(rawCid(desc)),
      body && blocks.get(rawCid(body)),
      blocks.get(rawCid(seal)),
    ])
    if (descBytes === undefined || sealBytes === undefined || (body && bodyBytes === undefined)) return
    try {
      return joinObject({ desc: descBytes, body: bodyBytes, seal: sealBytes })
    } catch {
      return // a damaged index names blocks that do not belong together
    }
  }

  async #write(entry: ObjectEntry): Promise<void> {
    await this.#components.records.put([{ key: entryKey(entry.id), value: encodeEntry(entry) }])
  }

  async #trimNowAndThen(): Promise<void> {
    this.#sinceTrim += 1
    if (this.#sinceTrim < TRIM_EVERY) return
    this.#sinceTrim = 0
    await this.#components.records.exclusive(LOCK, () => this.#trim())
  }

  /** Lets go of others' objects over the bounds, and forgets what was seen the longest ago. */
  async #trim(): Promise<void> {
    const { records, blocks } = this.#components
    const { maxObjects, maxBytes, maxSeen } = this.#init
    const others: ObjectEntry[] = []
    for await (const entry of readEntries(records)) if (!entry.own) others.push(entry)
    others.sort((a, b) => b.usedAt - a.usedAt)
    let [objects, bytes] = [0, 0]
    for (const entry of others) {
      if (!entry.held) continue
      objects += 1
      bytes += entry.bytes
      if (objects <= maxObjects && bytes <= maxBytes) continue
      await this.#write({ ...entry, held: false })
      await blocks.release(entry.id)
    }
    await records.delete(others.slice(maxSeen).map(({ id }) => entryKey(id)))
  }

  /** Of several bodies of one object the newest stays, whatever the order in which they are found. */
  async #rebuild(): Promise<void> {
    const { blocks } = this.#components
    for await (const cid of blocks.list(MAX_SEAL_BYTES)) {
      const bytes = await blocks.get(cid)
      if (bytes === undefined || !isSeal(bytes)) continue
      try {
        const { desc, body } = decodeSeal(bytes)
        const object = await this.#join({ desc, body, seal: cid.multihash.digest as Bytes })
        // who put it here, nobody knows any more: rather keep too much
        if (object !== undefined) await this.put(encodeObject(object), { own: true })
      } catch (error) {
        if (!isAppError(error)) throw error // it is not to be believed, or a newer one was found
      }
    }
  }
}

/** Of an object with an owner only their body says anything; that of others is all that there is. */
function withoutNobodysBody(object: NamedObject): NamedObject {
  const { desc, descSigns, nonce } = object
  if (desc.owner === undefined && desc.publicKey === undefined) return object
  return { desc, descSigns, bodySigns: [], ...(nonce === undefined ? {} : { nonce }) }
}

interface Offered {
  readonly isOwners: boolean
  readonly own: boolean
}

/** Is it worth more than what is here? The verifier has refused older bodies already. */
function isMore(
  object: NamedObject,
  { isOwners, own }: Offered,
  known: ObjectEntry,
  have: NamedObject,
): boolean {
  const hasOwnersBody = known.seen !== undefined && have.body !== undefined
  if (hasOwnersBody) {
    if (!isOwners || object.body === undefined) return false
    return object.body.updated > known.seen.updated || signatures(object) > signatures(have)
  }
  if (isOwners) return object.body !== undefined || signatures(object) > signatures(have)
  return own && object.body !== undefined
}

/** A newer body was seen and is not here any more: without one the object would be older than that. */
function assertBodyIsThere(id: ObjectId, { body }: NamedObject, known: ObjectEntry | undefined): void {
  if (known?.seen === undefined || body !== undefined) return
  const why = `it came without its owner's body, and one of ${known.seen.updated} (µs since 1601) was seen`
  throw objectRefused('OBJECT_OLD_BODY', formatObjectId(id), why)
}

function signatures({ descSigns, bodySigns }: NamedObject): number {
  return descSigns.length + bodySigns.length
}

function digestOf({ cid }: RawBlock): Bytes {
  return cid.multihash.digest as Bytes
}
