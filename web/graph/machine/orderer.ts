import { MAX_ENVELOPE_BYTES } from '#core/envelope.ts'
import type { Identity } from '#core/identity.ts'
import { MAX_BLOCK_BUNDLE_BYTES } from '#core/limits.ts'
import { createMutex } from '#core/mutex.ts'
import { every, type Timers } from '#core/timers.ts'
import type { GraphService } from '../graph-types.ts'
import { type ReadLinkBatch, readLinkBatch } from '../link-batch.ts'
import type { BatchRange } from '../link-log.ts'
import { signGraphBlock } from './graph-block.ts'
import { type BlockPlan, planBlock } from './plan-block.ts'
import type { AppliedBlock, RelevanceMachine } from './relevance-machine.ts'
import { sameStakes } from './stake-source.ts'

/** Who says what comes next in a machine ([KG3]): one process that signs now, a group that agrees later. */
export interface Orderer {
  start(): void
  /** Makes a block now, if there is anything to order; undefined when there is not. */
  order(): Promise<AppliedBlock | undefined>
  /** Resolves when no block is being made any more. */
  stop(): Promise<void>
}

export interface SigningOrdererComponents {
  readonly machine: RelevanceMachine
  /** a device of one of the genesis's orderers, with its word for blocks */
  readonly identity: Identity
  /** the merged set, whose batches were verified where they entered */
  readonly graph: Pick<GraphService, 'missingFrom' | 'readBatches'>
  readonly timers: Timers
  /** unix ms */
  readonly now: () => number
  /** between two blocks, ms */
  readonly blockMs: number
  readonly onBlock: (applied: AppliedBlock) => void
  /** a block that could not be made, or stakes that could not be read: it is tried again with the next one */
  readonly onFailure: (error: unknown) => void
}

/** Of one feed for one block: its share when many have something, one batch at least. */
function bytesOfFeed(feeds: number): number {
  return Math.max(MAX_ENVELOPE_BYTES, Math.floor(MAX_BLOCK_BUNDLE_BYTES / feeds))
}

/** Feeds that are looked at for one block: each may give the longest batch, twice a block's size in all. */
const MAX_FEEDS_A_BLOCK = (2 * MAX_BLOCK_BUNDLE_BYTES) / MAX_ENVELOPE_BYTES

/**
 * Puts the merged set's batches into blocks, in each feed's order, and signs them: one block every `blockMs` while there
 * are links that are in none, or whose rank was not submitted yet ([KG18]), or whose neuron's bandwidth comes back with
 * the blocks ([KG5]), or stakes that no rank counts yet ([KG7]).
 */
export function createSigningOrderer(components: SigningOrdererComponents): Orderer {
  const { machine, identity, timers, now, blockMs, onBlock, onFailure } = components
  const mutex = createMutex()
  let end: (() => void) | undefined

  async function order(): Promise<AppliedBlock | undefined> {
    const areNew = await machine.stakesChanged().catch((error: unknown) => {
      onFailure(error) // blocks within a period need no chain
      return false
    })
    const { batches, isWaiting } = await nextPlan(components)
    if (batches.length === 0 && !isWaiting && !areNew && isSettled(machine)) return undefined
    // a clock that was set back does not stop it: blocks never go back in time
    const timeUs = Math.max(Math.round(now() * 1_000), machine.tip.timeUs + 1)
    const applied = await machine.make({ batches, timeUs }, (head, state) =>
      signGraphBlock({ head, state, batches }, identity),
    )
    onBlock(applied)
    return applied
  }

  return {
    order: () => mutex(order),
    start() {
      let busy = false
      end = every(timers, blockMs, () => {
        // a block that takes longer than its time is waited for
        if (busy) return
        busy = true
        mutex(order)
          .catch(onFailure)
          .finally(() => {
            busy = false
          })
      })
    },
    async stop() {
      end?.()
      await mutex(async () => {})
    },
  }
}

/** Does the rank that holds count every link, by the stakes that hold? */
function isSettled({ state }: RelevanceMachine): boolean {
  const { count } = state.ledger.links
  const ranked = state.snapshotAt(state.submitted.snapshot)
  if (count !== (ranked?.links ?? 0)) return false
  return count === 0 || sameStakes(ranked?.mark, state.snapshot?.mark)
}

async function nextPlan({ machine, graph }: SigningOrdererComponents): Promise<BlockPlan> {
  const { ledger } = machine.state
  const missing = await graph.missingFrom(ledger.feedHeads())
  const ranges = turned(
    missing.filter(({ evidence }) => !evidence),
    machine.tip.height,
  ).slice(0, MAX_FEEDS_A_BLOCK)
  const feeds = await Promise.all(ranges.map((range) => readFeed(graph, range, bytesOfFeed(ranges.length))))
  return planBlock({
    feeds,
    headOf: (device) => ledger.feedHead(device),
    shortageOf: (neuron, links) => machine.shortage(neuron, links),
    maxLinks: machine.state.parametersAt(machine.tip.height + 1).maxBlockLinks,
  })
}

/** Begins at another feed each time, so that none is always last. */
function turned<T>(items: readonly T[], by: number): readonly T[] {
  const at = items.length === 0 ? 0 : by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}

async function readFeed(
  graph: SigningOrdererComponents['graph'],
  range: BatchRange,
  maxBytes: number,
): Promise<readonly ReadLinkBatch[]> {
  return (await graph.readBatches(range, maxBytes)).map(readLinkBatch)
}
