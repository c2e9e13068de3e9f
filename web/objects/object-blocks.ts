import type { CID } from 'multiformats/cid'
import { type Bytes, equalBytes, utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { encodeBody, readBody } from './body.ts'
import { decodeDesc, encodeDesc, HASH_BYTES } from './desc.ts'
import type { NamedObject } from './object.ts'
import { rawCid } from './object-cid.ts'
import { objectInvalid } from './object-errors.ts'
import { type ObjectSignature, readSignatures, writeSignatures } from './object-signature.ts'
import { RawReader } from './raw-reader.ts'
import { RawWriter } from './raw-writer.ts'

/** By its first bytes a seal is found among all other blocks when the index is rebuilt. */
const SEAL_MAGIC = utf8('tabland/object-seal/1')
const FLAG = { body: 1, descSigns: 2, bodySigns: 4, nonce: 8 } as const
const ALL_FLAGS = 15
/** Twice 16 signatures, each with a key of 64 RSA-3072 keys at most, are far above any that is made; so is this. */
export const MAX_SEAL_BYTES = 64 * 1024

/** A raw block of SHA-256 ([OB11]). */
export interface RawBlock {
  readonly cid: CID
  readonly bytes: Bytes
}

/** An object as it is stored: desc and body are blocks of their own, the seal ties them and holds the signatures. */
export interface ObjectBlocks {
  readonly desc: RawBlock
  readonly body: RawBlock | undefined
  readonly seal: RawBlock
}

/** What a seal says. */
export interface Seal {
  /** SHA-256 of the encoded desc */
  readonly desc: Bytes
  readonly body: Bytes | undefined
  readonly descSigns: readonly ObjectSignature[]
  readonly bodySigns: readonly ObjectSignature[]
  readonly nonce: bigint | undefined
}

export function splitObject({ desc, body, descSigns, bodySigns, nonce }: NamedObject): ObjectBlocks {
  const descBlock = rawBlock(encodeDesc(desc))
  const bodyBlock = body === undefined ? undefined : rawBlock(encodeBody(body))
  const seal = encodeSeal({
    desc: descBlock.cid.multihash.digest as Bytes,
    body: bodyBlock?.cid.multihash.digest as Bytes | undefined,
    descSigns,
    bodySigns,
    nonce,
  })
  return { desc: descBlock, body: bodyBlock, seal: rawBlock(seal) }
}

/** The object of its three blocks. @throws OBJECT_INVALID when they do not fit together */
export function joinObject(blocks: {
  readonly desc: Bytes
  readonly body: Bytes | undefined
  readonly seal: Bytes
}): NamedObject {
  const seal = decodeSeal(blocks.seal)
  assertHash('desc', blocks.desc, seal.desc)
  assertHash('body', blocks.body, seal.body)
  const reader = blocks.body === undefined ? undefined : new RawReader(blocks.body, 'body')
  const body = reader === undefined ? undefined : readBody(reader)
  reader?.end()
  return {
    desc: decodeDesc(blocks.desc),
    ...(body === undefined ? {} : { body }),
    descSigns: seal.descSigns,
    bodySigns: seal.bodySigns,
    ...(seal.nonce === undefined ? {} : { nonce: seal.nonce }),
  }
}

export function isSeal(block: Uint8Array): boolean {
  return block.length <= MAX_SEAL_BYTES && equalBytes(block.subarray(0, SEAL_MAGIC.length), SEAL_MAGIC)
}

function encodeSeal({ desc, body, descSigns, bodySigns, nonce }: Seal): Bytes {
  let flags = 0
  if (body !== undefined) flags |= FLAG.body
  if (descSigns.length > 0) flags |= FLAG.descSigns
  if (bodySigns.length > 0) flags |= FLAG.bodySigns
  if (nonce !== undefined) flags |= FLAG.nonce
  const writer = new RawWriter(512)
  writer.bytes(SEAL_MAGIC).bytes(desc).u8(flags)
  if (body !== undefined) writer.bytes(body)
  if (descSigns.length > 0) writeSignatures(writer, descSigns)
  if (bodySigns.length > 0) writeSignatures(writer, bodySigns)
  if (nonce !== undefined) writer.u128(nonce)
  return writer.finish()
}

/** @throws OBJECT_INVALID */
export function decodeSeal(bytes: Uint8Array): Seal {
  const reader = new RawReader(bytes, 'seal')
  const magic = reader.bytes(SEAL_MAGIC.length, 'magic')
  if (!equalBytes(magic, SEAL_MAGIC)) throw reader.refusal('magic', 'something else', 'a seal', magic.length)
  const desc = reader.bytes(HASH_BYTES, 'desc')
  const flags = reader.u8('flags')
  if ((flags & ~ALL_FLAGS) !== 0) throw reader.refusal('flags', String(flags), `0 to ${ALL_FLAGS}`, 1)
  const has = (name: keyof typeof FLAG) => (flags & FLAG[name]) !== 0
  const seal = {
    desc,
    body: has('body') ? reader.bytes(HASH_BYTES, 'body') : undefined,
    descSigns: has('descSigns') ? readSignatures(reader, 'descSigns') : [],
    bodySigns: has('bodySigns') ? readSignatures(reader, 'bodySigns') : [],
    nonce: has('nonce') ? reader.u128('nonce') : undefined,
  }
  reader.end()
  return seal
}

function rawBlock(bytes: Bytes): RawBlock {
  return { cid: rawCid(sha256(bytes)), bytes }
}

function assertHash(path: string, bytes: Bytes | undefined, digest: Bytes | undefined): void {
  if (bytes === undefined && digest === undefined) return
  if (bytes !== undefined && digest !== undefined && equalBytes(sha256(bytes), digest)) return
  throw objectInvalid({ path, got: 'another block', expected: 'the one that the seal names' })
}
