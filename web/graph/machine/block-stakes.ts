import { equalBytes, toHex } from '#core/bytes.ts'
import type { SignedGraphBlock } from './graph-block.ts'
import { machineError } from './machine-errors.ts'
import type { GenesisStakes, StakeMark, StakeSource, StakeTable } from './stake-source.ts'

/**
 * A change of stake has to be in the blocks that are made so long after it: blocks, RPC endpoints and clocks have their
 * delays, and an orderer that leaves one out for longer chooses whose stake counts.
 */
const MAX_DELAY_SECONDS = 600

/** Which stakes a period begins with, when a block says so. */
export interface SaidStakes {
  readonly block: Pick<SignedGraphBlock, 'neuron' | 'timeUs' | 'desc'>
  readonly mark: StakeMark
}

/** What the chain's stakes are when a block says its own of them. @throws BLOCK_STAKES unless they are the same */
export async function readSaidStakes(said: SaidStakes, source: StakeSource): Promise<StakeTable> {
  const table = await source.at(said.mark.seconds)
  assertSame(said, table)
  return table
}

/**
 * [KG7] Were the stakes of a block those of the chain, also those that its ranks are of? Asks the chain, and believes its
 * proofs alone.
 *
 * @throws BLOCK_STAKES that names the orderer, or what reading the chain throws
 */
export async function assertBlockStakes(
  block: SaidStakes['block'],
  stakes: GenesisStakes,
  source: StakeSource,
): Promise<void> {
  if (stakes.kind !== 'chain') return
  const { stakes: mark, rankStakes } = block.desc
  if (mark === undefined)
    throw wrong(block, 'it says nothing of the stakes that its genesis takes from a chain')
  if (rankStakes !== undefined) await readSaidStakes({ block, mark: rankStakes }, source)
  assertFresh({ block, mark }, await readSaidStakes({ block, mark }, source), stakes.lagSeconds)
}

/** @throws BLOCK_STAKES when they are of before a change that the block should know */
export function assertFresh({ block, mark }: SaidStakes, { chain }: StakeTable, lagSeconds: number): void {
  const changesAt = chain?.changesAt
  const known = Math.floor(block.timeUs / 1e6) - lagSeconds - MAX_DELAY_SECONDS
  if (changesAt === undefined || changesAt > known) return
  throw wrong(
    block,
    `it says the stakes of ${timeOf(mark.seconds)}, which changed at ${timeOf(changesAt)}, long before it was made`,
  )
}

function assertSame({ block, mark }: SaidStakes, { chain }: StakeTable): void {
  if (chain !== undefined && equalBytes(chain.mark.root, mark.root)) return
  const proven = chain === undefined ? 'are fixed by the genesis' : `have the root ${toHex(chain.mark.root)}`
  throw wrong(
    block,
    `it says that the stakes of ${timeOf(mark.seconds)} have the root ${toHex(mark.root)}, in truth they ${proven}`,
  )
}

function wrong({ neuron, desc: { height } }: SaidStakes['block'], why: string): Error {
  return machineError(
    'BLOCK_STAKES',
    `Block ${height} was dropped: ${why}. Its orderer 0x${toHex(neuron)} counts other stakes than the chain's.`,
    { details: { height, orderer: toHex(neuron) } },
  )
}

function timeOf(seconds: number): string {
  return new Date(1_000 * seconds).toISOString()
}
