import { type Bytes, equalBytes, toHex } from '#core/bytes.ts'
import { MAX_FEEDS } from '#core/limits.ts'
import { ID_HEAD_BYTES, type ObjectId } from '#objects/object-id.ts'
import { NO_PREVIOUS, type ReadLinkBatch } from './link-batch.ts'

/**
 * Which batches are part of the graph, feed by feed. Only hashes are held here; the batches themselves lie in the
 * record store. The state of a feed is a function of the set of its batches that were seen, not of their order:
 *
 * - its chain is the batches 0, 1, 2, … each naming the one before;
 * - it is frozen at the smallest seq for which two batches were seen, or whose batch names another one before it
 *   than the chain's. What the chain holds from there on is dropped: nobody can tell which half was meant.
 */

/** What a peer tells another of a feed when it asks for what it lacks. */
export interface FeedHead {
  /** 32 bytes */
  readonly device: Bytes
  /** length of the chain */
  readonly next: number
  /** hash of the last batch of the chain, zero for none */
  readonly head: Bytes
  readonly frozen: boolean
}

/** A part of a feed to read and send: batches [from, to), or the evidence of its fork. */
export interface BatchRange {
  readonly device: Bytes
  readonly from: number
  readonly to: number
  readonly evidence: boolean
}

export type AppendOutcome =
  /** the chain grew by it */
  | { readonly kind: 'appended' }
  /** it was here already: a replay changes nothing */
  | { readonly kind: 'have' }
  /** batches before it are missing from `next` on */
  | { readonly kind: 'gap'; readonly next: number }
  /** it shows a fork at `seq`; the chain had `length` batches before, and keeps those below `seq` */
  | { readonly kind: 'forked'; readonly seq: number; readonly length: number }
  /** the feed is frozen at `seq` */
  | { readonly kind: 'frozen'; readonly seq: number }
  /** MAX_FEEDS feeds are held, the place of the own one included */
  | { readonly kind: 'full' }

type Place = Pick<ReadLinkBatch, 'device' | 'seq' | 'prev' | 'hash'>

interface Feed {
  readonly device: Bytes
  /** 32 bytes a batch, grown by doubling */
  hashes: Bytes
  length: number
  /** the chain ends at a fork; hashes of the batches that show it */
  witnesses: readonly Bytes[] | undefined
}

export class LinkLog {
  readonly #feeds = new Map<string, Feed>()
  /** a bit for each hash that was seen, by 24 of its bits: most questions for what is not here end there */
  readonly #marks = new Uint8Array(2 ** 21)

  get feeds(): number {
    return this.#feeds.size
  }

  /** Is this very batch part of a chain or of a fork's evidence? Cheap: asked before a signature is checked. */
  has({ device, seq, hash }: Pick<Place, 'device' | 'seq' | 'hash'>): boolean {
    const feed = this.#feeds.get(toHex(device))
    if (feed === undefined) return false
    if (seq < feed.length) return equalBytes(hashAt(feed, seq), hash)
    return feed.witnesses?.some((witness) => equalBytes(witness, hash)) ?? false
  }

  /** Adds a batch whose signature was checked. The last place for a feed is kept for one that is `own`. */
  append(batch: Place, own = false): AppendOutcome {
    if (this.has(batch)) return { kind: 'have' }
    const feed = this.#feeds.get(toHex(batch.device))
    if (feed === undefined) return this.#begin(batch, own)
    const { length } = feed
    if (batch.seq < length) {
      const witnesses = [hashAt(feed, batch.seq).slice(), batch.hash]
      feed.length = batch.seq
      feed.witnesses = witnesses
      return { kind: 'forked', seq: batch.seq, length }
    }
    if (feed.witnesses !== undefined) return { kind: 'frozen', seq: length }
    if (batch.seq > length) return { kind: 'gap', next: length }
    if (!equalBytes(batch.prev, headOf(feed))) {
      feed.witnesses = [batch.hash]
      return { kind: 'forked', seq: length, length }
    }
    this.#push(feed, batch.hash)
    return { kind: 'appended' }
  }

  #begin(batch: Place, own: boolean): AppendOutcome {
    if (batch.seq > 0) return { kind: 'gap', next: 0 }
    if (this.#feeds.size >= (own ? MAX_FEEDS : MAX_FEEDS - 1)) return { kind: 'full' }
    const feed: Feed = { device: batch.device, hashes: new Uint8Array(32), length: 0, witnesses: undefined }
    this.#push(feed, batch.hash)
    this.#feeds.set(toHex(batch.device), feed)
    return { kind: 'appended' }
  }

