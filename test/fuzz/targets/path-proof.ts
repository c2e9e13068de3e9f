import { ByteReader, type Bytes, ByteWriter, equalBytes, utf8 } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { bucketOf } from '#objects/map/bucket.ts'
import { encodeEntry } from '#objects/map/map-entry.ts'
import { decodeMapNode, hubNode, simpleNode } from '#objects/map/map-node.ts'
import { createMap } from '#objects/map/object-map.ts'
import { type PathProof, provePath, verifyPath } from '#objects/map/path-proof.ts'
import type { ObjectId } from '#objects/object-id.ts'
import { createCountingStore, idOf } from '#test/web/objects/map/map-fixtures.ts'
import type { FuzzTarget } from '../fuzz.ts'

interface Statement {
  readonly path: string
  readonly value: ObjectId | undefined
  readonly proof: PathProof
}

/**
 * [OB15] Statements about one tree: those that are proved are true. Every other input has a root of its own, that of
 * its first node, so that the nodes below are reached: there the decoders alone are at stake.
 */
export async function pathProofTarget(): Promise<FuzzTarget> {
  const nodes = createCountingStore().nodes()
  const deep = await createMap(nodes, { type: 'map' }, [
    { key: 'x', value: idOf('x') },
    { key: 'y', value: idOf('y') },
  ])
  const root = await createMap(nodes, { type: 'map' }, [
    { key: 'a', value: idOf('a') },
    { key: 'dir', value: deep },
  ])
  const truths = new Map<string, ObjectId>()
  const seeds: Bytes[] = []
  for (const path of ['/a', '/dir', '/dir/x', '/dir/y', '/dir/z', '/none', '/']) {
    const { value, proof } = await provePath(nodes, root, path)
    if (value !== undefined) truths.set(path, value)
    seeds.push(...[0, 1].map((owner) => encodeStatement(owner, { path, value, proof })))
  }
  for (const path of ['/x', '/y']) seeds.push(encodeStatement(1, smallHub(path)))
  return {
    name: 'path-proof',
    seeds,
    maxInputBytes: 8_192,
    codes: ['PATH_PROOF_INVALID', 'OBJECT_INVALID', 'BYTES_TRUNCATED'],
    run(input) {
      const { owner, statement } = decodeStatement(input)
      const { path, value, proof } = statement
      const own = owner === 0 ? undefined : idOfFirst(proof)
      verifyPath(own ?? root, path, value, proof)
      if (own === undefined) checkTruth(statement, truths)
    },
  }
}

/** A hub that says it holds 70,000 bytes: an honest one is too long to be changed a million times. */
function smallHub(path: string): Statement {
  const head = { type: 'map', role: 'root', depth: 0 } as const
  const sub = simpleNode({ ...head, role: 'sub', depth: 1 }, [
    encodeEntry('map', { key: 'x', value: idOf('x') }),
  ])
  const subs = [{ bucket: bucketOf(utf8('x'), 0), id: sub.id }]
  const hub = hubNode(head, { total: 2_000, size: 70_000, subs })
  if (path === '/x') return { path, value: idOf('x'), proof: [hub.bytes, sub.bytes] }
  return { path, value: undefined, proof: [hub.bytes] }
}

function checkTruth({ path, value }: Statement, truths: ReadonlyMap<string, ObjectId>): void {
  const truth = truths.get(path) ?? truths.get(path.replace(/\/$/, ''))
  const isTrue = truth === undefined || value === undefined ? truth === value : equalBytes(truth, value)
  if (!isTrue) throw new Error(`${path} was proved to be something else`)
}

function idOfFirst([first]: PathProof): ObjectId | undefined {
  try {
    return first === undefined ? undefined : decodeMapNode(first).id
  } catch (error) {
    if (isAppError(error, 'OBJECT_INVALID')) return undefined
    throw error
  }
}

/** owner ‖ path ‖ value (none: 0 bytes) ‖ nodes, each behind its length */
function encodeStatement(owner: number, { path, value, proof }: Statement): Bytes {
  const writer = new ByteWriter().u8(owner)
  for (const part of [utf8(path), value ?? new Uint8Array(0), ...proof]) writer.u16(part.length).bytes(part)
  return writer.finish()
}

function decodeStatement(input: Bytes): { readonly owner: number; readonly statement: Statement } {
  const reader = new ByteReader(input)
  const owner = reader.u8('owner') & 1
  const path = new TextDecoder().decode(reader.bytes(reader.u16('path'), 'path'))
  const value = reader.bytes(reader.u16('value'), 'value')
  const proof: Bytes[] = []
  while (reader.remaining > 0) proof.push(reader.bytes(reader.u16('node'), 'node'))
  // A value that is no id of 32 bytes equals none.
  return { owner, statement: { path, value: value.length === 0 ? undefined : (value as ObjectId), proof } }
}
