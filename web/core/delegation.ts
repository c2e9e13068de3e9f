import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { ByteReader, type Bytes, ByteWriter, concat, equalBytes, fromHex, toHex, utf8 } from './bytes.ts'
import { AppError } from './errors.ts'
import type { Address } from './identity.ts'
import { MAX_FEEDS } from './limits.ts'
import { assertEd25519Key } from './signatures.ts'

/**
 * The wallet's word for a device ([OB7]): EIP-712, signed once, carried by every record of that device.
 * The wallet's address is recovered from the signature, so the record needs no other key.
 */
export interface DelegationFields {
  /** the wallet's address, 20 bytes */
  readonly people: Address
  /** the device's Ed25519 key, 32 bytes */
  readonly deviceKey: Bytes
  readonly scope: readonly Scope[]
  /** 32 bytes */
  readonly machine: Bytes
  /** unix seconds, inclusive */
  readonly notBefore: number
  /** unix seconds, inclusive */
  readonly notAfter: number
  /** tells two delegations of one device apart, for revocation */
  readonly nonce: bigint
  /** 0 until there is a chain */
  readonly chainId: bigint
  /** the identity contract, 20 bytes; zero until there is a chain */
  readonly contract: Bytes
}

export interface Delegation extends DelegationFields {
  /** r ‖ s ‖ parity (0 or 1), 65 bytes */
  readonly signature: Bytes
}

/** What a device may sign. The names stand in the text that the wallet shows. */
export type Scope = 'links' | 'placements' | 'objects' | 'blocks'

export type DelegationErrorCode =
  | 'DELEGATION_INVALID'
  | 'DELEGATION_FORGED'
  | 'DELEGATION_CONTRACT_WALLET'
  | 'DELEGATION_MACHINE'
  | 'DELEGATION_DEVICE'
  | 'DELEGATION_SCOPE'
  | 'DELEGATION_EXPIRED'

export type AddressErrorCode = 'ADDRESS_INVALID'

/** Bit i of the encoded scope is SCOPES[i]: new ones come last, so that delegations of before still read the same. */
export const SCOPES: readonly Scope[] = ['links', 'placements', 'objects', 'blocks']
/** What a profile asks of its wallet; blocks are signed by orderers alone. */
export const DEVICE_SCOPES: readonly Scope[] = ['links', 'placements', 'objects']
export const ADDRESS_BYTES = 20
/** people, device, scope u32, machine, notBefore, notAfter, nonce, chainId u64, contract, signature */
export const DELEGATION_BYTES = 20 + 32 + 4 + 32 + 8 + 8 + 8 + 8 + 20 + 65
/** No delegation lives longer: a stolen profile is not good for ever. */
export const MAX_DELEGATION_SECONDS = 400 * 86_400

const DOMAIN = { name: 'Tabland', version: '1' } as const
const DOMAIN_TYPE = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'
const DELEGATION_TYPE =
  'Delegation(address people,bytes32 deviceKey,string scope,bytes32 machine,uint64 notBefore,uint64 notAfter,uint64 nonce)'

/** The typed data as `eth_signTypedData_v4` takes it: what an injected wallet shows and signs. */
export function delegationTypedData(fields: DelegationFields) {
  return {
    domain: {
      ...DOMAIN,
      chainId: fields.chainId,
      verifyingContract: `0x${toHex(fields.contract)}`,
    },
    types: {
      Delegation: [
        { name: 'people', type: 'address' },
        { name: 'deviceKey', type: 'bytes32' },
        { name: 'scope', type: 'string' },
        { name: 'machine', type: 'bytes32' },
        { name: 'notBefore', type: 'uint64' },
        { name: 'notAfter', type: 'uint64' },
        { name: 'nonce', type: 'uint64' },
      ],
    },
    primaryType: 'Delegation',
    message: {
      people: `0x${toHex(fields.people)}`,
      deviceKey: `0x${toHex(fields.deviceKey)}`,
      scope: formatScope(fields.scope),
      machine: `0x${toHex(fields.machine)}`,
      notBefore: BigInt(fields.notBefore),
      notAfter: BigInt(fields.notAfter),
      nonce: fields.nonce,
    },
  } as const
}

