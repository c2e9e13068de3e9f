import { compareBytes } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import type { Address } from '#core/identity.ts'
import { chainStakeTable, type StakeEntry, type StakeSource } from '#graph/machine/stake-source.ts'
import { TEST_NOW } from './identity.ts'

/** Stakes of a chain in memory, whose clock stands until it is told. */
export interface FakeStakes extends StakeSource {
  /** Lets so many seconds pass, and then an account stake so much in all. */
  stake(neuron: Address, amount: bigint, afterSeconds?: number): void
  pass(seconds: number): void
  /** unix seconds */
  readonly seconds: number
  /** the chain answers nobody */
  isAway: boolean
}

/** The contract that a genesis with such stakes names. */
export const FAKE_STAKES = {
  kind: 'chain',
  chainId: 31_337,
  contract: new Uint8Array(20).fill(0xd1),
  lagSeconds: 0,
} as const

export function createFakeStakes(): FakeStakes {
  const changes: { readonly at: number; readonly neuron: Address; readonly amount: bigint }[] = []
  let seconds = TEST_NOW / 1_000

  function entriesAt(time: number): readonly StakeEntry[] {
    const known = changes.filter(({ at }) => at <= time)
    const neurons = new Map(known.map(({ neuron }) => [String(neuron), neuron]))
    return [...neurons]
      .map(([key, neuron]) => [neuron, known.findLast((one) => String(one.neuron) === key)!.amount] as const)
      .filter(([, amount]) => amount > 0n)
      .sort(([a], [b]) => compareBytes(a, b))
  }

  const fake: FakeStakes = {
    isAway: false,
    get seconds() {
      return seconds
    },
    stake(neuron, amount, afterSeconds = 1) {
      seconds += afterSeconds
      changes.push({ at: seconds, neuron, amount })
    },
    pass(more) {
      seconds += more
    },
    newest: () => fake.at(seconds),
    async at(time) {
      if (fake.isAway || time > seconds) throw new AppError('STAKES_UNKNOWN', 'The chain does not say.')
      return chainStakeTable(time, entriesAt(time), changes.find(({ at }) => at > time)?.at)
    },
  }
  return fake
}
