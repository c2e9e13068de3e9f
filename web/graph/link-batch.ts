import { type Bytes, equalBytes } from '#core/bytes.ts'
import { DIGEST_BYTES, type Digest, formatCid } from '#core/cid.ts'
import { MAX_ENVELOPE_BYTES } from '#core/envelope.ts'
import type { Address, Identity } from '#core/identity.ts'
import { MAX_FEED_LENGTH } from '#core/limits.ts'
import type { Desc } from '#objects/desc.ts'
import { fromUnixUs } from '#objects/object-time.ts'
import { createDesc, readContent } from '#objects/object-type.ts'
import {
  isEnvelope,
  ownerOf,
  type RecordFault,
  type RecordProof,
  type RecordVerifier,
  readRecordObject,
  signRecord,
} from '#objects/signed-record.ts'
import { LINK_END_BYTES, linkBatchType } from '#objects/types/link-batch.ts'
import { readLinkEnvelope } from './link-envelope.ts'
import { type LinkErrorCode, linkError } from './link-errors.ts'

/** [KG1] Cyberlinks travel in signed batches, one feed per device: named objects of the type LinkBatch. */

export interface Link {
  readonly from: Digest
  readonly to: Digest
}

export interface LinkBatch {
  /** 32 bytes */
  readonly machine: Bytes
  /** 20 bytes: the wallet that authorised the device */
  readonly neuron: Address
  /** 32 bytes: Ed25519 */
  readonly device: Bytes
  /** place in the device's feed, from 0 */
  readonly seq: number
  /** hash of the batch before, 32 bytes; zero for the first */
  readonly prev: Bytes
  /** µs since 1970 */
  readonly timeUs: number
  /** digests `from ‖ to` of each link, 64 bytes a link: half the objects of a list of links */
  readonly ends: Bytes
}

/** A batch as it was read: everything that can be checked without a signature is. */
export interface ReadLinkBatch extends LinkBatch {
  /** SHA-256 of what is signed: what `prev` of the next batch names. The signature is left out, it may vary. */
  readonly hash: Bytes
  readonly proof: RecordProof
  /** the whole, as it travels and is kept */
  readonly envelope: Bytes
}

export const NO_PREVIOUS: Bytes = new Uint8Array(32)

const FORM = { type: linkBatchType, part: 'desc', maxBytes: MAX_ENVELOPE_BYTES } as const
const KIND = { name: 'link batch', scope: 'links' } as const
const FAULT_CODES = {
  machine: 'LINKS_MACHINE',
  time: 'LINKS_TIME',
  'not-authorised': 'LINKS_NOT_AUTHORISED',
  forged: 'LINKS_FORGED',
} as const satisfies Record<RecordFault['reason'], LinkErrorCode>

export function linkCount({ ends }: Pick<LinkBatch, 'ends'>): number {
  return ends.length / LINK_END_BYTES
}

export interface NewLinkBatch {
  readonly machine: Bytes
  readonly seq: number
  readonly prev: Bytes
  readonly timeUs: number
  readonly links: readonly Link[]
}

/**
 * Signs the next batch of an identity's feed.
 *
 * @throws LINKS_INVALID for 0 or more than 256 links, LINKS_SELF when both ends of one are the same
 */
export async function signLinkBatch(fields: NewLinkBatch, identity: Identity): Promise<ReadLinkBatch> {
  const time = fromUnixUs(fields.timeUs)
  const desc = createBatchDesc(fields, identity, time)
  return readLinkBatch(await signRecord({ desc }, identity, { part: 'desc', time }))
}

function createBatchDesc(
  { machine, seq, prev, links }: NewLinkBatch,
  identity: Identity,
  created: bigint,
): Desc {
  const ends = new Uint8Array(links.length * LINK_END_BYTES)
  links.forEach(({ from, to }, index) => {
    ends.set(from, index * LINK_END_BYTES)
    ends.set(to, index * LINK_END_BYTES + DIGEST_BYTES)
  })
  const device = identity.device.publicKey
  const content = { machine, device, seq, links: ends, ...(equalBytes(prev, NO_PREVIOUS) ? {} : { prev }) }
  try {
    return createDesc(linkBatchType, content, { owner: ownerOf(identity), created })
  } catch (cause) {
    throw linkError('LINKS_INVALID', `A link batch cannot be made: ${(cause as Error).message}`, { cause })
  }
}

/**
 * Reads a batch: form, bounds, and that the ends of each link differ. What needs a key or a clock is
 * {@link verifyLinkBatch}'s.
 *
 * @throws LINKS_INVALID, LINKS_SELF
 */
export function readLinkBatch(envelope: Bytes): ReadLinkBatch {
  const batch = readFields(envelope)
  for (let at = 0; at < batch.ends.length; at += LINK_END_BYTES) {
    if (!isSelfLink(batch.ends, at)) continue
    const index = at / LINK_END_BYTES
    const count = linkCount(batch)
    // who links two things, as in the page, knows of no list
    const which = count === 1 ? 'a link' : `link ${index + 1} of ${count}`
    throw linkError('LINKS_SELF', `Both ends of ${which} are the same. Choose two different ones.`, {
      details: { index, end: formatCid(batch.ends.subarray(at, at + DIGEST_BYTES)) },
    })
  }
  return batch
}

/** @throws LINKS_INVALID */
function readFields(envelope: Bytes): ReadLinkBatch {
  try {
    const batch = isEnvelope(envelope) ? readLinkEnvelope(envelope) : readLinkObject(envelope)
    const { seq } = batch
    if (seq >= MAX_FEED_LENGTH) throw new Error(`Expected a place below ${MAX_FEED_LENGTH}, got ${seq}.`)
    return { ...batch, envelope }
  } catch (cause) {
    throw linkError(
      'LINKS_INVALID',
      `A link batch was dropped, as it could not be read: ${(cause as Error).message}`,
      { cause },
    )
  }
}

/** @throws OBJECT_INVALID */
function readLinkObject(bytes: Bytes): Omit<ReadLinkBatch, 'envelope'> {
  const { object, ...record } = readRecordObject(bytes, FORM)
  const content = readContent(linkBatchType, 'desc', object.desc.content)
  const { machine, device, seq, prev = NO_PREVIOUS, links: ends } = content
  if (!equalBytes(device, record.device)) throw new Error('It names one device and another signed it.')
  return { ...record, machine, seq, prev, ends }
}

function isSelfLink(ends: Bytes, at: number): boolean {
  for (let i = at; i < at + DIGEST_BYTES; i++) if (ends[i] !== ends[i + DIGEST_BYTES]) return false
  return true
}

/**
 * Checks the machine, the time, the delegation and the signature of a batch that was read.
 *
 * @throws LINKS_MACHINE, LINKS_TIME, LINKS_NOT_AUTHORISED, LINKS_FORGED
 */
export async function verifyLinkBatch(batch: ReadLinkBatch, verifier: RecordVerifier): Promise<void> {
  const fault = await verifier.judge(batch, KIND)
  if (fault !== undefined) throw linkError(FAULT_CODES[fault.reason], fault.message, { cause: fault.cause })
}
