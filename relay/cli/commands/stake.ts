import { createChainReader } from '#chain/chain-reader.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { fromHex } from '#core/bytes.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { chainOf } from '../chain-of-relay.ts'
import { type CommandContext, parseCommandArgs, usageError } from '../command.ts'

export const name = 'stake'
export const summary = 'what an account stakes, or everybody, proved by the chain'
export const usage = `tabland stake [ADDRESS] [options]

  --rpc URL           an RPC endpoint of the chain; given several times, a header needs the majority of them
  --contract ADDRESS  the contract Stake; without it the local relay, or --relay, tells which chain this is
  --relay URL         a relay's page
  --at SECONDS        unix time; stakes of the past follow from any later block. Default: that of the newest block

Reads the newest header by majority, all that Stake stores, and rebuilds its storage trie: only when its root is the
proved one are stakes told, so that none can be left out. Prints {"stake":N,"total":N,…} in millionths of a CYBR.`

const OPTIONS = {
  rpc: { type: 'string', multiple: true },
  contract: { type: 'string' },
  relay: { type: 'string' },
  at: { type: 'string' },
} as const

/** @throws COMMAND_USAGE, RELAY_UNREACHABLE, RPC_ENDPOINTS, RPC_UNREACHABLE, HEADER_DISPUTED, STAKES_FORGED */
export async function run(
  args: readonly string[],
  { stdout, stderr, signal }: CommandContext,
): Promise<void> {
  const { values, positionals } = parseCommandArgs(name, args, OPTIONS)
  const [address, surplus] = positionals
  if (surplus !== undefined) throw usageError(name, `Unexpected argument "${surplus.slice(0, 80)}"`)
  if (values.at !== undefined && !/^\d{1,12}$/.test(values.at)) {
    throw usageError(name, `Expected --at with unix seconds, got "${values.at.slice(0, 80)}"`)
  }
  const { parseAddress } = await import('../read-land.ts')
  const { contract, relay, rpc = [] } = values
  const account = address === undefined ? undefined : parseAddress(address, name)
  const chain = await chainOf(name, 'stake', { rpc, chainId: undefined, contract, relay }, { signal, stderr })
  const stake = parseAddress(chain.contract, name)
  const { createNodeKeccak } = await import('../../hashers.ts')
  const { readStakeBook, stakesAt } = await import('#chain/stake/stake-book.ts')
  const reader = createChainReader({
    endpoints: createEndpoints(chain.rpc),
    timers: systemTimers,
    now: Date.now,
  })
  const header = await reader.head({ signal })
  const { account: proven } = await reader.account(header, stake, { signal })
  const keccak = await createNodeKeccak((line) => stderr.write(`${line}\n`))
  const { hash: blockHash, number: block } = header
  const { storageHash } = proven
  const book = await reader.pool.first(
    (endpoint) => readStakeBook(endpoint, { stake, blockHash, block, storageHash, keccak, signal }),
    signal,
  )
  const at = values.at === undefined ? header.timestamp : Number(values.at)
  const { total, stakeOf } = stakesAt(book, at)
  const own = account === undefined ? {} : { account, stake: stakeOf(fromHex(account)).toString() }
  stdout.write(
    `${JSON.stringify({ ...own, total: total.toString(), accounts: book.size, at, block, blockHash })}\n`,
  )
}
