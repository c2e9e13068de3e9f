import type { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { CHUNK_BYTES } from '#core/limits.ts'
import type { WantEntry } from './bitswap-port.ts'
import { blockKey } from './block-key.ts'
import { type BlockSource, createBlockSource } from './block-source.ts'
import { createMarker } from './marker.ts'

const FIRST_SEARCH_MS = 1_000
export const NEXT_SEARCH_MS = 5_000
/** A want that no source of its content has is looked for at everybody. */
const STRAY_MS = 1_000
/** Keys remembered as asked of a peer: two files of 1 GiB. A block that was not asked for is a lie. */
const MAX_REMEMBERED = 8_192
/** A block that a source lacked may have reached it since. */
export const LACK_MS = 3_000
/** A dag-pb node of DAG_LINKS children. */
const NODE_BYTES = 10 * 1024
/** A block that somebody here waits for. */
export interface Want {
  readonly cid: CID
  readonly key: string
  readonly bytes: number
  readonly createdAt: number
  readonly content: Set<WantedContent>
  /** peers that it was asked of and who have not answered */
  readonly askedOf: Set<string>
  /** peer → ms until which it is not asked again */
  readonly lacks: Map<string, number>
  /** peers that lacked it and tell once they have it */
  readonly awaited: Set<string>
  readonly done: PromiseWithResolvers<Uint8Array>
  waiters: number
  strayAt: number
}

/** A DAG of which blocks are wanted, and who has any of it. */
export interface WantedContent {
  readonly root: CID
  readonly rootKey: string
  readonly wants: Map<string, Want>
  /** peers that have it, or some of it */
  readonly holders: Set<string>
  readonly probed: Set<string>
  /** those of them that said that they lack its root */
  readonly denied: Set<string>
  /** peer → ms of its last block */
  readonly gave: Map<string, number>
  progressAt: number
  searchAt: number
  searchMs: number
  users: number
}

/** A connected peer, as the exchange sees it. */
export interface BlockPeer {
  readonly source: BlockSource
  /** keys that it was asked for: what else it sends is a lie */
  readonly remembered: Set<string>
  /** entries that leave with its next message */
  readonly outbox: Map<string, WantEntry>
  /** A CID that nobody has: once the peer said so, what it still owed to an earlier life of this peer has come. */
  readonly marker: CID
  /** was a message sent since it connected? */
  greeted: boolean
  /** did it answer for the marker? */
  settled: boolean
}

/** `bytes` is guessed where the parent does not say it. */
export function createWant(cid: CID, bytes: number | undefined, now: number): Want {
  const want: Want = {
    cid,
    key: blockKey(cid),
    bytes: bytes ?? (cid.code === raw.code ? CHUNK_BYTES : NODE_BYTES),
    createdAt: now,
    content: new Set(),
    askedOf: new Set(),
    lacks: new Map(),
    awaited: new Set(),
    done: Promise.withResolvers<Uint8Array>(),
    waiters: 0,
    strayAt: now + STRAY_MS,
  }
  want.done.promise.catch(() => {}) // heard by those that wait
  return want
}

export function createWantedContent(root: CID, now: number): WantedContent {
  return {
    root,
    rootKey: blockKey(root),
    wants: new Map(),
    holders: new Set(),
    probed: new Set(),
    denied: new Set(),
    gave: new Map(),
    progressAt: now,
    searchAt: now + FIRST_SEARCH_MS,
    searchMs: NEXT_SEARCH_MS,
    users: 0,
  }
}

export function createBlockPeer(peer: string): BlockPeer {
  return {
    source: createBlockSource(peer),
    remembered: new Set(),
    outbox: new Map(),
    marker: createMarker(),
    greeted: false,
    settled: false,
  }
}

export function isUnasked({ askedOf }: Want): boolean {
  return askedOf.size === 0
}

/** Keeps the latest MAX_REMEMBERED. */
export function remember(keys: Set<string>, key: string): void {
  keys.delete(key)
  keys.add(key)
  if (keys.size > MAX_REMEMBERED) keys.delete(keys.values().next().value as string)
}
