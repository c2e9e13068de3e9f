import { toRlp } from 'viem/utils'
import type { Hex } from '#chain/hex.ts'
import { hexOf, wordBytes } from '#chain/hex.ts'
import { fromHex, toHex } from '#core/bytes.ts'
import { keccak256 } from '#core/keccak.ts'

type Item = Uint8Array | readonly Item[]

/** A Merkle-Patricia trie the plain way: nodes as lists, and the way down to each key. */
export interface Trie {
  readonly root: Uint8Array
  /** nodes from the root on towards a hashed key */
  proof(key: Uint8Array): readonly Hex[]
}

/** @param entries by hashed key (hexadecimal): the value that a leaf holds */
export function buildTrie(entries: ReadonlyMap<string, Uint8Array>): Trie {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
  if (sorted.length === 0) {
    return { root: keccak256(Uint8Array.of(0x80)), proof: () => [] }
  }
  const top = nodeOver(sorted, 0)
  return {
    root: keccak256(encode(top)),
    proof(key) {
      const nodes: Hex[] = []
      follow(top, toHex(key), 0, nodes, true)
      return nodes
    },
  }
}

interface Node {
  readonly item: readonly Item[]
  readonly path: string
  readonly children: readonly (Node | undefined)[]
}

function nodeOver(entries: readonly (readonly [string, Uint8Array])[], depth: number): Node {
  const [[first, value]] = entries as [readonly [string, Uint8Array]]
  if (entries.length === 1) {
    return { item: [hexPrefix(first.slice(depth), true), value], path: first.slice(depth), children: [] }
  }
  const last = entries.at(-1)![0]
  let fork = depth
  while (first[fork] === last[fork]) fork++
  if (fork > depth) {
    const child = nodeOver(entries, fork)
    const path = first.slice(depth, fork)
    return { item: [hexPrefix(path, false), reference(child)], path, children: [child] }
  }
  const children = Array.from({ length: 16 }, (_, nibble) => {
    const below = entries.filter(([key]) => key[depth] === nibble.toString(16))
    return below.length === 0 ? undefined : nodeOver(below, depth + 1)
  })
  const none = new Uint8Array(0)
  return { item: [...children.map((child) => (child ? reference(child) : none)), none], path: '', children }
}

function follow(node: Node, key: string, depth: number, nodes: Hex[], isOwn: boolean): void {
  if (isOwn) nodes.push(hexOf(encode(node)))
  const { children, path } = node
  const isBranch = children.length === 16
  const child = isBranch ? children[Number.parseInt(key[depth]!, 16)] : children[0]
  if (child === undefined || !key.startsWith(path, depth)) return
  follow(child, key, depth + (isBranch ? 1 : path.length), nodes, encode(child).length >= 32)
}

function reference(node: Node): Item {
  const bytes = encode(node)
  return bytes.length < 32 ? node.item : keccak256(bytes)
}

function encode({ item }: Node): Uint8Array {
  return toRlp(item as never, 'bytes')
}

function hexPrefix(nibbles: string, isLeaf: boolean): Uint8Array {
  const odd = nibbles.length % 2 === 1
  const digits = `${(isLeaf ? 2 : 0) + (odd ? 1 : 0)}${odd ? '' : '0'}${nibbles}`
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  )
}

/** The storage root of these slots, the plain way; one of zero is no leaf unless zeros are kept. */
export function storageRootOf(storage: ReadonlyMap<bigint, bigint>, keepsZeros = false): Hex {
  const entries = [...storage].flatMap(([slot, value]) => {
    if (value === 0n && !keepsZeros) return []
    const digits = value === 0n ? '' : value.toString(16)
    const bytes = fromHex(digits.padStart(digits.length + (digits.length & 1), '0'))
    return [[toHex(keccak256(wordBytes(slot))), toRlp(bytes, 'bytes')] as const]
  })
  return hexOf(buildTrie(new Map(entries)).root)
}
