import { type Bytes, fromHex, toHex } from '#core/bytes.ts'
import { ADDRESS_BYTES } from '#core/delegation.ts'
import type { Address } from '#core/identity.ts'

/** Stakes as they are at one moment, in millionths of a CYBR ([KG7]). */
export interface StakeTable {
  /** u64; 0 for a neuron without any */
  stakeOf(neuron: Address): bigint
  /** of all neurons together, above 0 */
  readonly total: bigint
}

/** Where stakes come from: fixed with the genesis now, a chain later. */
export interface StakeSource {
  /** The stakes that hold from the block of this height on, until the next rank period begins ([KG18]). */
  at(height: number): Promise<StakeTable>
}

/** What a genesis says of stake. */
export type FixedStakes =
  /** as long as keys cost nothing: every neuron has the same, a fixed part of the whole */
  | { readonly kind: 'each'; readonly stake: bigint; readonly total: bigint }
  /** these neurons and no others, by address ascending */
  | { readonly kind: 'table'; readonly stakes: readonly (readonly [neuron: Address, stake: bigint])[] }

/** Neurons in a genesis: one line of 64 characters each, in a description that relays keep below 16 KiB. */
export const MAX_GENESIS_STAKES = 128

/** Stakes that never change. */
export function fixedStakeSource(fixed: FixedStakes): StakeSource {
  const table = fixedStakeTable(fixed)
  return { at: async () => table }
}

function fixedStakeTable(fixed: FixedStakes): StakeTable {
  if (fixed.kind === 'each') return { stakeOf: () => fixed.stake, total: fixed.total }
  const stakes = new Map(fixed.stakes.map(([neuron, stake]) => [toHex(neuron), stake]))
  const total = fixed.stakes.reduce((sum, [, stake]) => sum + stake, 0n)
  return { stakeOf: (neuron) => stakes.get(toHex(neuron)) ?? 0n, total }
}

export function formatStakes(fixed: FixedStakes): readonly string[] {
  if (fixed.kind === 'each') return [`stake each ${fixed.stake} of ${fixed.total}`]
  return fixed.stakes.map(([neuron, stake]) => `stake ${toHex(neuron)} ${stake}`)
}

/**
 * Reads what {@link formatStakes} writes.
 *
 * @throws Error with a sentence about the first line that is wrong
 */
export function parseStakes(lines: readonly string[]): FixedStakes {
  const each = /^stake each (\d{1,20}) of (\d{1,20})$/.exec(lines[0] ?? '')
  if (each !== null) {
    if (lines.length > 1) throw new Error('Expected either one stake for each neuron, or a table of neurons.')
    const [stake, total] = [parseStake(each[1]!), parseStake(each[2]!)]
    if (stake > total)
      throw new Error(`Expected a stake that is a part of the whole, got ${stake} of ${total}.`)
    return { kind: 'each', stake, total }
  }
  if (lines.length < 1 || lines.length > MAX_GENESIS_STAKES) {
    throw new Error(`Expected 1 to ${MAX_GENESIS_STAKES} neurons with stake, got ${lines.length}.`)
  }
  return { kind: 'table', stakes: lines.map(parseStakeLine) }
}

const STAKE_LINE = new RegExp(`^stake ([0-9a-f]{${2 * ADDRESS_BYTES}}) (\\d{1,20})$`)

function parseStakeLine(line: string): readonly [Bytes, bigint] {
  const parts = STAKE_LINE.exec(line)
  if (parts === null) throw new Error(`Expected "stake ADDRESS AMOUNT", got "${line.slice(0, 80)}".`)
  return [fromHex(parts[1]!), parseStake(parts[2]!)]
}

function parseStake(text: string): bigint {
  const stake = BigInt(text)
  if (stake > 0n && stake <= MAX_FIXED_STAKE && String(stake) === text) return stake
  throw new Error(`Expected a stake of 1 to ${MAX_FIXED_STAKE}, got ${text}.`)
}

/** More than the supply: 10¹⁵ millionths of a CYBR. */
const MAX_FIXED_STAKE = 2n ** 54n
