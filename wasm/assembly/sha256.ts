// SHA-256 (FIPS 180-4) in AssemblyScript: four messages of one length side by side, one in each 32-bit lane of a vector
// register; and a plain path for one long message. Typed from outside by wasm/bindings/sha256.ts, which owns the memory
// from its second page on.

/** Words of the schedule and rounds. */
const ROUNDS: usize = 64
const BLOCK: usize = 64
/** The longest padded message of the side by side path: 17 blocks. Longer ones gain nothing from it. */
const MAX_BLOCKS: usize = 17

const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
])
const INITIAL: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
])

/** v128[64]: the schedule of four blocks */
const W: usize = memory.data(16 * 64, 16)
/** v128[8]: the states of four messages */
const STATES: usize = memory.data(16 * 8, 16)
/** For each 16 bytes of the padded message, v128 of bits that are the message's and v128 of all others. */
const MASKS: usize = memory.data(32 * 4 * 17, 16)

/** u32[64], u32[8] and two blocks: schedule, state and tail of the one message */
const ONE_W: usize = memory.data(4 * 64, 16)
const ONE_STATE: usize = memory.data(4 * 8, 16)
const TAIL: usize = memory.data(128, 16)

/**
 * SHA-256(prefix ‖ message) of `count` messages of `length` bytes, side by side at `messages`, to 32 bytes each at `out`.
 * Reads up to 128 bytes before and behind the messages, and writes up to three hashes more than `count`: that memory
 * must be there. `length` is at most 1,078.
 */
export function hashEach(prefix: u32, messages: usize, length: usize, count: usize, out: usize): void {
  const blocks: usize = (length + 9 + BLOCK) / BLOCK
  prepareMasks(prefix, length, blocks)
  for (let i: usize = 0; i < count; i += 4) {
    const message = messages + i * length
    for (let at: usize = 0; at < 8; at++) v128.store(STATES + 16 * at, v128.load_splat<u32>(INITIAL + 4 * at))
    for (let block: usize = 0; block < blocks; block++) {
      // The prefix takes the first byte, so that the message's bytes are one place further on.
      for (let part: usize = 0; part < 4; part++) {
        loadPart(message + BLOCK * block + 16 * part - 1, length, MASKS + 32 * (4 * block + part), W + 64 * part)
      }
      compressFour()
    }
    storeHashes(out + 32 * i)
  }
}

/** What every padded message of this length has in common, as a mask and bits for each 16 bytes of it. */
function prepareMasks(prefix: u32, length: usize, blocks: usize): void {
  const bits = <u64>(8 * (1 + length))
  for (let at: usize = 0; at < BLOCK * blocks; at++) {
    const isMessage = at >= 1 && at <= length
    let padding: u32 = 0
    if (at == 0) padding = prefix
    else if (at == 1 + length) padding = 0x80
    else if (at >= BLOCK * blocks - 8) padding = <u32>(bits >> (8 * <u64>(BLOCK * blocks - 1 - at))) & 0xff
    const place = MASKS + 32 * (at >> 4) + (at & 15)
    store<u8>(place, isMessage ? 0xff : 0)
    store<u8>(place + 16, isMessage ? 0 : padding)
  }
}

/** 16 bytes of each of four messages, as four words of the schedule. */
@inline
function loadPart(at: usize, length: usize, mask: usize, words: usize): void {
  const keep = v128.load(mask)
  const padding = v128.load(mask, 16)
  const m0 = wordsOf(at, keep, padding)
  const m1 = wordsOf(at + length, keep, padding)
  const m2 = wordsOf(at + 2 * length, keep, padding)
  const m3 = wordsOf(at + 3 * length, keep, padding)
  const low01 = v128.shuffle<u32>(m0, m1, 0, 4, 1, 5)
  const low23 = v128.shuffle<u32>(m2, m3, 0, 4, 1, 5)
  const high01 = v128.shuffle<u32>(m0, m1, 2, 6, 3, 7)
  const high23 = v128.shuffle<u32>(m2, m3, 2, 6, 3, 7)
  v128.store(words, v128.shuffle<u64>(low01, low23, 0, 2))
  v128.store(words, v128.shuffle<u64>(low01, low23, 1, 3), 16)
  v128.store(words, v128.shuffle<u64>(high01, high23, 0, 2), 32)
  v128.store(words, v128.shuffle<u64>(high01, high23, 1, 3), 48)
}