/** EIP-712 hash that the wallet signs, 32 bytes (https://eips.ethereum.org/EIPS/eip-712). */
export function delegationHash(fields: DelegationFields): Bytes {
  const domain = keccak_256(
    concat(
      keccakText(DOMAIN_TYPE),
      keccakText(DOMAIN.name),
      keccakText(DOMAIN.version),
      word(fields.chainId),
      wordOf(fields.contract),
    ),
  )
  const message = keccak_256(
    concat(
      keccakText(DELEGATION_TYPE),
      wordOf(fields.people),
      fields.deviceKey,
      keccakText(formatScope(fields.scope)),
      fields.machine,
      word(BigInt(fields.notBefore)),
      word(BigInt(fields.notAfter)),
      word(fields.nonce),
    ),
  )
  return keccak_256(concat(Uint8Array.of(0x19, 0x01), domain, message)) as Bytes
}

/**
 * Puts a wallet's signature (65 bytes, last byte 0, 1, 27 or 28) to the fields and checks it.
 *
 * @throws DELEGATION_CONTRACT_WALLET when the signature is no ECDSA signature of `people`
 */
export function sealDelegation(fields: DelegationFields, signature: Uint8Array): Delegation {
  const last = signature[64] ?? 0
  const parity = last >= 27 ? last - 27 : last
  const delegation = { ...fields, signature: concat(signature.subarray(0, 64), Uint8Array.of(parity)) }
  const people = signature.length === 65 ? recoverPeople(delegation) : undefined
  if (people !== undefined && equalBytes(people, fields.people)) return delegation
  throw new AppError<DelegationErrorCode>(
    'DELEGATION_CONTRACT_WALLET',
    `The wallet 0x${toHex(fields.people)} gave a signature of ${signature.length} bytes that is not its key's. Contract wallets (ERC-1271) cannot authorise a device yet: use a wallet with a key of its own.`,
  )
}

export function encodeDelegation(delegation: Delegation): Bytes {
  let bits = 0
  for (const scope of delegation.scope) bits |= 1 << SCOPES.indexOf(scope)
  return new ByteWriter(DELEGATION_BYTES)
    .bytes(delegation.people)
    .bytes(delegation.deviceKey)
    .u32(bits)
    .bytes(delegation.machine)
    .u64(BigInt(delegation.notBefore))
    .u64(BigInt(delegation.notAfter))
    .u64(delegation.nonce)
    .u64(delegation.chainId)
    .bytes(delegation.contract)
    .bytes(delegation.signature)
    .finish()
}

/**
 * Reads the fields; the signature is not checked.
 *
 * @throws DELEGATION_INVALID
 */
export function decodeDelegation(bytes: Uint8Array): Delegation {
  if (bytes.length !== DELEGATION_BYTES) {
    throw invalid(`expected ${DELEGATION_BYTES} bytes, got ${bytes.length}`)
  }
  const reader = new ByteReader(bytes)
  return {
    people: reader.bytes(ADDRESS_BYTES, 'people'),
    deviceKey: reader.bytes(32, 'device key'),
    scope: parseScope(reader.u32('scope')),
    machine: reader.bytes(32, 'machine'),
    notBefore: readSeconds(reader, 'notBefore'),
    notAfter: readSeconds(reader, 'notAfter'),
    nonce: reader.u64('nonce'),
    chainId: reader.u64('chain id'),
    contract: reader.bytes(ADDRESS_BYTES, 'contract'),
    signature: reader.bytes(65, 'signature'),
  }
}

/** What a record claims of the delegation that it carries. */
export interface DelegationClaim {
  readonly people: Address
  readonly deviceKey: Uint8Array
  readonly machine: Uint8Array
  readonly scope: Scope
  /** the record's own time, µs since 1970 */
  readonly timeUs: number
}

