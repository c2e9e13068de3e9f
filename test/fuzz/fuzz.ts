import { type Bytes, toHex } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { mutate } from './mutate.ts'
import { createRandom } from './random.ts'

/** A decoder, and what counts as its failure. */
export interface FuzzTarget {
  readonly name: string
  /** good inputs, from which others are made */
  readonly seeds: readonly Bytes[]
  readonly maxInputBytes: number
  /** codes by which inputs may be refused; any other error is a failure */
  readonly codes: readonly string[]
  /** Decodes, and throws an Error that is no AppError when what was decoded is not what it ought to be. */
  run(input: Bytes): void
}

export interface FuzzOptions {
  readonly inputs: number
  /** the same inputs for the same seed */
  readonly seed: number
}

export interface FuzzReport {
  readonly name: string
  readonly inputs: number
  readonly seed: number
  readonly accepted: number
  readonly refused: number
  readonly slowestMs: number
  readonly largestGrowthBytes: number
  readonly ms: number
}

/** [issue 4] "no hang over 100 ms" */
export const MAX_INPUT_MS = 100
/** Memory that one input may add: 64 times the largest block, which no decoder of ours comes near. */
export const MAX_GROWTH_BYTES = 64 * 2 ** 20
/** A pause of the machine or of the garbage collector is not the decoder's: what was slow is tried again, the best counts. */
const SLOW_MS = 5
const RETRIES = 5

/** Feeds `inputs` mutated inputs to a decoder. @throws Error with the input in hex at the first failure */
export function fuzz(target: FuzzTarget, { inputs, seed }: FuzzOptions): FuzzReport {
  const random = createRandom(seed)
  for (const good of target.seeds) target.run(good)
  const begun = performance.now()
  let accepted = 0
  let slowestMs = 0
  let largestGrowthBytes = 0
  for (let i = 0; i < inputs; i++) {
    const input = mutate(target.seeds, random, target.maxInputBytes)
    const attempt = tryInput(target, input)
    if (attempt.isAccepted) accepted++
    slowestMs = Math.max(slowestMs, attempt.ms)
    largestGrowthBytes = Math.max(largestGrowthBytes, attempt.growthBytes)
  }
  const ms = performance.now() - begun
  const refused = inputs - accepted
  return { name: target.name, inputs, seed, accepted, refused, slowestMs, largestGrowthBytes, ms }
}

interface Attempt {
  readonly isAccepted: boolean
  readonly ms: number
  readonly growthBytes: number
}

function tryInput(target: FuzzTarget, input: Bytes): Attempt {
  let attempt = measure(target, input)
  for (let i = 0; i < RETRIES && attempt.ms > SLOW_MS; i++) {
    const again = measure(target, input)
    if (again.ms < attempt.ms) attempt = again
  }
  if (attempt.ms > MAX_INPUT_MS) throw failure(target, input, `took ${attempt.ms.toFixed(0)} ms`)
  if (attempt.growthBytes > MAX_GROWTH_BYTES)
    throw failure(target, input, `took ${attempt.growthBytes} bytes`)
  return attempt
}

function measure(target: FuzzTarget, input: Bytes): Attempt {
  const before = heldBytes()
  const begun = performance.now()
  let isAccepted = true
  try {
    target.run(input)
  } catch (error) {
    if (!isAppError(error) || !target.codes.includes(error.code))
      throw failure(target, input, String(error), error)
    isAccepted = false
  }
  return { isAccepted, ms: performance.now() - begun, growthBytes: heldBytes() - before }
}

function heldBytes(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function failure({ name }: FuzzTarget, input: Bytes, problem: string, cause?: unknown): Error {
  return new Error(`${name}: ${problem}, input ${toHex(input)}`, { cause })
}

/** One line of a log. */
export function formatReport(report: FuzzReport): string {
  const { name, inputs, seed, accepted, refused, slowestMs, largestGrowthBytes, ms } = report
  return (
    `${name.padEnd(20)} ${inputs} inputs (seed ${seed}) in ${(ms / 1000).toFixed(0)} s: ${accepted} accepted, ` +
    `${refused} refused; slowest ${slowestMs.toFixed(1)} ms, largest growth ${(largestGrowthBytes / 2 ** 20).toFixed(1)} MiB`
  )
}
