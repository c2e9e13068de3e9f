import { sha256 } from '#core/hash.ts'
import { sipHash13 } from './siphash.ts'

/** [OB13] A hub of 1,900 subs is 1,900 · 34 + 28 bytes long, which fits a desc's 65,535. */
export const HUB_BUCKETS = 1_900

const ZERO_KEY = new Uint8Array(16)
const TWO_TO_32_MOD_BUCKETS = 2 ** 32 % HUB_BUCKETS

/** [OB13] Where `key` stands in a hub at `depth`: SipHash-1-3 of SHA-256(key ‖ depth) mod 1900. */
export function bucketOf(key: Uint8Array, depth: number): number {
  const message = new Uint8Array(key.length + 1)
  message.set(key)
  message[key.length] = depth
  const { high, low } = sipHash13(ZERO_KEY, sha256(message))
  return ((high % HUB_BUCKETS) * TWO_TO_32_MOD_BUCKETS + (low % HUB_BUCKETS)) % HUB_BUCKETS
}
