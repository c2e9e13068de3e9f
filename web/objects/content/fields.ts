import { WireType } from '@bufbuild/protobuf/wire'
import { type Bytes, fromHex, toHex, utf8 } from '#core/bytes.ts'
import { objectInvalid } from '../object-errors.ts'
import { formatObjectId, type ObjectId, parseObjectId } from '../object-id.ts'
import { type Json, type Leaf, leaf, type Problem } from './field.ts'

/** Values of one field: u8 to u32 and i32 are numbers, u64 and i64 bigints, ids and hashes 32 bytes. */
export const u8 = unsigned(8)
export const u16 = unsigned(16)
export const u32 = unsigned(32)
export const u64 = wide({ signed: false, min: 0n, max: (1n << 64n) - 1n })
export const i64 = wide({ signed: true, min: -(1n << 63n), max: (1n << 63n) - 1n })

export const i32 = leaf<number>({
  minBytes: 4,
  wire: WireType.Varint,
  implicit: { value: 0, is: (value) => value === 0 },
  writeRaw: (writer, value) => writer.i32(value),
  readRaw: (reader, name) => reader.i32(name),
  writeElement: (writer, value) => writer.int32(value),
  readElement: (reader, name) => Number(reader.int64(name)),
  toJson: (value) => value,
  fromJson: numberOf,
  check: (value) =>
    (value | 0) === value && !Object.is(value, -0)
      ? undefined
      : problem(String(value), `${-(2 ** 31)} to ${2 ** 31 - 1}`),
})

export const objectId = leaf<ObjectId>({
  minBytes: 32,
  wire: WireType.LengthDelimited,
  writeRaw: (writer, value) => writer.objectId(value),
  readRaw: (reader, name) => reader.objectId(name),
  writeElement: (writer, value) => writer.bytes(value),
  readElement: (reader, name) => reader.bytes(name) as ObjectId,
  toJson: formatObjectId,
  fromJson: (json, path) => parseObjectId(textOf(json, path), path),
  check: (value) => lengthProblem(value, 32),
})

/** Bytes of one length, as hashes are. */
export function fixedBytes(length: number): Leaf<Bytes> {
  return leaf<Bytes>({
    minBytes: length,
    wire: WireType.LengthDelimited,
    writeRaw: (writer, value) => writer.bytes(value),
    readRaw: (reader, name) => reader.bytes(length, name),
    writeElement: (writer, value) => writer.bytes(value),
    readElement: (reader, name) => reader.bytes(name),
    toJson: toHex,
    fromJson: hexOf,
    check: (value) => lengthProblem(value, length),
  })
}

export const hash = fixedBytes(32)

/** Bytes behind their size. */
export const bytes = leaf<Bytes>({
  minBytes: 1,
  wire: WireType.LengthDelimited,
  implicit: { value: new Uint8Array(), is: (value) => value.length === 0 },
  writeRaw: (writer, value) => writer.sizedBytes(value),
  readRaw: (reader, name) => reader.sizedBytes(name),
  writeElement: (writer, value) => writer.bytes(value),
  readElement: (reader, name) => reader.bytes(name),
  toJson: toHex,
  fromJson: hexOf,
  check: () => undefined,
})

/** Unicode text. */
export const text = leaf<string>({
  minBytes: 1,
  wire: WireType.LengthDelimited,
  implicit: { value: '', is: (value) => value === '' },
  writeRaw: (writer, value) => writer.text(value),
  readRaw: (reader, name) => reader.text(name),
  writeElement: (writer, value) => writer.string(value),
  readElement: (reader, name) => reader.text(name),
  toJson: (value) => value,
  fromJson: textOf,
  check: (value) =>
    value.isWellFormed() ? undefined : problem('half of a surrogate pair', 'well-formed Unicode'),
})

/** Text behind a u16 length in the raw format, as CYFS writes plain strings. */
export const text16 = leaf<string>({
  minBytes: 2,
  wire: WireType.LengthDelimited,
  implicit: { value: '', is: (value) => value === '' },
  writeElement: (writer, value) => writer.string(value),
  toJson: (value) => value,
  fromJson: textOf,
  writeRaw: (writer, value) => writer.text16(value),
  readRaw: (reader, name) => reader.text16(name),
  readElement: (reader, name) => reader.text(name),
  check: (value) => text.check(value) ?? shortProblem(utf8(value).length),
})

function shortProblem(length: number): Problem | undefined {
  return length <= 0xffff ? undefined : problem(`${length} bytes`, 'at most 65535 bytes')
}

