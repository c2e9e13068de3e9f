import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { decodeContent } from './content.ts'
import { assertWire, type Leaf, leaf, nested } from './field.ts'
import { wrongJson } from './fields.ts'
import type { ProtoReader } from './proto-reader.ts'
import { jsonFields, type Message } from './struct.ts'

/** name: [number in protobuf, field]; a case's place is its number in the raw format */
// biome-ignore lint/suspicious/noExplicitAny: the field's value is inferred from it, whatever it is
export type Cases = Readonly<Record<string, readonly [number: number, field: Leaf<any>]>>

export type VariantValue<C extends Cases> = {
  [Kind in keyof C & string]: {
    readonly kind: Kind
    readonly value: C[Kind] extends readonly [number, Leaf<infer T>] ? T : never
  }
}[keyof C & string]

/** One of several: behind its number as a size in the raw format, a message with one field in protobuf. */
export function variant<const C extends Cases>(cases: C): Leaf<VariantValue<C>> {
  type Value = VariantValue<C>
  const kinds = Object.keys(cases)
  const expected = kinds.join(', ')
  const fieldOf = (kind: string): Leaf<unknown> => cases[kind]![1]
  const value = (kind: string, inner: unknown) => ({ kind, value: inner }) as Value

  function readMessage(message: ProtoReader, name: string): Value {
    const start = message.offset
    const [number, wire] = message.done ? [0, WireType.LengthDelimited] : message.tag()
    const kind = kinds.find((other) => cases[other]![0] === number)
    if (kind === undefined) {
      throw message.refusal(name, `field ${number}`, `one of ${expected}`, message.offset - start)
    }
    assertWire(message, kind, wire, fieldOf(kind).wire)
    // it may be its default: which case it is is what counts
    const inner = fieldOf(kind).readElement(message, kind)
    if (message.done) return value(kind, inner)
    throw message.refusal(name, 'more than one field', 'one')
  }

  return leaf<Value>({
    minBytes: 1,
    wire: WireType.LengthDelimited,
    writeRaw(writer, { kind, value: inner }) {
      writer.size(kinds.indexOf(kind))
      fieldOf(kind).writeRaw(writer, inner)
    },
    readRaw(reader, name) {
      const start = reader.offset
      const index = reader.size(name)
      const kind = kinds[index]
      if (kind === undefined) throw reader.refusal(name, `number ${index}`, expected, reader.offset - start)
      return value(
        kind,
        reader.within(name, () => fieldOf(kind).readRaw(reader, kind)),
      )
    },
    writeElement(writer, { kind, value: inner }) {
      writer.fork().tag(cases[kind]![0], fieldOf(kind).wire)
      fieldOf(kind).writeElement(writer, inner)
      writer.join()
    },
    readElement: (reader, name) => readMessage(reader.message(name), name),
    toJson: ({ kind, value: inner }) => ({ [kind]: fieldOf(kind).toJson(inner) }),
    fromJson(json, path) {
      const found = jsonFields(json, path, kinds)
      const [kind, ...others] = Object.keys(found)
      if (kind === undefined || others.length > 0) throw wrongJson(json, path, `one of ${expected}`)
      return value(kind, fieldOf(kind).fromJson(found[kind], `${path}.${kind}`))
    },
    check({ kind, value: inner }) {
      if (!kinds.includes(kind)) return { path: 'kind', got: String(kind), expected }
      return nested(kind, fieldOf(kind).check(inner))
    },
  })
}

/** A message that is protobuf in the raw format too, up to the end of the content: so does CYFS inside its enums. */
export function protobufTail<T>(message: Message<T>): Leaf<T> {
  return {
    ...message,
    minBytes: 0,
    writeRaw(writer, value) {
      const inner = new BinaryWriter()
      message.writeMessage(inner, value)
      writer.bytes(inner.finish())
    },
    readRaw(reader, name) {
      const place = { path: reader.pathOf(name), offset: reader.offset }
      return decodeContent(message, 'protobuf', reader.bytes(reader.remaining, name), place)
    },
  }
}
