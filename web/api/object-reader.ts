import type { Bytes } from '#core/bytes.ts'
import { formatObjectId } from '#objects/object-id.ts'
import { apiError } from './errors.ts'
import { fileOf, notAFile, type ReadFileBytes } from './file-bytes.ts'
import type { FindByLink } from './object-finder.ts'
import type { ReadObjectOptions } from './object-types.ts'
import type { OpenSeal } from './restricted-files.ts'
import type { PlainRange, Unseal } from './restricted-reader.ts'

export interface ObjectReaderComponents {
  readonly find: FindByLink
  readonly readFileBytes: ReadFileBytes
  readonly openSeal: OpenSeal
  readonly unseal: Unseal
}

/** [OB12] Reads files by links, whole or a range, restricted ones for those who may ([OB11]). */
export function createObjectReader({ find, readFileBytes, openSeal, unseal }: ObjectReaderComponents) {
  return async function* read(link: string, options: ReadObjectOptions = {}): AsyncGenerator<Bytes> {
    const { signal } = options
    const target = await find(link, options)
    if (target.kind === 'chunk') {
      const { start, end } = rangeOf(options, target.bytes.length)
      yield target.bytes.slice(start, end)
      return
    }
    const file = fileOf(target.found)
    const seal = await openSeal(target.found, options)
    if (seal === undefined) {
      const { start, end } = rangeOf(options, file.length)
      if (start < end) yield* readFileBytes(target, { offset: start, length: end - start, signal })
      return
    }
    const unsealed = await unseal(target, seal, { link, ...(signal === undefined ? {} : { signal }) })
    if (unsealed.kind === 'folder') throw notAFile(formatObjectId(target.found.id), 'folder')
    yield* unsealed.read(rangeOf(options, unsealed.bytes), signal)
  }
}

/** @throws OBJECT_RANGE_INVALID */
function rangeOf(
  { start = 0, end = Number.POSITIVE_INFINITY }: ReadObjectOptions,
  length: number,
): PlainRange {
  const last = Math.min(end, length)
  if (Number.isSafeInteger(start) && Number.isSafeInteger(last) && start >= 0 && start <= last)
    return { start, end: last }
  throw apiError(
    'OBJECT_RANGE_INVALID',
    `Bytes ${start} to ${end} cannot be read of ${length}: expected whole numbers, 0 ≤ start ≤ end, within the file.`,
  )
}
