import type { Added, AddOptions } from '#api/types.ts'
import { CHUNK_BYTES, MAX_FILE_BYTES, MAX_FOLDER_FILES } from '#core/limits.ts'
import { ContentError } from './dag-reader.ts'

/** A content of known length that can be read from its beginning again. */
export interface SizedSource {
  readonly size: number
  pieces(): AsyncIterable<Uint8Array>
}

export type Addable = Blob | Uint8Array | SizedSource | AsyncIterable<Uint8Array>

/** One file of a folder. */
export interface FolderFile {
  /** `img/a.png`, normalised */
  readonly path: string
  readonly content: SizedSource
}

export interface AddedFile extends Added {
  readonly path: string
}

export interface AddedFolder extends Added {
  /** in the order in which they were given */
  readonly files: readonly AddedFile[]
}

/** Bytes of a content; undefined for a stream, which ends when it ends. */
export function sizeOf(source: Addable): number | undefined {
  if (source instanceof Uint8Array) return source.length
  return 'size' in source ? source.size : undefined
}

/** A Blob or bytes, cut into chunks. */
export function sizedSource(content: Blob | Uint8Array): SizedSource {
  const size = content instanceof Blob ? content.size : content.length
  return {
    size,
    async *pieces() {
      for (let at = 0; at < size; at += CHUNK_BYTES) {
        yield content instanceof Blob
          ? new Uint8Array(await content.slice(at, at + CHUNK_BYTES).arrayBuffer())
          : content.subarray(at, at + CHUNK_BYTES)
      }
    },
  }
}

/** The pieces of a content, counted against the bound, with word of each. @throws CONTENT_TOO_LARGE */
export function countPieces(
  content: Addable,
  { signal, onProgress }: Pick<AddOptions, 'signal' | 'onProgress'>,
): { pieces(): AsyncGenerator<Uint8Array>; bytes(): number } {
  const total = sizeOf(content)
  if (total !== undefined && total > MAX_FILE_BYTES) throw tooLarge(total)
  let bytes = 0
  return {
    bytes: () => bytes,
    async *pieces() {
      for await (const piece of piecesOf(content)) {
        signal?.throwIfAborted()
        bytes += piece.length
        if (bytes > MAX_FILE_BYTES) throw tooLarge(bytes)
        onProgress?.(total === undefined ? { bytes } : { bytes, total })
        yield piece
      }
    },
  }
}

/** @returns bytes of all files together. @throws CONTENT_TOO_LARGE, CONTENT_TOO_MANY_FILES */
export function assertFolder(files: readonly FolderFile[]): number {
  if (files.length > MAX_FOLDER_FILES) {
    throw new ContentError(
      'CONTENT_TOO_MANY_FILES',
      `This folder has ${files.length} files, more than the ${MAX_FOLDER_FILES} that one may have. Publish its folders one by one.`,
    )
  }
  const total = files.reduce((sum, { content }) => sum + content.size, 0)
  if (total > MAX_FILE_BYTES) throw tooLarge(total)
  return total
}

function tooLarge(bytes: number): ContentError {
  return new ContentError(
    'CONTENT_TOO_LARGE',
    `This file has ${bytes} bytes, more than the ${MAX_FILE_BYTES} that can be published.`,
    { details: { bytes, maxBytes: MAX_FILE_BYTES } },
  )
}

function piecesOf(content: Addable): AsyncIterable<Uint8Array> {
  if (content instanceof Uint8Array || content instanceof Blob) return sizedSource(content).pieces()
  return 'pieces' in content ? content.pieces() : content
}
