import { type Bytes, equalBytes, toHex } from '#core/bytes.ts'
import type { Digest } from '#core/cid.ts'
import type { Address } from '#core/identity.ts'
import { createMutex } from '#core/mutex.ts'
import type { ReadLinkBatch } from '../link-batch.ts'
import { type ProvenAnswer, proveAnswer } from './answer.ts'
import type { BandwidthQuote, BandwidthShortage, NewcomerStake } from './bandwidth.ts'
import type { BlockFork } from './block-rule.ts'
import { assertFresh, readSaidStakes, type SaidStakes } from './block-stakes.ts'
import {
  BLOCK_STATE_FIELDS,
  type BlockHead,
  type BlockState,
  blockOfBundle,
  type ReadGraphBlock,
  readGraphBlock,
} from './graph-block.ts'
import type { RefusedLink } from './ledger.ts'
import { machineError } from './machine-errors.ts'
import { type Advanced, type MachineState, type MachineTip, sourceStakes } from './machine-state.ts'
import {
  completedRank,
  type RankComputation,
  type RankComputationComponents,
  startRank,
} from './rank-computation.ts'
import { type ResumeComponents, type ResumedMachine, resumeMachine } from './resume-machine.ts'
import { type StakeMark, type StakeTable, sameStakes } from './stake-source.ts'

export interface RelevanceMachineComponents extends ResumeComponents, RankComputationComponents {
  readonly store: ResumeComponents['store']
  /** id of the machine, 32 bytes */
  readonly machine: Bytes
  /** how long before the newest block of a chain its stakes are taken @default 0 */
  readonly lagSeconds?: number
}

/** Where a machine stands, as plain values. */
export interface MachineStatus {
  readonly machine: string
  readonly height: number
  /** of the last block, hexadecimal; '' before the first */
  readonly hash: string
  /** µs since 1970, of the last block */
  readonly timeUs: number
  readonly links: number
  readonly particles: number
  readonly neurons: number
  /** [KG18] height of the block whose graph the ranks are of, 0 before the first rank */
  readonly rankedAt: number
  /** hexadecimal */
  readonly rankRoot: string
  /** unix seconds of the stakes that hold, where they are of a chain */
  readonly stakesAt?: number
  /** the next context: what is ranked now, or was */
  readonly next: { readonly snapshot: number; readonly isDone: boolean } | undefined
}

/** What became of a block. */
export interface AppliedBlock {
  readonly block: ReadGraphBlock
  readonly refused: readonly RefusedLink[]
  /** did it submit a rank? */
  readonly isRanked: boolean
}

/** What goes into a new block. */
export interface NewBlock {
  readonly batches: readonly ReadLinkBatch[]
  /** µs since 1970; not before the last block's */
  readonly timeUs: number
}

/** Signs a block that follows from the machine's state. */
export type SealBlock = (head: BlockHead, state: BlockState) => Promise<ReadGraphBlock>

/**
 * [KG18] The state machine of relevance: blocks in, links, ranks and their roots out, the same in every process that has
 * the same blocks. Two contexts: the current one is what the last block commits to, the next one is the rank that is
 * computed beside the blocks of a period. What fails on the way leaves the machine as the last block left it.
 */
export class RelevanceMachine {
  readonly #components: RelevanceMachineComponents
  readonly #mutex = createMutex()
  #state: MachineState
  #table: StakeTable
  /** of the table that is stored */
  #stored: StakeMark | undefined
  #last: ReadGraphBlock | undefined
  #next: RankComputation | undefined

  private constructor(components: RelevanceMachineComponents, resumed: ResumedMachine) {
    this.#components = components
    this.#state = resumed.state
    this.#table = resumed.table
    this.#enter(resumed)
  }

  /** The machine as its store has it ([KG19]). @throws MACHINE_DAMAGED */
  static async open(components: RelevanceMachineComponents): Promise<RelevanceMachine> {
    return new RelevanceMachine(components, await resumeMachine(components))
  }

  get tip(): MachineTip {
    return this.#state.tip
  }

  /** The last block; undefined before the first. */
  get last(): ReadGraphBlock | undefined {
    return this.#last
  }

  /** What stands after the last block. Not to be kept: the next block changes it, or puts another in its place. */
  get state(): MachineState {
    return this.#state
  }

