import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import type { Bytes } from '#core/bytes.ts'

/** The block of a name, the same in every page and run: xorshift bytes seeded by its characters. */
export function blockOf(name: string, length: number): Bytes {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = 2_463_534_242
  for (const character of name) state = Math.imul(state ^ character.charCodeAt(0), 2_654_435_761) | 1
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[at] = state
  }
  return new Uint8Array(words.buffer, 0, length).slice()
}

/** CIDv1 raw of `bytes`, hashed by the platform. */
export async function cidOf(bytes: Bytes): Promise<CID> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return CID.createV1(0x55, Digest.create(0x12, digest))
}
