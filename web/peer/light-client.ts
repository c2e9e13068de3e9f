import type { PeerState } from '#api/network-types.ts'
import { equalBytes } from '#core/bytes.ts'
import type { Digest } from '#core/cid.ts'
import { type AppError, isAppError } from '#core/errors.ts'
import type { Address } from '#core/identity.ts'
import { MAX_KNOWN_PEERS } from '#core/limits.ts'
import { createMutex } from '#core/mutex.ts'
import type { Protocols } from '#core/network.ts'
import type { Timers } from '#core/timers.ts'
import type { Transport } from '#core/transport.ts'
import { createOrdererRule } from '#graph/machine/block-rule.ts'
import { assertBlockStakes } from '#graph/machine/block-stakes.ts'
import { createForkWatch, type SeenFork } from '#graph/machine/fork-watch.ts'
import type { SignedGraphBlock } from '#graph/machine/graph-block.ts'
import type { StakeSource, StakesOfChain } from '#graph/machine/stake-source.ts'
import { createRecordVerifier } from '#objects/signed-record.ts'
import type { KnownMachine } from './genesis-pin.ts'
import { askAnswer, type CheckedAnswer } from './protocols/answers.ts'
import { askBandwidth, type ToldBandwidth } from './protocols/bandwidth.ts'
import type { BlockPullInit } from './protocols/blocks.ts'
import { createShunnedPeers } from './shunned-peers.ts'

/** Asked at once: two of an orderer's blocks of one height show only when more than one peer is asked. */
const ASKED_AT_ONCE = 3
/** Asked for one question before it is given up: most tabs have no answer. */
const MAX_ASKED = 9
/** As with lies about copies: whoever answered wrongly may have been mended in an hour. */
const SHUNNED_MS = 60 * 60 * 1_000
/** The longest answers take a phone on a circuit so long; whoever is slower is left for another. */
const ANSWER_MS = 60_000
/** Refused answers that are remembered to be shown. */
const MAX_REFUSED = 32
const ORDER: Readonly<Record<PeerState['kind'], number>> = { relay: 0, node: 1, tab: 2 }

type AskInit = Omit<BlockPullInit, 'protocol'>

export interface LightClientInit {
  readonly machine: KnownMachine
  readonly transport: Pick<Transport, 'requests' | 'neighbours'>
  readonly protocols: Pick<Protocols, 'answers' | 'bandwidth'>
  readonly timers: Timers
  /** unix ms */
  readonly now: () => number
  /** relays make blocks, so they are asked first */
  readonly kindOf: (peer: string) => PeerState['kind']
  readonly onMisbehaviour: (peer: string, error: unknown) => void
  /** Where the machine's stakes are proved, for one that takes them from a chain. @throws STAKES_UNKNOWN, STAKES_OTHER */
  readonly openStakes: (stakes: StakesOfChain) => Promise<StakeSource>
}

/** A checked answer and who gave it. */
export interface LightAnswer extends CheckedAnswer {
  readonly peer: string
  readonly stakes: StakesStanding
}

/**
 * How far the stakes behind a block are known ([KG7]). `fixed`: by its genesis. `proved`: the chain proves what the block
 * says. `unchecked`: no chain is known here, or it does not answer now.
 */
export type StakesStanding = 'fixed' | 'proved' | 'unchecked'

/** A certified block whose stakes are not those of the chain: its orderer's fault, whoever hands it on. */
export interface FalseStakes {
  readonly block: SignedGraphBlock
  readonly error: AppError
}

/** What somebody says, and who: nothing proves it. */
export interface LightBandwidth extends ToldBandwidth {
  readonly peer: string
}

/** An answer that did not hold: its peer is not asked again for an hour. */
export interface RefusedAnswer {
  readonly peer: string
  /** unix ms */
  readonly at: number
  readonly error: AppError
}

/** Asks for a machine's answers without its graph, and believes nothing but its orderer's signature. */
export interface LightClient {
  /**
   * What a particle links to, under the newest block that one of the asked peers has; undefined when nobody gives an
   * answer that holds. One question at a time: peers answer no second one before the first. An abort ends the waiting.
   *
   * @throws the signal's reason
   */
  ask(from: Digest, signal: AbortSignal): Promise<LightAnswer | undefined>
  /**
   * How much a neuron may link in the next block, by the word of the first peer that counts it; undefined when nobody
   * does. @throws the signal's reason
   */
  bandwidth(neuron: Address, signal: AbortSignal): Promise<LightBandwidth | undefined>
  /** certified block of the greatest height that was seen */
  readonly newest: SignedGraphBlock | undefined
  readonly forks: readonly SeenFork[]
  /** latest last: answers under such a block are refused */
  readonly falseStakes: readonly FalseStakes[]
  /** latest last */
  readonly refused: readonly RefusedAnswer[]
}

