import type { TopicScoreParams } from '@libp2p/gossipsub/score'
import { HEARTBEAT_MS, MAX_KNOWN_PEERS } from '#core/limits.ts'

/**
 * Messages a second that one neighbour may bring which nobody brought before: a relay brings the heartbeats of
 * everybody who is here, and as much again for links, placements and newcomers.
 */
const NEIGHBOUR_PER_SECOND = (2 * MAX_KNOWN_PEERS * 1_000) / HEARTBEAT_MS
/** After a gap of the network everybody's heartbeat and some records come at once. */
const NEIGHBOUR_BURST = 2 * MAX_KNOWN_PEERS
/** What one peer may say itself: a heartbeat every 5 s, and records as fast as a person makes them. */
const AUTHOR_PER_SECOND = 4
/** An import of 16,384 links is 64 batches, of a sample world with models about as many records again. */
const AUTHOR_BURST = 256
/** A debt of more seconds than this is forgiven. */
const MAX_DEBT_SECONDS = 30
/** Buckets remembered of each kind; the oldest makes room, which only ever lets more pass. */
const MAX_REMEMBERED = 4 * MAX_KNOWN_PEERS

/** Below this what a peer sends is not even decoded: gossipsub's default. */
export const GRAYLIST_SCORE = -80

export interface GossipAllowance {
  /** May one more message of `from`, brought by `via`, be looked at? Each counts, also those that may not. */
  take(from: string, via: string | undefined): boolean
  /** 0, or for a neighbour over its rate below it: a second's worth of messages too many is graylisted. */
  score(neighbour: string): number
}

/** How much gossip is looked at: signed and valid messages cost nothing to make, and everybody would forward them. */
export function createGossipAllowance(now: () => number = Date.now): GossipAllowance {
  const authors = createBuckets({ perSecond: AUTHOR_PER_SECOND, burst: AUTHOR_BURST }, now)
  const neighbours = createBuckets({ perSecond: NEIGHBOUR_PER_SECOND, burst: NEIGHBOUR_BURST }, now)
  return {
    take(from, via) {
      const isNeighbourFine = via === undefined || neighbours.spend(via)
      return isNeighbourFine && authors.spend(from)
    },
    score: (neighbour) => -GRAYLIST_SCORE * Math.min(0, neighbours.left(neighbour) / NEIGHBOUR_PER_SECOND),
  }
}

interface Buckets {
  spend(key: string): boolean
  /** below 0: a debt */
  left(key: string): number
}

interface BucketInit {
  readonly perSecond: number
  readonly burst: number
}

function createBuckets({ perSecond, burst }: BucketInit, now: () => number): Buckets {
  const buckets = new Map<string, { tokens: number; at: number }>()
  const fill = (bucket: { tokens: number; at: number }): void => {
    const time = now()
    const gained = (Math.max(0, time - bucket.at) * perSecond) / 1_000 // clocks are set back at times
    bucket.tokens = Math.min(burst, bucket.tokens + gained)
    bucket.at = time
  }
  return {
    spend(key) {
      const bucket = buckets.get(key) ?? { tokens: burst, at: now() }
      fill(bucket)
      bucket.tokens = Math.max(bucket.tokens - 1, -MAX_DEBT_SECONDS * perSecond)
      buckets.set(key, bucket)
      const [oldest] = buckets.keys()
      if (buckets.size > MAX_REMEMBERED && oldest !== undefined) buckets.delete(oldest)
      return bucket.tokens >= 0
    },
    left(key) {
      const bucket = buckets.get(key)
      if (bucket === undefined) return burst
      fill(bucket)
      return bucket.tokens
    },
  }
}

/**
 * What gossipsub holds against a neighbour in one topic: invalid messages alone. Being quiet is no fault, since
 * most tabs seldom have anything to say (P3), and no merit is gathered that a spammer could spend (P1, P2).
 *
 * The penalty is −n² for n invalid messages, which are forgotten with a half-life of 69 s: the third one that a
 * faulty version lets slip costs −9, the fourth ends the neighbour's IHAVEs (−10), the ninth graylists it (−80).
 * One every 10 s adds up to n = 10.5 and stays graylisted, one a minute to 2.2 and does not.
 */
export const TOPIC_SCORES: TopicScoreParams = {
  topicWeight: 1,
  timeInMeshWeight: 0,
  timeInMeshQuantum: 1,
  timeInMeshCap: 1,
  firstMessageDeliveriesWeight: 0,
  firstMessageDeliveriesDecay: 0.5,
  firstMessageDeliveriesCap: 1,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 1,
  meshMessageDeliveriesThreshold: 1,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 5_000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.5,
  invalidMessageDeliveriesWeight: -1,
  invalidMessageDeliveriesDecay: 0.99,
}
