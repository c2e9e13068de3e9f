import { quantityOf } from '../hex.ts'
import { type Header, readHeader } from '../proofs/header.ts'
import type { EndpointPool } from './endpoint-pool.ts'
import { countVotes, type HeadVote, majorityOf, voteHeight } from './head-vote.ts'
import type { RpcEndpoint } from './json-rpc.ts'

/**
 * Asks every endpoint for its newest header, those that are ahead for the one at the height that a majority has
 * reached, and counts ([CH13]). A header whose fields do not hash to its hash makes its sender a liar.
 */
export async function readHead(pool: EndpointPool, signal?: AbortSignal): Promise<HeadVote> {
  const newest = await pool.all((endpoint) => readBlock(endpoint, 'latest', signal), signal)
  const configured = pool.counted
  const height = voteHeight(
    newest.map(({ value }) => value.number),
    configured,
  )
  if (height === undefined) {
    return { kind: 'short', answered: newest.length, needed: majorityOf(configured) }
  }
  const known = new Map(newest.map(({ endpoint, value }) => [endpoint, value]))
  const answers = await pool.all(async (endpoint) => {
    const header = known.get(endpoint.name)
    if (header === undefined || header.number < height) return undefined
    return header.number === height ? header : readBlock(endpoint, quantityOf(height), signal)
  }, signal)
  const votes = answers.flatMap(({ endpoint, value: header }) =>
    header?.number === height ? [{ endpoint, header }] : [],
  )
  return countVotes(votes, pool.counted)
}

/** A block by number or tag. @throws RPC_…, HEADER_FORGED */
async function readBlock(endpoint: RpcEndpoint, block: string, signal?: AbortSignal): Promise<Header> {
  return readHeader(await endpoint.call('eth_getBlockByNumber', [block, false], { signal }))
}