export interface DelegationVerifier {
  /**
   * Checks that `bytes` is the people's delegation of this device for this, then ([OB7]).
   *
   * @throws DELEGATION_INVALID, DELEGATION_FORGED, DELEGATION_DEVICE, DELEGATION_MACHINE, DELEGATION_SCOPE, DELEGATION_EXPIRED
   */
  verify(bytes: Bytes, claim: DelegationClaim): Delegation
}

/**
 * Remembers the delegations that verified, MAX_FEEDS of them: recovering a key takes a millisecond, and a device's
 * records all carry the same one. What failed is not remembered, so it cannot push good ones out.
 */
export function createDelegationVerifier(): DelegationVerifier {
  const verified = new Map<string, Delegation>()
  // records come in runs of one device: comparing bytes takes a tenth of the time of naming them
  let last: { readonly bytes: Bytes; readonly delegation: Delegation } | undefined

  function open(bytes: Bytes): Delegation {
    if (last !== undefined && equalBytes(bytes, last.bytes)) return last.delegation
    const delegation = find(bytes)
    last = { bytes: bytes.slice(), delegation }
    return delegation
  }

  function find(bytes: Bytes): Delegation {
    const key = toHex(bytes)
    const known = verified.get(key)
    if (known !== undefined) return known
    const delegation = decodeDelegation(bytes)
    assertSigned(delegation)
    verified.set(key, delegation)
    if (verified.size > MAX_FEEDS) verified.delete(verified.keys().next().value!)
    return delegation
  }

  return {
    verify(bytes, claim) {
      const delegation = open(bytes)
      assertClaim(delegation, claim)
      return delegation
    },
  }
}

/**
 * The wallet's key, 33 bytes: only its owner could sign the delegation, so it need not be told ([OB7]).
 *
 * @throws DELEGATION_FORGED, DELEGATION_INVALID
 */
export function recoverPeopleKey(delegation: Delegation): Bytes {
  return assertSigned(delegation).toBytes(true) as Bytes
}

/** @throws DELEGATION_FORGED, DELEGATION_INVALID */
function assertSigned(delegation: Delegation) {
  const { notBefore, notAfter } = delegation
  if (notAfter < notBefore || notAfter - notBefore > MAX_DELEGATION_SECONDS) {
    throw invalid(
      `it runs from ${notBefore} to ${notAfter}, expected at most ${MAX_DELEGATION_SECONDS} seconds`,
    )
  }
  try {
    assertEd25519Key(delegation.deviceKey)
  } catch (cause) {
    throw invalid('its device key is no Ed25519 key', cause)
  }
  const key = recoverKey(delegation)
  const people = key && addressOf(key.toBytes(false))
  if (key !== undefined && people !== undefined && equalBytes(people, delegation.people)) return key
  throw new AppError<DelegationErrorCode>(
    'DELEGATION_FORGED',
    `A delegation names the wallet 0x${toHex(delegation.people)} but was signed by ${people === undefined ? 'nobody' : `0x${toHex(people)}`}. Contract wallets (ERC-1271) are not supported yet. The record was dropped.`,
  )
}

function assertClaim(delegation: Delegation, claim: DelegationClaim): void {
  if (!equalBytes(delegation.people, claim.people) || !equalBytes(delegation.deviceKey, claim.deviceKey)) {
    throw new AppError<DelegationErrorCode>(
      'DELEGATION_DEVICE',
      `The delegation is for device ${toHex(delegation.deviceKey)} of 0x${toHex(delegation.people)}, the record is signed by ${toHex(claim.deviceKey)} for 0x${toHex(claim.people)}. The record was dropped.`,
    )
  }
  if (!equalBytes(delegation.machine, claim.machine)) {
    throw new AppError<DelegationErrorCode>(
      'DELEGATION_MACHINE',
      'The delegation was given for another network. Authorise this device for this one.',
    )
  }
  if (!delegation.scope.includes(claim.scope)) {
    throw new AppError<DelegationErrorCode>(
      'DELEGATION_SCOPE',
      `The delegation allows "${formatScope(delegation.scope)}", not "${claim.scope}". Authorise this device for it.`,
    )
  }
  const seconds = Math.floor(claim.timeUs / 1e6)
  if (seconds < delegation.notBefore || seconds > delegation.notAfter) {
    throw new AppError<DelegationErrorCode>(
      'DELEGATION_EXPIRED',
      `The delegation holds from ${delegation.notBefore} to ${delegation.notAfter} (unix seconds), the record is of ${seconds}. Authorise this device anew.`,
    )
  }
}

