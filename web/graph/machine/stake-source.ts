import { type Bytes, ByteWriter, equalBytes, fromHex, toHex } from '#core/bytes.ts'
import { ADDRESS_BYTES } from '#core/delegation.ts'
import type { Address } from '#core/identity.ts'
import { rootHash } from '#merkle/tree-hash.ts'

/** Stakes as they are at one moment, in millionths of a CYBR ([KG7]). */
export interface StakeTable {
  /** u64; 0 for a neuron without any */
  stakeOf(neuron: Address): bigint
  /** of all neurons together, above 0 */
  readonly total: bigint
  /** absent where a genesis fixes them for good */
  readonly chain?: ChainStakes
}

/** What a block says of the stakes of a chain. */
export interface StakeMark {
  /** unix seconds of the chain: what was staked and taken back until then, and nothing later */
  readonly seconds: number
  /** RFC 6962 root over `address(20) ‖ stake u64` of everybody who stakes, by address */
  readonly root: Bytes
}

/** Stakes of a chain at one moment, whole. */
export interface ChainStakes {
  readonly mark: StakeMark
  /** by address ascending, each above 0 */
  readonly entries: readonly StakeEntry[]
  /** unix seconds of the first change after that moment, when the chain has one already */
  readonly changesAt?: number | undefined
}

export type StakeEntry = readonly [neuron: Address, stake: bigint]

/** Where stakes come from: fixed by the genesis, or read from a chain. */
export interface StakeSource {
  /** Those that whoever makes a block begins a period with ([KG18]). */
  newest(): Promise<StakeTable>
  /** Those of a moment, unix seconds of the chain, as the chain itself proves them; the fixed ones at any time. */
  at(seconds: number): Promise<StakeTable>
}

/** As long as there is no chain: stakes that never change. */
export type FixedStakes =
  /** as long as keys cost nothing: every neuron has the same, a fixed part of the whole */
  | { readonly kind: 'each'; readonly stake: bigint; readonly total: bigint }
  /** these neurons and no others, by address ascending */
  | { readonly kind: 'table'; readonly stakes: readonly StakeEntry[] }

/** Those of a contract `Stake`, as its checkpoints have them. */
export interface StakesOfChain {
  readonly kind: 'chain'
  readonly chainId: number
  /** 20 bytes */
  readonly contract: Bytes
  /** taken so long before the chain's newest block that no reorganisation changes them any more */
  readonly lagSeconds: number
}

/** What a genesis says of stake. */
export type GenesisStakes = FixedStakes | StakesOfChain

/** Neurons in a genesis: one line of 64 characters each, in a description that relays keep below 16 KiB. */
export const MAX_GENESIS_STAKES = 128

/** Stakes that never change. */
export function fixedStakeSource(fixed: FixedStakes): StakeSource {
  const table = fixedStakeTable(fixed)
  return { newest: async () => table, at: async () => table }
}

function fixedStakeTable(fixed: FixedStakes): StakeTable {
  if (fixed.kind === 'each') return { stakeOf: () => fixed.stake, total: fixed.total }
  const stakes = new Map(fixed.stakes.map(([neuron, stake]) => [toHex(neuron), stake]))
  const total = fixed.stakes.reduce((sum, [, stake]) => sum + stake, 0n)
  return { stakeOf: (neuron) => stakes.get(toHex(neuron)) ?? 0n, total }
}

/** Bytes of `address ‖ stake`. */
export const STAKE_LEAF_BYTES = ADDRESS_BYTES + 8

/**
 * Stakes of a chain as a table.
 *
 * @param entries by address ascending, each above 0 and below 2⁶⁴
 */
export function chainStakeTable(
  seconds: number,
  entries: readonly StakeEntry[],
  changesAt?: number,
): StakeTable {
  const stakes = new Map(entries.map(([neuron, stake]) => [toHex(neuron), stake]))
  const total = entries.reduce((sum, [, stake]) => sum + stake, 0n)
  const leaves = entries.map(([neuron, stake]) =>
    new ByteWriter(STAKE_LEAF_BYTES).bytes(neuron).u64(stake).finish(),
  )
  return {
    stakeOf: (neuron) => stakes.get(toHex(neuron)) ?? 0n,
    // a machine divides by the whole
    total: total === 0n ? 1n : total,
    chain: { mark: { seconds, root: rootHash(leaves) }, entries, changesAt },
  }
}

/** Are they the same stakes, whenever they were so? */
export function sameStakes(a: StakeMark | undefined, b: StakeMark | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a.root, b.root)
}

export function formatStakes(stakes: GenesisStakes): readonly string[] {
  switch (stakes.kind) {
    case 'each':
      return [`stake each ${stakes.stake} of ${stakes.total}`]
    case 'table':
      return stakes.stakes.map(([neuron, stake]) => `stake ${toHex(neuron)} ${stake}`)
    case 'chain':
      return [`stake chain ${stakes.chainId} ${toHex(stakes.contract)} lag ${stakes.lagSeconds}`]
  }
}

/**
 * Reads what {@link formatStakes} writes.
 *
 * @throws Error with a sentence about the first line that is wrong
 */
export function parseStakes(lines: readonly string[]): GenesisStakes {
  const [first = '', ...more] = lines
  const each = /^stake each (\d{1,20}) of (\d{1,20})$/.exec(first)
  const chain = CHAIN_LINE.exec(first)
  if ((each ?? chain) !== null && more.length > 0)
    throw new Error('Expected either one stake for each neuron, or a table of neurons, or a chain.')
  if (chain !== null) return readChainLine(chain)
  if (each !== null) {
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

const CHAIN_LINE = new RegExp(`^stake chain (\\d{1,16}) ([0-9a-f]{${2 * ADDRESS_BYTES}}) lag (\\d{1,6})$`)
/** A day is more than any chain takes to be final. */
const MAX_LAG_SECONDS = 86_400

function readChainLine([, id, contract, lag]: RegExpExecArray): StakesOfChain {
  const [chainId, lagSeconds] = [Number(id), Number(lag)]
  if (Number.isSafeInteger(chainId) && chainId > 0 && lagSeconds <= MAX_LAG_SECONDS)
    return { kind: 'chain', chainId, contract: fromHex(contract!), lagSeconds }
  throw new Error(
    `Expected a chain above 0 and a lag of up to ${MAX_LAG_SECONDS} seconds, got ${id} and ${lag}.`,
  )
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
