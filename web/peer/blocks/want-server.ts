import type { CID } from 'multiformats/cid'
import { collectBytes } from '#core/bytes.ts'
import { CHUNK_BYTES } from '#core/limits.ts'
import { blockKey } from './block-key.ts'

/**
 * Wants of one peer that are not answered yet, and as many that it is told of when they come; of more the oldest are
 * dropped. An exchange has at most 256 on their way, go-bitswap keeps 1,024.
 */
const MAX_WANTS = 1_024

export interface ServedWant {
  readonly cid: CID
  /** 'have' asks whether it is here */
  readonly kind: 'block' | 'have'
  /** is the peer to be told that a block is not here? */
  readonly tellAbsent: boolean
}

export interface OutgoingBlock {
  /** as it was asked for */
  readonly cid: CID
  readonly bytes: Uint8Array
}

export interface OutgoingPresence {
  readonly cid: CID
  readonly has: boolean
}

/** Holds blocks back that would be sent now. */
export interface SendGate {
  /** blocks that pass together, in bytes; at least one does */
  groupBytes(): number
  pass(bytes: number, signal: AbortSignal | undefined): Promise<void>
}

export interface WantServerComponents {
  readonly blockstore: {
    has(cid: CID): boolean | Promise<boolean>
    get(cid: CID, options: { readonly offline: true }): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  }
  readonly gate: SendGate
  readonly sendPresences: (peer: string, presences: readonly OutgoingPresence[]) => Promise<void>
  readonly sendBlocks: (peer: string, blocks: readonly OutgoingBlock[]) => Promise<void>
}

export interface ReceiveOptions {
  /** Everything that the peer asked for before is void. @default false */
  readonly full?: boolean
  readonly cancelled?: readonly CID[]
}

/** Answers what peers want of this one. */
export interface WantServer {
  receive(peer: string, wants: readonly ServedWant[], options?: ReceiveOptions): void
  /** A block is here now: whoever was told that it is not hears of it. */
  arrived(cid: CID): void
  disconnect(peer: string): void
  stop(): void
}

interface Ledger {
  /** by key, those first that were asked for first */
  readonly open: Map<string, ServedWant>
  /** what is not here, or is being read, oldest first; a cancel takes it off */
  readonly absent: Map<string, ServedWant>
  busy: boolean
}

/**
 * Every want is answered, each time that it is asked: with the block, or that it is here, or that it is not. Nothing
 * is remembered of what was sent, as whoever asks again did not get it. Helia's own ledger drops some wants that are
 * asked again, so that the peer waits for nothing; see docs/upstream.md.
 */
export function createWantServer(components: WantServerComponents): WantServer {
  const { blockstore, gate, sendPresences, sendBlocks } = components
  const ledgers = new Map<string, Ledger>()
  const stopping = new AbortController()

  function ledgerOf(peer: string): Ledger {
    const known = ledgers.get(peer)
    if (known !== undefined) return known
    const ledger: Ledger = { open: new Map(), absent: new Map(), busy: false }
    ledgers.set(peer, ledger)
    return ledger
  }

  const isGone = (peer: string, ledger: Ledger) => stopping.signal.aborted || ledgers.get(peer) !== ledger

  /** One message after the other: what is said last is true last. */
  async function work(peer: string, ledger: Ledger): Promise<void> {
    if (ledger.busy) return
    ledger.busy = true
    while (ledger.open.size > 0 && !isGone(peer, ledger)) {
      try {
        await answer(peer, ledger)
      } catch {
        // the connection broke, and who still wants what was lost with it asks again
      }
    }
    ledger.busy = false
  }

  /** Peers share what is on its way: a small answer does not wait behind everybody's whole groups at one relay. */
  function shareOf(groupBytes: number): number {
    let busy = 0
    for (const ledger of ledgers.values()) if (ledger.busy) busy += 1
    return Math.max(CHUNK_BYTES, groupBytes / Math.max(1, busy))
  }

  async function answer(peer: string, ledger: Ledger): Promise<void> {
    const presences: OutgoingPresence[] = []
    const blocks: OutgoingBlock[] = []
    const haves = [...ledger.open].filter(([, { kind }]) => kind === 'have')
    for (const [key, want] of haves) await take(ledger, key, want, presences, blocks)
    let bytes = 0
    for (const [key, want] of [...ledger.open]) {
      if (bytes >= shareOf(gate.groupBytes())) break
      if (want.kind === 'block') bytes += await take(ledger, key, want, presences, blocks)
    }
    if (isGone(peer, ledger)) return
    if (presences.length > 0) await sendPresences(peer, presences)
    if (blocks.length === 0) return
    await gate.pass(bytes, stopping.signal)
    if (!isGone(peer, ledger)) await sendBlocks(peer, blocks)
  }

  /** Puts the answer to one want on its list. @returns bytes of the block that it is answered with */
  async function take(
    ledger: Ledger,
    key: string,
    want: ServedWant,
    presences: OutgoingPresence[],
    blocks: OutgoingBlock[],
  ): Promise<number> {
    const { cid, kind, tellAbsent } = want
    // taken back, or asked for otherwise, while another block was read
    if (ledger.open.get(key) !== want) return 0
    ledger.open.delete(key)
    bounded(ledger.absent, key, want)
    const found = kind === 'have' ? await has(cid) : await read(cid)
    if (ledger.absent.get(key) !== want) return 0
    if (found === undefined || found === false) {
      if (tellAbsent) presences.push({ cid, has: false })
      return 0
    }
    ledger.absent.delete(key)
    if (found === true) {
      presences.push({ cid, has: true })
      return 0
    }
    blocks.push({ cid, bytes: found })
    return found.length
  }

  /** No block is read for it: a thousand questions cost little. */
  async function has(cid: CID): Promise<boolean> {
    try {
      return await blockstore.has(cid)
    } catch {
      return false
    }
  }

  /** What cannot be read is not here. */
  async function read(cid: CID): Promise<Uint8Array | undefined> {
    try {
      if (!(await blockstore.has(cid))) return undefined
      return await collectBytes(blockstore.get(cid, { offline: true }))
    } catch {
      return undefined
    }
  }

  function drop({ open, absent }: Ledger, key: string): void {
    for (const list of [open, absent]) list.delete(key)
  }

  return {
    receive(peer, wants, { full = false, cancelled = [] } = {}) {
      if (stopping.signal.aborted) return
      const ledger = ledgerOf(peer)
      if (full) for (const list of [ledger.open, ledger.absent]) list.clear()
      for (const cid of cancelled) drop(ledger, blockKey(cid))
      for (const want of wants) {
        const key = blockKey(want.cid)
        ledger.absent.delete(key)
        bounded(ledger.open, key, want)
      }
      void work(peer, ledger)
    },

    arrived(cid) {
      const key = blockKey(cid)
      for (const [peer, ledger] of ledgers) {
        const want = ledger.absent.get(key)
        if (want === undefined) continue
        ledger.absent.delete(key)
        bounded(ledger.open, key, want)
        void work(peer, ledger)
      }
    },

    disconnect: (peer) => ledgers.delete(peer),

    stop() {
      stopping.abort()
      ledgers.clear()
    },
  }
}

/** Keeps the latest MAX_WANTS; what is there already keeps its place. */
function bounded(list: Map<string, ServedWant>, key: string, want: ServedWant): void {
  list.set(key, want)
  if (list.size > MAX_WANTS) list.delete(list.keys().next().value as string)
}
