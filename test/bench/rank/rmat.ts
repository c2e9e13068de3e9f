import type { CsrGraph } from '#graph/rank-csr.ts'

/** Graph500's and GAP's: power laws like the web's. */
const A = 0.57
const B = 0.19
const C = 0.19
const PARTICLES_BITS = 32

export interface RmatInit {
  /** particles = 2^scale */
  readonly scale: number
  /** distinct links, none from a particle to itself */
  readonly links: number
  readonly seed?: number
}

/**
 * A random graph of power-law degrees (R-MAT, Chakrabarti, Zhan and Faloutsos 2004), its particles renumbered at
 * random, as GAP does: the same for the same arguments.
 */
export function generateRmat({ scale, links, seed = 1 }: RmatInit): CsrGraph {
  const particles = 2 ** scale
  const random = xorshift128(seed)
  const numbers = permute(particles, random)
  let keys: Float64Array = new Float64Array(0)
  while (keys.length < links)
    keys = joinUnique(
      keys,
      draw({ count: Math.ceil(1.05 * (links - keys.length)) + 64, scale, numbers, random }),
    )
  return toCsr(particles, dropRandomly(keys, links, random))
}

type Random = () => number

interface Draw {
  readonly count: number
  readonly scale: number
  readonly numbers: Uint32Array
  readonly random: Random
}

/** Links as keys from · 2³² + to. */
function draw({ count, scale, numbers, random }: Draw): Float64Array {
  const keys = new Float64Array(count)
  for (let i = 0; i < count; ) {
    let from = 0
    let to = 0
    for (let bit = 0; bit < scale; bit++) {
      const at = random()
      from = 2 * from + (at >= A + B ? 1 : 0)
      to = 2 * to + ((at >= A && at < A + B) || at >= A + B + C ? 1 : 0)
    }
    if (from !== to) keys[i++] = numbers[from]! * 2 ** PARTICLES_BITS + numbers[to]!
  }
  return keys
}

function joinUnique(a: Float64Array, b: Float64Array): Float64Array {
  const all = new Float64Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  all.sort()
  let kept = 0
  for (let i = 0; i < all.length; i++) if (i === 0 || all[i] !== all[i - 1]) all[kept++] = all[i]!
  return all.slice(0, kept)
}

/** Leaves `count` of them, in their order. */
function dropRandomly(keys: Float64Array, count: number, random: Random): Float64Array {
  const out = new Float64Array(count)
  let kept = 0
  for (let i = 0; i < keys.length && kept < count; i++) {
    if (random() * (keys.length - i) < count - kept) out[kept++] = keys[i]!
  }
  return out
}

function toCsr(particles: number, keys: Float64Array): CsrGraph {
  const offsets = new Uint32Array(particles + 1)
  const targets = new Uint32Array(keys.length)
  for (let i = 0; i < keys.length; i++) {
    const from = Math.floor(keys[i]! / 2 ** PARTICLES_BITS)
    targets[i] = keys[i]! - from * 2 ** PARTICLES_BITS
    offsets[from + 1]!++
  }
  for (let i = 1; i <= particles; i++) offsets[i] = offsets[i]! + offsets[i - 1]!
  return { particles, offsets, targets }
}

function permute(count: number, random: Random): Uint32Array {
  const numbers = Uint32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const moved = numbers[i]!
    numbers[i] = numbers[j]!
    numbers[j] = moved
  }
  return numbers
}

/** 0 ≤ x < 1 from 128 bits of state (Marsaglia 2003). */
function xorshift128(seed: number): Random {
  let [x, y, z, w] = [seed | 0, 362_436_069, 521_288_629, 88_675_123]
  return () => {
    const t = x ^ (x << 11)
    x = y
    y = z
    z = w
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8)
    return (w >>> 0) / 2 ** 32
  }
}

/** The bytes of a .csr file, as `parseCsr` reads it. */
export function encodeCsr({ particles, offsets, targets }: CsrGraph): Uint8Array {
  const words = new Uint32Array(4 + offsets.length + targets.length)
  words.set([0x5253_4347, 1, particles, targets.length])
  words.set(offsets, 4)
  words.set(targets, 4 + offsets.length)
  return new Uint8Array(words.buffer)
}