  #push(feed: Feed, hash: Bytes): void {
    push(feed, hash)
    const mark = markOf(hash)
    this.#marks[mark >> 3]! |= 1 << (mark & 7)
  }

  /**
   * Place of the batch whose object may have this id: behind the id's first 40 bits it is the batch's hash. A walk over
   * all hashes, a few milliseconds in a full graph.
   */
  find(id: ObjectId): Pick<Place, 'device' | 'seq'> | undefined {
    const mark = markOf(id)
    if ((this.#marks[mark >> 3]! & (1 << (mark & 7))) === 0) return undefined
    for (const { device, hashes, length } of this.#feeds.values()) {
      for (let seq = 0; seq < length; seq++) if (isHashOf(id, hashes, 32 * seq)) return { device, seq }
    }
    return undefined
  }

  head(device: Uint8Array): FeedHead | undefined {
    const feed = this.#feeds.get(toHex(device))
    return feed === undefined ? undefined : toHead(feed)
  }

  heads(): readonly FeedHead[] {
    return [...this.#feeds.values()].map(toHead)
  }

  /** Is the chain's batch at `seq` the one of this hash? */
  isAt(device: Uint8Array, seq: number, hash: Uint8Array): boolean {
    const feed = this.#feeds.get(toHex(device))
    return feed !== undefined && seq < feed.length && equalBytes(hashAt(feed, seq), hash)
  }

  /** What somebody with these heads lacks, in feed order. */
  missingFrom(heads: readonly FeedHead[]): readonly BatchRange[] {
    const asked = new Map(heads.map((head) => [toHex(head.device), head]))
    return [...this.#feeds].flatMap(([device, feed]) => missingOf(feed, asked.get(device)))
  }
}

function missingOf(feed: Feed, asked: FeedHead | undefined): readonly BatchRange[] {
  const { device, length } = feed
  const next = asked?.next ?? 0
  const ranges: BatchRange[] = []
  const add = (from: number, to: number): void => {
    if (from < to) ranges.push({ device, from, to, evidence: false })
  }
  const shared = next <= length
  if (
    shared &&
    asked !== undefined &&
    !equalBytes(asked.head, next === 0 ? NO_PREVIOUS : hashAt(feed, next - 1))
  ) {
    // The two chains parted somewhere below: batches at doubling distances bring the asker below it in a few rounds.
    for (let step = 1; step < next * 2; step *= 2) add(Math.max(0, next - step), Math.max(0, next - step) + 1)
    return ranges
  }
  if (shared && asked?.frozen !== true) add(next, length)
  const news = asked?.frozen !== true || next > length
  if (feed.witnesses !== undefined && news) {
    // with the batch below it, since a single witness only contradicts that one
    if (next > length) add(length - 1, length)
    ranges.push({ device, from: length, to: length, evidence: true })
  }
  return ranges
}

/** 24 bits that an id and the hash behind it have in common. */
function markOf(bytes: Uint8Array): number {
  return (bytes[ID_HEAD_BYTES]! << 16) | (bytes[ID_HEAD_BYTES + 1]! << 8) | bytes[ID_HEAD_BYTES + 2]!
}

function isHashOf(id: ObjectId, hashes: Bytes, at: number): boolean {
  for (let i = ID_HEAD_BYTES; i < 32; i++) if (id[i] !== hashes[at + i]) return false
  return true
}

function hashAt(feed: Feed, seq: number): Bytes {
  return feed.hashes.subarray(32 * seq, 32 * seq + 32)
}

function headOf(feed: Feed): Bytes {
  return feed.length === 0 ? NO_PREVIOUS : hashAt(feed, feed.length - 1)
}

function toHead(feed: Feed): FeedHead {
  return {
    device: feed.device,
    next: feed.length,
    head: headOf(feed).slice(),
    frozen: feed.witnesses !== undefined,
  }
}

function push(feed: Feed, hash: Bytes): void {
  const at = 32 * feed.length
  if (at === feed.hashes.length) {
    const grown = new Uint8Array(2 * at)
    grown.set(feed.hashes)
    feed.hashes = grown
  }
  feed.hashes.set(hash, at)
  feed.length++
}
