import type { Hex } from '../hex.ts'
import { parseAnyData, parseData, parseObject, parseQuantity, parseSmallQuantity } from '../hex.ts'

/** One question to the chain; what it refuses is thrown as RPC_REFUSED with the node's own error as its cause. */
export type Ask = (method: string, params: readonly unknown[], signal?: AbortSignal) => Promise<unknown>

/** Return data of what we call is a few words; a contract's longest text has some kilobytes. */
const MAX_RETURN_BYTES = 64 * 1024
/** No block takes more in one transaction. */
const MAX_INPUT_BYTES = 128 * 1024
/** Blocks of a chain hold some thousand transactions; a reload looks for one of its sender's. */
const MAX_BLOCK_TRANSACTIONS = 20_000

export interface Fees {
  readonly maxFeePerGasWei: bigint
  readonly maxPriorityFeePerGasWei: bigint
}

export interface CallRequest {
  readonly from: Hex
  readonly to: Hex
  readonly data: Hex
  readonly valueWei: bigint
}

export interface Receipt {
  readonly block: number
  readonly ok: boolean
  readonly nonce?: number
}

/** A transaction found in a block. */
export interface FoundTransaction {
  readonly hash: Hex
  /** absent when it made a contract */
  readonly to?: Hex
  readonly data: Hex
  readonly valueWei: bigint
}

/** The few questions that sending and following takes, their answers parsed. None of them is believed for what is shown as verified. */
export function createChainCalls(ask: Ask) {
  return {
    chainId: async () => parseSmallQuantity(await ask('eth_chainId', []), 'chain id'),
    /** unix seconds of the newest block */
    blockTime: async () => {
      const block = parseObject(await ask('eth_getBlockByNumber', ['latest', false]), 'block')
      return parseSmallQuantity(block.timestamp, 'timestamp')
    },
    blockNumber: async () => parseSmallQuantity(await ask('eth_blockNumber', []), 'block number'),
    balance: async (of: Hex) => parseQuantity(await ask('eth_getBalance', [of, 'latest']), 'balance'),
    /** transactions of `of` that stand in blocks up to one, or with those that wait */
    nonce: async (of: Hex, at: Hex | 'latest' | 'pending') =>
      parseSmallQuantity(await ask('eth_getTransactionCount', [of, at]), 'transaction count'),
    call: async (request: CallRequest) =>
      parseAnyData(await ask('eth_call', [toRpc(request), 'latest']), 'return data', MAX_RETURN_BYTES),
    /** `state`: as if it were so */
    estimateGas: async (request: CallRequest, state?: Readonly<Record<Hex, unknown>>) => {
      const params = state === undefined ? [toRpc(request)] : [toRpc(request), 'latest', state]
      return parseQuantity(await ask('eth_estimateGas', params), 'gas')
    },
    sendRaw: (raw: Hex) => ask('eth_sendRawTransaction', [raw]),
    fees: async () => readFees(ask),
    finalBlock: async () => readFinalBlock(ask),
    receipt: async (hash: Hex) => readReceipt(await ask('eth_getTransactionReceipt', [hash])),
    isKnown: async (hash: Hex) => (await ask('eth_getTransactionByHash', [hash])) !== null,
    find: async (block: number, of: Hex, nonce: number) => {
      const found = await ask('eth_getBlockByNumber', [`0x${block.toString(16)}`, true])
      return findIn(found, of, nonce)
    },
  }
}

export type ChainCalls = ReturnType<typeof createChainCalls>

function toRpc({ from, to, data, valueWei }: CallRequest) {
  return { from, to, data, value: `0x${valueWei.toString(16)}` }
}

/** A tenth of a gwei: what a validator takes when blocks have room. */
const MIN_PRIORITY_FEE_WEI = 100_000_000n
/** A base fee grows by an eighth for each full block: doubled it holds for six of them. */
const BASE_FEE_BLOCKS = 2n

async function readFees(ask: Ask): Promise<Fees> {
  const block = parseObject(await ask('eth_getBlockByNumber', ['latest', false]), 'block')
  const baseFee = parseQuantity(block.baseFeePerGas, 'base fee')
  const tip = await ask('eth_maxPriorityFeePerGas', []).then(
    (value) => parseQuantity(value, 'priority fee'),
    () => MIN_PRIORITY_FEE_WEI, // not every node has an opinion
  )
  const maxPriorityFeePerGasWei = tip > MIN_PRIORITY_FEE_WEI ? tip : MIN_PRIORITY_FEE_WEI
  return {
    maxPriorityFeePerGasWei,
    maxFeePerGasWei: BASE_FEE_BLOCKS * baseFee + maxPriorityFeePerGasWei,
  }
}

/** 32 slots of two epochs, where a chain has no notion of final blocks. */
const FINAL_DEPTH = 64

async function readFinalBlock(ask: Ask): Promise<number> {
  try {
    const block = parseObject(await ask('eth_getBlockByNumber', ['finalized', false]), 'block')
    return parseSmallQuantity(block.number, 'block number')
  } catch {
    const newest = parseSmallQuantity(await ask('eth_blockNumber', []), 'block number')
    return newest - FINAL_DEPTH
  }
}

function readReceipt(answer: unknown): Receipt | undefined {
  if (answer === null) return undefined
  const { blockNumber, status } = parseObject(answer, 'receipt')
  return {
    block: parseSmallQuantity(blockNumber, 'block number'),
    ok: parseQuantity(status, 'status') === 1n,
  }
}

function findIn(answer: unknown, of: Hex, nonce: number): FoundTransaction | undefined {
  if (answer === null) return undefined
  const { transactions } = parseObject(answer, 'block')
  if (!Array.isArray(transactions) || transactions.length > MAX_BLOCK_TRANSACTIONS) return undefined
  for (const each of transactions) {
    const { from, to, hash, input, value, nonce: its } = parseObject(each, 'transaction')
    if (typeof from !== 'string' || from.toLowerCase() !== of) continue
    if (parseSmallQuantity(its, 'nonce') !== nonce) continue
    const target = to === null || to === undefined ? {} : { to: parseData(to, 'to', 20) }
    return {
      hash: parseData(hash, 'hash', 32),
      data: parseAnyData(input, 'input', MAX_INPUT_BYTES),
      valueWei: parseQuantity(value, 'value'),
      ...target,
    }
  }
  return undefined
}
