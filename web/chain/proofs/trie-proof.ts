import { fromRlp } from 'viem/utils'
import { equalBytes, fromHex, toHex } from '#core/bytes.ts'
import { KECCAK_BYTES, keccak256 } from '#core/keccak.ts'
import { chainError } from '../chain-errors.ts'

/** A branch: 16 references of 33 bytes, an empty value, the header of a list. Leaves of accounts are shorter. */
export const MAX_TRIE_NODE_BYTES = 16 * 33 + 1 + 3
/** A key has 64 nibbles, each node takes one at least, and the last one holds the value. */
export const MAX_TRIE_PROOF_NODES = 65

const EMPTY_ROOT = keccak256(Uint8Array.of(0x80))

type Item = Uint8Array | readonly Item[]

/**
 * What a Merkle-Patricia trie holds under a key, from the nodes on the way to it (EIP-1186): undefined when the nodes
 * prove that there is nothing.
 *
 * @param key hashed, 32 bytes
 * @throws PROOF_INVALID naming the node that does not fit
 */
export function verifyTrieProof(
  root: Uint8Array,
  key: Uint8Array,
  nodes: readonly Uint8Array[],
): Uint8Array | undefined {
  if (nodes.length > MAX_TRIE_PROOF_NODES) throw invalid(`it has ${nodes.length} nodes`)
  if (equalBytes(root, EMPTY_ROOT)) {
    const isEmpty = nodes.length === 0 || (nodes.length === 1 && equalBytes(nodes[0]!, Uint8Array.of(0x80)))
    if (isEmpty) return undefined
    throw invalid('it has nodes below the root of an empty trie')
  }
  return walk(root, toHex(key), nodes)
}

function walk(root: Uint8Array, path: string, nodes: readonly Uint8Array[]): Uint8Array | undefined {
  let next: Item = root
  let used = 0
  let at = 0
  for (;;) {
    const node: readonly Item[] = Array.isArray(next) ? next : readNode(nodes, used++, next as Uint8Array)
    const step = stepDown(node, path, at, used - 1)
    if (step.kind === 'down') {
      next = step.next
      at = step.at
      continue
    }
    if (used !== nodes.length) throw invalid(`${nodes.length - used} nodes follow the last one on the way`)
    return step.kind === 'value' ? step.value : undefined
  }
}

/** The node whose hash its parent holds. */
function readNode(nodes: readonly Uint8Array[], index: number, hash: Uint8Array): readonly Item[] {
  const bytes = nodes[index]
  if (bytes === undefined) throw invalid(`node ${index} is missing`)
  if (bytes.length > MAX_TRIE_NODE_BYTES) throw invalid(`node ${index} has ${bytes.length} bytes`)
  if (!equalBytes(keccak256(bytes), hash))
    throw invalid(`node ${index} has another hash than its parent holds`)
  return asList(decode(bytes, index), index)
}

type Step =
  | { readonly kind: 'down'; readonly next: Item; readonly at: number }
  | { readonly kind: 'value'; readonly value: Uint8Array }
  | { readonly kind: 'absent' }

const ABSENT = { kind: 'absent' } as const

function stepDown(node: readonly Item[], path: string, at: number, index: number): Step {
  if (node.length === 17) {
    const nibble = path[at]
    if (nibble === undefined) throw invalid(`node ${index} branches below the end of the key`)
    return reference(node[Number.parseInt(nibble, 16)]!, at + 1, index)
  }
  const [head, rest] = node
  if (node.length !== 2 || !(head instanceof Uint8Array)) throw invalid(`node ${index} is no node of a trie`)
  const { isLeaf, nibbles } = readPath(head, index)
  const follows = path.startsWith(nibbles, at)
  const end = at + nibbles.length
  if (!isLeaf) return follows ? reference(rest!, end, index) : ABSENT
  if (!follows || end !== path.length) return ABSENT
  if (!(rest instanceof Uint8Array)) throw invalid(`the value of node ${index} is a list`)
  return { kind: 'value', value: rest }
}

/** What a parent holds of a child: its hash, the child itself when it is shorter than one, or nothing. */
function reference(item: Item, at: number, index: number): Step {
  if (!(item instanceof Uint8Array)) return { kind: 'down', next: item, at }
  if (item.length === 0) return ABSENT
  if (item.length !== KECCAK_BYTES) throw invalid(`node ${index} refers to a child by ${item.length} bytes`)
  return { kind: 'down', next: item, at }
}

/** Hex-prefix encoding (yellow paper, appendix C). */
function readPath(bytes: Uint8Array, index: number): { readonly isLeaf: boolean; readonly nibbles: string } {
  const digits = toHex(bytes)
  const flag = Number.parseInt(digits[0] ?? 'f', 16)
  if (flag > 3) throw invalid(`the path of node ${index} begins with ${flag}`)
  return { isLeaf: flag >= 2, nibbles: digits.slice((flag & 1) === 1 ? 1 : 2) }
}

function decode(bytes: Uint8Array, index: number): Item {
  try {
    return fromRlp(bytes, 'bytes') as Item
  } catch (cause) {
    throw invalid(`node ${index} is no RLP`, cause)
  }
}

function asList(item: Item, index: number): readonly Item[] {
  if (item instanceof Uint8Array) throw invalid(`node ${index} is no list`)
  return item
}

/** The nodes of a proof as JSON-RPC writes them, already known to be hexadecimal digits. */
export function proofNodes(nodes: readonly string[]): readonly Uint8Array[] {
  return nodes.map(fromHex)
}

function invalid(what: string, cause?: unknown): Error {
  return chainError('PROOF_INVALID', `A proof does not hold: ${what}.`, { cause })
}
