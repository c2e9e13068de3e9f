import { mediaTypeOf } from '#core/media-type.ts'
import type { SealedFacts } from '#objects/sealed-facts.ts'
import { encodeFolderTable, inTableOrder } from '#objects/sealed-folder.ts'
import { sealChanged } from '#objects/sealed-segments.ts'
import type { FolderFile, SizedSource } from '#peer/add-source.ts'

/** What is sealed as one: a file, or a folder behind its table. */
export interface SealedContent extends Pick<SealedFacts, 'kind'> {
  readonly content: SizedSource
  /** bytes of the content behind which each file is whole, ascending */
  readonly ends: readonly number[]
}

export function fileContent(content: SizedSource): SealedContent {
  return { kind: 'file', content, ends: [content.size] }
}

/**
 * The files of a folder one after the other, each read when it is its turn.
 *
 * @throws OBJECT_INVALID for paths that are not normal
 */
export function folderContent(files: readonly FolderFile[]): SealedContent {
  const ordered = inTableOrder(files)
  const table = encodeFolderTable(
    ordered.map(({ path, content }) => ({ path, mime: mediaTypeOf(path), bytes: content.size })),
  )
  let size = table.length
  const ends = ordered.map(({ content }) => {
    size += content.size
    return size
  })
  return {
    kind: 'folder',
    ends,
    content: {
      size,
      async *pieces() {
        yield table
        for (const { content } of ordered) yield* wholly(content)
      },
    },
  }
}

/** A file that grew by what another lost would lie elsewhere than the table says. @throws SEAL_CHANGED */
async function* wholly({ size, pieces }: SizedSource): AsyncGenerator<Uint8Array> {
  let given = 0
  for await (const piece of pieces()) {
    given += piece.length
    if (given > size) throw sealChanged()
    yield piece
  }
  if (given < size) throw sealChanged()
}
