import { WireType } from '@bufbuild/protobuf/wire'
import type { Bytes } from '#core/bytes.ts'
import { DIGEST_BYTES, formatCid, parseDigest } from '#core/cid.ts'
import { MAX_LINKS_PER_BATCH } from '#core/limits.ts'
import { optional } from '../content/composite-fields.ts'
import { type Json, leaf, type Problem } from '../content/field.ts'
import { hash, textOf, u32, wrongJson } from '../content/fields.ts'
import { jsonFields, struct } from '../content/struct.ts'
import { type DescOf, objectType } from '../object-type.ts'

/** Digests of both ends of one link. */
export const LINK_END_BYTES = 2 * DIGEST_BYTES

/** Digests `from ‖ to` of each link in one array: a list of pairs would be 2 M arrays in a full graph. */
const links = leaf<Bytes>({
  minBytes: 1,
  wire: WireType.LengthDelimited,
  writeRaw: (writer, value) => writer.sizedBytes(value),
  readRaw: (reader, name) => reader.sizedBytes(name),
  writeElement: (writer, value) => writer.bytes(value),
  readElement: (reader, name) => reader.bytes(name),
  toJson: linksToJson,
  fromJson: linksFromJson,
  check: linksProblem,
})

/**
 * [KG1] Links of one device, the next in its feed. All of it is desc, because nothing of it ever changes; its time is
 * the desc's, the neuron is the wallet in the delegation that it is signed by and the owner is that wallet's People.
 */
export const linkBatchType = objectType({
  name: 'LinkBatch',
  // the first of our own: CYFS's core types are all below 1,000
  type: 20_001,
  formats: { desc: 'raw', body: 'raw' },
  scope: 'links',
  desc: struct(
    {
      machine: [1, hash],
      /** the device's Ed25519 key */
      device: [2, hash],
      /** place in the device's feed */
      seq: [3, u32],
      /** hash of the batch before: SHA-256 of its desc */
      prev: [4, optional(hash)],
      links: [5, links],
    },
    { check: feedProblem },
  ),
  body: struct({}),
})

export type LinkBatchDesc = DescOf<typeof linkBatchType>

function feedProblem({ seq, prev }: { readonly seq: number; readonly prev?: Bytes | undefined }) {
  if ((seq === 0) === (prev === undefined)) return undefined
  const expected = seq === 0 ? 'nothing before the first' : 'the hash of the batch before'
  return { path: 'prev', got: prev === undefined ? 'nothing' : 'a hash', expected }
}

function linksProblem({ length }: Bytes): Problem | undefined {
  const count = length / LINK_END_BYTES
  if (Number.isInteger(count) && count >= 1 && count <= MAX_LINKS_PER_BATCH) return undefined
  const expected = `1 to ${MAX_LINKS_PER_BATCH} links of ${LINK_END_BYTES} bytes`
  return { path: '', got: `${length} bytes`, expected }
}

/** `[{"from": "Qm…", "to": "Qm…"}]` */
function linksToJson(value: Bytes): Json {
  const cidAt = (at: number) => formatCid(value.subarray(at, at + DIGEST_BYTES))
  return Array.from({ length: value.length / LINK_END_BYTES }, (_, index) => ({
    from: cidAt(index * LINK_END_BYTES),
    to: cidAt(index * LINK_END_BYTES + DIGEST_BYTES),
  }))
}

function linksFromJson(json: Json | undefined, path: string): Bytes {
  if (!Array.isArray(json)) throw wrongJson(json, path, 'a list of links')
  const value = new Uint8Array(json.length * LINK_END_BYTES)
  json.forEach((link: Json, index) => {
    const where = `${path}[${index}]`
    const { from, to } = jsonFields(link, where, ['from', 'to'])
    value.set(digestOf(from, `${where}.from`), index * LINK_END_BYTES)
    value.set(digestOf(to, `${where}.to`), index * LINK_END_BYTES + DIGEST_BYTES)
  })
  return value
}

/** One text for one digest, as everything in canonical JSON. */
function digestOf(json: Json | undefined, path: string): Bytes {
  const text = textOf(json, path)
  try {
    const digest = parseDigest(text)
    if (formatCid(digest) === text) return digest
  } catch {
    // told below
  }
  throw wrongJson(text, path, 'a CIDv0 (Qm…)')
}
