import { type Bytes, concat } from '#core/bytes.ts'
import type { Random } from './random.ts'

/** Numbers at which decoders stumble: ends of sizes, of counts and of what one byte, two or four can hold. */
const EDGES = [0, 1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 191, 192, 255]
const WIDE_EDGES = [
  0xff, 0x100, 0x3fff, 0x4000, 0x7fff, 0x8000, 0xffc0, 0xffff, 0x3fffffff, 0x40000000, 0xffffffff,
]
const MAX_ROUNDS = 6
const MAX_RANDOM_BYTES = 96

type Mutation = (input: Bytes, random: Random, seeds: readonly Bytes[]) => Bytes

/** An input made from one of `seeds` by a few changes, or out of nothing. At most `maxBytes` long. */
export function mutate(seeds: readonly Bytes[], random: Random, maxBytes: number): Bytes {
  if (random.below(16) === 0) return randomBytes(random, random.below(MAX_RANDOM_BYTES))
  let input = random.pick(seeds)
  for (let rounds = 1 + random.below(MAX_ROUNDS); rounds > 0; rounds--) {
    input = random.pick(MUTATIONS)(input, random, seeds)
  }
  return input.slice(0, maxBytes)
}

const MUTATIONS: readonly Mutation[] = [
  (input, random) => change(input, random, (byte) => byte ^ (1 << random.below(8))),
  (input, random) => change(input, random, () => random.pick(EDGES)),
  (input, random) => change(input, random, (byte) => byte + random.pick([-1, 1])),
  (input, random) => change(input, random, () => random.below(256)),
  overwriteNumber,
  (input, random) => input.slice(0, random.below(input.length + 1)),
  (input, random) => {
    const [start, end] = range(input, random)
    return concat(input.subarray(0, start), input.subarray(end))
  },
  (input, random) => {
    const [start, end] = range(input, random)
    return concat(input.subarray(0, end), input.subarray(start))
  },
  (input, random) => {
    const at = random.below(input.length + 1)
    return concat(input.subarray(0, at), randomBytes(random, 1 + random.below(8)), input.subarray(at))
  },
  (input, random, seeds) => {
    const other = random.pick(seeds)
    const at = random.below(Math.min(input.length, other.length) + 1)
    return concat(input.subarray(0, at), other.subarray(at))
  },
  (input, random, seeds) => {
    const other = random.pick(seeds)
    const [start, end] = range(other, random)
    const at = random.below(input.length + 1)
    return concat(input.subarray(0, at), other.subarray(start, end), input.subarray(at))
  },
]

function change(input: Bytes, random: Random, to: (byte: number) => number): Bytes {
  if (input.length === 0) return input
  const out = input.slice()
  const at = random.below(out.length)
  out[at] = to(out[at] as number)
  return out
}

function overwriteNumber(input: Bytes, random: Random): Bytes {
  const width = random.pick([2, 4])
  if (input.length < width) return input
  const out = input.slice()
  const view = new DataView(out.buffer)
  const at = random.below(out.length - width + 1)
  const value = random.pick(WIDE_EDGES)
  if (width === 2) view.setUint16(at, value)
  else view.setUint32(at, value)
  return out
}

function range(input: Bytes, random: Random): readonly [number, number] {
  const start = random.below(input.length + 1)
  return [start, start + random.below(input.length - start + 1)]
}

function randomBytes(random: Random, length: number): Bytes {
  return Uint8Array.from({ length }, () => random.below(256))
}
