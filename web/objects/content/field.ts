import { type BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { RawReader } from '../raw-reader.ts'
import type { RawWriter } from '../raw-writer.ts'
import type { ProtoReader } from './proto-reader.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** What is wrong with a value, and where in it: '' is the value itself. */
export interface Problem {
  readonly path: string
  readonly got: string
  readonly expected: string
}

/**
 * One way to write values of `T` in each format of [OB8]. What `read…` gives passes `check`; what `write…` gets must:
 * whoever encodes checks first.
 */
export interface Field<T> {
  /** fewest bytes in the raw format: bounds a count before memory is spent for it */
  readonly minBytes: number
  writeRaw(writer: RawWriter, value: T): void
  /** @throws OBJECT_INVALID */
  readRaw(reader: RawReader, name: string): T
  /** The field of a message with its tag; nothing where proto3 leaves it out. */
  writeProto(writer: BinaryWriter, number: number, value: T): void
  /** Reads one occurrence behind its tag; `before` is what an earlier one gave. @throws OBJECT_INVALID */
  readProto(reader: ProtoReader, wire: WireType, name: string, before: T | undefined): T
  /** What it is when a message does not have it; 'required' when it must. */
  readonly absent: { readonly value: T } | 'required'
  /** Can it come several times, as a list's entries do? */
  readonly repeated?: boolean
  /** What only the whole of a repeated field can show to be wrong. */
  checkWhole?(value: T): Problem | undefined
  /** undefined: the JSON form leaves it out */
  toJson(value: T): Json | undefined
  /** @throws OBJECT_INVALID */
  fromJson(json: Json | undefined, path: string): T
  check(value: T): Problem | undefined
}

/** A field that is one value, so that lists and optional fields can be made of it. */
export interface Leaf<T> extends Field<T> {
  readonly wire: WireType
  /** The value alone, behind its tag. */
  writeElement(writer: BinaryWriter, value: T): void
  readElement(reader: ProtoReader, name: string): T
  toJson(value: T): Json
}

export interface LeafRule<T> {
  readonly minBytes: number
  readonly wire: WireType
  /** what proto3 leaves out; absent: the field is always written */
  readonly implicit?: { readonly value: T; is(value: T): boolean }
  writeRaw(writer: RawWriter, value: T): void
  readRaw(reader: RawReader, name: string): T
  writeElement(writer: BinaryWriter, value: T): void
  readElement(reader: ProtoReader, name: string): T
  toJson(value: T): Json
  fromJson(json: Json | undefined, path: string): T
  check(value: T): Problem | undefined
}

/** Makes a field of the rule for one value. */
export function leaf<T>(rule: LeafRule<T>): Leaf<T> {
  const { implicit, wire } = rule
  return {
    ...rule,
    absent: implicit === undefined ? 'required' : { value: implicit.value },
    readRaw(reader, name) {
      const start = reader.offset
      const value = rule.readRaw(reader, name)
      const problem = rule.check(value)
      if (problem === undefined) return value
      throw reader.refusal(join(name, problem.path), problem.got, problem.expected, reader.offset - start)
    },
    writeProto(writer, number, value) {
      if (implicit?.is(value)) return
      writer.tag(number, wire)
      rule.writeElement(writer, value)
    },
    readProto(reader, found, name, before) {
      const start = reader.offset
      const value = readChecked(rule, reader, found, name)
      if (before !== undefined) throw reader.refusal(name, 'it twice', 'it once', reader.offset - start)
      if (!implicit?.is(value)) return value
      throw reader.refusal(name, 'its default', 'nothing, as proto3 leaves it out', reader.offset - start)
    },
    readElement: (reader, name) => readChecked(rule, reader, wire, name),
  }
}

/** Reads one value behind its tag, checked. */
function readChecked<T>(rule: LeafRule<T>, reader: ProtoReader, found: WireType, name: string): T {
  assertWire(reader, name, found, rule.wire)
  const start = reader.offset
  const value = rule.readElement(reader, name)
  const problem = rule.check(value)
  if (problem === undefined) return value
  throw reader.refusal(join(name, problem.path), problem.got, problem.expected, reader.offset - start)
}

/** @throws OBJECT_INVALID when the tag that was read is of a value of another kind */
export function assertWire(reader: ProtoReader, name: string, found: WireType, expected: WireType): void {
  if (found === expected) return
  throw reader.refusal(name, `wire type ${WireType[found]}`, `wire type ${WireType[expected]}`)
}

/** Names inside out: `a` and `b.c` make `a.b.c`; an index joins without a dot. */
export function join(outer: string, inner: string): string {
  if (inner === '') return outer
  return outer === '' || inner.startsWith('[') ? outer + inner : `${outer}.${inner}`
}

/** Puts `name` before the path of a problem. */
export function nested(name: string, problem: Problem | undefined): Problem | undefined {
  return problem && { ...problem, path: join(name, problem.path) }
}
