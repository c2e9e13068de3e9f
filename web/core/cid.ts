import { base16 } from 'multiformats/bases/base16'
import { base32 } from 'multiformats/bases/base32'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { base64url } from 'multiformats/bases/base64'
import { CID } from 'multiformats/cid'
import { type Bytes, ByteWriter, concat, utf8 } from './bytes.ts'
import { AppError } from './errors.ts'
import { sha256 } from './hash.ts'
import { CHUNK_BYTES, DAG_LINKS } from './limits.ts'

/**
 * Particles ([KG1], [KG2]): CIDv0 in three forms. Text `Qm…`, binary `1220 ‖ digest` (34 bytes) and the bare
 * digest (32 bytes), which is what tables and records are built of. Everything here is pure and synchronous.
 */

/** A CIDv0 as text, `Qm…`. */
export type Cid = string & { readonly __brand: 'CidV0' }
/** The 32 bytes of a CIDv0's SHA-256. */
export type Digest = Bytes

export type CidErrorCode = 'CID_INVALID' | 'CID_NOT_V0'

export const DIGEST_BYTES = 32
/** `1220` and the digest. */
export const CID_BYTES = 34

export interface TextBlock {
  readonly cid: Cid
  readonly bytes: Bytes
}

const SHA2_256 = 0x12
const DAG_PB = 0x70
const MULTIHASH_PREFIX = new Uint8Array([SHA2_256, DIGEST_BYTES])
const V0_TEXT = /^Qm[1-9A-HJ-NP-Za-km-z]{44}$/
/** Long enough for any CIDv1 of a 64-byte hash in base16; a longer word is no CID. */
const MAX_CID_TEXT = 150
/** What a CIDv1 can look like: a base's letter and at least 32 bytes of it. */
const CID_TEXT = /^[bBzkKfFuU][0-9A-Za-z_-]{40,}$/

const DECODERS = base16.decoder
  .or(base32.decoder)
  .or(base36.decoder)
  .or(base58btc.decoder)
  .or(base64url.decoder)

const HOW_TO_GET_A_V0 =
  'Add the content with `ipfs add --cid-version 0 --raw-leaves=false`, or drop it on the page.'

/** What a text is before it becomes a particle: NFC, without white space around it. Nothing else is changed. */
export function normaliseText(text: string): string {
  return text.normalize('NFC').trim()
}

/** CIDv0 of a text, as `ipfs add --cid-version 0 --raw-leaves=false` of its normalised UTF-8 bytes ([KG2]). */
export function textCid(text: string): Cid {
  return bytesCid(utf8(normaliseText(text)))
}

/** CIDv0 of bytes as a UnixFS file of [KG2]'s profile for texts. Hashes on the calling thread: for texts, not for models. */
export function bytesCid(bytes: Uint8Array): Cid {
  return formatCid(buildDag(bytes, () => {}))
}

/** The dag-pb blocks of a text, leaves first and the root last. */
export function textBlocks(text: string): readonly TextBlock[] {
  const blocks: TextBlock[] = []
  buildDag(utf8(normaliseText(text)), (digest, block) => {
    blocks.push({ cid: formatCid(digest), bytes: block })
  })
  return blocks
}

/**
 * Reads a CID in any usual base and gives its v0 form: v0 itself, or v1 of dag-pb with SHA-256.
 *
 * @throws CID_INVALID when it is no CID, CID_NOT_V0 when it has no v0 form
 */
export function parseCid(input: string): Cid {
  return formatCid(parseDigest(input))
}

/** As {@link parseCid}, for the digest alone. */
export function parseDigest(input: string): Digest {
  const cid = readCid(input)
  if (cid.code !== DAG_PB || cid.multihash.code !== SHA2_256 || cid.multihash.size !== DIGEST_BYTES) {
    throw new AppError<CidErrorCode>(
      'CID_NOT_V0',
      `${input} has no CIDv0 form: expected dag-pb with SHA-256, got codec 0x${cid.code.toString(16)} with hash 0x${cid.multihash.code.toString(16)}. ${HOW_TO_GET_A_V0}`,
    )
  }
  return new Uint8Array(cid.multihash.digest)
}

function readCid(input: string): CID {
  if (input.length > MAX_CID_TEXT) throw invalid(`${input.slice(0, 40)}…`)
  try {
    return V0_TEXT.test(input) ? CID.parse(input) : CID.parse(input, DECODERS)
  } catch (cause) {
    throw invalid(input, cause)
  }
}

function invalid(input: string, cause?: unknown): AppError<CidErrorCode> {
  return new AppError(
    'CID_INVALID',
    `"${input}" is no CID. Expected 46 characters that begin with Qm. ${HOW_TO_GET_A_V0}`,
    {
      cause,
    },
  )
}

