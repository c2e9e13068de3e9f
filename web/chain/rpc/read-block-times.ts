import { parseObject, parseSmallQuantity, quantityOf } from '../hex.ts'
import type { EndpointPool } from './endpoint-pool.ts'
import { MAX_RPC_BATCH } from './json-rpc.ts'

/**
 * Times of blocks, unix seconds, as the first endpoint that answers has them: nothing of it is proved.
 *
 * @param blocks at most a hundred different ones; those beyond are left out
 * @throws RPC_UNREACHABLE
 */
export async function readBlockTimes(
  pool: Pick<EndpointPool, 'first'>,
  blocks: readonly number[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<number, number>> {
  const asked = [...new Set(blocks)].slice(0, MAX_RPC_BATCH)
  if (asked.length === 0) return new Map()
  return pool.first(async (endpoint) => {
    const calls = asked.map((block) => ({
      method: 'eth_getBlockByNumber',
      params: [quantityOf(block), false],
    }))
    const answers = await endpoint.batch(calls, { signal })
    return new Map(
      answers.map((answer, i) => [
        asked[i]!,
        parseSmallQuantity(parseObject(answer, 'block').timestamp, 'timestamp'),
      ]),
    )
  }, signal)
}
