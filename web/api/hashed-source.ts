import { sha256 } from '@noble/hashes/sha2.js'
import { type Bytes, concat } from '#core/bytes.ts'
import { CHUNK_BYTES } from '#core/limits.ts'
import { chunkIdOf, type ObjectId } from '#objects/object-id.ts'
import type { SizedSource } from '#peer/add-source.ts'

/** A content that is hashed while it is read. */
export interface HashedSource extends SizedSource {
  /** of the last whole reading */
  facts(): { readonly hash: Bytes; readonly chunks: readonly ObjectId[] }
}

/** Hashes the whole and each chunk of a content, in the pieces in which it is stored. */
export function hashedSource(source: SizedSource): HashedSource {
  let facts: ReturnType<HashedSource['facts']> | undefined
  return {
    size: source.size,
    facts() {
      if (facts === undefined) throw new Error('A content was not read to its end.')
      return facts
    },
    async *pieces() {
      const whole = sha256.create()
      const chunks: ObjectId[] = []
      for await (const chunk of chunksOf(source.pieces())) {
        whole.update(chunk)
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', chunk))
        chunks.push(chunkIdOf(chunk.length, digest))
        yield chunk
      }
      facts = { hash: whole.digest() as Bytes, chunks }
    },
  }
}

/** The same bytes in chunks of CHUNK_BYTES, the last one shorter. */
async function* chunksOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Bytes> {
  let waiting: Uint8Array[] = []
  let bytes = 0
  for await (const piece of pieces) {
    waiting.push(piece)
    bytes += piece.length
    if (bytes < CHUNK_BYTES) continue
    const joined = concat(...waiting)
    let at = 0
    for (; joined.length - at >= CHUNK_BYTES; at += CHUNK_BYTES) yield joined.slice(at, at + CHUNK_BYTES)
    waiting = at < joined.length ? [joined.subarray(at)] : []
    bytes = joined.length - at
  }
  if (bytes > 0) yield concat(...waiting)
}