/**
 * What a person typed as the end of a link or as a query: a CID when it reads as one, else a text.
 *
 * @throws CID_NOT_V0 when it is a CID without a v0 form: linking its letters as a text would be a surprise
 */
export function particleOf(input: string): Cid {
  const word = input.trim()
  return isCidText(word) ? parseCid(word) : textCid(input)
}

/** Does `input` read as a CID? Words and sentences never do: a CID is one long word of the right alphabet and shape. */
export function isCidText(input: string): boolean {
  if (V0_TEXT.test(input)) return true
  if (input.length > MAX_CID_TEXT || !CID_TEXT.test(input)) return false
  try {
    CID.parse(input, DECODERS)
    return true
  } catch {
    return false
  }
}

export function formatCid(digest: Uint8Array): Cid {
  return base58btc.baseEncode(encodeCid(digest)) as Cid
}

/** Binary form, 34 bytes. */
export function encodeCid(digest: Uint8Array): Bytes {
  return concat(MULTIHASH_PREFIX, digest)
}

/**
 * Digest of a binary CIDv0, copied.
 *
 * @throws CID_INVALID unless it is exactly `1220` and 32 bytes
 */
export function decodeCid(bytes: Uint8Array): Digest {
  if (bytes.length !== CID_BYTES || bytes[0] !== SHA2_256 || bytes[1] !== DIGEST_BYTES) {
    throw new AppError<CidErrorCode>(
      'CID_INVALID',
      `Expected a binary CIDv0 (1220 and 32 bytes), got ${bytes.length} bytes that begin with ${bytes[0]}, ${bytes[1]}.`,
    )
  }
  return new Uint8Array(bytes.subarray(2))
}

// UnixFS (https://specs.ipfs.tech/unixfs/) as dag-pb, written by hand: the two messages have four fields together.

interface DagNode {
  readonly digest: Digest
  /** bytes of content under it */
  readonly fileBytes: number
  /** bytes of all blocks under it and its own: Tsize of a link to it */
  readonly dagBytes: number
}

type Emit = (digest: Digest, block: Bytes) => void

function buildDag(bytes: Uint8Array, emit: Emit): Digest {
  let level: DagNode[] = []
  for (let at = 0; at === 0 || at < bytes.length; at += CHUNK_BYTES) {
    level.push(buildLeaf(bytes.subarray(at, at + CHUNK_BYTES), emit))
  }
  while (level.length > 1) {
    const parents: DagNode[] = []
    for (let at = 0; at < level.length; at += DAG_LINKS)
      parents.push(buildParent(level.slice(at, at + DAG_LINKS), emit))
    level = parents
  }
  return level[0]!.digest
}

function buildLeaf(chunk: Uint8Array, emit: Emit): DagNode {
  const block = encodeNode([], encodeUnixFs(chunk, chunk.length, []))
  const digest = sha256(block)
  emit(digest, block)
  return { digest, fileBytes: chunk.length, dagBytes: block.length }
}

function buildParent(children: readonly DagNode[], emit: Emit): DagNode {
  const sizes = children.map(({ fileBytes }) => fileBytes)
  const fileBytes = sizes.reduce((sum, size) => sum + size, 0)
  const block = encodeNode(children, encodeUnixFs(undefined, fileBytes, sizes))
  const digest = sha256(block)
  emit(digest, block)
  const below = children.reduce((sum, child) => sum + child.dagBytes, 0)
  return { digest, fileBytes, dagBytes: below + block.length }
}

/** PBNode: links (field 2) stand before data (field 1), as dag-pb's canonical form wants. */
function encodeNode(links: readonly DagNode[], data: Uint8Array): Bytes {
  const out = new ByteWriter(data.length + links.length * 52 + 16)
  for (const { digest, dagBytes } of links) {
    // PBLink: hash (1), an empty name (2), Tsize (3)
    const link = new ByteWriter(64).u8(0x0a).u8(CID_BYTES).bytes(encodeCid(digest)).u8(0x12).u8(0).u8(0x18)
    const body = varint(link, dagBytes).finish()
    varint(out.u8(0x12), body.length).bytes(body)
  }
  return varint(out.u8(0x0a), data.length).bytes(data).finish()
}

/** UnixFS Data: type File (1), data (2), filesize (3), blocksizes (4). Empty data is left out. */
function encodeUnixFs(data: Uint8Array | undefined, fileBytes: number, sizes: readonly number[]): Bytes {
  const out = new ByteWriter((data?.length ?? 0) + sizes.length * 5 + 16).u8(0x08).u8(2)
  if (data !== undefined && data.length > 0) varint(out.u8(0x12), data.length).bytes(data)
  varint(out.u8(0x18), fileBytes)
  for (const size of sizes) varint(out.u8(0x20), size)
  return out.finish()
}

function varint(out: ByteWriter, value: number): ByteWriter {
  let rest = value
  while (rest >= 0x80) {
    out.u8((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return out.u8(rest)
}
