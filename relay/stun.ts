import { isIPv4 } from 'node:net'
import { MAX_STUN_REQUEST_BYTES } from './limits.ts'

/**
 * The part of STUN (RFC 5389) that tells a peer behind a NAT the address that it is seen with ([NE1a]).
 * Integers are big-endian.
 */

const HEADER_BYTES = 20
const MAGIC_COOKIE = 0x2112a442
const BINDING_REQUEST = 0x0001
const BINDING_RESPONSE = 0x0101
const BINDING_ERROR = 0x0111
const ERROR_CODE = 0x0009
const UNKNOWN_ATTRIBUTES = 0x000a
const XOR_MAPPED_ADDRESS = 0x0020
const FAMILY_IPV4 = 0x01
const FAMILY_IPV6 = 0x02
/** Attributes from here on may be ignored by who does not know them (§15). */
const FIRST_OPTIONAL = 0x8000
/** USERNAME, MESSAGE-INTEGRITY, REALM, NONCE: this server asks for no credentials, so it may pass over them (§10). */
const IGNORED = new Set([0x0006, 0x0008, 0x0014, 0x0015])

export interface BindingRequest {
  /** 12 bytes */
  readonly transactionId: Uint8Array
  /** required attributes that this server does not know; the answer is an error that lists them (§7.3.1) */
  readonly unknownAttributes: readonly number[]
}

/** Undefined for everything that is not a well-formed Binding request: STUN stays silent then (§7.3). */
export function parseBindingRequest(bytes: Uint8Array): BindingRequest | undefined {
  if (bytes.length < HEADER_BYTES || bytes.length > MAX_STUN_REQUEST_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint16(0) !== BINDING_REQUEST || view.getUint32(4) !== MAGIC_COOKIE) return undefined
  if (view.getUint16(2) !== bytes.length - HEADER_BYTES || bytes.length % 4 !== 0) return undefined
  const unknownAttributes: number[] = []
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const type = view.getUint16(at)
    // Lengths are without padding, attributes start at multiples of 4 (§15).
    const next = at + 4 + ((view.getUint16(at + 2) + 3) & ~3)
    if (next > bytes.length) return undefined
    if (type < FIRST_OPTIONAL && !IGNORED.has(type)) unknownAttributes.push(type)
    at = next
  }
  return { transactionId: bytes.slice(8, HEADER_BYTES), unknownAttributes }
}

/** @param transactionId 12 random bytes, by which the answer is known */
export function encodeBindingRequest(transactionId: Uint8Array): Uint8Array {
  return message(BINDING_REQUEST, transactionId, 0).bytes
}

/** The mapped address that an answer to the request `transactionId` tells; undefined for anything else. */
export function parseBindingResponse(
  bytes: Uint8Array,
  transactionId: Uint8Array,
): { readonly address: string; readonly port: number } | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint16(0) !== BINDING_RESPONSE || view.getUint32(4) !== MAGIC_COOKIE) return undefined
  if (!transactionId.every((byte, i) => byte === bytes[8 + i])) return undefined
  for (let at = HEADER_BYTES; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at + 2)
    if (at + 4 + length > bytes.length) return undefined
    if (view.getUint16(at) === XOR_MAPPED_ADDRESS)
      return mappedAddress(bytes.subarray(at + 4, at + 4 + length), bytes)
    at += 4 + pad(length)
  }
  return undefined
}

function mappedAddress(value: Uint8Array, packet: Uint8Array) {
  const ip = value.subarray(4)
  if (!(value[1] === FAMILY_IPV4 && ip.length === 4) && !(value[1] === FAMILY_IPV6 && ip.length === 16))
    return undefined
  const port = (((value[2] as number) << 8) | (value[3] as number)) ^ (MAGIC_COOKIE >>> 16)
  const plain = ip.map((byte, i) => byte ^ (packet[4 + i] as number))
  if (plain.length === 4) return { address: plain.join('.'), port }
  const words = Array.from(
    { length: 8 },
    (_, i) => ((plain[2 * i] as number) << 8) | (plain[2 * i + 1] as number),
  )
  return { address: words.map((word) => word.toString(16)).join(':'), port }
}

/** @param address IPv4 or IPv6 without a zone */
export function encodeBindingResponse(transactionId: Uint8Array, address: string, port: number): Uint8Array {
  const ip = isIPv4(address) ? ipv4Bytes(address) : ipv6Bytes(address)
  const { bytes, view } = message(BINDING_RESPONSE, transactionId, 8 + ip.length)
  view.setUint16(HEADER_BYTES, XOR_MAPPED_ADDRESS)
  view.setUint16(HEADER_BYTES + 2, 4 + ip.length)
  view.setUint8(HEADER_BYTES + 5, ip.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6)
  view.setUint16(HEADER_BYTES + 6, port ^ (MAGIC_COOKIE >>> 16))
  // §15.2: the address is XORed with cookie ‖ transaction id, so that no NAT rewrites it in passing.
  for (let i = 0; i < ip.length; i++)
    bytes[HEADER_BYTES + 8 + i] = (ip[i] as number) ^ (bytes[4 + i] as number)
  return bytes
}

/** The 420 answer to a request with required attributes that are not known. */
export function encodeUnknownAttributes(transactionId: Uint8Array, types: readonly number[]): Uint8Array {
  const reason = new TextEncoder().encode('Unknown')
  const errorBytes = 4 + reason.length
  const errorEnd = HEADER_BYTES + 4 + pad(errorBytes)
  const { bytes, view } = message(
    BINDING_ERROR,
    transactionId,
    errorEnd - HEADER_BYTES + 4 + pad(2 * types.length),
  )
  view.setUint16(HEADER_BYTES, ERROR_CODE)
  view.setUint16(HEADER_BYTES + 2, errorBytes)
  view.setUint8(HEADER_BYTES + 6, 4)
  view.setUint8(HEADER_BYTES + 7, 20)
  bytes.set(reason, HEADER_BYTES + 8)
  view.setUint16(errorEnd, UNKNOWN_ATTRIBUTES)
  view.setUint16(errorEnd + 2, 2 * types.length)
  types.forEach((type, i) => {
    view.setUint16(errorEnd + 4 + 2 * i, type)
  })
  return bytes
}

function message(type: number, transactionId: Uint8Array, bodyBytes: number) {
  const bytes = new Uint8Array(HEADER_BYTES + bodyBytes)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, type)
  view.setUint16(2, bodyBytes)
  view.setUint32(4, MAGIC_COOKIE)
  bytes.set(transactionId, 8)
  return { bytes, view }
}

function pad(length: number): number {
  return (length + 3) & ~3
}

function ipv4Bytes(address: string): Uint8Array {
  return Uint8Array.from(address.split('.'), Number)
}

function ipv6Bytes(address: string): Uint8Array {
  const [head = '', tail] = address.split('::')
  const words = (text: string) =>
    text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16))
  const left = words(head)
  const right = tail === undefined ? [] : words(tail)
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  left.forEach((word, i) => {
    view.setUint16(2 * i, word)
  })
  right.forEach((word, i) => {
    view.setUint16(16 - 2 * (right.length - i), word)
  })
  return bytes
}
