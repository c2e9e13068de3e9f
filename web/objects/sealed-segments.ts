import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Bytes, ByteWriter, concat, equalBytes, utf8 } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { CHUNK_BYTES } from '#core/limits.ts'

/**
 * Restricted content ([OB11]): AES-256-GCM in segments that open alone. A sealed segment is exactly one chunk of the
 * file's DAG, so a range costs no more blocks than it does of public content. The nonce is the segment's number, which
 * is safe because a key seals one content only: it is derived from the content itself (`sealKeyBytes`), which is held
 * against its first reading segment by segment before anything is sealed (`digestSegments`). The number of
 * segments and the length of the whole are authenticated with each, so that nothing can be cut off, moved or added.
 */

export type SealErrorCode = 'SEAL_CHANGED' | 'SEAL_DAMAGED' | 'SEAL_LENGTH'

export const SEAL_KEY_BYTES = 32
const TAG_BYTES = 16
/** Content in each segment but the last. */
export const SEGMENT_BYTES = CHUNK_BYTES - TAG_BYTES
/** of AES-GCM */
export const SEAL_NONCE_BYTES = 12
const DOMAIN = utf8('tabland/seal/1\n')

/** An AES-256-GCM key, ready for use. */
export type SealKey = Awaited<ReturnType<typeof importSealKey>>

/** How a content lies in its sealed form. */
export interface SealLayout {
  readonly plainBytes: number
  readonly sealedBytes: number
  /** an empty content has one too: somebody must say that it is empty */
  readonly segments: number
}

export function layoutOfPlain(plainBytes: number): SealLayout {
  const segments = Math.max(1, Math.ceil(plainBytes / SEGMENT_BYTES))
  return { plainBytes, segments, sealedBytes: plainBytes + segments * TAG_BYTES }
}

/** @throws SEAL_LENGTH for a length that no sealed content has */
export function layoutOfSealed(sealedBytes: number): SealLayout {
  const segments = Math.max(1, Math.ceil(sealedBytes / CHUNK_BYTES))
  const layout = layoutOfPlain(sealedBytes - segments * TAG_BYTES)
  if (layout.plainBytes >= 0 && layout.sealedBytes === sealedBytes) return layout
  throw new AppError<SealErrorCode>(
    'SEAL_LENGTH',
    `Restricted content cannot have ${sealedBytes} bytes: each segment of up to ${CHUNK_BYTES} bytes ends with ${TAG_BYTES} of its own. It was not opened.`,
  )
}

/**
 * 32 bytes for one content, from a secret that stays in the profile. The same content gets the same key, so that
 * adding it again after a reload gives the same blocks and goes on; another content gets another.
 */
export function sealKeyBytes(secret: Uint8Array, context: Uint8Array): Bytes {
  return hkdf(sha256, secret, undefined, concat(DOMAIN, context), SEAL_KEY_BYTES) as Bytes
}