export function createLightClient(init: LightClientInit): LightClient {
  const { machine, transport, protocols, timers, now, kindOf, onMisbehaviour, openStakes } = init
  const verifier = createRecordVerifier({ machine: machine.id, now })
  const rule = createOrdererRule({ orderers: machine.genesis.orderers, verifier })
  const shunned = createShunnedPeers({ ms: SHUNNED_MS, maxPeers: MAX_KNOWN_PEERS, now })
  const watch = createForkWatch()
  const oneByOne = createMutex()
  const refused: RefusedAnswer[] = []
  const falseStakes: FalseStakes[] = []
  const { stakes } = machine.genesis
  let source: Promise<StakeSource> | undefined

  function refuse(peer: string, error: AppError): void {
    if (!shunned.add(peer)) return
    refused.push({ peer, at: now(), error })
    if (refused.length > MAX_REFUSED) refused.shift()
    onMisbehaviour(peer, error)
  }

  /** undefined when the block's stakes are others than the chain's: nothing under it is believed. */
  async function standingOf(block: SignedGraphBlock): Promise<StakesStanding | undefined> {
    if (stakes.kind !== 'chain') return 'fixed'
    source ??= openStakes(stakes).catch((error: unknown) => {
      source = undefined // asked again by the next answer
      throw error
    })
    try {
      await assertBlockStakes(block, stakes, await source)
      return 'proved'
    } catch (error) {
      if (!isAppError(error) || !(error.code === 'BLOCK_STAKES' || error.code === 'STAKES_OTHER'))
        return 'unchecked'
      accuse(block, error)
      return undefined
    }
  }

  function accuse(block: SignedGraphBlock, error: AppError): void {
    if (falseStakes.some((known) => equalBytes(known.block.hash, block.hash))) return
    falseStakes.push({ block, error })
    if (falseStakes.length > MAX_REFUSED) falseStakes.shift()
  }

  /** What a peer says before its time is up; undefined when it says nothing that holds. */
  async function within<T>(peer: string, ask: (init: AskInit) => Promise<T>): Promise<T | undefined> {
    const limit = new AbortController()
    const cancel = timers.after(ANSWER_MS, () => limit.abort(new Error(`Peer ${peer} took too long.`)))
    try {
      return await ask({ transport, timers, machine: machine.id, signal: limit.signal })
    } catch (error) {
      if (isAppError(error, 'SYNC_MISBEHAVIOUR')) refuse(peer, error)
      return undefined // has no such protocol, is gone, or its answer did not hold: another one is asked
    } finally {
      cancel()
    }
  }

  function askOne(peer: string, from: Digest): Promise<LightAnswer | undefined> {
    return within(peer, async (asking) => {
      const checked = await askAnswer(peer, from, { ...asking, protocol: protocols.answers, rule })
      if (checked === undefined) return undefined
      const standing = await standingOf(checked.block)
      if (standing === undefined) return undefined
      watch.see(checked.block)
      return { ...checked, peer, stakes: standing }
    })
  }

  function askable(): readonly string[] {
    return transport.neighbours
      .connected()
      .filter((peer) => !shunned.has(peer))
      .sort((a, b) => ORDER[kindOf(a)] - ORDER[kindOf(b)])
      .slice(0, MAX_ASKED)
  }

  async function askSome(from: Digest): Promise<LightAnswer | undefined> {
    const peers = askable()
    for (let at = 0; at < peers.length; at += ASKED_AT_ONCE) {
      const asked = peers.slice(at, at + ASKED_AT_ONCE).map((peer) => askOne(peer, from))
      const newest = newestOf((await Promise.all(asked)).filter((answer) => answer !== undefined))
      if (newest !== undefined) return newest
    }
    return undefined
  }

  return {
    async ask(from, signal) {
      signal.throwIfAborted()
      return untilAborted(
        oneByOne(async () => (signal.aborted ? undefined : askSome(from))),
        signal,
      )
    },
    async bandwidth(neuron, signal) {
      for (const peer of askable()) {
        signal.throwIfAborted()
        const asked = within(peer, (asking) =>
          askBandwidth(peer, neuron, { ...asking, protocol: protocols.bandwidth }),
        )
        const told = await untilAborted(asked, signal)
        if (told !== undefined) return { ...told, peer }
      }
      return undefined
    },
    get newest() {
      return watch.newest
    },
    get forks() {
      return watch.forks
    },
    get falseStakes() {
      return [...falseStakes]
    },
    get refused() {
      return [...refused]
    },
  }
}

/** Of several under blocks of one height the first. */
function newestOf(answers: readonly LightAnswer[]): LightAnswer | undefined {
  return answers.reduce<LightAnswer | undefined>(
    (best, answer) =>
      best === undefined || answer.block.desc.height > best.block.desc.height ? answer : best,
    undefined,
  )
}

/** What is under way goes on; whoever waits for it is told of the abort at once. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
