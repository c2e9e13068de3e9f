import { dataSlot } from '../storage-slots.ts'

/** Words in slots of one contract, proved. */
export type ReadSlots = (slots: readonly bigint[]) => Promise<readonly bigint[]>

/** A list of checkpoints as OpenZeppelin's `Checkpoints.Trace208` keeps it: from when on how many votes counted. */
export interface VoteTrace {
  /** votes at a time, unix seconds */
  at(seconds: number): Promise<bigint>
  /** votes now */
  latest(): Promise<bigint>
}

/** A checkpoint is one word: below, the unix seconds from which it holds, above, the votes. */
const SECONDS_BITS = 48n
/** Looked at in one question: a list of 100,000 takes three. */
const AT_ONCE = 48

/** @param slot of the list: how long it is; the checkpoints lie from its hash on */
export function createVoteTrace(read: ReadSlots, slot: bigint): VoteTrace {
  const first = dataSlot(slot)
  const known = new Map<number, bigint>()
  let length: Promise<number> | undefined

  function readLength(): Promise<number> {
    // nobody changes votes so often that it is no safe number: it is proved
    length ??= read([slot]).then(([count = 0n]) => Number(count))
    return length
  }

  async function load(indices: readonly number[]): Promise<void> {
    const missing = indices.filter((index) => !known.has(index))
    if (missing.length === 0) return
    const words = await read(missing.map((index) => BigInt.asUintN(256, first + BigInt(index))))
    for (const [i, index] of missing.entries()) known.set(index, words[i] ?? 0n)
  }

  /** How many checkpoints hold from `seconds` or earlier. */
  async function countUntil(seconds: number): Promise<number> {
    // those below `low` do, those from `high` on do not
    let [low, high] = [0, await readLength()]
    while (low < high) {
      const steps = between(low, high)
      await load(steps)
      const later = steps.find(
        (index) => BigInt.asUintN(Number(SECONDS_BITS), known.get(index)!) > BigInt(seconds),
      )
      const earlier = steps.filter((index) => later === undefined || index < later).at(-1)
      if (earlier !== undefined) low = earlier + 1
      if (later !== undefined) high = later
    }
    return low
  }

  async function votesOf(count: number): Promise<bigint> {
    if (count === 0) return 0n
    await load([count - 1])
    return known.get(count - 1)! >> SECONDS_BITS
  }

  return {
    at: async (seconds) => votesOf(await countUntil(seconds)),
    latest: async () => votesOf(await readLength()),
  }
}

/** Indices from `low` to below `high`, all of them or some that lie evenly. */
function between(low: number, high: number): readonly number[] {
  const count = Math.min(AT_ONCE, high - low)
  return Array.from(
    { length: count },
    (_, i) => low + Math.floor(((i + 1) * (high - low)) / (count + 1)),
  ).map((index, i) => (count === high - low ? low + i : index))
}