/** Four big-endian words. */
@inline
function wordsOf(at: usize, keep: v128, padding: v128): v128 {
  return swapBytes(v128.or(v128.and(v128.load(at), keep), padding))
}

@inline
function swapBytes(words: v128): v128 {
  return v128.shuffle<u8>(words, words, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)
}

@inline
function rotate(x: v128, n: i32): v128 {
  return v128.or(v128.shr<u32>(x, n), v128.shl<u32>(x, 32 - n))
}

@inline
function add(x: v128, y: v128): v128 {
  return v128.add<u32>(x, y)
}

/** h + Σ₁(e) + Ch(e, f, g) + K_t + W_t */
@inline
function mix(e: v128, f: v128, g: v128, h: v128, k: usize, w: usize): v128 {
  const sigma = v128.xor(v128.xor(rotate(e, 6), rotate(e, 11)), rotate(e, 25))
  const choice = v128.xor(g, v128.and(e, v128.xor(f, g)))
  return add(add(add(h, add(v128.load_splat<u32>(k), v128.load(w))), choice), sigma)
}

/** Σ₀(a) + Maj(a, b, c), where `ab` is a ⊕ b and `bc` is b ⊕ c: the next round's b ⊕ c is this one's a ⊕ b. */
@inline
function turn(a: v128, b: v128, ab: v128, bc: v128): v128 {
  const sigma = v128.xor(v128.xor(rotate(a, 2), rotate(a, 13)), rotate(a, 22))
  return add(sigma, v128.xor(b, v128.and(ab, bc)))
}

/** W_{t+16} to W_{t+23}, between the rounds: theirs are additions that wait for one another, these fill the time. */
@inline
function scheduleEight(at: usize): void {
  schedule(at)
  schedule(at + 16)
  schedule(at + 32)
  schedule(at + 48)
  schedule(at + 64)
  schedule(at + 80)
  schedule(at + 96)
  schedule(at + 112)
}

/** W_{t+16} from the words at W_t and behind it. */
@inline
function schedule(at: usize): void {
  const w1 = v128.load(at, 16)
  const w14 = v128.load(at, 14 * 16)
  const s0 = v128.xor(v128.xor(rotate(w1, 7), rotate(w1, 18)), v128.shr<u32>(w1, 3))
  const s1 = v128.xor(v128.xor(rotate(w14, 17), rotate(w14, 19)), v128.shr<u32>(w14, 10))
  v128.store(at, add(add(v128.load(at), v128.load(at, 9 * 16)), add(s0, s1)), 16 * 16)
}

