import { ByteReader, type Bytes, equalBytes, utf8 } from '#core/bytes.ts'
import { CID_BYTES, DIGEST_BYTES } from '#core/cid.ts'
import { MAX_LINKS_PER_BATCH } from '#core/limits.ts'
import { type EnvelopeProof, readEnvelope } from '#objects/signed-record.ts'
import { LINK_END_BYTES } from '#objects/types/link-batch.ts'
import type { LinkBatch } from './link-batch.ts'

/** Link batches of before they became named objects: profiles and peers still hold some, and they count as ever. */

const DOMAIN = utf8('tabland/links/1')
const LINK_BYTES = 2 * CID_BYTES
/** first bytes of a CIDv0: sha2-256, 32 bytes */
const CID_PREFIX = 0x1220

/**
 * Reads `tabland/links/1`: domain, machine, neuron, device, seq, prev, time, count, and the CIDv0 of both ends of each
 * link, fixed width, big-endian.
 *
 * @throws ENVELOPE_INVALID, Error
 */
export function readLinkEnvelope(
  bytes: Bytes,
): LinkBatch & { readonly hash: Bytes; readonly proof: EnvelopeProof } {
  const { hash, ...proof } = readEnvelope(bytes)
  const reader = new ByteReader(proof.signed)
  expect(
    equalBytes(reader.bytes(DOMAIN.length, 'domain'), DOMAIN),
    'It does not begin with "tabland/links/1".',
  )
  const head = {
    machine: reader.bytes(32, 'machine'),
    neuron: reader.bytes(20, 'neuron'),
    device: reader.bytes(32, 'device'),
    seq: Number(reader.u64('seq')),
    prev: reader.bytes(32, 'prev'),
    timeUs: readTime(reader),
  }
  expect(
    head.seq > 0 || head.prev.every((byte) => byte === 0),
    'The first batch of a feed names one before it.',
  )
  const count = reader.u16('count')
  expect(
    count >= 1 && count <= MAX_LINKS_PER_BATCH,
    `Expected 1 to ${MAX_LINKS_PER_BATCH} links, got ${count}.`,
  )
  const ends = readEnds(reader, count)
  reader.end('link batch')
  return { ...head, ends, hash, proof }
}

function readTime(reader: ByteReader): number {
  const time = reader.u64('time')
  expect(time <= BigInt(Number.MAX_SAFE_INTEGER), `Expected a time of our age, got ${time}.`)
  return Number(time)
}

/** One copy for all links: 1 M links would be 2 M small arrays otherwise. */
function readEnds(reader: ByteReader, count: number): Bytes {
  const cids = reader.bytes(count * LINK_BYTES, 'links')
  const ends = new Uint8Array(count * LINK_END_BYTES)
  for (let end = 0; end < 2 * count; end++) {
    const at = end * CID_BYTES
    const prefix = (cids[at]! << 8) | cids[at + 1]!
    expect(prefix === CID_PREFIX, `Expected CIDv0 (1220…), got ${prefix.toString(16)}….`)
    ends.set(cids.subarray(at + 2, at + CID_BYTES), end * DIGEST_BYTES)
  }
  return ends
}

function expect(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(sentence)
}
