import { chainError } from '../chain-errors.ts'
import { parseSmallQuantity } from '../hex.ts'
import type { RpcEndpoint, RpcOptions } from './json-rpc.ts'

/** The endpoint, which is asked once whether it serves this chain before anything else. */
export function ofChain(endpoint: RpcEndpoint, chainId: number): RpcEndpoint {
  let isChecked = false

  /** @throws RPC_WRONG_CHAIN */
  async function check(options?: RpcOptions): Promise<void> {
    if (isChecked) return
    const found = parseSmallQuantity(await endpoint.call('eth_chainId', [], options), 'chain id')
    if (found !== chainId) {
      throw chainError(
        'RPC_WRONG_CHAIN',
        `${endpoint.name} serves chain ${found}, expected ${chainId}: name an endpoint of that chain.`,
        { details: { endpoint: endpoint.name, found, expected: chainId } },
      )
    }
    isChecked = true
  }

  return {
    ...endpoint,
    async call(method, params, options) {
      await check(options)
      return endpoint.call(method, params, options)
    },
    async batch(calls, options) {
      await check(options)
      return endpoint.batch(calls, options)
    },
  }
}