export function importSealKey(bytes: Bytes) {
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

/** SHA-256 of each segment, of the reading that the key is made of. */
export async function digestSegments(source: AsyncIterable<Uint8Array>): Promise<readonly Bytes[]> {
  const digests: Bytes[] = []
  for await (const segment of inPieces(source, SEGMENT_BYTES)) digests.push(sha256(segment) as Bytes)
  return digests
}

export interface SealInit {
  readonly plainBytes: number
  readonly key: SealKey
  /** of what the key was made of */
  readonly digests: readonly Bytes[]
}

/** Seals `source`. @throws SEAL_CHANGED when it is not what the key was made of: no segment of that is sealed */
export async function* seal(
  source: AsyncIterable<Uint8Array>,
  { plainBytes, key, digests }: SealInit,
): AsyncGenerator<Bytes> {
  const layout = layoutOfPlain(plainBytes)
  let index = 0
  let given = 0
  for await (const segment of inPieces(source, SEGMENT_BYTES)) {
    given += segment.length
    const digest = digests[index]
    if (given > plainBytes || digest === undefined || !equalBytes(sha256(segment), digest))
      throw sealChanged()
    yield await sealSegment(segment, index++, layout, key)
  }
  if (given !== plainBytes) throw sealChanged()
  if (index === 0) yield await sealSegment(new Uint8Array(), 0, layout, key)
}

/** The content is not what it was at its first reading. */
export function sealChanged(): AppError<SealErrorCode> {
  return new AppError('SEAL_CHANGED', 'The content changed while it was read. Publish it again.')
}

/** Sealed bytes that hold the plain ones from `start` (inclusive) to `end` (exclusive): whole segments. */
export function sealedRange(
  { plainBytes, sealedBytes }: SealLayout,
  { start, end }: { readonly start: number; readonly end: number },
): { readonly first: number; readonly offset: number; readonly length: number } {
  const first = Math.floor(start / SEGMENT_BYTES)
  const last = Math.floor(Math.max(start, Math.min(end, plainBytes) - 1) / SEGMENT_BYTES)
  const offset = first * CHUNK_BYTES
  return { first, offset, length: Math.min(sealedBytes, (last + 1) * CHUNK_BYTES) - offset }
}

/**
 * Opens the range of the content that `sealedRange` asked `source` for.
 *
 * @throws SEAL_DAMAGED when a byte of it, its place or its length is not as it was sealed, or the key is another's
 */
export async function* unseal(
  source: AsyncIterable<Uint8Array>,
  { layout, key, start, end }: { layout: SealLayout; key: SealKey; start: number; end: number },
): AsyncGenerator<Bytes> {
  let index = sealedRange(layout, { start, end }).first
  for await (const segment of inPieces(source, CHUNK_BYTES)) {
    const at = index * SEGMENT_BYTES
    const plain = await openSegment(segment, index++, layout, key)
    const part = plain.subarray(Math.max(0, start - at), Math.max(0, end - at))
    if (part.length > 0) yield part
  }
  const reached = Math.min(layout.plainBytes, index * SEGMENT_BYTES)
  if (reached < Math.min(end, layout.plainBytes)) throw damaged(index)
}

async function openSegment(segment: Bytes, index: number, layout: SealLayout, key: SealKey): Promise<Bytes> {
  try {
    const opened = await crypto.subtle.decrypt(parametersOf(index, layout), key, segment)
    return new Uint8Array(opened)
  } catch (cause) {
    throw damaged(index, cause)
  }
}

async function sealSegment(segment: Bytes, index: number, layout: SealLayout, key: SealKey): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.encrypt(parametersOf(index, layout), key, segment))
}

function parametersOf(index: number, { plainBytes, segments }: SealLayout) {
  const iv = new ByteWriter(SEAL_NONCE_BYTES).u32(0).u64(BigInt(index)).finish()
  const place = new ByteWriter(16).u64(BigInt(plainBytes)).u32(segments).u32(index).finish()
  return { name: 'AES-GCM', iv, additionalData: concat(DOMAIN, place) } as const
}

function damaged(index: number, cause?: unknown): AppError<SealErrorCode> {
  return sealDamaged(`Segment ${index} of`, cause)
}

/** @param what as `Segment 3 of` */
export function sealDamaged(what: string, cause?: unknown): AppError<SealErrorCode> {
  return new AppError(
    'SEAL_DAMAGED',
    `${what} this restricted content does not open: it was changed, cut off, or the key is for another content.`,
    { cause },
  )
}

/** The same bytes in pieces of `size`, the last one shorter; pieces are copies. */
async function* inPieces(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Bytes> {
  let piece = new Uint8Array(size)
  let filled = 0
  for await (const part of source) {
    for (let at = 0; at < part.length; ) {
      const taken = part.subarray(at, at + size - filled)
      piece.set(taken, filled)
      filled += taken.length
      at += taken.length
      if (filled < size) continue
      yield piece
      piece = new Uint8Array(size)
      filled = 0
    }
  }
  if (filled > 0) yield piece.slice(0, filled)
}
