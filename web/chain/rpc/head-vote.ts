import type { Hex } from '../hex.ts'
import type { Header } from '../proofs/header.ts'

/** Endpoints that say the same of a height. */
export interface HeadCamp {
  readonly hash: Hex
  readonly number: number
  readonly endpoints: readonly string[]
}

/** What the endpoints together say of the newest block ([CH13]). */
export type HeadVote =
  | {
      readonly kind: 'accepted'
      readonly header: Header
      /** sources that say so */
      readonly agreeing: number
      /** the majority first; those after it say something else */
      readonly camps: readonly HeadCamp[]
    }
  /** no header has a majority: neither is accepted */
  | { readonly kind: 'disputed'; readonly camps: readonly HeadCamp[] }
  /** too few answered for a majority */
  | { readonly kind: 'short'; readonly answered: number; readonly needed: number }

/** What a source says, and the endpoints that it says it by. */
export interface HeadAnswer {
  readonly endpoints: readonly string[]
  readonly header: Header
}

/** More than half of the configured sources. */
export function majorityOf(configured: number): number {
  return Math.floor(configured / 2) + 1
}

/**
 * The height that is voted on: the highest that a majority of the configured sources has reached, for some are a
 * block behind; undefined while too few answered.
 */
export function voteHeight(numbers: readonly number[], configured: number): number | undefined {
  return numbers.toSorted((a, b) => b - a)[majorityOf(configured) - 1]
}

/** Counts the answers for one height. */
export function countVotes(answers: readonly HeadAnswer[], configured: number): HeadVote {
  const needed = majorityOf(configured)
  const byHash = new Map<Hex, HeadAnswer[]>()
  for (const answer of answers) {
    const camp = byHash.get(answer.header.hash) ?? []
    byHash.set(answer.header.hash, [...camp, answer])
  }
  const ordered = [...byHash.values()].sort((a, b) => b.length - a.length)
  const camps = ordered.map((camp) => ({
    hash: camp[0]!.header.hash,
    number: camp[0]!.header.number,
    endpoints: camp.flatMap(({ endpoints }) => endpoints),
  }))
  const [largest] = ordered
  if (largest !== undefined && largest.length >= needed) {
    return { kind: 'accepted', header: largest[0]!.header, agreeing: largest.length, camps }
  }
  if (camps.length > 1) return { kind: 'disputed', camps }
  return { kind: 'short', answered: answers.length, needed }
}
