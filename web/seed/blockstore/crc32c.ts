/** Castagnoli's polynomial, bit-reversed (RFC 3720 §12.1). */
const POLYNOMIAL = 0x82f63b78

/** Eight tables of 256 entries: table k advances a byte past k more bytes ("slicing by 8"). */
const TABLES = buildTables()

function buildTables(): Uint32Array {
  const tables = new Uint32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    tables[byte] = crc
  }
  for (let at = 256; at < tables.length; at++) {
    const previous = tables[at - 256] as number
    tables[at] = (previous >>> 8) ^ (tables[previous & 255] as number)
  }
  return tables
}

/**
 * CRC-32C (RFC 3720 §12.1) of `bytes`, u32. `previous` continues the sum of the bytes before them.
 * Eight bytes a step: a byte at a time is three times slower and would weigh on every block written.
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const t = TABLES
  let crc = ~previous
  let at = 0
  for (const last = bytes.length - 7; at < last; at += 8) {
    const b = bytes
    crc ^=
      (b[at] as number) |
      ((b[at + 1] as number) << 8) |
      ((b[at + 2] as number) << 16) |
      ((b[at + 3] as number) << 24)
    crc =
      (t[1792 + (crc & 255)] as number) ^
      (t[1536 + ((crc >>> 8) & 255)] as number) ^
      (t[1280 + ((crc >>> 16) & 255)] as number) ^
      (t[1024 + (crc >>> 24)] as number) ^
      (t[768 + (b[at + 4] as number)] as number) ^
      (t[512 + (b[at + 5] as number)] as number) ^
      (t[256 + (b[at + 6] as number)] as number) ^
      (t[b[at + 7] as number] as number)
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[at] as number)) & 255] as number)
  return ~crc >>> 0
}
