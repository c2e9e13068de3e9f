import type { Bytes } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { merkleError } from './merkle-errors.ts'
import { HASH_BYTES, LEAF_PREFIX, NODE_PREFIX } from './tree-hash.ts'

/** Messages of one length that are hashed together. */
export interface HashBatch {
  /** the byte before each message: 00 for leaves, 01 for nodes (RFC 6962 §2.1) */
  readonly prefix: typeof LEAF_PREFIX | typeof NODE_PREFIX
  /** u8[count · messageBytes], side by side */
  readonly messages: Uint8Array
  /** at least 1 */
  readonly messageBytes: number
  /** u8[count · 32], apart from `messages`: where the hashes go */
  readonly out: Uint8Array
}

/** The plug point of hashing engines: plain TypeScript and AssemblyScript give the same bytes. */
export interface TreeHasher {
  readonly name: 'ts' | 'wasm'
  /**
   * SHA-256(prefix ‖ message) of each message. Keeps nothing of what it is given.
   *
   * @throws MERKLE_LEAF when the messages are not whole, or `out` has not 32 bytes for each
   */
  hashEach(batch: HashBatch): void
  /** SHA-256 of one message of any length. */
  hash(message: Uint8Array): Bytes
}

/** The reference, which works everywhere: one message after the other. */
export function createTsHasher(): TreeHasher {
  return {
    name: 'ts',
    hashEach(batch) {
      const { prefix, messages, messageBytes, out } = batch
      const count = countMessages(batch)
      const input = new Uint8Array(1 + messageBytes)
      input[0] = prefix
      for (let i = 0; i < count; i++) {
        input.set(messages.subarray(i * messageBytes, (i + 1) * messageBytes), 1)
        out.set(sha256(input), i * HASH_BYTES)
      }
    },
    hash: sha256,
  }
}

/**
 * How many messages a batch has.
 *
 * @throws MERKLE_LEAF when they are not whole, or `out` has not 32 bytes for each
 */
export function countMessages({ messages, messageBytes, out }: HashBatch): number {
  const count = messages.length / messageBytes
  if (!Number.isSafeInteger(messageBytes) || messageBytes < 1 || !Number.isSafeInteger(count))
    throw merkleError(
      'MERKLE_LEAF',
      `Expected messages of ${messageBytes} bytes side by side, got ${messages.length} bytes.`,
    )
  if (out.length !== count * HASH_BYTES)
    throw merkleError(
      'MERKLE_LEAF',
      `Expected room for ${count} hashes (${count * HASH_BYTES} bytes), got ${out.length} bytes.`,
    )
  return count
}

/** Leaf hashes, u8[count · 32], of leaves of one length that stand side by side. @throws MERKLE_LEAF */
export function hashLeaves(hasher: TreeHasher, leaves: Uint8Array, leafBytes: number): Bytes {
  const out = new Uint8Array(Math.floor(leaves.length / leafBytes) * HASH_BYTES)
  hasher.hashEach({ prefix: LEAF_PREFIX, messages: leaves, messageBytes: leafBytes, out })
  return out
}

/** Hashes of the nodes above pairs of hashes, u8[pairs · 64] → u8[pairs · 32]. @throws MERKLE_LEAF */
export function hashNodes(hasher: TreeHasher, pairs: Uint8Array, out: Uint8Array): void {
  hasher.hashEach({ prefix: NODE_PREFIX, messages: pairs, messageBytes: 2 * HASH_BYTES, out })
}
