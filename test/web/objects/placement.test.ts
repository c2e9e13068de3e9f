import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, toHex, utf8 } from '#core/bytes.ts'
import { textCid } from '#core/cid.ts'
import { createDelegationVerifier } from '#core/delegation.ts'
import { decodeEnvelope, encodeEnvelope } from '#core/envelope.ts'
import { MAX_CLOCK_SKEW_MS } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import { createEd25519Verifier } from '#core/signatures.ts'
import {
  comparePlacements,
  encodePlacement,
  fromFixedPose,
  type NewPlacement,
  type ReadPlacement,
  readPlacement,
  signPlacement,
  toFixedPose,
  verifyPlacement,
} from '#objects/placement.ts'
import { type BuildChange, createPlacementService, signNextPlacement } from '#objects/placement-service.ts'
import { PlacementSet } from '#objects/placement-set.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { digestOf } from '#test/fakes/links.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'

/** Thousands of signatures, on a machine that may be busy with other tests. */
const EVERY_BIT_MS = 120_000

const identity = await fakeIdentity(1)
const machine = machineOf('test')
const POSE = { x: 1.5, y: 0, z: -2.25, yawDegrees: 90, scale: 1 }
const FIELDS: NewPlacement = {
  machine,
  parcel: 4_321,
  root: digestOf('lantern'),
  pose: POSE,
  timeUs: TEST_NOW * 1_000,
  sequence: 0,
}

const verifier = {
  machine,
  delegations: createDelegationVerifier(),
  signatures: createEd25519Verifier(),
  now: () => TEST_NOW,
}

async function codeOf(envelope: Bytes): Promise<string> {
  try {
    await verifyPlacement(readPlacement(envelope), verifier)
    return 'accepted'
  } catch (error) {
    return (error as { code: string }).code
  }
}

function sign(change: Partial<NewPlacement> = {}, by = identity): Promise<ReadPlacement> {
  return signPlacement({ ...FIELDS, ...change }, by)
}

async function resign(signed: Bytes): Promise<Bytes> {
  const signature = await identity.device.sign(signed)
  return encodeEnvelope({
    delegation: identity.delegation,
    record: new Uint8Array([...signed, ...signature]),
  })
}

