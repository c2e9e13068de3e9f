import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, toHex } from '#core/bytes.ts'
import { textCid } from '#core/cid.ts'
import { MAX_CLOCK_SKEW_MS } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import { decodeObject, encodeObject, type NamedObject } from '#objects/object.ts'
import { formatObjectId } from '#objects/object-id.ts'
import { toObjectTime } from '#objects/object-time.ts'
import { createContent, readContent } from '#objects/object-type.ts'
import {
  comparePlacements,
  MAX_SEQUENCE,
  type NewPlacement,
  type ReadPlacement,
  readPlacement,
  signPlacement,
  verifyPlacement,
} from '#objects/placement.ts'
import { fromFixedPose, toFixedPose } from '#objects/placement-pose.ts'
import { type BuildChange, createPlacementService } from '#objects/placement-service.ts'
import { PlacementSet } from '#objects/placement-set.ts'
import { signNextPlacement } from '#objects/sign-next-placement.ts'
import { deviceSigner, signObject } from '#objects/sign-object.ts'
import { createRecordVerifier, ownerOf } from '#objects/signed-record.ts'
import { placementType } from '#objects/types/placement.ts'
import { earlierRecords } from '#test/fakes/earlier-records.ts'
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

const REFUSALS = /^PLACEMENT_(INVALID|MACHINE|TIME|NOT_AUTHORISED|FORGED)$/
const verifier = createRecordVerifier({ machine, now: () => TEST_NOW })

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

/** A good record with some of its object changed and signed again, so that only the changed rule can refuse it. */
async function resign(change: (object: NamedObject) => NamedObject, by = identity): Promise<Bytes> {
  const object = change({ ...decodeObject((await sign()).envelope), bodySigns: [] })
  const options = { signedAt: object.body!.updated, parts: ['body'] } as const
  return encodeObject(await signObject(object, deviceSigner(by), options))
}

/** The delegation's own bits are flipped in delegation.test.ts. */
async function everyBit(envelope: Bytes): Promise<void> {
  const start = 8 * Buffer.from(envelope).indexOf(identity.delegation)
  const end = start + 8 * identity.delegation.length
  expect(start).toBeGreaterThan(0)
  for (let bit = 0; bit < envelope.length * 8; bit = bit + 1 === start ? end : bit + 1) {
    const bad = envelope.slice()
    bad[bit >> 3]! ^= 1 << (bit & 7)
    expect(await codeOf(bad), `bit ${bit}`).toMatch(REFUSALS)
  }
}

