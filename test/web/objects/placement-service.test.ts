import { describe, expect, it } from 'vitest'
import type { Address } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import type { RecordStore } from '#core/record-store.ts'
import { type NewPlacement, signPlacement } from '#objects/placement.ts'
import { isPassing } from '#objects/placement-errors.ts'
import { createPlacementService, type PlacementServiceComponents } from '#objects/placement-service.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { digestOf } from '#test/fakes/links.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'

const identity = await fakeIdentity(1)
const machine = machineOf('test')
const FIELDS: NewPlacement = {
  machine,
  parcel: 4_321,
  root: digestOf('lantern'),
  pose: { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 },
  timeUs: TEST_NOW * 1_000,
  sequence: 0,
}
const { envelope } = await signPlacement(FIELDS, identity)

type Right = Awaited<ReturnType<NonNullable<PlacementServiceComponents['mayBuild']>>>

function serviceOf(given: Right | undefined, store: RecordStore = createMemoryRecordStore()) {
  let right = given
  const asked: (readonly [number, Address])[] = []
  const failures: unknown[] = []
  const service = createPlacementService({
    machine,
    store,
    now: () => TEST_NOW,
    onFailure: (error) => failures.push(error),
    ...(given === undefined
      ? {}
      : {
          mayBuild: async (parcel: number, who: Address) => {
            asked.push([parcel, who])
            return right ?? 'yes'
          },
        }),
  })
  return {
    service,
    asked,
    failures,
    store,
    become: (next: Right) => {
      right = next
    },
  }
}

describe('the right to build', () => {
  it('is everybody’s where no chain is configured', async () => {
    const { service } = serviceOf(undefined)
    expect(await service.ingest([envelope])).toEqual([{ status: 'new' }])
  })

  it('is asked for the parcel and the wallet that the record names', async () => {
    const { service, asked } = serviceOf('yes')
    expect(await service.ingest([envelope])).toEqual([{ status: 'new' }])
    expect(asked).toEqual([[FIELDS.parcel, identity.neuron]])
  })

  it.each([
    ['no', 'PLACEMENT_NO_RIGHT'],
    ['unknown', 'PLACEMENT_RIGHT_UNKNOWN'],
  ] as const)('“%s” refuses a new record, and blames nobody who passed it on', async (right, code) => {
    const { service } = serviceOf(right)
    const [result] = await service.ingest([envelope])
    expect(result).toMatchObject({ status: 'refused', failure: { code } })
    expect(isPassing(result?.failure?.code)).toBe(true)
  })

  it('that cannot be told keeps what the profile has; one that was lost does not', async () => {
    const { service, store } = serviceOf('yes')
    await service.ingest([envelope])
    const shown = async (right: Right) => {
      const { service: next, failures } = serviceOf(right, store)
      await next.load()
      expect(failures).toEqual([])
      const builds: number[] = []
      await next.watch((changes) => builds.push(...changes.map(({ parcel }) => parcel)))
      return builds
    }
    expect(await shown('unknown')).toEqual([FIELDS.parcel])
    expect(await shown('no')).toEqual([])
    // a chain that was behind may know better later
    expect(await shown('yes')).toEqual([FIELDS.parcel])
  })

  it('is asked anew when land changes hands: what its former owner built is gone, and back with the right', async () => {
    const { service, become } = serviceOf('yes')
    await service.ingest([envelope])
    const seen: string[] = []
    await service.watch((changes) =>
      seen.push(
        ...changes.map(({ parcel, build }) => `${parcel} ${build === undefined ? 'gone' : 'stands'}`),
      ),
    )
    const [gone, stands] = [`${FIELDS.parcel} gone`, `${FIELDS.parcel} stands`]
    await service.recheck([FIELDS.parcel + 1])
    become('unknown')
    await service.recheck()
    expect(seen).toEqual([stands])
    become('no')
    await service.recheck([FIELDS.parcel])
    await service.recheck()
    expect(seen).toEqual([stands, gone])
    const late: unknown[] = []
    await service.watch((changes) => late.push(...changes))
    expect(late).toEqual([{ parcel: FIELDS.parcel, build: undefined }])

    // the new owner follows it, whether or not it is shown
    const next = await service.next(FIELDS.parcel)
    expect(next.sequence).toBe(1)
    become('yes')
    await service.recheck()
    expect(seen).toEqual([stands, gone, stands])
    become('no')
    await service.recheck()
    become('yes')
    const { envelope: newer } = await signPlacement({ ...FIELDS, ...next }, identity)
    expect(await service.ingest([newer])).toEqual([{ status: 'new' }])
    await service.recheck()
    expect(seen).toEqual([stands, gone, stands, gone, stands])
  })
})
