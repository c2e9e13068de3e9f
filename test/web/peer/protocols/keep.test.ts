import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { createDelegationVerifier, formatAddress } from '#core/delegation.ts'
import { decodeEnvelope, encodeEnvelope } from '#core/envelope.ts'
import { machineOf } from '#core/machine.ts'
import { createEd25519Verifier } from '#core/signatures.ts'
import {
  decodeKeepAnswer,
  encodeKeepAnswer,
  KEEP_WINDOW_MS,
  type KeepFields,
  type KeepVerification,
  signKeep,
  verifyKeep,
} from '#peer/protocols/keep.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'

const FIELDS: KeepFields = {
  machine: machineOf('test'),
  root: CID.parse('QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o'),
  bytes: 12_345,
  time: TEST_NOW,
  asker: 'asker',
  answerer: 'answerer',
}
const VERIFICATION: KeepVerification = {
  machine: machineOf('test'),
  answerer: 'answerer',
  asker: 'asker',
  now: TEST_NOW,
  delegations: createDelegationVerifier(),
  signatures: createEd25519Verifier(),
}

describe('keep: a signed wish', () => {
  it('is read as it was signed', async () => {
    const identity = await fakeIdentity(1)
    const wish = await verifyKeep(await signKeep(FIELDS, identity), VERIFICATION)
    expect(wish).toMatchObject({
      root: FIELDS.root.toString(),
      bytes: 12_345,
      neuron: formatAddress(identity.neuron),
      peer: 'asker',
    })
  })

  it('is refused when any one byte of it is wrong', async () => {
    const good = await signKeep(FIELDS, await fakeIdentity(1))
    for (let byte = 0; byte < good.length; byte++) {
      const bad = good.map((value, i) => (i === byte ? value ^ (1 << (byte % 8)) : value))
      const error: unknown = await verifyKeep(bad, VERIFICATION).catch((cause: unknown) => cause)
      expect((error as { name?: string }).name, `byte ${byte}`).toBe('AppError')
    }
    await expect(verifyKeep(good.subarray(0, -1), VERIFICATION)).rejects.toMatchObject({
      code: 'KEEP_INVALID',
    })
    await expect(verifyKeep(Uint8Array.of(...good, 0), VERIFICATION)).rejects.toMatchObject({
      code: 'KEEP_INVALID',
    })
  })

  it('cannot be handed on by, or to, anybody else, nor to another network, nor later', async () => {
    const wish = await signKeep(FIELDS, await fakeIdentity(1))
    const refusal = (change: Partial<KeepVerification>) =>
      verifyKeep(wish, { ...VERIFICATION, ...change }).catch(({ code }) => code)
    expect(await refusal({ asker: 'thief' })).toBe('KEEP_OTHER_PEER')
    expect(await refusal({ answerer: 'another' })).toBe('KEEP_OTHER_PEER')
    expect(await refusal({ machine: machineOf('local') })).toBe('DELEGATION_MACHINE')
    expect(await refusal({ now: TEST_NOW + KEEP_WINDOW_MS + 1 })).toBe('KEEP_EXPIRED')
    expect(await refusal({ now: TEST_NOW - KEEP_WINDOW_MS - 1 })).toBe('KEEP_EXPIRED')
    expect(await refusal({ now: TEST_NOW + KEEP_WINDOW_MS })).toMatchObject({ bytes: 12_345 })
  })

  it('needs the wallet’s word for that device, for what it builds, at that time', async () => {
    const code = async (identity: Awaited<ReturnType<typeof fakeIdentity>>) =>
      verifyKeep(await signKeep(FIELDS, identity), VERIFICATION).catch((error) => error.code)
    expect(await code(await fakeIdentity(1, { change: { scope: ['links'] } }))).toBe('DELEGATION_SCOPE')
    expect(await code(await fakeIdentity(1, { change: { notAfter: TEST_NOW / 1_000 - 1 } }))).toBe(
      'DELEGATION_EXPIRED',
    )
    const [one, two] = [await fakeIdentity(1), await fakeIdentity(2)]
    expect(await code({ ...one, delegation: two.delegation })).toBe('DELEGATION_DEVICE')
    // signed by another key than it names
    expect(await code({ ...one, device: { ...one.device, sign: two.device.sign } })).toBe('KEEP_FORGED')
  })

  it('a record of another kind does not pass for a wish', async () => {
    const identity = await fakeIdentity(1)
    const { delegation, record } = decodeEnvelope(await signKeep(FIELDS, identity))
    const unsigned = record.subarray(0, -64)
    const signature = await identity.device.sign(unsigned) // without the domain
    const forged = encodeEnvelope({ delegation, record: Uint8Array.of(...unsigned, ...signature) })
    await expect(verifyKeep(forged, VERIFICATION)).rejects.toMatchObject({ code: 'KEEP_FORGED' })
  })
})

describe('keep: an answer', () => {
  it('is yes, or no with one line of at most 400 bytes', () => {
    expect(decodeKeepAnswer(encodeKeepAnswer(true), 'p')).toEqual({ peer: 'p', accepted: true })
    const no = (refused: string) => decodeKeepAnswer(encodeKeepAnswer({ refused }), 'p')
    expect(no('No room.\n\u0000\u202e!')).toEqual({ peer: 'p', accepted: false, reason: 'No room. !' })
    const long = no('ж'.repeat(1_000))
    expect(long.accepted === false && long.reason).toBe('ж'.repeat(200))
  })

  it('of other bytes is refused', () => {
    for (const bytes of [[], [2], [1, 1], [0, ...new Array(401).fill(65)]]) {
      expect(() => decodeKeepAnswer(Uint8Array.from(bytes), 'p')).toThrowError(
        expect.objectContaining({ code: 'KEEP_INVALID' }),
      )
    }
  })
})
