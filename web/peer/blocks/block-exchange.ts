import type { CID } from 'multiformats/cid'
import { MAX_KNOWN_PEERS } from '#core/limits.ts'
import type { BlockMoved } from '#core/seeding.ts'
import type { Timers } from '#core/timers.ts'
import type { TokenBucket } from '#core/token-bucket.ts'
import { PeerError } from '../errors.ts'
import type { BitswapPort, ReceivedBlock, WantEntry } from './bitswap-port.ts'
import { createBlockAssigner } from './block-assigner.ts'
import { blockKey } from './block-key.ts'
import { type BlockSession, createBlockSessions, type GetBlockOptions } from './block-sessions.ts'
import type { BlockSource } from './block-source.ts'
import { createHolderSearch } from './holder-search.ts'
import { createWantOutbox } from './want-outbox.ts'
import {
  type BlockPeer,
  createBlockPeer,
  createWant,
  LACK_MS,
  type Want,
  type WantedContent,
} from './wants.ts'

/** How long nothing comes of a content before its blocks count as not to be had; WebRTC dials take up to 20 s. */
const NOT_FOUND_MS = 45_000
/** The same while a connected peer that has the content did not answer that it lacks the block: it is busy. */
const BUSY_MS = 4 * NOT_FOUND_MS
const TICK_MS = 500
/** A busy page is late by a second or two. */
const ASLEEP_MS = 10_000
/** Peers of whom a root is asked at once, as far as it is wanted; the others are asked whether they have it. */
const EAGER_ASKS = 3

export interface BlockExchangeComponents {
  readonly port: BitswapPort
  readonly timers: Timers
  /** ms, never set back */
  readonly now: () => number
  /** holds back what is asked for */
  readonly download: TokenBucket
  /** Looks for providers of a content and connects to some of them. */
  readonly search: (root: CID, signal: AbortSignal) => Promise<void>
}

export interface BlockExchangeInit {
  /** 0 ≤ x < 1 @default Math.random */
  readonly random?: () => number
  readonly onReceived?: (moved: BlockMoved) => void
  /** A peer sent what it was not asked for: nothing is asked of it any more. */
  readonly onMisbehaviour?: (peer: string, error: PeerError) => void
}

export interface BlockExchange {
  /** Readers of one root share what is known of its sources. */
  open(root: CID): BlockSession
  stop(): void
}

/**
 * Fetches blocks from several peers at once ([SE7]): each is asked of one source, more of the faster ones, and what
 * a slow or silent one holds up is taken from it. Helia's own bitswap asks everybody for everything and gets every
 * block as often as it has sources.
 */
