import { type Bytes, concat } from '#core/bytes.ts'
import { KECCAK_BYTES, type Keccak, keccak256 } from '#core/keccak.ts'

/** What a contract's storage holds at one time: keys are hashed slots, 32 bytes each behind one another. */
export interface StorageEntries {
  readonly keys: Uint8Array
  /** words of 32 bytes behind one another, in the order of the keys; a word of zeros is no entry */
  readonly words: Uint8Array
}

const WORD_BYTES = 32
const KEY_NIBBLES = 64
/** 16 references of 33 bytes, the empty value and the header of a list: no node of such a trie is longer. */
const NODE_BYTES = 16 * 33 + 1 + 3
const HEADER_ROOM = 3
const EMPTY = 0x80
/** RLP of the hash of a node begins so. */
const HASH_PREFIX = 0xa0

/** keccak256(RLP("")): the root of a trie that holds nothing. */
export const EMPTY_TRIE_ROOT: Bytes = keccak256(Uint8Array.of(EMPTY))

/**
 * The storage root of an account that holds exactly these entries (yellow paper, appendix D, keys hashed): whoever
 * leaves one out, adds one or alters one gets another root.
 *
 * @param zeroKeys keys that have leaves of zero, where `entries` does not hold something there. A client that keeps to
 * the yellow paper, as geth, deletes a leaf that becomes zero; anvil 1.7.1 keeps each slot that a transaction wrote or
 * read. Such leaves stand for nothing: they make the root match or not, whoever names them.
 */
export function storageRoot(
  keccak: Keccak,
  entries: StorageEntries,
  zeroKeys: Uint8Array = new Uint8Array(0),
): Bytes {
  const held = withoutZeros(entries)
  const count = held.keys.length / KECCAK_BYTES
  const keys = zeroKeys.length === 0 ? held.keys : concat(held.keys, zeroKeys)
  const words = zeroKeys.length === 0 ? held.words : concat(held.words, new Uint8Array(zeroKeys.length))
  // of the same key, the sort leaves what is held first
  const order = sortedOrder(keys).filter(
    (entry, i, all) => entry < count || i === 0 || compareKeys(keys, all[i - 1]!, entry) !== 0,
  )
  if (order.length === 0) return EMPTY_TRIE_ROOT
  return new TrieBuilder(keccak, { keys, words }, order).root(order.length)
}

function withoutZeros({ keys, words }: StorageEntries): StorageEntries {
  const count = keys.length / KECCAK_BYTES
  let isWhole = true
  const used = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    used[i] = leadingZeros(words, i * WORD_BYTES) === WORD_BYTES ? 0 : 1
    if (used[i] === 0) isWhole = false
  }
  if (isWhole) return { keys, words }
  const pick = (from: Uint8Array) =>
    concat(...Array.from(used.keys(), (i) => from.subarray(32 * i, 32 * i + (used[i] === 1 ? 32 : 0))))
  return { keys: pick(keys), words: pick(words) }
}

/** Numbers of the keys, ascending by key. Two keys of Keccak-256 that share 48 bits are one in 10⁵ snapshots. */
function sortedOrder(keys: Uint8Array): Uint32Array {
  const count = keys.length / KECCAK_BYTES
  const view = new DataView(keys.buffer, keys.byteOffset, keys.byteLength)
  const heads = Float64Array.from(
    { length: count },
    (_, i) => view.getUint32(i * 32) * 65_536 + view.getUint16(i * 32 + 4),
  )
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  return order.sort((a, b) => heads[a]! - heads[b]! || compareKeys(keys, a, b))
}

function compareKeys(keys: Uint8Array, a: number, b: number): number {
  for (let i = 0; i < KECCAK_BYTES; i++) {
    const difference = keys[a * KECCAK_BYTES + i]! - keys[b * KECCAK_BYTES + i]!
    if (difference !== 0) return difference
  }
  return 0
}

function leadingZeros(words: Uint8Array, at: number): number {
  let zeros = 0
  while (zeros < WORD_BYTES && words[at + zeros] === 0) zeros++
  return zeros
}

/** Writes each node once, into a buffer of its depth, and keeps its hash alone. */
class TrieBuilder {
  readonly #keccak: Keccak
  readonly #entries: StorageEntries
  readonly #order: Uint32Array
  readonly #branches: Uint8Array[] = []
  readonly #node = new Uint8Array(NODE_BYTES)

  constructor(keccak: Keccak, entries: StorageEntries, order: Uint32Array) {
    this.#keccak = keccak
    this.#entries = entries
    this.#order = order
  }

