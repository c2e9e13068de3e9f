import { type BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { RawReader } from '../raw-reader.ts'
import type { RawWriter } from '../raw-writer.ts'
import { assertWire, type Field, type Json, type Leaf, nested, type Problem } from './field.ts'
import { wrongJson } from './fields.ts'
import type { ProtoReader } from './proto-reader.ts'

/** name: [number in protobuf, field], in the order of the raw format */
// biome-ignore lint/suspicious/noExplicitAny: the field's value is inferred from it, whatever it is
export type StructFields = Readonly<Record<string, readonly [number: number, field: Field<any>]>>

type ValueOf<Entry> = Entry extends readonly [number, Field<infer T>] ? T : never

type OptionalNames<Fields extends StructFields> = {
  [Name in keyof Fields]: Fields[Name][1] extends { readonly optional: true } ? Name : never
}[keyof Fields]

/** What a struct's value is: its fields by their names, optional ones as optional properties. */
export type StructValue<Fields extends StructFields> = {
  readonly [Name in Exclude<keyof Fields, OptionalNames<Fields>>]: ValueOf<Fields[Name]>
} & { readonly [Name in OptionalNames<Fields>]?: ValueOf<Fields[Name]> | undefined }

export interface StructOptions<Value> {
  /** what the fields alone cannot say */
  readonly check?: (value: Value) => Problem | undefined
}

/** A struct can be the whole of a content, without a length before it. */
export interface Message<T> extends Leaf<T> {
  writeMessage(writer: BinaryWriter, value: T): void
  readMessage(reader: ProtoReader): T
}

type Values = Record<string, unknown>

/** Fields one after the other: a message in protobuf, an object in JSON. */
export function struct<const Fields extends StructFields>(
  fields: Fields,
  { check: checkWhole }: StructOptions<StructValue<Fields>> = {},
): Message<StructValue<Fields>> {
  type Value = StructValue<Fields>
  const named = Object.entries(fields).map(([name, [number, field]]) => ({ name, number, field }))
  // protobuf's canonical order is that of the numbers
  const numbered = [...named].sort((a, b) => a.number - b.number)
  const byNumber = new Map(named.map((entry) => [entry.number, entry]))

  function check(value: Value): Problem | undefined {
    for (const { name, field } of named) {
      const wrong = nested(name, field.check((value as Values)[name]))
      if (wrong !== undefined) return wrong
    }
    return checkWhole?.(value)
  }

  function writeMessage(writer: BinaryWriter, value: Value): void {
    for (const { name, number, field } of numbered) field.writeProto(writer, number, (value as Values)[name])
  }

  function readMessage(message: ProtoReader): Value {
    const values: Values = {}
    let last = 0
    while (!message.done) {
      const start = message.offset
      const [number, wire] = message.tag()
      const entry = byNumber.get(number)
      if (entry === undefined) {
        const known = numbered.map((other) => other.number).join(', ') || 'none'
        throw message.refusal(`field ${number}`, 'it', `the fields ${known}`, message.offset - start)
      }
      if (number < last) {
        throw message.refusal(entry.name, 'it', `it before field ${last}`, message.offset - start)
      }
      last = number
      values[entry.name] = entry.field.readProto(message, wire, entry.name, values[entry.name])
    }
    for (const { name, field } of named) {
      if (Object.hasOwn(values, name)) {
        const wrong = nested(name, field.checkWhole?.(values[name]))
        if (wrong !== undefined) throw message.refusal(wrong.path, wrong.got, wrong.expected)
        continue
      }
      if (field.absent === 'required') throw message.refusal(name, 'nothing', 'a value')
      if (field.absent.value !== undefined) values[name] = field.absent.value
    }
    return checked(values as Value, message, 0)
  }

  function checked(value: Value, reader: ProtoReader | RawReader, back: number): Value {
    const wrong = checkWhole?.(value)
    if (wrong === undefined) return value
    throw reader.refusal(wrong.path, wrong.got, wrong.expected, back)
  }

  return {
    minBytes: named.reduce((sum, { field }) => sum + field.minBytes, 0),
    wire: WireType.LengthDelimited,
    absent: 'required',
    check,
    writeRaw(writer: RawWriter, value: Value) {
      for (const { name, field } of named) field.writeRaw(writer, (value as Values)[name])
    },
    readRaw(reader: RawReader, outer: string) {
      const start = reader.offset
      return reader.within(outer, () => {
        const values: Values = {}
        for (const { name, field } of named) {
          const value = field.readRaw(reader, name)
          if (value !== undefined) values[name] = value
        }
        return checked(values as Value, reader, reader.offset - start)
      })
    },
    writeMessage,
    readMessage,
    writeElement(writer: BinaryWriter, value: Value) {
      writeMessage(writer.fork(), value)
      writer.join()
    },
    writeProto(writer: BinaryWriter, number: number, value: Value) {
      this.writeElement(writer.tag(number, WireType.LengthDelimited), value)
    },
    readElement: (reader, name) => readMessage(reader.message(name)),
    readProto(reader, wire, name, before) {
      if (before !== undefined) throw reader.refusal(name, 'it twice', 'it once')
      assertWire(reader, name, wire, WireType.LengthDelimited)
      return this.readElement(reader, name)
    },
    toJson(value: Value) {
      const json: Record<string, Json> = {}
      for (const { name, field } of named) {
        const part = field.toJson((value as Values)[name])
        if (part !== undefined) json[name] = part
      }
      return json
    },
    fromJson(json, path) {
      const found = jsonFields(
        json,
        path,
        named.map(({ name }) => name),
      )
      const values: Values = {}
      for (const { name, field } of named) {
        const value = field.fromJson(found[name], `${path}.${name}`)
        if (value !== undefined) values[name] = value
      }
      return values as Value
    },
  }
}

/** An object's properties, all of them known. @throws OBJECT_INVALID */
export function jsonFields(
  json: Json | undefined,
  path: string,
  names: readonly string[],
): Readonly<Record<string, Json | undefined>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw wrongJson(json, path, 'an object')
  }
  const unknown = Object.keys(json).find((name) => !names.includes(name))
  if (unknown !== undefined) throw wrongJson('it', `${path}.${unknown}`, `one of ${names.join(', ')}`)
  return json as Record<string, Json>
}
