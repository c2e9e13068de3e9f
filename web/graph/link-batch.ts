import { ByteReader, type Bytes, ByteWriter, equalBytes, toHex, utf8 } from '#core/bytes.ts'
import { CID_BYTES, DIGEST_BYTES, type Digest } from '#core/cid.ts'
import type { DelegationVerifier } from '#core/delegation.ts'
import { decodeEnvelope, encodeEnvelope } from '#core/envelope.ts'
import { sha256 } from '#core/hash.ts'
import type { Address, Identity } from '#core/identity.ts'
import { MAX_CLOCK_SKEW_MS, MAX_LINKS, MAX_LINKS_PER_BATCH } from '#core/limits.ts'
import { ED25519_SIGNATURE_BYTES, type Ed25519Verifier } from '#core/signatures.ts'
import { linkError } from './link-errors.ts'

/** [KG1] Cyberlinks travel in signed batches, one feed per device. */

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
  /** SHA-256 of the signed bytes: what `prev` of the next batch names. The signature is left out, it may vary. */
  readonly hash: Bytes
  readonly signed: Bytes
  readonly signature: Bytes
  readonly delegation: Bytes
  /** the whole, as it travels and is kept */
  readonly envelope: Bytes
}

const DOMAIN = utf8('tabland/links/1')
const HEADER_BYTES = DOMAIN.length + 32 + 20 + 32 + 8 + 32 + 8 + 2
const LINK_BYTES = 2 * CID_BYTES
export const END_BYTES = 2 * DIGEST_BYTES
/** Every batch has a link, so no feed is longer than all links together. */
export const MAX_FEED_LENGTH = MAX_LINKS
export const NO_PREVIOUS: Bytes = new Uint8Array(32)

const CID_PREFIX = 0x1220

export function linkCount({ ends }: Pick<LinkBatch, 'ends'>): number {
  return ends.length / END_BYTES
}

/** The signed bytes: the domain and the fields in [KG1]'s order, fixed width, big-endian. */
export function encodeLinkBatch(batch: LinkBatch): Bytes {
  const count = linkCount(batch)
  const out = new ByteWriter(HEADER_BYTES + count * LINK_BYTES)
    .bytes(DOMAIN)
    .bytes(batch.machine)
    .bytes(batch.neuron)
    .bytes(batch.device)
    .u64(BigInt(batch.seq))
    .bytes(batch.prev)
    .u64(BigInt(batch.timeUs))
    .u16(count)
  for (let at = 0; at < batch.ends.length; at += DIGEST_BYTES) {
    out.u16(CID_PREFIX).bytes(batch.ends.subarray(at, at + DIGEST_BYTES))
  }
  return out.finish()
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
  const { links, ...rest } = fields
  const ends = new Uint8Array(links.length * END_BYTES)
  links.forEach(({ from, to }, index) => {
    ends.set(from, index * END_BYTES)
    ends.set(to, index * END_BYTES + DIGEST_BYTES)
  })
  const signed = encodeLinkBatch({
    ...rest,
    neuron: identity.neuron,
    device: identity.device.publicKey,
    ends,
  })
  const signature = await identity.device.sign(signed)
  const record = new ByteWriter(signed.length + signature.length).bytes(signed).bytes(signature).finish()
  return readLinkBatch(encodeEnvelope({ delegation: identity.delegation, record }))
}

/**
 * Reads an envelope's batch: layout, bounds and links. What needs a key or a clock is {@link verifyLinkBatch}'s.
 *
 * @throws LINKS_INVALID, LINKS_SELF
 */
export function readLinkBatch(envelope: Bytes): ReadLinkBatch {
  try {
    const { delegation, record } = decodeEnvelope(envelope)
    const signed = record.slice(0, Math.max(0, record.length - ED25519_SIGNATURE_BYTES))
    const signature = record.slice(signed.length)
    return { ...readFields(signed), hash: sha256(signed), signed, signature, delegation, envelope }
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'LINKS_SELF') throw cause
    throw linkError(
      'LINKS_INVALID',
      `A link batch could not be read: ${(cause as Error).message} It was dropped.`,
      {
        cause,
      },
    )
  }
}

