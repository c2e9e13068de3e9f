import { type Cell, GRID_MAX, GRID_MIN } from '#core/land.ts'
import { MAX_PARCEL_ID } from '#core/land-rule.ts'
import type { Hex } from '../hex.ts'
import type { RpcEndpoint } from '../rpc/json-rpc.ts'
import { addressInWord, readLogWords } from '../rpc/read-log-words.ts'

/** What events may be about. Nothing rests on it but which slots are read. */
export interface LandHints {
  /** every number that could be an id */
  readonly ids: ReadonlySet<number>
  /** every word that could be an address, 40 hexadecimal digits */
  readonly owners: ReadonlySet<string>
  /** every two numbers behind one another that could be a place */
  readonly cells: readonly Cell[]
}

export interface HintsQuestion {
  /** contracts whose events may tell what changed */
  readonly watched: readonly Hex[]
  readonly block: number
  readonly signal?: AbortSignal | undefined
}

/**
 * What events from block `since` on hint at, whatever the events are.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_ANSWER_INVALID
 */
export async function readHints(
  endpoint: RpcEndpoint,
  { watched, block, signal }: HintsQuestion,
  since: number,
): Promise<LandHints> {
  const ids = new Set<number>()
  const owners = new Set<string>()
  const cells: Cell[] = []
  const question = { contracts: watched, fromBlock: since, toBlock: block, signal }
  for (const words of await readLogWords(endpoint, question)) {
    for (const [i, word] of words.entries()) {
      const value = BigInt(`0x${word}`)
      const address = addressInWord(word)
      if (value > 0n && value <= BigInt(MAX_PARCEL_ID)) ids.add(Number(value))
      else if (address !== undefined) owners.add(address)
      const [x, y] = [coordinate(word), coordinate(words[i + 1])]
      if (x !== undefined && y !== undefined) cells.push({ x, y })
    }
  }
  return { ids, owners, cells }
}

/** The number that an int256 may be as one of a cell's two. */
function coordinate(word: string | undefined): number | undefined {
  if (word === undefined) return undefined
  const value = Number(BigInt.asIntN(256, BigInt(`0x${word}`)))
  return value >= GRID_MIN && value <= GRID_MAX ? value : undefined
}