/** One of `names`: its place is its number in the raw format and in protobuf. */
export function oneOf<Name extends string>(...names: readonly Name[]): Leaf<Name> {
  const expected = names.join(', ')
  const at = (index: number) => names[index] ?? (`number ${index}` as Name)
  return leaf<Name>({
    minBytes: 1,
    wire: WireType.Varint,
    implicit: { value: names[0]!, is: (value) => value === names[0] },
    writeRaw: (writer, value) => writer.size(names.indexOf(value)),
    readRaw: (reader, name) => at(reader.size(name)),
    writeElement: (writer, value) => writer.uint32(names.indexOf(value)),
    readElement: (reader, name) => at(reader.uint(name)),
    toJson: (value) => value,
    fromJson: (json, path) => textOf(json, path) as Name,
    check: (value) => (names.includes(value) ? undefined : problem(String(value), expected)),
  })
}

/** A value that CYFS keeps as text of these names, in every format. */
export function textOneOf<Name extends string>(...names: readonly Name[]): Leaf<Name> {
  const check = (value: Name) => (names.includes(value) ? undefined : problem(`"${value}"`, names.join(', ')))
  return leaf<Name>({
    minBytes: 1,
    wire: WireType.LengthDelimited,
    writeRaw: (writer, value) => writer.text(value),
    readRaw: (reader, name) => reader.text(name) as Name,
    writeElement: (writer, value) => writer.string(value),
    readElement: (reader, name) => reader.text(name) as Name,
    toJson: (value) => value,
    fromJson: (json, path) => textOf(json, path) as Name,
    check,
  })
}

function unsigned(bits: 8 | 16 | 32): Leaf<number> {
  const max = 2 ** bits - 1
  const name = `u${bits}` as const
  return leaf<number>({
    minBytes: bits / 8,
    wire: WireType.Varint,
    implicit: { value: 0, is: (value) => value === 0 },
    writeRaw: (writer, value) => writer[name](value),
    readRaw: (reader, field) => reader[name](field),
    writeElement: (writer, value) => writer.uint32(value),
    readElement: (reader, field) => reader.uint(field),
    toJson: (value) => value,
    fromJson: numberOf,
    check: (value) =>
      Number.isInteger(value) && value >= 0 && value <= max
        ? undefined
        : problem(String(value), `0 to ${max}`),
  })
}

function wide({ signed, min, max }: { signed: boolean; min: bigint; max: bigint }): Leaf<bigint> {
  return leaf<bigint>({
    minBytes: 8,
    wire: WireType.Varint,
    implicit: { value: 0n, is: (value) => value === 0n },
    writeRaw: (writer, value) => (signed ? writer.i64(value) : writer.u64(value)),
    readRaw: (reader, name) => (signed ? reader.i64(name) : reader.u64(name)),
    writeElement: (writer, value) => (signed ? writer.int64(value) : writer.uint64(value)),
    readElement: (reader, name) => (signed ? reader.int64(name) : reader.uint64(name)),
    toJson: String,
    fromJson: bigintOf,
    check: (value) =>
      typeof value === 'bigint' && value >= min && value <= max
        ? undefined
        : problem(String(value), `${min} to ${max}`),
  })
}

function problem(got: string, expected: string): Problem {
  return { path: '', got, expected }
}

function lengthProblem(value: Uint8Array, length: number): Problem | undefined {
  return value.length === length ? undefined : problem(`${value.length} bytes`, `${length} bytes`)
}

export function textOf(json: Json | undefined, path: string): string {
  if (typeof json === 'string') return json
  throw wrongJson(json, path, 'text')
}

function numberOf(json: Json | undefined, path: string): number {
  if (typeof json === 'number') return json
  throw wrongJson(json, path, 'a number')
}

/** Decimal text, as JSON has no whole numbers beyond 2⁵³. */
export function bigintOf(json: Json | undefined, path: string): bigint {
  if (typeof json === 'string' && /^(0|-?[1-9]\d{0,39})$/.test(json)) return BigInt(json)
  throw wrongJson(json, path, 'a whole number as decimal text')
}

/** Lower-case hexadecimal text. */
export function hexOf(json: Json | undefined, path: string): Bytes {
  if (typeof json === 'string' && json.length % 2 === 0 && /^[0-9a-f]*$/.test(json)) return fromHex(json)
  throw wrongJson(json, path, 'lower-case hexadecimal text')
}

export function wrongJson(json: Json | undefined, path: string, expected: string) {
  return objectInvalid({ path, got: json === undefined ? 'nothing' : JSON.stringify(json), expected })
}