describe('placement records', () => {
  it('a good one is accepted, one without a root too', async () => {
    const placement = await sign()
    expect(placement.signed).toHaveLength(19 + 32 + 2 + 35 + 20 + 16 + 52)
    expect(placement.signed.slice(0, 19)).toEqual(utf8('tabland/placement/1'))
    expect(await codeOf(placement.envelope)).toBe('accepted')
    expect(fromFixedPose(placement.pose)).toEqual(POSE)
    expect(await codeOf((await sign({ root: undefined })).envelope)).toBe('accepted')
  })

  it('every flipped bit of the record is refused', { timeout: EVERY_BIT_MS }, async () => {
    for (const placement of [await sign(), await sign({ root: undefined })]) {
      const start = 8 * (2 + identity.delegation.length)
      for (let bit = start; bit < placement.envelope.length * 8; bit++) {
        const bad = placement.envelope.slice()
        bad[bit >> 3]! ^= 1 << (bit & 7)
        expect(await codeOf(bad), `bit ${bit}`).toMatch(
          /^PLACEMENT_(INVALID|MACHINE|TIME|NOT_AUTHORISED|FORGED)$/,
        )
      }
    }
  })

  it('too short, too long, and not canonical', async () => {
    const { envelope, signed } = await sign()
    for (let length = 0; length < envelope.length; length += 5) {
      expect(await codeOf(envelope.slice(0, length))).toBe('PLACEMENT_INVALID')
    }
    expect(await codeOf(new Uint8Array([...envelope, 0]))).toBe('PLACEMENT_INVALID')
    const flag = 19 + 32 + 2
    for (const [at, value] of [
      [flag, 2],
      [flag, 0],
      [flag + 1, 1],
      [flag - 2, 0xff],
    ] as const) {
      const bad = signed.slice()
      bad[at] = value
      expect(await codeOf(await resign(bad)), `${at}`).toBe('PLACEMENT_INVALID')
    }
  })

  it('a model stays within its parcel', async () => {
    expect(toFixedPose({ ...POSE, yawDegrees: -90 }).yaw).toBe(270_000)
    expect(toFixedPose({ ...POSE, yawDegrees: 720 }).yaw).toBe(0)
    expect(toFixedPose({ ...POSE, yawDegrees: -0 }).yaw).toBe(0)
    for (const change of [
      { x: 5.001 },
      { z: -5.001 },
      { y: 20.001 },
      { y: -20.001 },
      { scale: 0 },
      { scale: -1 },
      { scale: 1_000.1 },
      { x: Number.NaN },
      { scale: Number.POSITIVE_INFINITY },
      { yawDegrees: Number.NaN },
    ]) {
      await expect(sign({ pose: { ...POSE, ...change } }), JSON.stringify(change)).rejects.toMatchObject({
        code: 'PLACEMENT_POSE',
      })
    }
    const outside = encodePlacement({ ...(await sign()), pose: { x: 5_001, y: 0, z: 0, yaw: 0, scale: 1 } })
    expect(await codeOf(await resign(outside))).toBe('PLACEMENT_INVALID')
    await expect(
      signPlacement({ machine, parcel: 1, root: digestOf('a'), timeUs: 1, sequence: 0 }, identity),
    ).rejects.toMatchObject({ code: 'PLACEMENT_POSE' })
  })

  it('fixed-point poses come back as they were', () => {
    const metres = fc.integer({ min: -5_000, max: 5_000 }).map((mm) => mm / 1_000)
    fc.assert(
      fc.property(
        metres,
        metres,
        fc.integer({ min: 0, max: 359_999 }),
        fc.integer({ min: 1, max: 1e9 }),
        (x, z, yaw, scale) => {
          const pose = { x, y: 0.5, z, yawDegrees: yaw / 1_000, scale: scale / 1e6 }
          expect(fromFixedPose(toFixedPose(pose))).toEqual(pose)
        },
      ),
      { seed: 8 },
    )
  })

  it('machine, time, authority and key are judged', async () => {
    expect(await codeOf((await sign({ machine: machineOf('main') })).envelope)).toBe('PLACEMENT_MACHINE')
    const late = TEST_NOW + MAX_CLOCK_SKEW_MS
    expect(await codeOf((await sign({ timeUs: late * 1_000 })).envelope)).toBe('accepted')
    expect(await codeOf((await sign({ timeUs: late * 1_000 + 1 })).envelope)).toBe('PLACEMENT_TIME')
    const linker = await fakeIdentity(2, { change: { scope: ['links'] } })
    expect(await codeOf((await sign({}, linker)).envelope)).toBe('PLACEMENT_NOT_AUTHORISED')
    const forged = await sign()
    const { record } = decodeEnvelope(forged.envelope)
    record.set(await linker.device.sign(forged.signed), record.length - 64)
    expect(await codeOf(encodeEnvelope({ delegation: identity.delegation, record }))).toBe('PLACEMENT_FORGED')
  })
})

describe('the winner of a parcel', () => {
  it('is the same in every order of arrival, and so are the digests', async () => {
    const records = await Promise.all(
      Array.from({ length: 24 }, (_, i) =>
        sign({
          parcel: i % 3,
          timeUs: TEST_NOW * 1_000 + (i % 4),
          sequence: i % 2,
          root: digestOf(`model ${i}`),
        }),
      ),
    )
    const join = (order: readonly ReadPlacement[]): PlacementSet => {
      const set = new PlacementSet()
      for (const record of order) set.offer(record)
      return set
    }
    const expected = join(records)
    for (const parcel of [0, 1, 2]) {
      const greatest = records
        .filter((record) => record.parcel === parcel)
        .sort(comparePlacements)
        .at(-1)!
      expect(expected.get(parcel)!.hash).toEqual(greatest.hash)
    }
    const digests = toHex(expected.digests())
    fc.assert(
      fc.property(fc.shuffledSubarray(records, { minLength: 24 }), (order) => {
        expect(toHex(join(order).digests())).toBe(digests)
      }),
      { seed: 9 },
    )
  })

  it('later time, then higher sequence, then higher hash', async () => {
    const [a, b] = await Promise.all([sign({ timeUs: 5 }), sign({ timeUs: 6 })])
    expect(comparePlacements(a, b)).toBeLessThan(0)
    const c = await sign({ timeUs: 5, sequence: 1 })
    expect(comparePlacements(a, c)).toBeLessThan(0)
    expect(comparePlacements(c, b)).toBeLessThan(0)
    expect(comparePlacements(a, a)).toBe(0)
  })

  it('buckets that differ are named', async () => {
    const one = new PlacementSet()
    const two = new PlacementSet()
    for (const parcel of [1, 257, 300, 49_999]) {
      const record = await sign({ parcel })
      one.offer(record)
      if (parcel !== 257) two.offer(record)
    }
    expect(one.bucketsUnlike(two.digests())).toEqual([1])
    expect(one.parcelsOf(1)).toEqual([1, 257])
    expect(two.bucketsUnlike(two.digests())).toEqual([])
  })
})