/** One block of four messages. */
function compressFour(): void {
  let a = v128.load(STATES)
  let b = v128.load(STATES, 16)
  let c = v128.load(STATES, 32)
  let d = v128.load(STATES, 48)
  let e = v128.load(STATES, 64)
  let f = v128.load(STATES, 80)
  let g = v128.load(STATES, 96)
  let h = v128.load(STATES, 112)
  let even = v128.xor(b, c)
  let odd: v128
  for (let t: usize = 0; t < ROUNDS; t += 8) {
    const k = K + 4 * t
    const w = W + 16 * t
    if (t < ROUNDS - 16) scheduleEight(w)
    h = mix(e, f, g, h, k, w)
    d = add(d, h)
    odd = v128.xor(a, b)
    h = add(h, turn(a, b, odd, even))
    g = mix(d, e, f, g, k + 4, w + 16)
    c = add(c, g)
    even = v128.xor(h, a)
    g = add(g, turn(h, a, even, odd))
    f = mix(c, d, e, f, k + 8, w + 32)
    b = add(b, f)
    odd = v128.xor(g, h)
    f = add(f, turn(g, h, odd, even))
    e = mix(b, c, d, e, k + 12, w + 48)
    a = add(a, e)
    even = v128.xor(f, g)
    e = add(e, turn(f, g, even, odd))
    d = mix(a, b, c, d, k + 16, w + 64)
    h = add(h, d)
    odd = v128.xor(e, f)
    d = add(d, turn(e, f, odd, even))
    c = mix(h, a, b, c, k + 20, w + 80)
    g = add(g, c)
    even = v128.xor(d, e)
    c = add(c, turn(d, e, even, odd))
    b = mix(g, h, a, b, k + 24, w + 96)
    f = add(f, b)
    odd = v128.xor(c, d)
    b = add(b, turn(c, d, odd, even))
    a = mix(f, g, h, a, k + 28, w + 112)
    e = add(e, a)
    even = v128.xor(b, c)
    a = add(a, turn(b, c, even, odd))
  }
  v128.store(STATES, add(v128.load(STATES), a))
  v128.store(STATES, add(v128.load(STATES, 16), b), 16)
  v128.store(STATES, add(v128.load(STATES, 32), c), 32)
  v128.store(STATES, add(v128.load(STATES, 48), d), 48)
  v128.store(STATES, add(v128.load(STATES, 64), e), 64)
  v128.store(STATES, add(v128.load(STATES, 80), f), 80)
  v128.store(STATES, add(v128.load(STATES, 96), g), 96)
  v128.store(STATES, add(v128.load(STATES, 112), h), 112)
}

/** The four states as four hashes of 32 bytes. */
function storeHashes(out: usize): void {
  for (let half: usize = 0; half < 2; half++) {
    const states = STATES + 64 * half
    const s0 = v128.load(states)
    const s1 = v128.load(states, 16)
    const s2 = v128.load(states, 32)
    const s3 = v128.load(states, 48)
    const low01 = v128.shuffle<u32>(s0, s1, 0, 4, 1, 5)
    const low23 = v128.shuffle<u32>(s2, s3, 0, 4, 1, 5)
    const high01 = v128.shuffle<u32>(s0, s1, 2, 6, 3, 7)
    const high23 = v128.shuffle<u32>(s2, s3, 2, 6, 3, 7)
    const at = out + 16 * half
    v128.store(at, swapBytes(v128.shuffle<u64>(low01, low23, 0, 2)))
    v128.store(at, swapBytes(v128.shuffle<u64>(low01, low23, 1, 3)), 32)
    v128.store(at, swapBytes(v128.shuffle<u64>(high01, high23, 0, 2)), 64)
    v128.store(at, swapBytes(v128.shuffle<u64>(high01, high23, 1, 3)), 96)
  }
}

/** Begins the one message. */
export function begin(): void {
  memory.copy(ONE_STATE, INITIAL, 32)
}

/** Takes whole blocks of the one message. */
export function update(blocks: usize, count: usize): void {
  for (let i: usize = 0; i < count; i++) compressOne(blocks + BLOCK * i)
}

/** Takes the last `length` bytes, below one block, of a message of `total` bytes in all, and writes its hash. */
export function finish(rest: usize, length: usize, total: u64, out: usize): void {
  const end = length + 9 <= BLOCK ? BLOCK : 2 * BLOCK
  memory.fill(TAIL, 0, 2 * BLOCK)
  memory.copy(TAIL, rest, length)
  store<u8>(TAIL + length, 0x80)
  store<u64>(TAIL + end - 8, bswap<u64>(8 * total))
  update(TAIL, end / BLOCK)
  for (let i: usize = 0; i < 8; i++) store<u32>(out + 4 * i, bswap<u32>(load<u32>(ONE_STATE + 4 * i)))
}