/** The address whose key made the signature; undefined when no key can have made it. */
function recoverPeople(delegation: Delegation): Address | undefined {
  const key = recoverKey(delegation)
  return key === undefined ? undefined : addressOf(key.toBytes(false))
}

/** High s is refused: it is malleable. */
function recoverKey(delegation: Delegation) {
  const parity = delegation.signature[64]
  if (parity !== 0 && parity !== 1) return undefined
  try {
    const compact = delegation.signature.subarray(0, 64)
    const signature = secp256k1.Signature.fromBytes(compact, 'compact').addRecoveryBit(parity)
    return signature.hasHighS() ? undefined : signature.recoverPublicKey(delegationHash(delegation))
  } catch {
    return undefined
  }
}

/** Address of an uncompressed secp256k1 key (65 bytes, `04 ‖ x ‖ y`): the last 20 bytes of its keccak-256. */
export function addressOf(publicKey: Uint8Array): Address {
  return keccak_256(publicKey.subarray(1)).slice(12) as Address
}

/** `0x…` with the checksum of EIP-55. */
export function formatAddress(address: Uint8Array): string {
  const digits = toHex(address)
  const hash = toHex(keccak_256(utf8(digits)))
  let out = '0x'
  for (let i = 0; i < digits.length; i++) {
    out += Number.parseInt(hash[i]!, 16) >= 8 ? digits[i]!.toUpperCase() : digits[i]
  }
  return out
}

/**
 * The address of a wallet as people write it, `0x…`.
 *
 * @throws ADDRESS_INVALID when it is none, or when its upper and lower case say that a character was mistaken (EIP-55)
 */
export function parseAddress(text: string): Address {
  const digits = /^0x([0-9a-f]{40})$/i.exec(text.trim())?.[1]
  if (digits === undefined) throw addressInvalid(text, 'expected 0x and 40 hexadecimal digits')
  const address = fromHex(digits)
  const isMixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase()
  if (isMixed && formatAddress(address) !== `0x${digits}`)
    throw addressInvalid(text, 'a character of it was mistaken')
  return address
}

function addressInvalid(text: string, why: string): AppError<AddressErrorCode> {
  return new AppError('ADDRESS_INVALID', `"${text.slice(0, 60)}" is not the address of a wallet: ${why}.`)
}

/** Scope names in SCOPES' order, so that one set has one text. */
function formatScope(scope: readonly Scope[]): string {
  return SCOPES.filter((name) => scope.includes(name)).join(' ')
}

function parseScope(bits: number): readonly Scope[] {
  if (bits === 0 || bits >= 1 << SCOPES.length) throw invalid(`unknown scope ${bits}`)
  return SCOPES.filter((_, index) => (bits & (1 << index)) !== 0)
}

function readSeconds(reader: ByteReader, field: string): number {
  const value = reader.u64(field)
  // 2⁴³ s lie beyond the year 280,000; µs of it still fit a double's 53 bits only up to 2255, which records check
  if (value < 1n << 43n) return Number(value)
  throw invalid(`${field} ${value} is no time`)
}

function invalid(why: string, cause?: unknown): AppError<DelegationErrorCode> {
  return new AppError(
    'DELEGATION_INVALID',
    `A delegation could not be read: ${why}. The record was dropped.`,
    { cause },
  )
}

function keccakText(text: string): Uint8Array {
  return keccak_256(utf8(text))
}

/** uint as a 32-byte word */
function word(value: bigint): Bytes {
  return new ByteWriter(32).u64(0n).u64(0n).u64(0n).u64(value).finish()
}

/** an address as a 32-byte word */
function wordOf(address: Uint8Array): Bytes {
  return concat(new Uint8Array(32 - address.length), address)
}
