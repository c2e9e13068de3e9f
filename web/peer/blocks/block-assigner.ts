import { CHUNK_BYTES } from '#core/limits.ts'
import { shuffled } from '#core/shuffle.ts'
import type { BlockSource } from './block-source.ts'
import { type BlockPeer, isUnasked, type Want, type WantedContent } from './wants.ts'

/** What is taken from a slow source must come this much sooner from another. */
const STEAL_FACTOR = 1.5
const STEAL_MARGIN_MS = 200
/** What a direct peer is busy with for less is not asked of a circuit instead. */
const WORTH_WAITING_MS = 2_000
/** Asked for in the order in which they are read: a second of a stream, or a picture's begin. */
const FIRST_WANTS = 4
/** Of a source that has given nothing yet, when no other is known. */
const ASSUMED_RATE = 500_000
/** Of what a circuit may still carry: frames, gossip and what is asked of this side go there too. */
const CIRCUIT_SHARE = 0.8
/** Of all sources together: what may be in memory at once. A gigabit link takes a quarter of a second for it. */
const MAX_IN_FLIGHT_BYTES = 128 * CHUNK_BYTES

export interface BlockAssignerInit {
  readonly peers: ReadonlyMap<string, BlockPeer>
  readonly contents: ReadonlyMap<string, WantedContent>
  readonly ask: (want: Want, peer: string) => void
  readonly takeBack: (want: Want, peer: string) => void
  /** may nothing be asked for at this moment? */
  readonly isCapped: () => boolean
  /** bytes that the circuit to a peer may still carry; undefined where nothing limits them */
  readonly circuitLeft: (peer: string) => number | undefined
  /** 0 ≤ x < 1 */
  readonly random: () => number
}

/** Decides which peer is asked for which block. */
export interface BlockAssigner {
  /** Peers that may have a block and were not asked for it. */
  holdersOf(want: Want, time: number): BlockSource[]
  /** Gives wants to whoever has room for them, then lets the idle take over from the slow. */
  run(time: number): void
}

export function createBlockAssigner({
  peers,
  contents,
  ask,
  takeBack,
  isCapped,
  circuitLeft,
  random,
}: BlockAssignerInit): BlockAssigner {
  function assumedRate(): number {
    const rates = [...peers.values()].map(({ source }) => source.rate()).filter((rate) => rate !== undefined)
    return rates.length === 0 ? ASSUMED_RATE : rates.reduce((sum, rate) => sum + rate, 0) / rates.length
  }

  function hasMemory(bytes: number): boolean {
    let total = bytes
    for (const { source } of peers.values()) total += source.inFlightBytes
    return total <= MAX_IN_FLIGHT_BYTES
  }

  function holdersOf(want: Want, time: number): BlockSource[] {
    const found = new Map<string, BlockSource>()
    for (const { holders } of want.content) {
      for (const peer of holders) {
        const source = peers.get(peer)?.source
        if (source !== undefined && !want.askedOf.has(peer) && (want.lacks.get(peer) ?? 0) <= time)
          found.set(peer, source)
      }
    }
    return [...found.values()]
  }

  /** May as much be asked of it? What is on its way when a circuit has carried all that it may is lost. */
  function takesMore(source: BlockSource, bytes: number, time: number): boolean {
    if (!source.hasRoom(bytes, time)) return false
    if (source.inFlight.size === 0) return true
    const left = circuitLeft(source.peer)
    return left === undefined || source.inFlightBytes + bytes <= left * CIRCUIT_SHARE
  }

  /**
   * Whom to ask for a want. What a direct peer gives soon waits for it: a relay carries each byte of a circuit twice,
   * and what it carries ends.
   */
  function choose(holders: readonly BlockSource[], bytes: number, time: number): BlockSource | undefined {
    const rate = assumedRate()
    const open = holders.filter((holder) => takesMore(holder, bytes, time))
    const [direct, circuits] = [open.filter(isDirect), open.filter((holder) => !isDirect(holder))]
    if (direct.length > 0) return soonest(direct, bytes, rate)
    const isWorthWaiting = (holder: BlockSource) => {
      const [next] = holder.inFlight.keys()
      if (!isDirect(holder) || next === undefined) return false
      const etaMs = Math.max(holder.etaMs(bytes, rate), holder.etaOfMs(next, rate, time))
      return etaMs < WORTH_WAITING_MS
    }
    return holders.some(isWorthWaiting) ? undefined : soonest(circuits, bytes, rate)
  }

  const isDirect = ({ peer }: BlockSource) => circuitLeft(peer) === undefined

  function soonest(sources: readonly BlockSource[], bytes: number, rate: number): BlockSource | undefined {
    let best: BlockSource | undefined
    for (const source of sources) {
      if (best === undefined || source.etaMs(bytes, rate) < best.etaMs(bytes, rate)) best = source
    }
    return best
  }

  /** What is read next first, then any: peers that read the same soon have different parts for one another. */
  function inOrderOfAsking(all: readonly Want[]): Want[] {
    return [...all.slice(0, FIRST_WANTS), ...shuffled(all.slice(FIRST_WANTS), random)]
  }

  /** Gives wants to sources with room, one of each content in turn. */
  function assign(time: number): void {
    let queues = [...contents.values()].map(({ wants: all }) =>
      inOrderOfAsking([...all.values()].filter(isUnasked)),
    )
    while (queues.length > 0) {
      queues = queues.filter((queue) => {
        const want = queue.shift()
        if (want === undefined || !isUnasked(want)) return want !== undefined
        const holders = holdersOf(want, time)
        if (holders.length === 0) return true
        const source = choose(holders, want.bytes, time)
        if (source === undefined || !hasMemory(want.bytes) || isCapped()) return false
        ask(want, source.peer)
        return true
      })
    }
  }

  /** When everything of a content is asked for, idle sources take over what slower ones would give later. */
  function steal(content: WantedContent, time: number): void {
    const rate = assumedRate()
    const all = [...content.wants.values()]
    if (all.some((want) => isUnasked(want) && holdersOf(want, time).length > 0)) return
    const late = all
      .filter(({ askedOf }) => askedOf.size === 1)
      .map((want) => {
        const [owner] = want.askedOf
        return { want, owner: owner as string, etaMs: etaAt(owner as string, want, rate, time) }
      })
      .sort((a, b) => b.etaMs - a.etaMs)
    for (const { want, owner, etaMs } of late) {
      const idle = holdersOf(want, time).filter((holder) => takesMore(holder, want.bytes, time))
      const source = soonest(idle, want.bytes, rate)
      if (source === undefined) continue
      if (source.etaMs(want.bytes, rate) * STEAL_FACTOR + STEAL_MARGIN_MS >= etaMs) return
      if (!hasMemory(want.bytes) || isCapped()) return
      const [first] = peers.get(owner)?.source.inFlight.keys() ?? []
      // what it is sending now may still come first
      if (first !== want.key) takeBack(want, owner)
      ask(want, source.peer)
    }
  }

  function etaAt(peer: string, want: Want, rate: number, time: number): number {
    return peers.get(peer)?.source.etaOfMs(want.key, rate, time) ?? Number.POSITIVE_INFINITY
  }

  return {
    holdersOf,
    run(time) {
      assign(time)
      for (const content of contents.values()) steal(content, time)
    },
  }
}