function readFields(signed: Bytes): LinkBatch {
  const reader = new ByteReader(signed)
  expect(
    equalBytes(reader.bytes(DOMAIN.length, 'domain'), DOMAIN),
    'It does not begin with "tabland/links/1".',
  )
  const head = {
    machine: reader.bytes(32, 'machine'),
    neuron: reader.bytes(20, 'neuron'),
    device: reader.bytes(32, 'device'),
    seq: readInteger(reader, 'seq', MAX_FEED_LENGTH - 1),
    prev: reader.bytes(32, 'prev'),
    timeUs: readInteger(reader, 'time', Number.MAX_SAFE_INTEGER),
  }
  expect(head.seq > 0 || equalBytes(head.prev, NO_PREVIOUS), 'The first batch of a feed names one before it.')
  const count = reader.u16('count')
  expect(
    count >= 1 && count <= MAX_LINKS_PER_BATCH,
    `Expected 1 to ${MAX_LINKS_PER_BATCH} links, got ${count}.`,
  )
  const ends = readEnds(reader, count)
  reader.end('link batch')
  return { ...head, ends }
}

/** One copy for all links: 1 M links would be 2 M small arrays otherwise. */
function readEnds(reader: ByteReader, count: number): Bytes {
  const cids = reader.bytes(count * LINK_BYTES, 'links')
  const ends = new Uint8Array(count * END_BYTES)
  for (let end = 0; end < 2 * count; end++) {
    const at = end * CID_BYTES
    const prefix = (cids[at]! << 8) | cids[at + 1]!
    if (prefix !== CID_PREFIX)
      throw linkError('LINKS_INVALID', `Expected CIDv0 (1220…), got ${prefix.toString(16)}….`)
    ends.set(cids.subarray(at + 2, at + CID_BYTES), end * DIGEST_BYTES)
  }
  for (let at = 0; at < ends.length; at += END_BYTES) {
    if (!isSelfLink(ends, at)) continue
    throw linkError(
      'LINKS_SELF',
      `Link ${at / END_BYTES} goes from a particle to itself. Choose two different ends.`,
    )
  }
  return ends
}

function isSelfLink(ends: Bytes, at: number): boolean {
  for (let i = at; i < at + DIGEST_BYTES; i++) if (ends[i] !== ends[i + DIGEST_BYTES]) return false
  return true
}

function readInteger(reader: ByteReader, field: string, max: number): number {
  const value = reader.u64(field)
  expect(value <= BigInt(max), `Expected ${field} up to ${max}, got ${value}.`)
  return Number(value)
}

function expect(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw linkError('LINKS_INVALID', sentence)
}

export interface LinkBatchVerifierComponents {
  /** 32 bytes */
  readonly machine: Bytes
  readonly delegations: DelegationVerifier
  readonly signatures: Ed25519Verifier
  /** unix ms */
  readonly now: () => number
}

/**
 * Checks the machine, the time, the delegation and the signature of a batch that was read.
 *
 * @throws LINKS_MACHINE, LINKS_TIME, LINKS_NOT_AUTHORISED, LINKS_FORGED
 */
export async function verifyLinkBatch(
  batch: ReadLinkBatch,
  components: LinkBatchVerifierComponents,
): Promise<void> {
  const { machine, delegations, signatures, now } = components
  if (!equalBytes(batch.machine, machine)) {
    throw linkError(
      'LINKS_MACHINE',
      `A link batch belongs to machine ${toHex(batch.machine).slice(0, 16)}…, this is ${toHex(machine).slice(0, 16)}…. Choose the network that it was made for.`,
    )
  }
  const aheadMs = batch.timeUs / 1_000 - now()
  if (aheadMs > MAX_CLOCK_SKEW_MS) {
    throw linkError(
      'LINKS_TIME',
      `A link batch is dated ${Math.round(aheadMs / 1_000)} s in the future. It will be taken then; check the clock of this device.`,
    )
  }
  try {
    const { neuron: people, device: deviceKey, timeUs } = batch
    delegations.verify(batch.delegation, { people, deviceKey, machine, scope: 'links', timeUs })
  } catch (cause) {
    throw linkError(
      'LINKS_NOT_AUTHORISED',
      `The wallet 0x${toHex(batch.neuron)} did not authorise the device of a link batch: ${(cause as Error).message}`,
      { cause },
    )
  }
  if (await signatures.verify(batch.device, batch.signature, batch.signed)) return
  throw linkError(
    'LINKS_FORGED',
    `The signature of a link batch does not verify for device ${toHex(batch.device)}. It was dropped.`,
  )
}
