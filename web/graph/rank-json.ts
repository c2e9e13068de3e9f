import { rankError } from './rank-errors.ts'
import type { RankInput } from './rank-input.ts'
import { assertParticles } from './rank-rules.ts'

/** 2⁶⁴ − 1 has 20 digits. */
const STAKE = /^[0-9]{1,20}$/

/**
 * Reads `{"particles":N,"links":[[from,to,neuron],…],"stakes":["…",…]}`; stakes are decimal strings, or numbers
 * as long as those are exact. Ends, neurons and sizes of stakes are checked by `buildRankGraph`.
 *
 * @throws RANK_JSON, RANK_PARTICLES
 */
export function parseRankInput(text: string): RankInput {
  const value = parseObject(text)
  const { particles, links, stakes } = value
  if (typeof particles !== 'number')
    throw jsonError(`"particles" must be a number, got ${describe(particles)}`)
  assertParticles(particles)
  if (!Array.isArray(links)) throw jsonError(`"links" must be an array, got ${describe(links)}`)
  if (!Array.isArray(stakes)) throw jsonError(`"stakes" must be an array, got ${describe(stakes)}`)
  return { particles, links: parseLinks(links), stakes: stakes.map(parseStake) }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    // The engine's message quotes the text around the fault, line breaks and all.
    const problem = String((cause as SyntaxError).message).replace(/\s+/g, ' ')
    throw rankError('RANK_JSON', `Not a graph in JSON: ${problem}.`, { cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>
  }
  throw jsonError(`expected {"particles", "links", "stakes"}, got ${describe(value)}`)
}

function parseLinks(links: readonly unknown[]): Uint32Array {
  const out = new Uint32Array(3 * links.length)
  links.forEach((link, index) => {
    if (!Array.isArray(link) || link.length !== 3 || !link.every(isIndex)) {
      throw jsonError(
        `link ${index} must be [from, to, neuron] of whole numbers below 2³², got ${describe(link)}`,
      )
    }
    out.set(link, 3 * index)
  })
  return out
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32
}

function parseStake(stake: unknown, neuron: number): bigint {
  if (typeof stake === 'string' && STAKE.test(stake)) return BigInt(stake)
  if (typeof stake === 'number' && Number.isSafeInteger(stake) && stake >= 0) return BigInt(stake)
  throw jsonError(`the stake of neuron ${neuron} must be a decimal string, got ${describe(stake)}`)
}

function describe(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80)
}

function jsonError(problem: string): Error {
  return rankError('RANK_JSON', `Not a graph in JSON: ${problem}.`)
}
