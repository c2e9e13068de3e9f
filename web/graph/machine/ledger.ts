import { type Bytes, equalBytes, fromHex, toHex } from '#core/bytes.ts'
import { DIGEST_BYTES, type Digest } from '#core/cid.ts'
import type { Address } from '#core/identity.ts'
import { LINK_END_BYTES } from '#objects/types/link-batch.ts'
import { NO_PREVIOUS, type ReadLinkBatch } from '../link-batch.ts'
import type { FeedHead as LogHead } from '../link-log.ts'
import { Bandwidth, type BandwidthShortage } from './bandwidth.ts'
import { machineError } from './machine-errors.ts'
import { OrderedLinks } from './ordered-links.ts'
import type { MachineParameters } from './parameters.ts'
import type { StakeTable } from './stake-source.ts'

/** A link that stands in a block and does not count ([KG6]). */
export interface RefusedLink {
  readonly neuron: Address
  readonly from: Digest
  readonly to: Digest
  readonly shortage: BandwidthShortage
}

/** What a block did to the ledger. */
export interface LedgerEffect {
  /** its links are those from here on */
  readonly firstLink: number
  readonly firstParticle: number
  readonly firstNeuron: number
  readonly refused: readonly RefusedLink[]
}

/** Stakes by neuron number that are another than before. */
export type StakeChanges = readonly (readonly [neuron: number, stake: bigint])[]

type BatchPlace = Pick<ReadLinkBatch, 'device' | 'seq' | 'prev'>

interface FeedHead {
  readonly next: number
  readonly hash: Bytes
}

/**
 * Which links count, in which order, and who may make more: the part of a machine that follows from its batches and
 * stakes alone ([KG3], [KG5]). Nothing in it waits.
 */
export class Ledger {
  readonly links = new OrderedLinks()
  readonly bandwidth: Bandwidth
  readonly #feeds = new Map<string, FeedHead>()
  readonly #stakes: bigint[] = []
  #total = 1n

  constructor(versions: readonly MachineParameters[]) {
    this.bandwidth = new Bandwidth(versions)
  }

  /** u64 by neuron number, a copy. */
  stakes(): readonly bigint[] {
    return this.#stakes.slice()
  }

  /** The batch that a device's feed goes on with: its number, and the hash that it must name. */
  feedHead(device: Uint8Array): FeedHead {
    return this.#feeds.get(toHex(device)) ?? { next: 0, hash: NO_PREVIOUS }
  }

  /** How far each feed is in blocks. */
  feedHeads(): readonly LogHead[] {
    return [...this.#feeds].map(([device, { next, hash }]) => ({
      device: fromHex(device),
      next,
      head: hash,
      frozen: false,
    }))
  }

  /**
   * Each batch must be the next of its device's feed. Asked before anything is changed.
   *
   * @throws BLOCK_INVALID
   */
  assertFeeds(batches: readonly (BatchPlace & Pick<ReadLinkBatch, 'hash'>)[]): void {
    const heads = new Map<string, FeedHead>()
    for (const { device, seq, prev, hash } of batches) {
      const key = toHex(device)
      const head = heads.get(key) ?? this.feedHead(device)
      if (seq !== head.next || !equalBytes(prev, head.hash)) {
        throw machineError(
          'BLOCK_INVALID',
          `A block was dropped: batch ${seq} of feed ${key.slice(0, 16)}… is not the one that its feed goes on with, ${head.next}.`,
        )
      }
      heads.set(key, { next: seq + 1, hash })
    }
  }

  /** Begins the block of this height and takes its batches. A link that was made before changes nothing. */
  apply(height: number, batches: readonly ReadLinkBatch[], table: StakeTable): LedgerEffect {
    const { links } = this
    const before = {
      firstLink: links.count,
      firstParticle: links.particles.size,
      firstNeuron: links.neurons,
    }
    this.bandwidth.begin(height)
    this.#total = table.total
    const refused: RefusedLink[] = []
    for (const batch of batches) {
      const neuron = this.#numberNeuron(batch.neuron, table)
      this.#feeds.set(toHex(batch.device), { next: batch.seq + 1, hash: batch.hash })
      for (let at = 0; at < batch.ends.length; at += LINK_END_BYTES) {
        const from = batch.ends.subarray(at, at + DIGEST_BYTES)
        const to = batch.ends.subarray(at + DIGEST_BYTES, at + LINK_END_BYTES)
        if (links.has(neuron, from, to)) continue
        const shortage = this.bandwidth.spend(neuron)
        if (shortage === undefined) links.add(neuron, from, to)
        else refused.push({ neuron: batch.neuron, from, to, shortage })
      }
    }
    return { ...before, refused }
  }

  /** Which stakes a table has other than they are. */
  compareStakes(table: StakeTable): StakeChanges {
    return this.#stakes.flatMap((stake, neuron) => {
      const now = table.stakeOf(this.links.address(neuron))
      return now === stake ? [] : [[neuron, now] as const]
    })
  }

  /** [KG18] Stakes as they are from the end of the present block on. */
  setStakes(changes: StakeChanges, total: bigint): void {
    for (const [neuron, stake] of changes) this.#stakes[neuron] = stake
    const isOther = total !== this.#total
    this.#total = total
    const touched = isOther ? this.#stakes.keys() : changes.map(([neuron]) => neuron)
    for (const neuron of touched) this.bandwidth.setStake(neuron, this.#stakes[neuron]!, total)
  }

  /** Ends the present block. */
  end(): void {
    this.bandwidth.end()
  }

  #numberNeuron(address: Address, table: StakeTable): number {
    const neuron = this.links.addNeuron(address)
    if (neuron < this.#stakes.length) return neuron
    const stake = table.stakeOf(address)
    this.#stakes.push(stake)
    this.bandwidth.setStake(neuron, stake, table.total)
    return neuron
  }
}
