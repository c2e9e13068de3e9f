/** 64 bits as two unsigned halves. */
export interface Hash64 {
  readonly high: number
  readonly low: number
}

/** "somepseudorandomlygeneratedbytes", as halves of v0 … v3 (Aumasson and Bernstein 2012, §2.1) */
const INITIAL = [
  0x736f6d65, 0x70736575, 0x646f7261, 0x6e646f6d, 0x6c796765, 0x6e657261, 0x74656462, 0x79746573,
] as const
const COMPRESSION_ROUNDS = 1
const FINAL_ROUNDS = 3

/**
 * SipHash-1-3 of `bytes` under a key of 16 bytes (both little-endian, as its authors and Rust's SipHasher13 have it).
 * BigInt would be ten times slower, and a map of 100,000 entries hashes each key.
 */
export function sipHash13(key: Uint8Array, bytes: Uint8Array): Hash64 {
  const keyWords = new DataView(key.buffer, key.byteOffset, 16)
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const v = new Uint32Array(INITIAL)
  for (let i = 0; i < 4; i++) {
    v[2 * i]! ^= keyWords.getUint32((i % 2) * 8 + 4, true)
    v[2 * i + 1]! ^= keyWords.getUint32((i % 2) * 8, true)
  }
  const whole = bytes.length - (bytes.length % 8)
  for (let at = 0; at < whole; at += 8) {
    absorb(v, data.getUint32(at + 4, true), data.getUint32(at, true))
  }
  const last = lastWord(bytes, whole)
  absorb(v, last.high, last.low)
  v[5]! ^= 0xff
  for (let i = 0; i < FINAL_ROUNDS; i++) round(v)
  return {
    high: (v[0]! ^ v[2]! ^ v[4]! ^ v[6]!) >>> 0,
    low: (v[1]! ^ v[3]! ^ v[5]! ^ v[7]!) >>> 0,
  }
}

/** The bytes after the last whole word, and the length modulo 256 in the highest byte. */
function lastWord(bytes: Uint8Array, whole: number): Hash64 {
  const word = new DataView(new ArrayBuffer(8))
  for (let at = whole; at < bytes.length; at++) word.setUint8(at - whole, bytes[at]!)
  word.setUint8(7, bytes.length % 256)
  return { high: word.getUint32(4, true), low: word.getUint32(0, true) }
}

function absorb(v: Uint32Array, high: number, low: number): void {
  v[6]! ^= high
  v[7]! ^= low
  for (let i = 0; i < COMPRESSION_ROUNDS; i++) round(v)
  v[0]! ^= high
  v[1]! ^= low
}

/** SipRound (figure 2.1): the words v0 … v3 stand at 0, 2, 4 and 6. */
function round(v: Uint32Array): void {
  add(v, 0, 2)
  rotate(v, 2, 13)
  xor(v, 2, 0)
  swap(v, 0)
  add(v, 4, 6)
  rotate(v, 6, 16)
  xor(v, 6, 4)
  add(v, 0, 6)
  rotate(v, 6, 21)
  xor(v, 6, 0)
  add(v, 4, 2)
  rotate(v, 2, 17)
  xor(v, 2, 4)
  swap(v, 4)
}

function add(v: Uint32Array, to: number, from: number): void {
  const low = v[to + 1]! + v[from + 1]!
  v[to]! += v[from]! + (low > 0xffffffff ? 1 : 0)
  v[to + 1] = low
}

function xor(v: Uint32Array, to: number, from: number): void {
  v[to]! ^= v[from]!
  v[to + 1]! ^= v[from + 1]!
}

function rotate(v: Uint32Array, at: number, bits: number): void {
  const high = v[at]!
  const low = v[at + 1]!
  v[at] = (high << bits) | (low >>> (32 - bits))
  v[at + 1] = (low << bits) | (high >>> (32 - bits))
}

/** A rotation by 32 bits. */
function swap(v: Uint32Array, at: number): void {
  const high = v[at]!
  v[at] = v[at + 1]!
  v[at + 1] = high
}
