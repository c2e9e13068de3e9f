import { keccak_256 } from '@noble/hashes/sha3.js'
import type { Bytes } from './bytes.ts'

export const KECCAK_BYTES = 32

/** Keccak-256 as Ethereum has it, of many small messages: a state trie is nothing else. */
export interface Keccak {
  readonly name: 'ts' | 'wasm'
  /** Writes the 32 bytes of the hash of `message` to `out` from `at` on. */
  hashInto(message: Uint8Array, out: Uint8Array, at: number): void
  /** The hashes of messages of `messageBytes` each that lie behind one another, behind one another. */
  hashEach(messages: Uint8Array, messageBytes: number): Bytes
}

/** The hash of one message, where speed does not matter. */
export function keccak256(message: Uint8Array): Bytes {
  return keccak_256(message) as Bytes
}

/** Works everywhere; the one of wasm/bindings/keccak.ts takes a tenth of the time. */
export function createTsKeccak(): Keccak {
  return {
    name: 'ts',
    hashInto(message, out, at) {
      out.set(keccak_256(message), at)
    },
    hashEach(messages, messageBytes) {
      const out = new Uint8Array((messages.length / messageBytes) * KECCAK_BYTES)
      for (let from = 0, to = 0; from < messages.length; from += messageBytes, to += KECCAK_BYTES) {
        out.set(keccak_256(messages.subarray(from, from + messageBytes)), to)
      }
      return out
    },
  }
}
