import { MemoryBlockstore } from 'blockstore-core'
import { type Bytes, collectBytes } from '#core/bytes.ts'
import { createDelegationVerifier } from '#core/delegation.ts'
import type { Identity } from '#core/identity.ts'
import { MAX_OBJECTS_SEEN } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import type { RecordStore } from '#core/record-store.ts'
import { impliedIdentity } from '#objects/implied-identity.ts'
import { createKeyVerifier } from '#objects/key-verifier.ts'
import { encodeObject, type NamedObject, objectIdOf } from '#objects/object.ts'
import { rawCid } from '#objects/object-cid.ts'
import { formatObjectId, type ObjectId } from '#objects/object-id.ts'
import { createObjectKeyStore, type ObjectKeyStore } from '#objects/object-key-store.ts'
import { createObjectStore, type ObjectBlockStore, type ObjectStore } from '#objects/object-store.ts'
import { toObjectTime } from '#objects/object-time.ts'
import { createContent, createDesc } from '#objects/object-type.ts'
import { deviceSigner, signObject } from '#objects/sign-object.ts'
import { textType } from '#objects/types/core.ts'
import { createObjectVerifier } from '#objects/verify-object.ts'
import { TEST_NOW } from './identity.ts'
import { createMemoryRecordStore } from './memory-record-store.ts'

export interface NoteInit {
  readonly id?: string
  readonly value?: string
  /** ms after TEST_NOW − 1 h */
  readonly after?: number
  /** whose it is, where somebody else signs @default the signer */
  readonly owner?: Identity
}

/** A Text of somebody with a body that they signed. */
export async function signNote(signer: Identity, init: NoteInit = {}): Promise<NamedObject> {
  const { id = 'note', value = 'hello', after = 0, owner = signer } = init
  const created = toObjectTime(TEST_NOW - 3_600_000)
  const updated = created + BigInt(after) * 1_000n
  const { peopleId } = impliedIdentity(owner.delegation)
  return signObject(
    {
      desc: createDesc(textType, { id, header: 'a note' }, { owner: peopleId, created }),
      body: { updated, content: createContent(textType, 'body', { value }) },
      descSigns: [],
      bodySigns: [],
    },
    deviceSigner(signer),
    { signedAt: updated },
  )
}

export const bytesAndId = (object: NamedObject): { bytes: Bytes; id: ObjectId } => ({
  bytes: encodeObject(object),
  id: objectIdOf(object),
})

export interface TestObjects {
  readonly store: ObjectStore
  readonly records: RecordStore
  readonly blocks: MemoryBlockstore
  /** ids of those that were let go */
  readonly released: string[]
  /** everything that is stored, to compare */
  dump(): Promise<unknown>
}

export interface TestObjectsInit {
  readonly records?: RecordStore
  readonly blocks?: MemoryBlockstore
  readonly maxObjects?: number
  readonly now?: () => number
}

/** A store of objects in memory, on the network `test`. */
export function openTestObjects(init: TestObjectsInit = {}): TestObjects {
  const { records = createMemoryRecordStore(), blocks = new MemoryBlockstore() } = init
  const { maxObjects = 1_000, now = () => TEST_NOW } = init
  const released: string[] = []
  const blockStore: ObjectBlockStore = {
    get: async (cid) => (blocks.has(cid) ? collectBytes(blocks.get(cid)) : undefined),
    has: async (cid) => blocks.has(cid),
    async keep(_, all) {
      for (const { cid, bytes } of all) blocks.put(cid, bytes)
    },
    async release(id) {
      released.push(formatObjectId(id))
    },
    async *list(maxBytes) {
      for await (const { cid, bytes } of blocks.getAll()) {
        if ((await collectBytes(bytes)).length <= maxBytes) yield rawCid(cid.multihash.digest as Bytes)
      }
    },
  }
  const verifier = createObjectVerifier({
    keys: createKeyVerifier(),
    delegations: createDelegationVerifier(),
    machine: machineOf('test'),
    now,
  })
  return {
    store: createObjectStore(
      { records, blocks: blockStore, verifier, now },
      { maxObjects, maxBytes: 1e9, maxSeen: MAX_OBJECTS_SEEN },
    ),
    records,
    blocks,
    released,
    async dump() {
      const stored: [string, string][] = []
      for await (const { key, value } of records.entries('')) stored.push([key, value.join()])
      for await (const { cid, bytes } of blocks.getAll())
        stored.push([cid.toString(), (await collectBytes(bytes)).join()])
      return stored.sort()
    },
  }
}

/** Keys of restricted objects, in the records of a profile. */
export const openTestKeys = (records: RecordStore): ObjectKeyStore =>
  createObjectKeyStore(records, randomBytes)

export const randomBytes = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length))
