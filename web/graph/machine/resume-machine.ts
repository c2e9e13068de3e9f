import { type Bytes, equalBytes } from '#core/bytes.ts'
import type { TreeHasher } from '#merkle/tree-hasher.ts'
import type { BlockVerifier } from './block-rule.ts'
import { readSaidStakes } from './block-stakes.ts'
import { type ReadGraphBlock, readGraphBlock } from './graph-block.ts'
import { machineError } from './machine-errors.ts'
import { MachineState, recordedStakes, sourceStakes } from './machine-state.ts'
import type { MachineStore, Stored, StoredRank } from './machine-store.ts'
import type { MachineParameters } from './parameters.ts'
import type { RankComputationComponents } from './rank-computation.ts'
import { chainStakeTable, type StakeSource, type StakeTable, sameStakes } from './stake-source.ts'

/** Who else has what a damaged record held: peers. What they give is checked like anything else. */
export interface MachineSource {
  /** the block of this height with its batches */
  block(height: number): Promise<Bytes | undefined>
  /** the rank of the graph after the block of this height, u64[N]; a source without it has ranks computed again */
  ranks?(snapshot: number): Promise<BigUint64Array | undefined>
}

export interface ResumeComponents extends Pick<RankComputationComponents, 'kernel' | 'passes' | 'pause'> {
  readonly parameters: readonly MachineParameters[]
  readonly store: MachineStore
  readonly stakes: StakeSource
  readonly hasher: TreeHasher
  readonly verifier: BlockVerifier
  readonly source?: MachineSource | undefined
  /** hears the name of each damaged record, before it is mended */
  readonly onDamaged: (key: string) => void
}

export interface ResumedMachine {
  readonly state: MachineState
  /** stakes for the next block */
  readonly table: StakeTable
  /** the last block, undefined for a new machine */
  readonly last: ReadGraphBlock | undefined
  /** the next rank, when it had been completed */
  readonly computed: StoredRank | undefined
}

/**
 * [KG19] The machine as it was when it last ended, however it ended: its blocks are applied anew with the stakes that they
 * read, its ranks are those that were kept. Each record is checked; a damaged one is named, and mended from its source,
 * or by what the others say.
 *
 * @throws MACHINE_DAMAGED when a record is damaged and nobody has it
 */
export async function resumeMachine(components: ResumeComponents): Promise<ResumedMachine> {
  const { parameters, store, hasher } = components
  const head = await store.head()
  const state = new MachineState(parameters, hasher)
  const height = head.kind === 'found' ? head.value.height : await store.lastBlock()
  let last: ReadGraphBlock | undefined
  for (let next = 1; next <= height; next++) {
    const expected = next === height && head.kind === 'found' ? head.value.hash : undefined
    const before = last
    last = await readBlock(components, state, next, expected)
    await replay(components, state, last, before)
  }
  if (last === undefined) {
    if (head.kind === 'damaged') throw unmended(head.key)
    // a chain that does not answer yet is asked again before the first block
    const table = await components.stakes.newest().catch(() => NO_STAKES)
    return { state, table, last, computed: undefined }
  }
  await restoreRank(components, state, last)
  assertState(state, last)
  if (head.kind !== 'found') {
    components.onDamaged(head.key)
    await store.mendHead(state.head(last.hash, height))
  }
  const table = await restoreTable(components, last)
  return { state, table, last, computed: await readComputed(components, state) }
}

const NO_STAKES: StakeTable = { stakeOf: () => 0n, total: 1n }

/** The stakes that hold after a block: a chain's are kept, as it may not answer now. */
async function restoreTable(
  { store, stakes, onDamaged }: ResumeComponents,
  block: ReadGraphBlock,
): Promise<StakeTable> {
  const { stakes: mark } = block.desc
  if (mark === undefined) return stakes.newest()
  const stored = await store.table()
  if (stored.kind === 'found') {
    const table = chainStakeTable(mark.seconds, stored.value)
    if (sameStakes(table.chain?.mark, mark)) return table
  }
  onDamaged(stored.kind === 'found' ? 'table' : stored.key)
  const table = await readSaidStakes({ block, mark }, stakes)
  await store.mendTable(table.chain?.entries ?? [])
  return table
}

