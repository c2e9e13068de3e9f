import { quantityOf } from '../hex.ts'
import { type Header, readHeader } from '../proofs/header.ts'
import { type EndpointPool, sourceOf } from './endpoint-pool.ts'
import { countVotes, type HeadAnswer, type HeadVote, majorityOf, voteHeight } from './head-vote.ts'
import type { RpcEndpoint } from './json-rpc.ts'

type Source = ReturnType<typeof sourceOf>

interface Answer {
  readonly endpoint: RpcEndpoint
  readonly value: Header
}

/**
 * Asks every endpoint for its newest header, those that are ahead for the one at the height that a majority has
 * reached, and counts ([CH13]). Endpoints of one source say what most of them say, and count once. A header whose
 * fields do not hash to its hash makes its sender a liar.
 */
export async function readHead(pool: EndpointPool, signal?: AbortSignal): Promise<HeadVote> {
  const newest = await pool.all((endpoint) => readBlock(endpoint, 'latest', signal), signal)
  const height = heightOf(newest, pool.sources)
  if (height === undefined) {
    return { kind: 'short', answered: bySource(newest).size, needed: majorityOf(pool.sources.size) }
  }
  const known = new Map(newest.map(({ endpoint, value }) => [endpoint, value]))
  const answers = await pool.all(async (endpoint) => {
    const header = known.get(endpoint)
    if (header === undefined || header.number < height) return undefined
    return header.number === height ? header : readBlock(endpoint, quantityOf(height), signal)
  }, signal)
  const votes = answers.flatMap(({ endpoint, value }) =>
    value?.number === height ? [{ endpoint, value }] : [],
  )
  return countSources(votes, pool.sources)
}

/** The height that a majority of the sources has reached, each by the majority of its endpoints. */
function heightOf(answers: readonly Answer[], sources: ReadonlyMap<Source, number>): number | undefined {
  const heights = [...bySource(answers)].flatMap(([source, its]) => {
    const numbers = its.map(({ value }) => value.number)
    return voteHeight(numbers, sources.get(source) ?? its.length) ?? []
  })
  return voteHeight(heights, sources.size)
}

function countSources(answers: readonly Answer[], sources: ReadonlyMap<Source, number>): HeadVote {
  const words = [...bySource(answers)].map(([source, its]) =>
    countVotes(its.map(toVote), sources.get(source) ?? its.length),
  )
  // where all comes from one, it is told what that one's endpoints disagree about
  if (sources.size === 1 && words[0] !== undefined) {
    return words[0].kind === 'accepted' ? { ...words[0], agreeing: 1 } : words[0]
  }
  const votes = words.flatMap((word): readonly HeadAnswer[] =>
    word.kind === 'accepted' ? [{ endpoints: word.camps[0]!.endpoints, header: word.header }] : [],
  )
  return countVotes(votes, sources.size)
}

function toVote({ endpoint, value }: Answer): HeadAnswer {
  return {
    endpoints: [endpoint.source === undefined ? endpoint.name : `${endpoint.name} (${endpoint.source})`],
    header: value,
  }
}

function bySource(answers: readonly Answer[]): ReadonlyMap<Source, readonly Answer[]> {
  return Map.groupBy(answers, ({ endpoint }) => sourceOf(endpoint))
}

/** A block by number or tag. @throws RPC_…, HEADER_FORGED */
async function readBlock(endpoint: RpcEndpoint, block: string, signal?: AbortSignal): Promise<Header> {
  return readHeader(await endpoint.call('eth_getBlockByNumber', [block, false], { signal }))
}
