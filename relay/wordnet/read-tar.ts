/** Fields of a header (ustar). */
const BLOCK = 512
const NAME = 100
const SIZE_AT = 124
const SIZE_LENGTH = 12
const TYPE_AT = 156
const FILE_TYPES = new Set(['0', '\0'])

/** A file of a tar archive by its path, aliased; undefined when it is not in there or the archive ends before it. */
export function readTarFile(tar: Uint8Array, path: string): Uint8Array | undefined {
  const decoder = new TextDecoder('latin1')
  const text = (at: number, length: number): string =>
    decoder.decode(tar.subarray(at, at + length)).split('\0')[0] ?? ''
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const name = text(at, NAME)
    if (name === '') return undefined
    const size = Number.parseInt(text(at + SIZE_AT, SIZE_LENGTH).trim(), 8)
    if (!(size >= 0)) return undefined
    const start = at + BLOCK
    const type = String.fromCharCode(tar[at + TYPE_AT] ?? 0)
    if (name === path && FILE_TYPES.has(type)) {
      return start + size <= tar.length ? tar.subarray(start, start + size) : undefined
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK
  }
  return undefined
}
