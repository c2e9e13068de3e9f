import { ByteReader, type Bytes, ByteWriter } from '#core/bytes.ts'
import type { Identity } from '#core/identity.ts'
import { MAX_LINKS_PER_BATCH } from '#core/limits.ts'
import type { RecordStore } from '#core/record-store.ts'
import type { ObjectId } from '#objects/object-id.ts'
import { createRecordVerifier, recordId } from '#objects/signed-record.ts'
import {
  type Link,
  NO_PREVIOUS,
  type ReadLinkBatch,
  readLinkBatch,
  signLinkBatch,
  verifyLinkBatch,
} from './link-batch.ts'
import { linkError } from './link-errors.ts'
import { batchKey, evidenceKey, headKey } from './link-store.ts'

export interface OwnFeedComponents {
  /** shared by all tabs of the profile */
  readonly store: RecordStore
  readonly identity: Identity
  /** 32 bytes */
  readonly machine: Bytes
  /** unix ms */
  readonly now: () => number
}

interface Head {
  readonly next: number
  readonly hash: Bytes
}

const START: Head = { next: 0, hash: NO_PREVIOUS }

/**
 * Signs links as the next batches of this device's feed. Number, signature and durable write happen in one section
 * that no other tab of the profile enters, so that a feed never forks by itself; nothing is to be published before
 * this resolves. What other tabs would refuse (a clock set back before the delegation) is not written either: the
 * feed could not go on after it.
 *
 * @throws FEED_FORKED when the feed is frozen (a profile that was copied, or restored from a backup), LINKS_SELF,
 *   LINKS_NOT_AUTHORISED, or what the store throws when the disk is full
 */
export function appendLinks(
  { store, identity, machine, now }: OwnFeedComponents,
  links: readonly Link[],
): Promise<readonly ReadLinkBatch[]> {
  const device = identity.device.publicKey
  const verifier = createRecordVerifier({ machine, now })
  return store.exclusive('feed', async () => {
    if ((await store.get(evidenceKey(device, 0))) !== undefined) {
      throw linkError(
        'FEED_FORKED',
        'This device signed two different batches with one number, so its links no longer count. Use another profile: it makes a new Device key.',
      )
    }
    let head = await readHead(store, device)
    const batches: ReadLinkBatch[] = []
    for (let at = 0; at < links.length; at += MAX_LINKS_PER_BATCH) {
      const fields = { machine, seq: head.next, prev: head.hash, timeUs: now() * 1_000 }
      const batch = await signLinkBatch(
        { ...fields, links: links.slice(at, at + MAX_LINKS_PER_BATCH) },
        identity,
      )
      // own batches are checked as others check them
      await verifyLinkBatch(batch, verifier)
      batches.push(batch)
      head = { next: head.next + 1, hash: batch.hash }
    }
    const entries = batches.map(({ seq, envelope }) => ({ key: batchKey(device, seq), value: envelope }))
    await store.put([...entries, { key: headKey(device), value: encodeHead(head) }])
    return batches
  })
}

/** Of batches that were signed as objects. */
export function objectIdsOf(batches: readonly ReadLinkBatch[]): readonly ObjectId[] {
  return batches.flatMap(({ proof }) => recordId(proof) ?? [])
}

/**
 * The head that was written with the last batch, moved over batches of this feed that came from the network since.
 * A last batch that is gone was dropped as one that nobody takes: the feed goes on after the last one that is left.
 */
async function readHead(store: RecordStore, device: Bytes): Promise<Head> {
  const kept = await store.get(headKey(device))
  let head = kept === undefined ? START : await lastKept(store, device, decodeHead(kept))
  for (;;) {
    const envelope = await store.get(batchKey(device, head.next))
    if (envelope === undefined) return head
    head = { next: head.next + 1, hash: readLinkBatch(envelope).hash }
  }
}

async function lastKept(store: RecordStore, device: Bytes, head: Head): Promise<Head> {
  for (let { next } = head; next > 0; next--) {
    const envelope = await store.get(batchKey(device, next - 1))
    if (envelope === undefined) continue
    return next === head.next ? head : { next, hash: readLinkBatch(envelope).hash }
  }
  return START
}

function encodeHead({ next, hash }: Head): Bytes {
  return new ByteWriter(36).u32(next).bytes(hash).finish()
}

function decodeHead(bytes: Bytes): Head {
  const reader = new ByteReader(bytes)
  return { next: reader.u32('next'), hash: reader.bytes(32, 'hash') }
}
