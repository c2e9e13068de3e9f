import { type Bytes, concat, fromHex } from '#core/bytes.ts'
import { type Hex, hexOf, parseData } from '../hex.ts'
import { MAX_RPC_BATCH, type RpcEndpoint } from './json-rpc.ts'

/** Whose storage is read, in which block. */
export interface SlotsQuestion {
  readonly contract: Hex
  readonly blockHash: Hex
  readonly signal?: AbortSignal | undefined
}

const WORD_BYTES = 32
/** Slots read by one call: 2,100 gas each stay below the 10 million that every node grants a call. */
const SLOTS_PER_CALL = 4_000

/**
 * Program that answers its input, a list of slots, with the words in them: for i in steps of 32, MSTORE(i,
 * SLOAD(CALLDATALOAD(i))). A call with it in the place of the contract's code reads any storage in bulk.
 */
const READ_SLOTS = '0x5f5b80361460135780355481526020016001565b365ff3'

/**
 * The words in slots of a contract, in their order, as one node has them: nothing of it is proved.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_ANSWER_INVALID
 */
export async function readSlots(
  endpoint: RpcEndpoint,
  question: SlotsQuestion,
  slots: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const values: Uint8Array[] = []
  for (let from = 0; from < slots.length; from += SLOTS_PER_CALL) {
    values.push(...(await readPart(endpoint, question, slots.slice(from, from + SLOTS_PER_CALL))))
  }
  return values
}

async function readPart(
  endpoint: RpcEndpoint,
  question: SlotsQuestion,
  slots: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const { contract, blockHash, signal } = question
  const call = { to: contract, data: hexOf(concat(...slots)) }
  const answer = await endpoint
    .call('eth_call', [call, { blockHash }, { [contract]: { code: READ_SLOTS } }], { signal })
    .catch((error: unknown) => {
      // not every node lets a call bring its own code
      if ((error as { code?: string }).code === 'RPC_REFUSED') return undefined
      throw error
    })
  if (answer === undefined) return readOneByOne(endpoint, question, slots)
  const bytes = fromHex(parseData(answer, 'storage', slots.length * WORD_BYTES))
  return slots.map((_, i) => bytes.subarray(i * WORD_BYTES, (i + 1) * WORD_BYTES))
}

async function readOneByOne(
  endpoint: RpcEndpoint,
  { contract, blockHash, signal }: SlotsQuestion,
  slots: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const values: Bytes[] = []
  for (let from = 0; from < slots.length; from += MAX_RPC_BATCH) {
    const calls = slots.slice(from, from + MAX_RPC_BATCH).map((slot) => ({
      method: 'eth_getStorageAt',
      params: [contract, hexOf(slot), { blockHash }],
    }))
    const answers = await endpoint.batch(calls, { signal })
    values.push(...answers.map((answer) => fromHex(parseData(answer, 'storage', WORD_BYTES))))
  }
  return values
}
