import { secp256k1 } from '@noble/curves/secp256k1.js'
import { getAddress, type Hex, hashTypedData, recoverTypedDataAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { type Bytes, fromHex, toHex } from '#core/bytes.ts'
import {
  createDelegationVerifier,
  type DelegationClaim,
  type DelegationFields,
  decodeDelegation,
  delegationHash,
  delegationTypedData,
  encodeDelegation,
  formatAddress,
  MAX_DELEGATION_SECONDS,
  parseAddress,
  sealDelegation,
} from '#core/delegation.ts'
import { machineOf } from '#core/machine.ts'
import { createDeviceKey } from '#peer/device-key.ts'

/** Thousands of signatures, on a machine that may be busy with other tests. */
const EVERY_BIT_MS = 120_000

const KEY: Hex = `0x${'11'.repeat(32)}`
const account = privateKeyToAccount(KEY)
const device = await createDeviceKey(new Uint8Array(32).fill(7))
const START = 1_790_000_000

const fields: DelegationFields = {
  people: fromHex(account.address),
  deviceKey: device.publicKey,
  scope: ['links', 'placements'],
  machine: machineOf('test'),
  notBefore: START,
  notAfter: START + 365 * 86_400,
  nonce: 5n,
  chainId: 0n,
  contract: new Uint8Array(20),
}

const claim: DelegationClaim = {
  people: fields.people,
  deviceKey: fields.deviceKey,
  machine: fields.machine,
  scope: 'links',
  timeUs: (START + 10) * 1e6,
}

async function seal(change: Partial<DelegationFields> = {}) {
  const all = { ...fields, ...change }
  return sealDelegation(all, fromHex(await account.signTypedData(delegationTypedData(all))))
}

function codeOf(bytes: Bytes, change: Partial<DelegationClaim> = {}): string {
  try {
    createDelegationVerifier().verify(bytes, { ...claim, ...change })
    return 'accepted'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('[OB7] Delegation', () => {
  it('[OB7] hash and recovery equal viem', async () => {
    const typed = delegationTypedData(fields)
    expect(`0x${toHex(delegationHash(fields))}`).toBe(hashTypedData(typed))
    const signature = await account.signTypedData(typed)
    expect(await recoverTypedDataAddress({ ...typed, signature })).toBe(account.address)
    const other = {
      ...fields,
      chainId: 31_337n,
      contract: new Uint8Array(20).fill(9),
      scope: ['links'] as const,
    }
    expect(`0x${toHex(delegationHash(other))}`).toBe(hashTypedData(delegationTypedData(other)))
  })

  it('[OB7] round trip and acceptance', async () => {
    const delegation = await seal()
    const bytes = encodeDelegation(delegation)
    expect(decodeDelegation(bytes)).toEqual(delegation)
    expect(codeOf(bytes)).toBe('accepted')
  })

  it('[OB7] every bit flip is refused', { timeout: EVERY_BIT_MS }, async () => {
    const bytes = encodeDelegation(await seal())
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const bad = bytes.slice()
      bad[bit >> 3]! ^= 1 << (bit & 7)
      expect(codeOf(bad), `bit ${bit}`).toMatch(/^DELEGATION_(INVALID|FORGED)$/)
    }
    expect(codeOf(bytes.subarray(1))).toBe('DELEGATION_INVALID')
  })

  it('[OB7] a high s, which also recovers, is refused', async () => {
    const { signature } = await seal()
    const low = secp256k1.Signature.fromBytes(signature.subarray(0, 64), 'compact')
    const high = new secp256k1.Signature(low.r, secp256k1.Point.Fn.ORDER - low.s).toBytes('compact')
    const bytes = encodeDelegation({ ...fields, signature: new Uint8Array([...high, 1 - signature[64]!]) })
    expect(codeOf(bytes)).toBe('DELEGATION_FORGED')
  })

  it('[OB7] scope, machine, device, people and time are judged', async () => {
    const bytes = encodeDelegation(await seal())
    expect(codeOf(bytes, { timeUs: (START - 1) * 1e6 })).toBe('DELEGATION_EXPIRED')
    expect(codeOf(bytes, { timeUs: (fields.notAfter + 1) * 1e6 })).toBe('DELEGATION_EXPIRED')
    expect(codeOf(bytes, { timeUs: fields.notAfter * 1e6 })).toBe('accepted')
    expect(codeOf(bytes, { machine: machineOf('main') })).toBe('DELEGATION_MACHINE')
    expect(codeOf(bytes, { deviceKey: new Uint8Array(32) })).toBe('DELEGATION_DEVICE')
    expect(codeOf(bytes, { people: new Uint8Array(20) })).toBe('DELEGATION_DEVICE')
    expect(codeOf(encodeDelegation(await seal({ scope: ['placements'] })))).toBe('DELEGATION_SCOPE')
    const long = { notAfter: START + MAX_DELEGATION_SECONDS + 1 }
    expect(codeOf(encodeDelegation(await seal(long)))).toBe('DELEGATION_INVALID')
  })

  it('[OB7] a contract wallet is refused with a sentence', () => {
    expect(() => sealDelegation(fields, new Uint8Array(200))).toThrowError(
      expect.objectContaining({
        code: 'DELEGATION_CONTRACT_WALLET',
        message: expect.stringContaining('ERC-1271'),
      }),
    )
    expect(() => sealDelegation(fields, new Uint8Array(65))).toThrowError(/ERC-1271/)
  })

  it('addresses carry the checksum of EIP-55', () => {
    expect(formatAddress(fields.people)).toBe(getAddress(account.address))
  })

  it('addresses are read in any case that is not a mistake', () => {
    const text = formatAddress(fields.people)
    for (const form of [text, ` ${text}\n`, text.toLowerCase(), `0x${text.slice(2).toUpperCase()}`])
      expect(parseAddress(form)).toEqual(fields.people)
    const swapped = text.replace(/[a-f]/, (digit) => digit.toUpperCase()).replace(/[A-F]$/, 'f')
    for (const wrong of [
      '',
      '0x12',
      text.slice(2),
      `${text}0`,
      `${text.slice(0, -1)}g`,
      swapped === text ? '0x' : swapped,
    ])
      expect(() => parseAddress(wrong), wrong).toThrow(expect.objectContaining({ code: 'ADDRESS_INVALID' }))
  })
})