  status(): MachineStatus {
    const { tip, ledger, submitted, rankTree } = this.#state
    const next = this.#next
    return {
      machine: toHex(this.#components.machine),
      height: tip.height,
      hash: tip.hash === undefined ? '' : toHex(tip.hash),
      timeUs: tip.timeUs,
      links: ledger.links.count,
      particles: ledger.links.particles.size,
      neurons: ledger.links.neurons,
      rankedAt: submitted.snapshot,
      rankRoot: toHex(rankTree.root()),
      ...(this.#state.snapshot?.mark === undefined ? {} : { stakesAt: this.#state.snapshot.mark.seconds }),
      next: next === undefined ? undefined : { snapshot: next.snapshot, isDone: next.isDone },
    }
  }

  /** Why a neuron could not make so many links in the next block ([KG6]); undefined when it could. */
  shortage(neuron: Address, links: number): BandwidthShortage | undefined {
    return this.#state.ledger.bandwidth.forecast(this.#accountOf(neuron), links)
  }

  /** What a neuron may spend on links in the next block, whose height is told ([KG5]). */
  bandwidth(neuron: Address): BandwidthQuote & { readonly height: number } {
    const quote = this.#state.ledger.bandwidth.quoteNext(this.#accountOf(neuron))
    return { ...quote, height: this.#state.tip.height + 1 }
  }

  #accountOf(neuron: Address): number | NewcomerStake {
    const { total } = this.#table
    const number = this.#state.ledger.links.findNeuron(neuron)
    return number ?? { stake: this.#table.stakeOf(neuron), total }
  }

  /**
   * Are there other stakes than those that hold, so that an end of a period is worth while? Before the first block the
   * newest hold at once.
   */
  async stakesChanged(): Promise<boolean> {
    // a chain that is slow keeps no answer waiting
    const newest = await this.#components.stakes.newest()
    return this.#mutex(async () => {
      if (this.#state.tip.height > 0) return !sameStakes(newest.chain?.mark, this.#table.chain?.mark)
      this.#table = newest
      return false
    })
  }

  /** Waits for the rank that is being computed, if there is one. */
  async whenRanked(): Promise<void> {
    await this.#next?.result()
  }

  /**
   * Takes the next block over: resolves when it is durable. Checks its certificate and the signatures in it, and that
   * it commits to the very state that it leads to.
   *
   * @throws BLOCK_GAP, BLOCK_FORKED (the evidence is kept, see `forks`), BLOCK_UNSIGNED, BLOCK_INVALID, BLOCK_ROOTS,
   *   BLOCK_STAKES, LINKS_…, and what reading stakes throws
   */
  apply(block: ReadGraphBlock): Promise<AppliedBlock> {
    return this.#mutex(async () => {
      await this.#assertNext(block)
      const { desc, timeUs, batches } = block
      const said = desc.stakes === undefined ? undefined : { block, mark: desc.stakes }
      return this.#advance(
        { batches, timeUs },
        async (_, state) => {
          assertRoots(desc.height, desc, state)
          return block
        },
        said,
      )
    })
  }

  /** Makes the next block of these batches, which were verified, and takes it over. @throws BLOCK_INVALID */
  make(next: NewBlock, seal: SealBlock): Promise<AppliedBlock> {
    return this.#mutex(() => this.#advance(next, seal))
  }

  async #advance({ batches, timeUs }: NewBlock, seal: SealBlock, said?: SaidStakes): Promise<AppliedBlock> {
    const state = this.#state
    const height = state.tip.height + 1
    assertTime(state.tip, timeUs)
    state.ledger.assertFeeds(batches)
    const head: BlockHead = {
      machine: this.#components.machine,
      height,
      prev: state.tip.hash,
      timeUs,
      parameters: state.parametersAt(height).version,
    }
    // a chain that does not answer now leaves everything as it is
    const taken = state.endsPeriod(height) ? await this.#takeStakes(said) : this.#table
    try {
      const advanced = await this.#execute(height, batches, taken)
      const block = await seal(head, state.state())
      await this.#commit(block, advanced)
      return {
        block,
        refused: advanced.effect.refused,
        isRanked: advanced.submitted !== undefined,
      }
    } catch (error) {
      await this.#reload()
      throw error
    }
  }

  async #execute(height: number, batches: readonly ReadLinkBatch[], taken: StakeTable): Promise<Advanced> {
    // the first block's links stand on the stakes that it takes; those of others on what was taken before
    const before = height === 1 ? taken : this.#table
    this.#table = taken
    return this.#state.advance({
      height,
      batches,
      stakes: sourceStakes(this.#state.ledger, before, async () => taken),
      submitted: async () => this.#next?.result(),
    })
  }

  /** The stakes of a block that ends a period: those that it says, or the newest for one that is made here. */
  async #takeStakes(said: SaidStakes | undefined): Promise<StakeTable> {
    const { stakes, lagSeconds = 0 } = this.#components
    if (said === undefined) return stakes.newest()
    const table = await readSaidStakes(said, stakes)
    assertFresh(said, table, lagSeconds)
    return table
  }

  async #commit(block: ReadGraphBlock, { reading, submitted }: Advanced): Promise<void> {
    const { hash, timeUs, bundle, desc } = block
    const { height } = desc
    const head = this.#state.head(hash, height)
    const { chain } = this.#table
    const isNew = chain !== undefined && !sameStakes(chain.mark, this.#stored)
    const table = isNew ? chain.entries : undefined
    await this.#components.store.commit({ height, bundle, stakes: reading, head, submitted, table })
    if (isNew) this.#stored = chain.mark
    this.#state.settle({ height, hash, timeUs })
    this.#last = block
    const { snapshot } = this.#state
    if (snapshot?.height === height) this.#next = startRank(this.#state, snapshot, this.#components)
  }

  /** What was half done is forgotten: the store has the last whole state. */
  async #reload(): Promise<void> {
    const resumed = await resumeMachine(this.#components)
    this.#state = resumed.state
    this.#table = resumed.table
    this.#enter(resumed)
  }

  #enter({ state, last, table, computed }: ResumedMachine): void {
    this.#last = last
    // nothing is stored before the first block
    this.#stored = last === undefined ? undefined : table.chain?.mark
    const { snapshot } = state
    if (snapshot === undefined) this.#next = undefined
    else if (computed !== undefined) this.#next = completedRank(computed)
    // a rank that is being computed of this snapshot goes on
    else if (this.#next?.snapshot !== snapshot.height)
      this.#next = startRank(state, snapshot, this.#components)
  }

  async #assertNext(block: ReadGraphBlock): Promise<void> {
    const { tip } = this.#state
    const { desc } = block
    if (!equalBytes(desc.machine, this.#components.machine)) {
      throw invalid(desc.height, 'it is of another machine. Choose the network that it was made for')
    }
    if (desc.height <= tip.height) await this.#assertKnown(block)
    if (desc.height !== tip.height + 1 || !equalBytes(desc.prev ?? NOTHING, tip.hash ?? NOTHING)) {
      throw machineError(
        'BLOCK_GAP',
        `Block ${desc.height} does not go on from block ${tip.height}, the last that is here. The ones between are fetched.`,
      )
    }
    const { version } = this.#state.parametersAt(desc.height)
    if (desc.parameters !== version) {
      throw invalid(desc.height, `it was made under parameters ${desc.parameters}, expected ${version}`)
    }
    await this.#components.verifier.verify(block)
  }

  /** A block of a height that is here already: the same one, or proof that its orderer signed two. */
  async #assertKnown(block: ReadGraphBlock): Promise<void> {
    const { height } = block.desc
    const { store, verifier } = this.#components
    const stored = await store.block(height)
    if (stored.kind !== 'found' || equalBytes(readGraphBlock(stored.value).hash, block.hash)) return
    await verifier.verify(block)
    await store.putFork(height, block.bundle)
    throw machineError(
      'BLOCK_FORKED',
      `The orderer 0x${toHex(block.neuron)} signed two blocks ${height}. Both are kept as evidence; the first one counts here, another peer may have the second.`,
      { details: { height } },
    )
  }

  /** Heights for which two signed blocks were seen, both as they travel: the one that counts here first. */
  async forks(): Promise<readonly BlockFork[]> {
    const { store } = this.#components
    const forks: BlockFork[] = []
    for await (const { height, bundle } of store.forks()) {
      const first = await store.block(height)
      if (first.kind === 'found') forks.push({ height, bundles: [first.value, bundle] })
    }
    return forks
  }

  /** [KG16a] What a particle links to after the last block, proven, and that block as it was signed; undefined before. */
  answer(from: Digest): Promise<{ readonly block: Bytes; readonly answer: ProvenAnswer } | undefined> {
    // not while a block is being taken over: its state is nobody's yet
    return this.#mutex(async () => {
      if (this.#last === undefined) return undefined
      return { block: blockOfBundle(this.#last.bundle), answer: proveAnswer(this.#state, from) }
    })
  }

  /** The block of a height as it travels, with its batches; undefined when it is not here. */
  async bundle(height: number): Promise<Bytes | undefined> {
    const stored = await this.#components.store.block(height)
    return stored.kind === 'found' ? stored.value : undefined
  }
}

const NOTHING = new Uint8Array(0)

/** @throws BLOCK_INVALID */
function assertTime({ height, timeUs: before }: MachineTip, timeUs: number): void {
  if (timeUs < before)
    throw invalid(height + 1, `it is dated ${before - timeUs} µs before the block before it`)
}

/** @throws BLOCK_ROOTS */
function assertRoots(height: number, said: BlockState, state: BlockState): void {
  const wrong = BLOCK_STATE_FIELDS.find((name) => shown(said[name]) !== shown(state[name]))
  if (wrong === undefined) return
  throw machineError(
    'BLOCK_ROOTS',
    `Block ${height} was dropped: its ${wrong} is ${shown(said[wrong])}, its links lead to ${shown(state[wrong])}. Its orderer, or this program, is wrong.`,
  )
}

function shown(value: BlockState[keyof BlockState]): string {
  if (value === undefined) return 'none'
  if (typeof value === 'number') return String(value)
  return 'root' in value ? `${toHex(value.root)} at ${value.seconds}` : toHex(value)
}

function invalid(height: number, why: string): Error {
  return machineError('BLOCK_INVALID', `Block ${height} was dropped: ${why}.`)
}
