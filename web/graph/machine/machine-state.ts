import type { Bytes } from '#core/bytes.ts'
import { FullTree } from '#merkle/full-tree.ts'
import type { TreeHasher } from '#merkle/tree-hasher.ts'
import { GrowingRankGraph } from '../growing-graph.ts'
import type { ReadLinkBatch } from '../link-batch.ts'
import type { LinkPasses } from '../link-passes.ts'
import { buildRankGraph } from '../rank-graph.ts'
import type { RankInput } from '../rank-input.ts'
import type { RankGraph } from '../rank-kernel.ts'
import type { BlockState } from './graph-block.ts'
import { Ledger, type LedgerEffect } from './ledger.ts'
import type { StakeReading, StoredHead, StoredRank } from './machine-store.ts'
import { appendUnranked, createRankTree, LinkTrees } from './machine-trees.ts'
import { type MachineParameters, parametersAt } from './parameters.ts'
import type { StakeMark, StakeTable } from './stake-source.ts'

/** The block that a machine stands at; height 0 before the first. */
export interface MachineTip {
  readonly height: number
  /** undefined before the first block */
  readonly hash: Bytes | undefined
  /** µs since 1970 */
  readonly timeUs: number
}

/** [KG18] What a rank is computed of: the graph and the stakes as they were after one block. */
export interface Snapshot {
  readonly height: number
  readonly particles: number
  readonly links: number
  readonly stakes: readonly bigint[]
  /** when they are of a chain */
  readonly mark: StakeMark | undefined
}

/** Stakes for one block: of the source, or as they were read before. */
export interface BlockStakes {
  readonly table: StakeTable
  /** at the end of a period */
  snapshot(): Promise<NonNullable<StakeReading['snapshot']>>
}

/** What a block does: links, and at the end of a period the next rank. */
export interface Advance {
  readonly height: number
  readonly batches: readonly ReadLinkBatch[]
  readonly stakes: BlockStakes
  /** the rank that is submitted at the end of a period; undefined for none */
  readonly submitted: () => Promise<StoredRank | undefined>
}

export interface Advanced {
  readonly effect: LedgerEffect
  readonly reading: StakeReading
  /** the rank that it submitted */
  readonly submitted: StoredRank | undefined
}

const NO_RANKS = new BigUint64Array(0)
/** Snapshots that a rank may still be asked of: the submitted one's and the next one's. */
const KEPT_SNAPSHOTS = 2

/** A machine in memory, between two blocks. What it is follows from its blocks and the stakes that they read. */
export class MachineState {
  readonly ledger: Ledger
  readonly trees: LinkTrees
  readonly #versions: readonly MachineParameters[]
  readonly #hasher: TreeHasher
  #tip: MachineTip = { height: 0, hash: undefined, timeUs: 0 }
  #submitted: StoredRank = { snapshot: 0, ranks: NO_RANKS }
  #rankTree: FullTree
  #snapshots: readonly Snapshot[] = []
  readonly #ranked = new GrowingRankGraph()

  constructor(versions: readonly MachineParameters[], hasher: TreeHasher) {
    this.#versions = versions
    this.#hasher = hasher
    this.ledger = new Ledger(versions)
    this.trees = new LinkTrees(hasher, this.ledger.links)
    this.#rankTree = new FullTree(hasher)
  }

  get tip(): MachineTip {
    return this.#tip
  }

  /** The rank that holds; of block 0 and empty before the first. */
  get submitted(): StoredRank {
    return this.#submitted
  }

  get rankTree(): FullTree {
    return this.#rankTree
  }

  /** What the next rank is of; undefined before block 1. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshots.at(-1)
  }

  /** Of the last two periods. */
  snapshotAt(height: number): Snapshot | undefined {
    return this.#snapshots.find((snapshot) => snapshot.height === height)
  }