async function readBlock(
  { store, source, verifier, onDamaged }: ResumeComponents,
  { tip }: MachineState,
  height: number,
  expected: Bytes | undefined,
): Promise<ReadGraphBlock> {
  const stored = await store.block(height)
  const follows = ({ desc, hash }: ReadGraphBlock) =>
    desc.height === height &&
    equalBytes(desc.prev ?? NOTHING, tip.hash ?? NOTHING) &&
    (expected === undefined || equalBytes(hash, expected))
  const key = stored.kind === 'found' ? `block ${height}` : stored.key
  if (stored.kind === 'found') {
    const block = readGraphBlock(stored.value)
    if (follows(block)) return block
  }
  onDamaged(key)
  const bundle = await source?.block(height)
  if (bundle === undefined) throw unmended(key)
  const block = readGraphBlock(bundle)
  await verifier.verify(block)
  if (!follows(block)) throw unmended(key)
  await store.mendBlock(height, bundle)
  return block
}

const NOTHING = new Uint8Array(0)

/** Takes a block that was taken before; `before` is the one before it. */
async function replay(
  { store, stakes, onDamaged }: ResumeComponents,
  state: MachineState,
  block: ReadGraphBlock,
  before: ReadGraphBlock | undefined,
): Promise<void> {
  const { desc, batches, hash, timeUs } = block
  const { height } = desc
  const stored = await store.stakes(height)
  const isKept = stored.kind === 'found'
  const after = async (of: ReadGraphBlock): Promise<StakeTable> => {
    const { stakes: mark } = of.desc
    return mark === undefined ? stakes.newest() : readSaidStakes({ block: of, mark }, stakes)
  }
  const { reading } = await state.advance({
    height,
    batches,
    stakes: isKept
      ? recordedStakes(stored.value)
      : sourceStakes(state.ledger, await after(before ?? block), () => after(block)),
    // only the last one matters, and it is kept
    submitted: async () => undefined,
  })
  state.settle({ height, hash, timeUs })
  if (isKept) return
  onDamaged(stored.key)
  await store.mendStakes(height, reading)
}

/** The rank that the last block commits to. */
async function restoreRank(
  components: ResumeComponents,
  state: MachineState,
  { desc }: ReadGraphBlock,
): Promise<void> {
  const { rankedAt, rankRoot } = desc
  if (rankedAt === 0) return
  const { store, source, onDamaged } = components
  const holds = (rank: StoredRank): boolean => {
    state.submit(rank)
    return equalBytes(state.rankTree.root(), rankRoot)
  }
  const stored = await store.submitted()
  if (isOf(stored, rankedAt) && holds(stored.value)) return
  const key = stored.kind === 'found' ? 'submitted' : stored.key
  onDamaged(key)
  const given = await source?.ranks?.(rankedAt)
  const ranks = given === undefined || !holds({ snapshot: rankedAt, ranks: given }) ? undefined : given
  const mended = { snapshot: rankedAt, ranks: ranks ?? (await rankAgain(components, state, rankedAt)) }
  if (!holds(mended)) throw unmended(key)
  await store.mendSubmitted(mended)
}

async function rankAgain(
  { kernel, passes, pause }: ResumeComponents,
  state: MachineState,
  height: number,
): Promise<BigUint64Array> {
  const snapshot = state.snapshotAt(height)
  if (snapshot === undefined) throw unmended(`rank of block ${height}`)
  const graph = state.rankGraph(snapshot, await passes?.())
  return (await (await kernel()).rank(graph, pause === undefined ? {} : { pause })).ranks
}

/** The rank of the newest snapshot, when it had been completed. */
async function readComputed(
  { store, onDamaged }: ResumeComponents,
  { snapshot }: MachineState,
): Promise<StoredRank | undefined> {
  const computed = await store.computed()
  if (snapshot !== undefined && isOf(computed, snapshot.height)) return computed.value
  // it is computed again: nobody has signed it yet, so nobody could give it
  if (computed.kind === 'damaged') onDamaged(computed.key)
  return undefined
}

function isOf(
  stored: Stored<StoredRank>,
  snapshot: number,
): stored is Extract<Stored<StoredRank>, { kind: 'found' }> {
  return stored.kind === 'found' && stored.value.snapshot === snapshot
}

/** @throws MACHINE_DAMAGED when the state is another than the last block commits to */
function assertState(state: MachineState, { desc }: ReadGraphBlock): void {
  const { allLinksRoot, mapRoot, links, particles } = state.state()
  const agrees =
    equalBytes(allLinksRoot, desc.allLinksRoot) &&
    equalBytes(mapRoot, desc.mapRoot) &&
    links === desc.links &&
    particles === desc.particles
  if (!agrees) throw unmended(`state of block ${desc.height}`)
}

function unmended(key: string): Error {
  return machineError(
    'MACHINE_DAMAGED',
    `The machine's record "${key}" is damaged or missing, and nobody has given it anew. Connect to a peer that has it, and start again.`,
    { details: { key } },
  )
}
