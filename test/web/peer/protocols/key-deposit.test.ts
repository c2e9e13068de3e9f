import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDelegationVerifier } from '#core/delegation.ts'
import { MAX_OBJECT_READERS } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import { createEd25519Verifier } from '#core/signatures.ts'
import { toObjectId } from '#objects/object-id.ts'
import {
  decodeDepositAnswer,
  decodeKeyDeposit,
  encodeDepositAnswer,
  type KeyDeposit,
  type KeyDepositAnswer,
  MAX_DEPOSIT_BYTES,
  signKeyDeposit,
  verifyKeyDeposit,
} from '#peer/protocols/key-deposit.ts'
import { KEY_GRANT_SECONDS, signKeyGrant, verifyKeyGrant } from '#peer/protocols/key-grant.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { randomBytes } from '#test/fakes/object-peers.ts'

const owner = await fakeIdentity(1)
const ID = toObjectId(new Uint8Array(32).fill(0x41))
const OTHER = toObjectId(new Uint8Array(32).fill(0x42))
const NOW = TEST_NOW / 1_000
const verification = (now = TEST_NOW) => ({
  delegations: createDelegationVerifier(),
  signatures: createEd25519Verifier(),
  now,
})
const grant = { machine: machineOf('test'), id: ID, holder: 'relay', until: NOW + 3_600 }
const ROUTE = { machine: machineOf('test'), from: 'owner', to: 'relay' }
const give = (readers = 2): KeyDeposit => ({
  kind: 'give',
  desc: randomBytes(120),
  key: randomBytes(32),
  readers: Array.from({ length: readers }, () => randomBytes(20)),
  grant: randomBytes(371),
})

describe('[CH7] a grant', () => {
  it('says who gave it, to the relay, for the object and the time that it names', async () => {
    const { people, until } = await verifyKeyGrant(grant, await signKeyGrant(grant, owner), verification())
    expect([people, until]).toEqual([owner.neuron, grant.until])
  })

  it('says nothing of another relay, object or network, by another device, or when a bit of it changed', async () => {
    const good = await signKeyGrant(grant, owner)
    for (const other of [
      { ...grant, holder: 'relay2' },
      { ...grant, holder: '' },
      { ...grant, id: OTHER },
    ])
      await expect(verifyKeyGrant(other, good, verification())).rejects.toMatchObject({
        code: 'OBJECT_KEY_FORGED',
      })
    await expect(
      verifyKeyGrant({ ...grant, machine: machineOf('main') }, good, verification()),
    ).rejects.toMatchObject({ code: 'DELEGATION_MACHINE' })
    // a stranger's signature under the owner's delegation
    const stranger = await fakeIdentity(3)
    const forged = await signKeyGrant(grant, { ...stranger, delegation: owner.delegation })
    await expect(verifyKeyGrant(grant, forged, verification())).rejects.toMatchObject({
      code: 'OBJECT_KEY_FORGED',
    })
    for (let at = 0; at < good.length; at++) {
      const changed = good.slice()
      changed[at]! ^= 1
      await expect(verifyKeyGrant(grant, changed, verification()), `byte ${at}`).rejects.toThrow()
    }
    for (const cut of [good.slice(0, -1), new Uint8Array(0)])
      await expect(verifyKeyGrant(grant, cut, verification())).rejects.toThrow()
  })

  it('ends, with its time or with the delegation of who gave it, and cannot be for long', async () => {
    const good = await signKeyGrant(grant, owner)
    await verifyKeyGrant(grant, good, verification(grant.until * 1_000 - 1))
    await expect(verifyKeyGrant(grant, good, verification(grant.until * 1_000))).rejects.toMatchObject({
      code: 'OBJECT_KEY_GRANT_OVER',
      message: expect.stringMatching(/ended at \d{4}-\d\d-\d\d \d\d:\d\d UTC, by the clock of this device/),
    })
    const long = { ...grant, until: NOW + 2 * KEY_GRANT_SECONDS }
    await expect(verifyKeyGrant(long, await signKeyGrant(long, owner), verification())).rejects.toMatchObject(
      { code: 'OBJECT_KEY_GRANT_OVER', message: expect.stringContaining('more than 30 days') },
    )
    const ending = await fakeIdentity(1, { change: { notAfter: NOW + 60 } })
    const given = await signKeyGrant(grant, ending)
    await verifyKeyGrant(grant, given, verification())
    await expect(verifyKeyGrant(grant, given, verification(TEST_NOW + 61_000))).rejects.toMatchObject({
      code: 'DELEGATION_EXPIRED',
    })
    const links = await fakeIdentity(1, { change: { scope: ['links'] } })
    await expect(
      verifyKeyGrant(grant, await signKeyGrant(grant, links), verification()),
    ).rejects.toMatchObject({ code: 'DELEGATION_SCOPE' })
  })
})

