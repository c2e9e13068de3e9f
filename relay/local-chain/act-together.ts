import {
  type Address,
  createTestClient,
  type Hash,
  type Hex,
  http,
  publicActions,
  type TransactionReceipt,
} from 'viem'

/** One call in somebody's name. */
export interface ActedCall {
  readonly from: Address
  readonly to: Address
  readonly data: Hex
}

export type ActingClient = ReturnType<typeof createActingClient>

const POLL_MS = 20
/** Questions that are asked at once travel in one request. */
const BATCH = { batchSize: 200, wait: 0 } as const

/** A client of anvil's at this address. */
export function createActingClient(url: string) {
  return createTestClient({
    mode: 'anvil',
    transport: http(url, { batch: BATCH }),
    pollingInterval: POLL_MS,
    cacheTime: 0,
  }).extend(publicActions)
}

/** Given, since anvil estimates as of the second before, in which a checkpoint of votes is cheaper. */
const GAS_LIMIT = 1_000_000n
const FEES_WEI = 10n ** 18n
/** A block holds some hundred of them. */
const MAX_BLOCKS = 16

/**
 * Calls in the names of accounts whose keys nobody has, which only anvil allows, in as few blocks as they fit into: a
 * block for each would take ten times as long. Calls of one account keep their order; others may not.
 *
 * @throws Error when one is reverted
 */
export async function actTogether(
  client: ActingClient,
  calls: readonly ActedCall[],
): Promise<readonly TransactionReceipt[]> {
  if (calls.length === 0) return []
  const senders = [...new Set(calls.map(({ from }) => from))]
  const { baseFeePerGas } = await client.getBlock()
  const maxFeePerGas = 4n * (baseFeePerGas ?? 0n) + 1_000_000_000n
  const nonces = new Map(
    await Promise.all(
      senders.map(async (address) => {
        await Promise.all([
          client.setBalance({ address, value: FEES_WEI }),
          client.impersonateAccount({ address }),
        ])
        return [address, await client.getTransactionCount({ address })] as const
      }),
    ),
  )
  await client.setAutomine(false)
  try {
    const hashes = await Promise.all(
      calls.map(({ from, to, data }) => {
        const nonce = nonces.get(from) ?? 0
        nonces.set(from, nonce + 1)
        return client.sendUnsignedTransaction({ from, to, data, nonce, gas: GAS_LIMIT, maxFeePerGas })
      }),
    )
    return await mineAll(client, hashes)
  } finally {
    await client.setAutomine(true)
  }
}

async function mineAll(
  client: ActingClient,
  hashes: readonly Hash[],
): Promise<readonly TransactionReceipt[]> {
  for (let block = 0; block < MAX_BLOCKS; block++) {
    await client.mine({ blocks: 1 })
    const receipts = await Promise.all(
      hashes.map((hash) => client.getTransactionReceipt({ hash }).catch(() => undefined)),
    )
    const mined = receipts.filter((receipt) => receipt !== undefined)
    const refused = mined.find(({ status }) => status !== 'success')
    if (refused !== undefined) {
      throw new Error(`The local chain refused ${refused.transactionHash} of the sample.`)
    }
    if (mined.length === hashes.length) return mined
  }
  throw new Error(`The local chain did not take the sample in ${MAX_BLOCKS} blocks.`)
}