describe('placement records', () => {
  it('[OB6] are objects of one wallet and parcel: what stands there is the body', async () => {
    const first = await sign()
    const second = await sign({ root: undefined, timeUs: FIELDS.timeUs + 1, sequence: 1 })
    expect(second.id).toEqual(first.id)
    expect((await sign({ parcel: 1 })).id).not.toEqual(first.id)
    expect((await sign({}, await fakeIdentity(2))).id).not.toEqual(first.id)
    const { desc, body, descSigns, bodySigns } = decodeObject(first.envelope)
    expect(desc).toMatchObject({ type: placementType.type, owner: ownerOf(identity) })
    expect(readContent(placementType, 'desc', desc.content)).toEqual({ machine, parcel: 4_321 })
    expect(body).toMatchObject({ updated: toObjectTime(TEST_NOW), objectId: first.id })
    expect(readContent(placementType, 'body', body!.content)).toEqual({
      sequence: 0n,
      model: { root: digestOf('lantern'), x: 1_500, y: 0, z: -2_250, yaw: 90_000, scale: 1_000_000 },
    })
    expect(descSigns).toEqual([])
    expect(bodySigns).toMatchObject([{ source: { delegation: identity.delegation } }])
  })

  it('a good one is accepted, one without a root too', async () => {
    const placement = await sign()
    expect(await codeOf(placement.envelope)).toBe('accepted')
    expect(fromFixedPose(placement.pose)).toEqual(POSE)
    expect(await codeOf((await sign({ root: undefined })).envelope)).toBe('accepted')
  })

  it('every flipped bit of the record is refused', { timeout: EVERY_BIT_MS }, async () => {
    await everyBit((await sign()).envelope)
    await everyBit((await sign({ root: undefined })).envelope)
  })

  it('too short, too long, and of another form', async () => {
    const { envelope } = await sign()
    for (let length = 0; length < envelope.length; length += 5) {
      expect(await codeOf(envelope.slice(0, length))).toBe('PLACEMENT_INVALID')
    }
    expect(await codeOf(new Uint8Array([...envelope, 0]))).toBe('PLACEMENT_INVALID')
    const object = decodeObject(envelope)
    const [signature] = object.bodySigns
    for (const change of [
      { bodySigns: [] },
      { bodySigns: [signature!, signature!] },
      { descSigns: [signature!] },
      { body: undefined },
    ]) {
      expect(await codeOf(encodeObject({ ...object, ...change }))).toBe('PLACEMENT_INVALID')
    }
  })

  it('of before they were objects stand as they did, with the same hash', {
    timeout: EVERY_BIT_MS,
  }, async () => {
    const [stands, cleared] = earlierRecords().placements
    for (const { envelope, hash } of [stands!, cleared!]) {
      expect(await codeOf(envelope)).toBe('accepted')
      expect(readPlacement(envelope)).toMatchObject({ hash, neuron: identity.neuron, id: undefined })
      expect(await codeOf(new Uint8Array([...envelope, 0]))).toBe('PLACEMENT_INVALID')
      await everyBit(envelope)
    }
    const { parcel, root, pose } = readPlacement(stands!.envelope)
    expect({ parcel, root, pose: fromFixedPose(pose) }).toEqual({
      parcel: 4_321,
      root: FIELDS.root,
      pose: POSE,
    })
    expect(readPlacement(cleared!.envelope)).toMatchObject({ parcel: 7, root: undefined, sequence: 3 })
  })

  it('[OB5] nothing but what a record needs: no other field, format or number, and 1 KiB at most', async () => {
    const object = decodeObject((await sign()).envelope)
    expect(await codeOf(encodeObject({ ...object, nonce: 1n }))).toBe('PLACEMENT_INVALID')
    for (const length of [70_000, 1]) {
      const userData = new Uint8Array(length)
      const fat = await resign(({ body, ...rest }) => ({ ...rest, body: { ...body!, userData } }))
      expect(await codeOf(fat)).toBe('PLACEMENT_INVALID')
    }
    const content = readContent(placementType, 'body', object.body!.content)
    const json = await resign(({ body, ...rest }) => ({
      ...rest,
      body: { ...body!, content: createContent(placementType, 'body', content, 'json') },
    }))
    expect(await codeOf(json)).toBe('PLACEMENT_INVALID')
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
    const model = { root: digestOf('a'), x: 5_001, y: 0, z: 0, yaw: 0, scale: 1 }
    const outside = await resign(({ body, ...object }) => ({
      ...object,
      body: { ...body!, content: createContent(placementType, 'body', { sequence: 0n, model }) },
    }))
    expect(await codeOf(outside)).toBe('PLACEMENT_INVALID')
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
    const linker = await fakeIdentity(2)
    for (const scope of ['links', 'objects'] as const) {
      const other = await fakeIdentity(3, { change: { scope: [scope] } })
      expect(await codeOf((await sign({}, other)).envelope)).toBe('PLACEMENT_NOT_AUTHORISED')
    }
    expect(await codeOf(await resign((object) => object))).toBe('accepted')
    const { device } = linker
    expect(await codeOf(await resign((object) => object, { ...identity, device }))).toBe('PLACEMENT_FORGED')
  })

  it('a wallet’s object is that wallet’s alone, and a body belongs to one object', async () => {
    expect(await codeOf(await resign((object) => object, await fakeIdentity(4)))).toBe(
      'PLACEMENT_NOT_AUTHORISED',
    )
    const [here, there] = [await sign(), await sign({ parcel: 1 })].map(({ envelope }) =>
      decodeObject(envelope),
    )
    expect(await codeOf(encodeObject({ ...here!, desc: there!.desc }))).toBe('PLACEMENT_FORGED')
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

  it('finds what stands by the id of its object', async () => {
    const { service, changes, watching } = create()
    await watching
    const placement = await sign()
    await service.ingest([placement.envelope, earlierRecords().placements[1]!.envelope])
    expect(changes.map(({ build }) => build?.object)).toEqual([formatObjectId(placement.id!), undefined])
    expect(await service.findObject(placement.id!)).toEqual(placement.envelope)
    expect(await service.findObject((await sign({ parcel: 1 })).id!)).toBeUndefined()
  })

  it('goes on with what was kept of before they were objects', async () => {
    const { service, store, failures } = create()
    const [stands] = earlierRecords().placements
    await store.put([{ key: 'placement/04321', value: stands!.envelope }])
    await service.load()
    expect(failures).toEqual([])
    const next = await signNextPlacement(service, { machine, identity, parcel: 4_321, root: undefined })
    expect(await service.ingest([next.envelope])).toEqual([{ status: 'new' }])
    expect(store.map.get('placement/04321')).toEqual(next.envelope)
  })

  it('the next record wins over one whose clock is ahead, and clears', async () => {
    const { service } = create()
    const ahead = await sign({ timeUs: (TEST_NOW + 50_000) * 1_000, sequence: 4 })
    await service.ingest([ahead.envelope])
    const next = await signNextPlacement(service, { machine, identity, parcel: 4_321, root: undefined })
    expect(await service.ingest([next.envelope])).toEqual([{ status: 'new' }])
    expect(await service.ingest([ahead.envelope])).toEqual([{ status: 'lost' }])
  })

  it('nobody closes a parcel by the greatest sequence', async () => {
    let now = TEST_NOW
    const { service } = create(createMemoryRecordStore(), () => now)
    const greatest = await sign({ sequence: MAX_SEQUENCE })
    expect(await service.ingest([greatest.envelope])).toEqual([{ status: 'new' }])
    for (let again = 0; again < 2; again++) {
      const next = await signNextPlacement(service, { machine, identity, parcel: 4_321, root: undefined })
      expect(await service.ingest([next.envelope])).toEqual([{ status: 'new' }])
      now += again
    }
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
