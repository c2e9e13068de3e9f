import { type Bytes, fromHex, toHex } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { MAX_MAP_PATH, MAX_PROOF_NODES } from '#core/limits.ts'
import { objectInvalid } from '../object-errors.ts'
import { formatObjectId, type ObjectId, parseObjectId } from '../object-id.ts'
import { mapKey } from './map-entry.ts'
import { formatMapPath } from './map-path.ts'
import type { ProvenValue } from './path-proof.ts'

/** A value of a tree that is written as JSON: an id, or the ids of a set. */
export type TreeValue =
  | { readonly path: string; readonly type: 'id'; readonly id: ObjectId }
  | { readonly path: string; readonly type: 'set'; readonly ids: readonly ObjectId[] }

/**
 * The values of a tree of maps: `{"key": "id", "dir": {…}, "set": ["id", …]}`. A map without values is none.
 *
 * @throws OBJECT_INVALID saying at which path
 */
export function* parseMapTree(json: unknown, keys: readonly string[] = []): Generator<TreeValue> {
  const path = formatMapPath(keys)
  if (typeof json === 'string' && keys.length > 0) yield { path, type: 'id', id: parseObjectId(json, path) }
  else if (Array.isArray(json) && keys.length > 0) {
    const ids = json.map((id, i) => parseObjectId(textOf(id, `${path}[${i}]`), `${path}[${i}]`))
    yield { path, type: 'set', ids }
  } else if (
    typeof json === 'object' &&
    json !== null &&
    !Array.isArray(json) &&
    keys.length < MAX_MAP_PATH
  ) {
    for (const [key, below] of Object.entries(json)) {
      mapKey(key)
      yield* parseMapTree(below, [...keys, key])
    }
  } else {
    const expected = `an id, an array of ids, or an object of them, in ${MAX_MAP_PATH} levels at most`
    throw objectInvalid({ path, got: JSON.stringify(json) ?? 'nothing', expected })
  }
}

/** What a proof shows, and the proof. */
export interface PathProofStatement extends ProvenValue {
  readonly root: ObjectId
  readonly path: string
}

/** A statement and its proof as JSON: ids in base58, nodes in hexadecimal digits. */
export interface PathProofJson {
  readonly root: string
  readonly path: string
  /** null for nothing */
  readonly value: string | null
  readonly nodes: readonly string[]
}

/** [OB15] `{"root":id,"path":…,"value":id or null,"nodes":[hex,…]}` */
export function pathProofToJson({ root, path, value, proof }: PathProofStatement): PathProofJson {
  return {
    root: formatObjectId(root),
    path,
    value: value === undefined ? null : formatObjectId(value),
    nodes: proof.map(toHex),
  }
}

/** What pathProofToJson gives, parsed from JSON. Says nothing about whether it holds. @throws OBJECT_INVALID */
export function parsePathProof(json: unknown): PathProofStatement {
  if (typeof json !== 'object' || json === null) {
    throw objectInvalid({ path: 'proof', got: JSON.stringify(json) ?? 'nothing', expected: 'an object' })
  }
  const { root, path, value, nodes } = json as Record<string, unknown>
  if (!Array.isArray(nodes) || nodes.length > MAX_PROOF_NODES) {
    const got = Array.isArray(nodes) ? `${nodes.length}` : 'none'
    throw objectInvalid({ path: 'proof.nodes', got, expected: `an array of at most ${MAX_PROOF_NODES}` })
  }
  return {
    root: parseObjectId(textOf(root, 'proof.root'), 'proof.root'),
    path: textOf(path, 'proof.path'),
    value: value === null ? undefined : parseObjectId(textOf(value, 'proof.value'), 'proof.value'),
    proof: nodes.map((node, i) => parseHex(textOf(node, `proof.nodes[${i}]`), `proof.nodes[${i}]`)),
  }
}

function textOf(value: unknown, path: string): string {
  if (typeof value === 'string') return value
  throw objectInvalid({ path, got: JSON.stringify(value) ?? 'nothing', expected: 'a string' })
}

function parseHex(text: string, path: string): Bytes {
  try {
    return fromHex(text)
  } catch (cause) {
    if (!isAppError(cause)) throw cause
    throw objectInvalid(
      { path, got: `"${text.slice(0, 40)}"`, expected: 'pairs of hexadecimal digits' },
      cause,
    )
  }
}
