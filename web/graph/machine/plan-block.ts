import { equalBytes, toHex } from '#core/bytes.ts'
import { MAX_BLOCK_BATCHES, MAX_BLOCK_BUNDLE_BYTES, MAX_FRAME_BYTES } from '#core/limits.ts'
import { linkCount, type ReadLinkBatch } from '../link-batch.ts'
import type { BandwidthShortage } from './bandwidth.ts'
import { bundledBytes } from './graph-block.ts'

export interface BlockPlanInit {
  /** of each feed, its next batches in order */
  readonly feeds: readonly (readonly ReadLinkBatch[])[]
  /** what each feed goes on with: its number and the hash that it must name */
  readonly headOf: (device: Uint8Array) => { readonly next: number; readonly hash: Uint8Array }
  /** of a neuron in the next block, for so many links in all */
  readonly shortageOf: (neuron: ReadLinkBatch['neuron'], links: number) => BandwidthShortage | undefined
  readonly maxLinks: number
}

export interface BlockPlan {
  readonly batches: readonly ReadLinkBatch[]
  /** does one wait for bandwidth that comes back with the blocks? Empty ones bring it too */
  readonly isWaiting: boolean
}

/** Room for the block itself. */
const MAX_BATCH_BYTES = MAX_BLOCK_BUNDLE_BYTES - MAX_FRAME_BYTES

/**
 * Which batches go into the next block: those of each feed in turn, one at a time, so that nobody's flood keeps others
 * out. A batch whose neuron's bandwidth does not suffice yet waits, and its feed with it ([KG6]); one that never could
 * whole goes in when the neuron has all that it ever has, and counts as far as that goes.
 */
export function planBlock({ feeds, headOf, shortageOf, maxLinks }: BlockPlanInit): BlockPlan {
  const plan: ReadLinkBatch[] = []
  const planned = new Map<string, number>()
  let [links, bytes] = [0, 0]
  let isWaiting = false
  const heads = feeds.map(([first]) => (first === undefined ? undefined : headOf(first.device)))

  function take(batch: ReadLinkBatch): boolean {
    const count = linkCount(batch)
    const size = bundledBytes(batch)
    if (plan.length >= MAX_BLOCK_BATCHES || links + count > maxLinks || bytes + size > MAX_BATCH_BYTES)
      return false
    const neuron = toHex(batch.neuron)
    const before = planned.get(neuron) ?? 0
    const shortage = shortageOf(batch.neuron, before + count)
    if (shortage !== undefined && !(before === 0 && isAllThereIs(shortage))) {
      isWaiting ||= shortage.sufficesAt !== undefined || shortage.remaining < shortage.max
      return false
    }
    plan.push(batch)
    planned.set(neuron, before + count)
    links += count
    bytes += size
    return true
  }

  for (let round = 0, moved = true; moved; round++) {
    moved = false
    for (const [at, feed] of feeds.entries()) {
      const [batch, head] = [feed[round], heads[at]]
      if (batch === undefined || head === undefined) continue
      const follows = batch.seq === head.next && equalBytes(batch.prev, head.hash)
      // whatever comes after one that waits waits too
      heads[at] = follows && take(batch) ? { next: batch.seq + 1, hash: batch.hash } : undefined
      moved ||= heads[at] !== undefined
    }
  }
  return { batches: plan, isWaiting }
}

/** Will waiting bring no more, and is it enough for one link? */
function isAllThereIs({ sufficesAt, remaining, max, cost, reason }: BandwidthShortage): boolean {
  return reason === 'neuron' && sufficesAt === undefined && remaining === max && max >= cost
}