  /** Parameters of the block of this height. */
  parametersAt(height: number): MachineParameters {
    return parametersAt(this.#versions, height)
  }

  /** Does the block of this height submit a rank and begin the next ([KG18])? */
  endsPeriod(height: number): boolean {
    return height === 1 || height % this.parametersAt(height).rankPeriod === 0
  }

  /** Takes a block's batches. Its hash is told by `settle`, once there is one. */
  async advance({ height, batches, stakes, submitted: submit }: Advance): Promise<Advanced> {
    const { ledger, trees } = this
    const effect = ledger.apply(height, batches, stakes.table)
    const appeared = ledger.stakes().slice(effect.firstNeuron)
    const reading = { total: stakes.table.total, appeared }
    trees.append(effect.firstLink)
    const { particles } = ledger.links
    appendUnranked(this.#rankTree, ledger.links.digests(effect.firstParticle, particles.size))
    if (!this.endsPeriod(height)) {
      ledger.end()
      return { effect, reading, submitted: undefined }
    }
    const submitted = await submit()
    if (submitted !== undefined) this.submit(submitted)
    const snapshot = await stakes.snapshot()
    ledger.setStakes(snapshot.changes, snapshot.total)
    ledger.end()
    this.#takeSnapshot(height, snapshot.mark)
    return { effect, reading: { ...reading, snapshot }, submitted }
  }

  /** Puts another rank in the place of the one that holds; particles that are newer than it have rank 0. */
  submit(rank: StoredRank): void {
    const { links } = this.ledger
    this.#submitted = rank
    this.#rankTree = createRankTree(this.#hasher, rank.ranks, links.digests(0, links.particles.size))
  }

  /** The block that was taken last is this one. */
  settle(tip: MachineTip): void {
    this.#tip = tip
  }

  /** What a block commits to ([KG16a]). */
  state(): BlockState {
    const { links } = this.ledger
    const rankedAt = this.#submitted.snapshot
    const [stakes, rankStakes] = [this.snapshot?.mark, this.snapshotAt(rankedAt)?.mark]
    return {
      links: links.count,
      particles: links.particles.size,
      ...this.trees.roots(),
      rankedAt,
      rankRoot: this.#rankTree.root(),
      ...(stakes === undefined ? {} : { stakes }),
      ...(rankStakes === undefined ? {} : { rankStakes }),
    }
  }

  head(hash: Bytes, height: number): StoredHead {
    return { height, hash, linkTree: this.trees.short, rankTree: this.#rankTree.shortTree() }
  }

  /** [KG7] What a snapshot's rank is computed of. It goes on from the snapshot before, unless that is newer. */
  rankGraph(snapshot: Snapshot, passes?: LinkPasses): RankGraph {
    const input = this.rankInput(snapshot)
    const isOlder = snapshot.links < this.#ranked.links
    return isOlder ? buildRankGraph(input, passes) : this.#ranked.grow(input, passes)
  }

  /** Numbered by particle number ([KG3]). */
  rankInput({ particles, links, stakes }: Snapshot): RankInput {
    return { particles, links: this.ledger.links.rows(links), stakes }
  }

  #takeSnapshot(height: number, mark: StakeMark | undefined): void {
    const { links } = this.ledger
    const snapshot = {
      height,
      particles: links.particles.size,
      links: links.count,
      stakes: this.ledger.stakes(),
      mark,
    }
    this.#snapshots = [...this.#snapshots, snapshot].slice(-KEPT_SNAPSHOTS)
  }
}

/** Stakes of the source, for the block of this height. */
export function sourceStakes(
  ledger: Ledger,
  table: StakeTable,
  next: () => Promise<StakeTable>,
): BlockStakes {
  return {
    table,
    async snapshot() {
      const after = await next()
      return { total: after.total, changes: ledger.compareStakes(after), mark: after.chain?.mark }
    },
  }
}

/** Stakes as a block read them before ([KG19]). */
export function recordedStakes({ total, appeared, snapshot }: StakeReading): BlockStakes {
  let next = 0
  return {
    // neurons appear in the same order as then
    table: { total, stakeOf: () => appeared[next++] ?? 0n },
    async snapshot() {
      if (snapshot === undefined) throw new Error('The stakes of the end of a period are missing.')
      return snapshot
    },
  }
}
