import { compareBytes, utf8 } from '#core/bytes.ts'
import { MAX_OBJECT_LIST, MAX_OBJECT_TABLE } from '#core/limits.ts'
import { RawWriter } from '../raw-writer.ts'
import { assertWire, type Field, type Leaf, nested, type Problem } from './field.ts'
import { wrongJson } from './fields.ts'
import { struct } from './struct.ts'

/** A field that may be absent: a byte 0 or 1 before it in the raw format, presence in protobuf and JSON. */
export interface OptionalField<T> extends Field<T | undefined> {
  readonly optional: true
}

export function optional<T>(inner: Leaf<T>): OptionalField<T> {
  return {
    optional: true,
    minBytes: 1,
    absent: { value: undefined },
    writeRaw(writer, value) {
      writer.bool(value !== undefined)
      if (value !== undefined) inner.writeRaw(writer, value)
    },
    readRaw: (reader, name) => (reader.bool(name) ? inner.readRaw(reader, name) : undefined),
    writeProto(writer, number, value) {
      if (value === undefined) return
      writer.tag(number, inner.wire)
      inner.writeElement(writer, value)
    },
    readProto(reader, wire, name, before) {
      if (before !== undefined) throw reader.refusal(name, 'it twice', 'it once')
      assertWire(reader, name, wire, inner.wire)
      // there it may be its default: presence is what counts
      return inner.readElement(reader, name)
    },
    toJson: (value) => (value === undefined ? undefined : inner.toJson(value)),
    fromJson: (json, path) => (json === undefined ? undefined : inner.fromJson(json, path)),
    check: (value) => (value === undefined ? undefined : inner.check(value)),
  }
}

/**
 * An optional field that came later than its type, among the last ones: where the raw format's bytes end it is absent,
 * so that what was signed before reads and hashes as it did.
 */
export function addedLater<T>(inner: Leaf<T>): OptionalField<T> {
  return {
    ...optional(inner),
    minBytes: 0,
    writeRaw(writer, value) {
      if (value !== undefined) inner.writeRaw(writer, value)
    },
    readRaw: (reader, name) => (reader.remaining === 0 ? undefined : inner.readRaw(reader, name)),
  }
}

/** Values in their order: behind their number in the raw format, a repeated field in protobuf, an array in JSON. */
export function list<T>(inner: Leaf<T>): Field<readonly T[]> {
  return listOf(inner, () => undefined)
}

/** A list in ascending order of its entries' raw bytes, each once. */
export function set<T>(inner: Leaf<T>): Field<readonly T[]> {
  return listOf(inner, (values) => orderProblem(values.map((value) => rawBytes(inner, value))))
}

/** A list in ascending order of the bytes that `order` gives for an entry, each once: a table by its key. */
export function sortedBy<T>(inner: Leaf<T>, order: (value: T) => Uint8Array): Field<readonly T[]> {
  return listOf(inner, (values) => orderProblem(values.map(order)))
}