describe('placement service', () => {
  function create(store = createMemoryRecordStore(), now = () => TEST_NOW) {
    const failures: unknown[] = []
    const changes: BuildChange[] = []
    const service = createPlacementService({
      machine,
      store,
      now,
      onFailure: (error) => failures.push(error),
    })
    return { service, store, failures, changes, watching: service.watch((more) => changes.push(...more)) }
  }

  it('keeps the winner, tells of it, and has it again after a reload', async () => {
    const { service, store, changes, watching } = create()
    await watching
    const first = await sign()
    const second = await signNextPlacement(service, {
      machine,
      identity,
      parcel: 7,
      root: textCid('fox'),
      pose: POSE,
    })
    expect(await service.ingest([first.envelope, second.envelope, first.envelope])).toEqual([
      { status: 'new' },
      { status: 'new' },
      { status: 'have' },
    ])
    expect(changes.map(({ parcel, build }) => [parcel, build?.root])).toEqual([
      [4_321, textCid('lantern')],
      [7, textCid('fox')],
    ])
    const again = create(store)
    await again.watching
    await again.service.load()
    expect(again.changes.map(({ parcel }) => parcel).sort()).toEqual([4_321, 7])
    expect(await again.service.digests()).toEqual(await service.digests())
  })

  it('the next record wins over one whose clock is ahead, and clears', async () => {
    const { service } = create()
    const ahead = await sign({ timeUs: (TEST_NOW + 50_000) * 1_000, sequence: 4 })
    await service.ingest([ahead.envelope])
    const next = await signNextPlacement(service, { machine, identity, parcel: 4_321, root: undefined })
    expect(await service.ingest([next.envelope])).toEqual([{ status: 'new' }])
    expect(await service.ingest([ahead.envelope])).toEqual([{ status: 'lost' }])
  })

  it('a forged record is refused with its sentence', async () => {
    const { service } = create()
    const { envelope } = await sign()
    envelope[envelope.length - 1]! ^= 1
    const [result] = await service.ingest([envelope])
    expect(result).toMatchObject({
      status: 'refused',
      failure: { code: 'PLACEMENT_FORGED', message: expect.stringContaining('does not verify') },
    })
    expect((await service.bucketsUnlike(new Uint8Array(8_192))).length).toBe(0)
  })

  it('a damaged record is named and dropped', async () => {
    const { service, store } = create()
    await service.ingest([(await sign()).envelope])
    store.map.get('placement/04321')![250]! ^= 1
    const again = create(store)
    await again.service.load()
    expect(again.failures).toHaveLength(1)
    expect(store.map.size).toBe(0)
  })

  it('another tab of the profile is never written over by an older record', async () => {
    const store = createMemoryRecordStore()
    const one = create(store).service
    const two = create(store).service
    const old = await sign()
    const young = await sign({ timeUs: TEST_NOW * 1_000 + 9 })
    await one.ingest([young.envelope])
    await two.ingest([old.envelope])
    expect(store.map.get('placement/04321')).toEqual(young.envelope)
  })

  it('a full disk keeps records until the tab closes', async () => {
    const { service, store, failures } = create()
    store.failure = new Error('QuotaExceededError')
    const { envelope } = await sign()
    await service.ingest([envelope])
    expect(failures).toHaveLength(1)
    expect(await service.readBucket(4_321 % 256)).toEqual([envelope])
  })
})