describe('[CH7] a deposit', () => {
  it('is read as it was written, and is somebody’s word over one connection', async () => {
    for (const deposit of [give(), give(0), give(MAX_OBJECT_READERS), { kind: 'take', id: ID } as const]) {
      const read = decodeKeyDeposit(await signKeyDeposit(deposit, ROUTE, owner))
      expect(read.deposit).toEqual(deposit)
      expect((await verifyKeyDeposit(read, ROUTE, verification())).people).toEqual(owner.neuron)
      for (const other of [
        { ...ROUTE, from: 'thief' },
        { ...ROUTE, to: 'another relay' },
        // the border between both names is no place to cheat
        { ...ROUTE, from: 'ownerr', to: 'elay' },
      ])
        await expect(verifyKeyDeposit(read, other, verification())).rejects.toMatchObject({
          code: 'OBJECT_KEY_FORGED',
        })
    }
  })

  it('counts for nothing when any bit of it was changed', async () => {
    const good = await signKeyDeposit(give(1), ROUTE, owner)
    for (let at = 0; at < good.length; at += 3) {
      const changed = good.slice()
      changed[at]! ^= 0x10
      const checked = async () => verifyKeyDeposit(decodeKeyDeposit(changed), ROUTE, verification())
      await expect(checked(), `byte ${at}`).rejects.toThrow()
    }
  })

  it('that is cut, too long, too full or of no kind is refused, and so is such an answer', async () => {
    const good = await signKeyDeposit(give(), ROUTE, owner)
    const full = await signKeyDeposit(give(MAX_OBJECT_READERS + 1), ROUTE, owner)
    const large = await signKeyDeposit({ ...give(), desc: randomBytes(513) } as KeyDeposit, ROUTE, owner)
    const long = new Uint8Array(MAX_DEPOSIT_BYTES + 1)
    for (const bytes of [good.slice(0, 100), full, large, long, Uint8Array.of(9), new Uint8Array(0)])
      expect(() => decodeKeyDeposit(bytes)).toThrow(
        expect.objectContaining({ code: 'OBJECT_KEY_MESSAGE_INVALID' }),
      )
    for (const bytes of [[], [9], [0], [0, 2], [1, 0], [2, 0]])
      expect(() => decodeDepositAnswer(Uint8Array.from(bytes))).toThrow(
        expect.objectContaining({ code: 'OBJECT_KEY_MESSAGE_INVALID' }),
      )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (input) => {
        for (const decode of [decodeKeyDeposit, decodeDepositAnswer]) {
          try {
            decode(new Uint8Array(input))
          } catch (error) {
            expect(error).toMatchObject({ code: 'OBJECT_KEY_MESSAGE_INVALID' })
          }
        }
      }),
    )
  })

  it('has answers that round trip, a refusal as one line', () => {
    const answers: KeyDepositAnswer[] = [
      { kind: 'kept', sells: true },
      { kind: 'kept', sells: false },
      { kind: 'gone' },
      { kind: 'busy' },
      { kind: 'refused', why: 'No room.' },
    ]
    for (const answer of answers) expect(decodeDepositAnswer(encodeDepositAnswer(answer))).toEqual(answer)
    expect(decodeDepositAnswer(encodeDepositAnswer({ kind: 'refused', why: 'no\n\u202enever' }))).toEqual({
      kind: 'refused',
      why: 'no never',
    })
  })
})
