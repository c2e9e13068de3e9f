import { WireType } from '@bufbuild/protobuf/wire'
import { toHex } from '#core/bytes.ts'
import { type Desc, decodeDesc, encodeDesc, OBJECT_FLAGS, readDescFields } from '../desc.ts'
import type { RawReader } from '../raw-reader.ts'
import { type Leaf, leaf } from './field.ts'
import { hexOf } from './fields.ts'

/** The desc of another object, whole; its content is kept as it is. Hexadecimal text in JSON. */
export function descField(type: number): Leaf<Desc> {
  return leaf<Desc>({
    minBytes: 8,
    wire: WireType.LengthDelimited,
    writeRaw: (writer, value) => writer.bytes(encodeDesc(value)),
    readRaw: (reader, name) => reader.within(name, () => readDesc(reader)),
    writeElement: (writer, value) => writer.bytes(encodeDesc(value)),
    readElement: (reader, name) => decodeDesc(reader.bytes(name)),
    toJson: (value) => toHex(encodeDesc(value)),
    fromJson: (json, path) => decodeDesc(hexOf(json, path)),
    check: (value) =>
      value.type === type
        ? undefined
        : { path: 'type', got: String(value.type), expected: `a desc of type ${type}` },
  })
}

function readDesc(reader: RawReader): Desc {
  const type = reader.u16('type')
  const flags = reader.u16('flags')
  if ((flags & OBJECT_FLAGS) !== 0) {
    throw reader.refusal('flags', String(flags), 'the low five bits to be zero', 2)
  }
  return readDescFields(reader, type, flags)
}