@inline
function mixOne(e: u32, f: u32, g: u32, h: u32, t: usize): u32 {
  const sigma = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)
  return h + sigma + (g ^ (e & (f ^ g))) + load<u32>(K + t) + load<u32>(ONE_W + t)
}

@inline
function turnOne(a: u32, b: u32, c: u32): u32 {
  return (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + (b ^ ((a ^ b) & (b ^ c)))
}

/** W_{t+16} to W_{t+23} of the one message. */
@inline
function scheduleEightOne(at: usize): void {
  scheduleOne(at)
  scheduleOne(at + 4)
  scheduleOne(at + 8)
  scheduleOne(at + 12)
  scheduleOne(at + 16)
  scheduleOne(at + 20)
  scheduleOne(at + 24)
  scheduleOne(at + 28)
}


@inline
function scheduleOne(at: usize): void {
  const w1 = load<u32>(at, 4)
  const w14 = load<u32>(at, 56)
  const s0 = rotr<u32>(w1, 7) ^ rotr<u32>(w1, 18) ^ (w1 >> 3)
  const s1 = rotr<u32>(w14, 17) ^ rotr<u32>(w14, 19) ^ (w14 >> 10)
  store<u32>(at, load<u32>(at) + s0 + load<u32>(at, 36) + s1, 64)
}

/** One block of the one message. */
function compressOne(block: usize): void {
  for (let t: usize = 0; t < 64; t += 4) store<u32>(ONE_W + t, bswap<u32>(load<u32>(block + t)))
  let a = load<u32>(ONE_STATE)
  let b = load<u32>(ONE_STATE, 4)
  let c = load<u32>(ONE_STATE, 8)
  let d = load<u32>(ONE_STATE, 12)
  let e = load<u32>(ONE_STATE, 16)
  let f = load<u32>(ONE_STATE, 20)
  let g = load<u32>(ONE_STATE, 24)
  let h = load<u32>(ONE_STATE, 28)
  for (let t: usize = 0; t < 4 * ROUNDS; t += 32) {
    if (t < 4 * (ROUNDS - 16)) scheduleEightOne(ONE_W + t)
    h = mixOne(e, f, g, h, t)
    d += h
    h += turnOne(a, b, c)
    g = mixOne(d, e, f, g, t + 4)
    c += g
    g += turnOne(h, a, b)
    f = mixOne(c, d, e, f, t + 8)
    b += f
    f += turnOne(g, h, a)
    e = mixOne(b, c, d, e, t + 12)
    a += e
    e += turnOne(f, g, h)
    d = mixOne(a, b, c, d, t + 16)
    h += d
    d += turnOne(e, f, g)
    c = mixOne(h, a, b, c, t + 20)
    g += c
    c += turnOne(d, e, f)
    b = mixOne(g, h, a, b, t + 24)
    f += b
    b += turnOne(c, d, e)
    a = mixOne(f, g, h, a, t + 28)
    e += a
    a += turnOne(b, c, d)
  }
  store<u32>(ONE_STATE, load<u32>(ONE_STATE) + a)
  store<u32>(ONE_STATE, load<u32>(ONE_STATE, 4) + b, 4)
  store<u32>(ONE_STATE, load<u32>(ONE_STATE, 8) + c, 8)
  store<u32>(ONE_STATE, load<u32>(ONE_STATE, 12) + d, 12)
  store<u32>(ONE_STATE, load<u32>(ONE_STATE, 16) + e, 16)
  store<u32>(ONE_STATE, load<u32>(ONE_STATE, 20) + f, 20)
  store<u32>(ONE_STATE, load<u32>(ONE_STATE, 24) + g, 24)
  store<u32>(ONE_STATE, load<u32>(ONE_STATE, 28) + h, 28)
}