  root(count: number): Bytes {
    const reference = new Uint8Array(KECCAK_BYTES + 1)
    const length = this.#write(0, count, 0, reference, 0)
    // a trie so small that its reference is the node itself is hashed all the same
    return length === 33 ? reference.slice(1) : keccak256(reference.subarray(0, length))
  }

  /** Writes the reference of the node over the entries from `low` to below `high`; returns its length. */
  #write(low: number, high: number, depth: number, out: Uint8Array, at: number): number {
    if (high - low === 1) return this.#writeLeaf(low, depth, out, at)
    const first = this.#order[low]!
    const last = this.#order[high - 1]!
    let fork = depth
    while (fork < KEY_NIBBLES && this.#nibble(first, fork) === this.#nibble(last, fork)) fork++
    if (fork === KEY_NIBBLES) throw new Error('A slot stands twice among the entries of a storage trie.')
    if (fork === depth) return this.#writeBranch(low, high, depth, out, at)
    const child = new Uint8Array(KECCAK_BYTES + 1)
    const length = this.#writeBranch(low, high, fork, child, 0)
    const start = HEADER_ROOM
    const end = this.#writePath(first, depth, fork, false, start)
    this.#node.set(child.subarray(0, length), end)
    return this.#refer(this.#node, start, end + length, out, at)
  }

  #writeBranch(low: number, high: number, depth: number, out: Uint8Array, at: number): number {
    this.#branches[depth] ??= new Uint8Array(NODE_BYTES)
    const node = this.#branches[depth]
    let end = HEADER_ROOM
    let from = low
    for (let nibble = 0; nibble < 16; nibble++) {
      let to = from
      while (to < high && this.#nibble(this.#order[to]!, depth) === nibble) to++
      if (to === from) node[end++] = EMPTY
      else end += this.#write(from, to, depth + 1, node, end)
      from = to
    }
    node[end++] = EMPTY
    return this.#refer(node, HEADER_ROOM, end, out, at)
  }

  #writeLeaf(index: number, depth: number, out: Uint8Array, at: number): number {
    const entry = this.#order[index]!
    const start = HEADER_ROOM
    let end = this.#writePath(entry, depth, KEY_NIBBLES, true, start)
    const { words } = this.#entries
    const zeros = leadingZeros(words, entry * WORD_BYTES)
    const value = words.subarray(entry * WORD_BYTES + zeros, (entry + 1) * WORD_BYTES)
    // the value is RLP in RLP; one byte below 0x80 is its own RLP, both times, and a zero is no byte
    if (value.length !== 1 || value[0]! >= 0x80) {
      this.#node[end++] = 0x80 + value.length + 1
      this.#node[end++] = 0x80 + value.length
    }
    this.#node.set(value, end)
    end += value.length
    return this.#refer(this.#node, start, end, out, at)
  }

  /** The nibbles from `from` to below `to` of a key, hex-prefixed (appendix C), as RLP; returns where it ends. */
  #writePath(entry: number, from: number, to: number, isLeaf: boolean, at: number): number {
    const node = this.#node
    const odd = (to - from) & 1
    const length = 1 + ((to - from) >> 1)
    let end = at
    if (length > 1) node[end++] = 0x80 + length
    node[end++] = (isLeaf ? 0x20 : 0) | (odd === 1 ? 0x10 | this.#nibble(entry, from) : 0)
    for (let i = from + odd; i < to; i += 2) {
      node[end++] = (this.#nibble(entry, i) << 4) | this.#nibble(entry, i + 1)
    }
    return end
  }

  /** Puts the header of a list before the items in `node`, and writes what a parent holds of it. */
  #refer(node: Uint8Array, start: number, end: number, out: Uint8Array, at: number): number {
    const begin = writeListHeader(node, start, end - start)
    const whole = node.subarray(begin, end)
    if (whole.length < KECCAK_BYTES) {
      out.set(whole, at)
      return whole.length
    }
    out[at] = HASH_PREFIX
    this.#keccak.hashInto(whole, out, at + 1)
    return KECCAK_BYTES + 1
  }

  #nibble(entry: number, at: number): number {
    const byte = this.#entries.keys[entry * KECCAK_BYTES + (at >> 1)]!
    return (at & 1) === 1 ? byte & 15 : byte >> 4
  }
}

/** Writes the header so that it ends at `start`; returns where it begins. */
function writeListHeader(node: Uint8Array, start: number, length: number): number {
  if (length < 56) {
    node[start - 1] = 0xc0 + length
    return start - 1
  }
  if (length < 256) {
    node[start - 1] = length
    node[start - 2] = 0xf8
    return start - 2
  }
  node[start - 1] = length & 0xff
  node[start - 2] = length >> 8
  node[start - 3] = 0xf9
  return start - 3
}
