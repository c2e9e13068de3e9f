import { type Bytes, fromHex, toHex } from '#core/bytes.ts'
import { chainError } from './chain-errors.ts'

/** 0x and hexadecimal digits, as JSON-RPC writes quantities and data; lower case in all that is parsed here. */
export type Hex = `0x${string}`

/** An integer of 256 bits is what the machine knows; JSON-RPC writes it without leading zeros. */
const QUANTITY = /^0x(0|[1-9a-f][0-9a-f]{0,63})$/

export function hexOf(bytes: Uint8Array): Hex {
  return `0x${toHex(bytes)}`
}

export function quantityOf(value: number | bigint): Hex {
  return `0x${value.toString(16)}`
}

/** @throws RPC_ANSWER_INVALID naming `field` when it is no data of `bytes` bytes */
export function parseData(value: unknown, field: string, bytes: number): Hex {
  const text = parseAnyData(value, field, bytes)
  if (text.length === 2 + 2 * bytes) return text
  throw invalid(field, `${bytes} bytes`, value)
}

/** @throws RPC_ANSWER_INVALID naming `field` when it is no data of at most `maxBytes` bytes */
export function parseAnyData(value: unknown, field: string, maxBytes: number): Hex {
  if (typeof value !== 'string' || value.length > 2 + 2 * maxBytes || !/^0x([0-9a-fA-F]{2})*$/.test(value)) {
    throw invalid(field, `at most ${maxBytes} bytes in hexadecimal digits`, value)
  }
  return value.toLowerCase() as Hex
}

/** @throws RPC_ANSWER_INVALID naming `field` when it is no unsigned integer of at most 256 bits */
export function parseQuantity(value: unknown, field: string): bigint {
  if (typeof value === 'string' && QUANTITY.test(value.toLowerCase())) return BigInt(value)
  throw invalid(field, 'an unsigned integer in hexadecimal digits', value)
}

/** @throws RPC_ANSWER_INVALID naming `field` when it is no such integer, or not safe as a number */
export function parseSmallQuantity(value: unknown, field: string): number {
  const quantity = parseQuantity(value, field)
  if (quantity <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(quantity)
  throw invalid(field, 'an integer below 2⁵³', value)
}

/** Bytes of a word of 32: the value right-aligned. */
export function wordBytes(value: bigint): Bytes {
  return fromHex(value.toString(16).padStart(64, '0'))
}

export function readWord(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(hexOf(bytes))
}

/** @throws RPC_ANSWER_INVALID when `value` is no object */
export function parseObject(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw invalid(field, 'an object', value)
}

/** @throws RPC_ANSWER_INVALID when `value` is no list of at most `max` */
export function parseList(value: unknown, field: string, max: number): readonly unknown[] {
  if (Array.isArray(value) && value.length <= max) return value
  throw invalid(field, `a list of at most ${max}`, value)
}

function invalid(field: string, expected: string, got: unknown): Error {
  const shown = (JSON.stringify(got) ?? 'nothing').slice(0, 80)
  return chainError('RPC_ANSWER_INVALID', `${field}: expected ${expected}, got ${shown}.`, {
    details: { field },
  })
}