export function createBlockExchange(
  { port, timers, now, download, search }: BlockExchangeComponents,
  { onReceived, onMisbehaviour, random = Math.random }: BlockExchangeInit = {},
): BlockExchange {
  const peers = new Map<string, BlockPeer>()
  const contents = new Map<string, WantedContent>()
  const wants = new Map<string, Want>()
  const banned = new Set<string>()
  const stopping = new AbortController()
  let cancelTick: (() => void) | undefined
  let cancelCapped: (() => void) | undefined
  let pumping = false
  let tickedAt = now()
  const { signal: stopped } = stopping
  const outbox = createWantOutbox({ peers, port, timers, onUndelivered: undelivered, signal: stopped })
  const assigner = createBlockAssigner({
    peers,
    contents,
    ask,
    takeBack,
    isCapped,
    circuitLeft: port.circuitLeft,
    random,
  })
  const searching = createHolderSearch({
    peers,
    holdersOf: assigner.holdersOf,
    tell: outbox.tell,
    search,
    signal: stopped,
  })

  // who is there

  function connect(peer: string): void {
    if (peers.has(peer) || banned.has(peer)) return
    peers.set(peer, createBlockPeer(peer))
    for (const content of contents.values()) if (content.wants.size > 0) probe(content, peer)
  }

  function disconnect(peer: string): void {
    peers.delete(peer)
    for (const { askedOf, awaited } of wants.values())
      for (const list of [askedOf, awaited]) list.delete(peer)
    for (const content of contents.values()) {
      const { holders, probed, denied, wants: open } = content
      const heldIt = holders.delete(peer)
      for (const list of [probed, denied]) list.delete(peer)
      if (heldIt && holders.size === 0 && open.size > 0) searching.lost(content, now())
    }
    pumpSoon()
  }

  /** What it was to give may be lost: it is asked anew, after a pause in which it hears that the first wants are void. */
  function onBroken(peer: string): void {
    const known = peers.get(peer)
    if (known !== undefined) relieve(known.source, now(), true)
  }

  function ban(peer: string): void {
    if (banned.size >= MAX_KNOWN_PEERS) banned.delete(banned.values().next().value as string)
    banned.add(peer)
    disconnect(peer)
    onMisbehaviour?.(
      peer,
      new PeerError(
        'BLOCK_FORGED',
        `Peer …${peer.slice(-6)} sent a block that it was not asked for: its bytes do not fit the CID. It is not asked again, others are.`,
      ),
    )
  }

  // what is sent

  /** It could not be reached: it is given time, and its wants to others. */
  function undelivered(peer: string, entries: readonly WantEntry[]): void {
    const known = peers.get(peer)
    if (known === undefined || stopped.aborted) return
    known.source.pause(now())
    if (!known.settled) known.greeted = false
    for (const { cid } of entries) {
      const want = wants.get(blockKey(cid))
      if (want === undefined) continue
      takeBack(want, peer)
      want.lacks.set(peer, now() + LACK_MS)
    }
    pumpSoon()
  }

  function ask(want: Want, peer: string): void {
    const known = peers.get(peer)
    if (known === undefined) return
    want.askedOf.add(peer)
    want.awaited.delete(peer)
    known.source.asked(want.key, want.bytes, now())
    download.charge(want.bytes)
    outbox.tell(peer, { cid: want.cid, kind: 'block' })
  }

  function takeBack(want: Want, peer: string): void {
    if (!want.askedOf.delete(peer)) return
    peers.get(peer)?.source.returned(want.key)
    // of a root it is still worth to know who has it, and who gets it later
    const kind = contents.has(want.key) ? 'have' : 'cancel'
    outbox.tell(peer, { cid: want.cid, kind })
  }

  /** Asks a peer whether it takes part in a content, by the content's root. */
  function probe(content: WantedContent, peer: string): void {
    if (content.probed.has(peer)) return
    content.probed.add(peer)
    const want = wants.get(content.rootKey)
    if (want !== undefined && want.askedOf.size < EAGER_ASKS) ask(want, peer)
    else outbox.tell(peer, { cid: content.root, kind: 'have' })
  }

  function probeAll(content: WantedContent): void {
    if (content.probed.size === peers.size) return
    const fastestFirst = [...peers.values()].sort((a, b) => (b.source.rate() ?? 0) - (a.source.rate() ?? 0))
    for (const { source } of fastestFirst) probe(content, source.peer)
  }

  function isCapped(): boolean {
    const ms = download.waitMs()
    if (ms === 0) return false
    cancelCapped ??= timers.after(ms, () => {
      cancelCapped = undefined
      pumpSoon()
    })
    return true
  }

  function pump(): void {
    pumping = false
    if (stopped.aborted) return
    const time = now()
    assigner.run(time)
    if (wants.size === 0 || cancelTick !== undefined) return
    tickedAt = time
    cancelTick = timers.after(TICK_MS, tick)
  }

  function pumpSoon(): void {
    if (pumping) return
    pumping = true
    queueMicrotask(pump)
  }

  function tick(): void {
    cancelTick = undefined
    const time = now()
    // a frozen tab or a machine that slept: the time that was missed counts for nobody
    if (time - tickedAt > ASLEEP_MS) for (const content of contents.values()) content.progressAt = time
    tickedAt = time
    for (const { source } of peers.values()) if (source.isSilent(time)) relieve(source, time)
    for (const want of [...wants.values()]) if (isLost(want, time)) fail(want)
    for (const content of contents.values()) {
      if (content.wants.size > 0) searching.further(content, time)
    }
    pump()
  }

  /** A silent source loses its wants to others, in the end also those that it alone has: it is asked anew. */
  function relieve(source: BlockSource, time: number, stuck = source.isStuck(time)): void {
    let relieved = false
    for (const key of [...source.inFlight.keys()]) {
      const want = wants.get(key)
      if (want === undefined || (!stuck && assigner.holdersOf(want, time).length === 0)) continue
      takeBack(want, source.peer)
      relieved = true
    }
    if (relieved) source.pause(time)
  }

  function isLost(want: Want, time: number): boolean {
    const progressAt = [...want.content].map((content) => content.progressAt)
    return time - Math.max(want.createdAt, ...progressAt) > patienceFor(want)
  }

  function patienceFor({ content, awaited }: Want): number {
    const isOwed = [...content].some(({ holders }) => [...holders].some((peer) => !awaited.has(peer)))
    return isOwed ? BUSY_MS : NOT_FOUND_MS
  }

  // what comes

  function onBlock({ peer, key, bytes }: ReceivedBlock): void {
    const known = peers.get(peer)
    if (known === undefined) return
    if (!known.remembered.has(key)) {
      unasked(peer, known)
      return
    }
    const time = now()
    known.source.arrived(key, bytes.length, time)
    const want = wants.get(key)
    if (want === undefined) {
      // it came from somebody else before
      contents.get(key)?.holders.add(peer)
      pumpSoon()
      return
    }
    onReceived?.({ direction: 'received', peer, cid: want.cid.toString(), bytes: bytes.length })
    want.askedOf.delete(peer)
    forget(want)
    for (const content of want.content) {
      content.holders.add(peer)
      content.gave.set(peer, time)
      content.progressAt = time
    }
    want.done.resolve(bytes)
    pumpSoon()
  }

  /**
   * A lie, unless it was asked for by this peer's earlier life: a tab keeps its id when it is loaded again, and what
   * was on its way then may still come. It is given something to do, so that it soon shows what it is.
   */
  function unasked(peer: string, { settled }: BlockPeer): void {
    if (settled) {
      ban(peer)
      return
    }
    for (const { holders, probed } of contents.values()) if (probed.has(peer)) holders.add(peer)
    pumpSoon()
  }

  function onPresence(peer: string, key: string, has: boolean): void {
    const known = peers.get(peer)
    if (known === undefined) return
    if (key === blockKey(known.marker)) {
      known.settled = true
      outbox.tell(peer, { cid: known.marker, kind: 'cancel' })
      return
    }
    const content = contents.get(key)
    if (has) content?.holders.add(peer)
    else content?.denied.add(peer)
    const want = wants.get(key)
    if (want !== undefined && has) {
      want.lacks.delete(peer)
      want.awaited.delete(peer)
      for (const { holders } of want.content) holders.add(peer)
    } else if (want !== undefined) lacked(want, known)
    if (content !== undefined) searching.ifDenied(content, now())
    pumpSoon()
  }

  /** Who takes part in a content gets more of it: it tells then, and may have it before the one that is asked next. */
  function lacked(want: Want, { source }: BlockPeer): void {
    const { peer } = source
    want.lacks.set(peer, now() + LACK_MS)
    if (want.askedOf.delete(peer)) {
      source.returned(want.key)
      outbox.tell(peer, { cid: want.cid, kind: 'await' })
    }
    want.awaited.add(peer)
  }

  function fail(want: Want): void {
    forget(want)
    want.done.reject(
      new PeerError(
        'BLOCK_NOT_FOUND',
        `Nobody gave block ${want.cid} within ${patienceFor(want) / 1_000} s.`,
      ),
    )
  }

  /** Takes a want off every list and back from whoever still has it to answer. */
  function forget(want: Want): void {
    wants.delete(want.key)
    for (const { wants: all } of want.content) all.delete(want.key)
    for (const peer of [...want.askedOf]) takeBack(want, peer)
    if (contents.has(want.key)) return
    for (const peer of want.awaited) outbox.tell(peer, { cid: want.cid, kind: 'cancel' })
  }

  // what is asked for

  function wantOf(cid: CID, key: string, bytes: number | undefined): Want {
    const known = wants.get(key)
    if (known !== undefined) return known
    const want = createWant(cid, bytes, now())
    wants.set(key, want)
    return want
  }

  async function get(
    content: WantedContent,
    cid: CID,
    { bytes, signal }: GetBlockOptions = {},
  ): Promise<Uint8Array> {
    signal?.throwIfAborted()
    stopped.throwIfAborted()
    const want = wantOf(cid, blockKey(cid), bytes)
    want.content.add(content)
    content.wants.set(want.key, want)
    want.waiters += 1
    probeAll(content)
    searching.ifDenied(content, now())
    pumpSoon()
    const aborted = Promise.withResolvers<never>()
    const onAbort = () => aborted.reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([want.done.promise, aborted.promise])
    } finally {
      signal?.removeEventListener('abort', onAbort)
      want.waiters -= 1
      if (want.waiters === 0 && wants.get(want.key) === want) forget(want)
    }
  }

  const sessions = createBlockSessions({ contents, now, get, tell: outbox.tell })
  for (const peer of port.peers()) connect(peer)
  const unlisten = port.listen({
    onConnect: connect,
    onDisconnect: disconnect,
    onBroken,
    onBlock,
    onPresence,
  })

  return {
    open: sessions.open,

    stop() {
      stopping.abort(new PeerError('BLOCK_NOT_FOUND', 'This peer has stopped: nothing is fetched any more.'))
      unlisten()
      outbox.stop()
      for (const cancel of [cancelTick, cancelCapped]) cancel?.()
      for (const want of [...wants.values()]) want.done.reject(stopped.reason)
      wants.clear()
    },
  }
}
