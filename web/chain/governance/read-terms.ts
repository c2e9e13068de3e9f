import { encodeFunctionData } from 'viem'
import { conductAbi } from '#contracts/conduct.ts'
import { tablandGovernorAbi } from '#contracts/tabland-governor.ts'
import { chainError } from '../chain-errors.ts'
import { type Hex, parseData, parseSmallQuantity } from '../hex.ts'
import { type EndpointPool, sourceOf } from '../rpc/endpoint-pool.ts'

/** Times in seconds. */
export interface ToldTerms {
  readonly delaySeconds: number
  readonly periodSeconds: number
  readonly timelockSeconds: number
  readonly landThreshold: bigint
  readonly tokenThresholdWei: bigint
  readonly warningsBeforeEviction: number
  readonly gapSeconds: number
  readonly lapseSeconds: number
  /** sources that say so, of those that count */
  readonly agreeing: number
  readonly sources: number
}

export interface TermsContracts {
  readonly governor: Hex
  readonly timelock: Hex
  readonly conduct: Hex
}

/** Selector of `getMinDelay()`: all that a page asks the Timelock. */
const GET_MIN_DELAY: Hex = '0xf27a0c92'

/**
 * What the contracts of votes and conduct were built with. It stands in their code, where no proof reaches it: the word
 * of most sources, who are all asked.
 *
 * @throws CALL_DISPUTED when most of them do not say the same, RPC_UNREACHABLE when none answers
 */
export async function readTerms(
  pool: EndpointPool,
  { governor, timelock, conduct }: TermsContracts,
  signal?: AbortSignal,
): Promise<ToldTerms> {
  const asked = [
    ...(['votingDelay', 'votingPeriod', 'landThreshold', 'tokenThreshold'] as const).map((functionName) => ({
      to: governor,
      data: encodeFunctionData({ abi: tablandGovernorAbi, functionName }),
    })),
    { to: timelock, data: GET_MIN_DELAY },
    ...(['warningsBeforeEviction', 'gapSeconds', 'lapseSeconds'] as const).map((functionName) => ({
      to: conduct,
      data: encodeFunctionData({ abi: conductAbi, functionName }),
    })),
  ]
  const calls = asked.map((call) => ({ method: 'eth_call', params: [call, 'latest'] }))
  const answers = await pool.all(
    async (endpoint) =>
      (await endpoint.batch(calls, { signal })).map((word) => parseData(word, 'return data', 32)),
    signal,
  )
  if (answers.length === 0) {
    throw chainError(
      'RPC_UNREACHABLE',
      'None of the chain’s endpoints tells how votes go. It is tried again.',
    )
  }
  const camps = Map.groupBy(answers, ({ value }) => value.join())
  const tellers = [...camps.values()].map((camp) => ({
    words: camp[0]!.value,
    agreeing: new Set(camp.map(({ endpoint }) => sourceOf(endpoint))).size,
  }))
  const best = tellers.reduce((a, b) => (b.agreeing > a.agreeing ? b : a))
  const answered = new Set(answers.map(({ endpoint }) => sourceOf(endpoint))).size
  if (2 * best.agreeing <= answered) {
    throw chainError(
      'CALL_DISPUTED',
      `The chain’s endpoints disagree about how votes go: ${tellers.length} of them say different things.`,
    )
  }
  return { ...parseTerms(best.words), agreeing: best.agreeing, sources: pool.sources.size }
}

function parseTerms(words: readonly Hex[]): Omit<ToldTerms, 'agreeing' | 'sources'> {
  const [delay, period, landThreshold, tokenThreshold, timelock, warnings, gap, lapse] = words as readonly [
    Hex,
    Hex,
    Hex,
    Hex,
    Hex,
    Hex,
    Hex,
    Hex,
  ]
  const small = (word: Hex, field: string) => parseSmallQuantity(`0x${BigInt(word).toString(16)}`, field)
  return {
    delaySeconds: small(delay, 'voting delay'),
    periodSeconds: small(period, 'voting period'),
    timelockSeconds: small(timelock, 'delay of the Timelock'),
    landThreshold: BigInt(landThreshold),
    tokenThresholdWei: BigInt(tokenThreshold),
    warningsBeforeEviction: small(warnings, 'warnings'),
    gapSeconds: small(gap, 'gap'),
    lapseSeconds: small(lapse, 'lapse'),
  }
}
