import { ByteReader, type Bytes, ByteWriter, utf8 } from '#core/bytes.ts'
import type { RecordEntry } from '#core/record-store.ts'

/** One change of a record file; no value = the key is deleted. */
export type RecordChange = RecordEntry | { readonly key: string; readonly value?: undefined }

const PUT = 1
const DELETE = 2
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Changes that hold together: op u8 | key length u16 | key (UTF-8) | for a put, value length u32 | value. */
export function encodeBatch(changes: readonly RecordChange[]): Bytes {
  const writer = new ByteWriter()
  for (const { key, value } of changes) {
    const name = utf8(key)
    writer.u8(value === undefined ? DELETE : PUT)
    writer.u16(name.length).bytes(name)
    if (value !== undefined) writer.u32(value.length).bytes(value)
  }
  return writer.finish()
}

/** @throws BYTES_TRUNCATED, which a batch whose CRC is right never does */
export function decodeBatch(data: Bytes): RecordChange[] {
  const reader = new ByteReader(data)
  const changes: RecordChange[] = []
  while (reader.remaining > 0) {
    const op = reader.u8('op')
    const key = decoder.decode(reader.bytes(reader.u16('key length'), 'key'))
    if (op === DELETE) changes.push({ key })
    else changes.push({ key, value: reader.bytes(reader.u32('value length'), 'value') })
  }
  return changes
}
