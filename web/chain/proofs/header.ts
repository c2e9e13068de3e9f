import { toRlp } from 'viem/utils'
import { fromHex } from '#core/bytes.ts'
import { keccak256 } from '#core/keccak.ts'
import { chainError } from '../chain-errors.ts'
import {
  type Hex,
  hexOf,
  parseAnyData,
  parseData,
  parseObject,
  parseQuantity,
  parseSmallQuantity,
} from '../hex.ts'

/** What a reader needs of a block, all of it covered by its hash. */
export interface Header {
  readonly hash: Hex
  readonly parentHash: Hex
  readonly number: number
  /** unix seconds */
  readonly timestamp: number
  readonly stateRoot: Hex
}

type FieldKind = 'quantity' | 'any' | number

/**
 * Fields of a header in the order of their encoding (yellow paper §4.4, then the forks): data of so many bytes, data
 * of any length, or a quantity. Those after `nonce` came with forks, each of which appends.
 */
const FIELDS: readonly (readonly [name: string, kind: FieldKind, fork?: string])[] = [
  ['parentHash', 32],
  ['sha3Uncles', 32],
  ['miner', 20],
  ['stateRoot', 32],
  ['transactionsRoot', 32],
  ['receiptsRoot', 32],
  ['logsBloom', 256],
  ['difficulty', 'quantity'],
  ['number', 'quantity'],
  ['gasLimit', 'quantity'],
  ['gasUsed', 'quantity'],
  ['timestamp', 'quantity'],
  ['extraData', 'any'],
  ['mixHash', 32],
  ['nonce', 8],
  ['baseFeePerGas', 'quantity', 'London'],
  ['withdrawalsRoot', 32, 'Shanghai'],
  ['blobGasUsed', 'quantity', 'Cancun'],
  ['excessBlobGas', 'quantity', 'Cancun'],
  ['parentBeaconBlockRoot', 32, 'Cancun'],
  ['requestsHash', 32, 'Prague'],
  ['blockAccessListHash', 32, 'Amsterdam'],
  ['slotNumber', 'quantity', 'Amsterdam'],
]

/** Chains with authorities keep signatures there; 32 bytes on Ethereum itself. */
const MAX_EXTRA_BYTES = 4_096

/**
 * A block as eth_getBlockByNumber gives it, without its transactions: its hash is computed from its fields, so that
 * none of them can be another.
 *
 * @throws RPC_ANSWER_INVALID when a field is missing or none, HEADER_FORGED when they do not hash to `hash`
 */
export function readHeader(block: unknown): Header {
  const fields = parseObject(block, 'block')
  const claimed = parseData(fields.hash, 'hash', 32)
  const hash = hexOf(keccak256(encodeHeader(fields)))
  if (hash !== claimed) {
    throw chainError(
      'HEADER_FORGED',
      `The fields of a header hash to ${hash}, it claims ${claimed}: a field is altered, or the block is of a fork that this version does not know.`,
      { details: { hash, claimed } },
    )
  }
  return {
    hash,
    parentHash: parseData(fields.parentHash, 'parentHash', 32),
    number: parseSmallQuantity(fields.number, 'number'),
    timestamp: parseSmallQuantity(fields.timestamp, 'timestamp'),
    stateRoot: parseData(fields.stateRoot, 'stateRoot', 32),
  }
}

function encodeHeader(fields: Readonly<Record<string, unknown>>): Uint8Array {
  const items = FIELDS.flatMap(([name, kind, fork]) => {
    const value = fields[name]
    if (fork !== undefined && (value === undefined || value === null)) return []
    return [encodeField(value, name, kind)]
  })
  return toRlp(items, 'bytes')
}

function encodeField(value: unknown, name: string, kind: FieldKind): Uint8Array {
  if (kind === 'any') return fromHex(parseAnyData(value, name, MAX_EXTRA_BYTES))
  if (kind !== 'quantity') return fromHex(parseData(value, name, kind))
  const digits = parseQuantity(value, name).toString(16)
  return digits === '0'
    ? new Uint8Array(0)
    : fromHex(digits.padStart(digits.length + (digits.length & 1), '0'))
}