/** Entries in ascending order of their keys' UTF-8: a repeated message of key (1) and value (2) in protobuf. */
export function map<T>(inner: Leaf<T>, key: Leaf<string>): Field<ReadonlyMap<string, T>> {
  const entry = struct({ key: [1, key], value: [2, inner] }) as unknown as Leaf<{ key: string; value: T }>
  const entries = listOf(entry, (values) => orderProblem(values.map((value) => utf8(value.key))))
  const toList = (value: ReadonlyMap<string, T>) =>
    [...value]
      .map(([name, item]) => ({ key: name, value: item, order: utf8(name) }))
      .sort((a, b) => compareBytes(a.order, b.order))
  const toMap = (values: readonly { key: string; value: T }[]) =>
    new Map(values.map(({ key: name, value }) => [name, value]))
  // of maps that are being read: what a Map knows of its order takes a walk over all of it
  const lastKeys = new WeakMap<ReadonlyMap<string, T>, string>()
  return {
    minBytes: 1,
    absent: { value: new Map() },
    repeated: true,
    writeRaw: (writer, value) => entries.writeRaw(writer, toList(value)),
    readRaw: (reader, name) => toMap(entries.readRaw(reader, name)),
    writeProto: (writer, number, value) => entries.writeProto(writer, number, toList(value)),
    readProto(reader, wire, name, before) {
      assertWire(reader, name, wire, entry.wire)
      const start = reader.offset
      const grown = (before ?? new Map()) as Map<string, T>
      reader.index = grown.size
      const { key: found, value } = entry.readElement(reader, name)
      reader.index = undefined
      const last = lastKeys.get(grown)
      lastKeys.set(grown, found)
      if (last !== undefined && compareBytes(utf8(last), utf8(found)) >= 0) {
        throw reader.refusal(name, `"${found}" behind "${last}"`, 'ascending keys', reader.offset - start)
      }
      if (grown.size === MAX_OBJECT_TABLE) throw reader.refusal(name, 'more', `at most ${MAX_OBJECT_TABLE}`)
      return grown.set(found, value)
    },
    toJson: (value) => entries.toJson(toList(value)),
    fromJson: (json, path) => toMap(entries.fromJson(json, path)),
    check: (value) => entries.check(toList(value)),
  }
}

function listOf<T>(
  inner: Leaf<T>,
  checkOrder: (values: readonly T[]) => Problem | undefined,
): Field<readonly T[]> {
  // entries of several fields take longer to read and more memory for their bytes
  const max = 'writeMessage' in inner ? MAX_OBJECT_TABLE : MAX_OBJECT_LIST
  return {
    minBytes: 1,
    absent: { value: [] },
    repeated: true,
    checkWhole: checkOrder,
    writeRaw(writer, values) {
      writer.size(values.length)
      for (const value of values) inner.writeRaw(writer, value)
    },
    readRaw(reader, name) {
      const start = reader.offset
      const count = reader.count(name, { minBytes: inner.minBytes, max })
      const values: T[] = []
      for (let i = 0; i < count; i++) {
        reader.index = i
        values.push(inner.readRaw(reader, name))
      }
      reader.index = undefined
      const wrong = checkOrder(values)
      if (wrong === undefined) return values
      throw reader.refusal(name + wrong.path, wrong.got, wrong.expected, reader.offset - start)
    },
    writeProto(writer, number, values) {
      for (const value of values) {
        writer.tag(number, inner.wire)
        inner.writeElement(writer, value)
      }
    },
    readProto(reader, wire, name, before) {
      const values = (before ?? []) as T[]
      assertWire(reader, name, wire, inner.wire)
      if (values.length === max) throw reader.refusal(name, 'more', `at most ${max}`)
      reader.index = values.length
      values.push(inner.readElement(reader, name))
      reader.index = undefined
      return values
    },
    toJson: (values) => values.map((value) => inner.toJson(value)),
    fromJson(json, path) {
      if (!Array.isArray(json)) throw wrongJson(json, path, 'an array')
      return json.map((item, i) => inner.fromJson(item, `${path}[${i}]`))
    },
    check(values) {
      if (values.length > max) {
        return { path: '', got: `${values.length} entries`, expected: `at most ${max}` }
      }
      for (const [i, value] of values.entries()) {
        const wrong = nested(`[${i}]`, inner.check(value))
        if (wrong !== undefined) return wrong
      }
      return checkOrder(values)
    },
  }
}

function rawBytes<T>(inner: Leaf<T>, value: T): Uint8Array {
  const writer = new RawWriter(64)
  inner.writeRaw(writer, value)
  return writer.finish()
}

function orderProblem(keys: readonly Uint8Array[]): Problem | undefined {
  const at = keys.findIndex((key, i) => i > 0 && compareBytes(keys[i - 1]!, key) >= 0)
  if (at === -1) return undefined
  return { path: `[${at}]`, got: 'it behind a greater or equal one', expected: 'ascending order' }
}
