import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import type { OfferFacts, PortalFacts } from '#api/access-types.ts'
import type { ModelFacts } from '#api/chain-types.ts'
import type { TransactionStage, WriteIntent } from '#api/wallet-types.ts'
import { createFakeWorld } from '#test/fakes/fake-world.ts'
import { type EnteringSession, enterPlanet, type PlanetVisit } from '#ui/enter-planet.ts'

const CELL = { x: 40, y: 1 }
const CYBR = 10n ** 18n
const PLACEMENT = { x: 12, y: 0, z: -3, yawDegrees: 0, scale: 1 }
const PAID_FOR: OfferFacts = { priceWei: 5n * CYBR, durationMs: 86_400_000, entry: 'unpaid' }

function portalOf(offer: OfferFacts): PortalFacts {
  return {
    parcel: 7,
    mine: false,
    hasPlanet: true,
    leadsTo: { id: 7, owner: '0x0', mine: false, offer },
    proof: { block: 9, at: 0, agreeing: 1, sources: 1 },
  }
}

interface Says {
  /** one after the other; the last for good */
  readonly portals: readonly (PortalFacts | undefined)[]
  readonly stage?: TransactionStage
  readonly refuses?: boolean
}

function setUp({ portals, stage = 'mined', refuses = false }: Says) {
  const written: WriteIntent[] = []
  const world = createFakeWorld()
  const left = [...portals]
  const models = [
    { id: 1, root: 'QmA', place: { on: 'planet', parcel: 7, placement: PLACEMENT } },
    { id: 2, root: 'QmB', place: { on: 'parcel', parcel: 7, placement: PLACEMENT } },
    { id: 3, place: { on: 'planet', parcel: 7, placement: PLACEMENT } },
  ] as unknown as readonly ModelFacts[]
  const tabland = {
    land: { portal: async () => (left.length > 1 ? left.shift() : left[0]) },
    wallet: {
      models: async () => models,
      async write(intent: WriteIntent) {
        written.push(intent)
        if (refuses) throw new DOMException('Nothing was signed.', 'AbortError')
        return { id: 'tx' }
      },
      settled: async () => ({ stage }),
    },
  }
  const session = {
    tabland: Promise.resolve(tabland),
    world: { view: signal(world.view) },
    closeCard: () => undefined,
  } as unknown as EnteringSession
  const visit = signal<PlanetVisit | undefined>()
  const kinds: (string | undefined)[] = []
  visit.subscribe((value) => kinds.push(value?.kind))
  let pauses = 0
  const enter = () =>
    enterPlanet(session, CELL, visit, async () => {
      pauses += 1
    })
  return { enter, visit, kinds, written, world, pauses: () => pauses }
}

describe('[CH7] through a portal', () => {
  it('one walks free where one is let in, to what stands on the planet', async () => {
    for (const entry of ['free', 'owner', 'paid'] as const) {
      const { enter, visit, written, world } = setUp({ portals: [portalOf({ ...PAID_FOR, entry })] })
      await enter()
      expect(written).toEqual([])
      const models = [{ id: 1, root: 'QmA', placement: PLACEMENT }]
      expect(visit.value).toMatchObject({ kind: 'on', cell: CELL, planet: { id: 7 }, models })
      expect(world.planets).toEqual([{ id: 7, models }])
    }
  })

  it('one pays once, by the terms that were seen, and enters when the chain shows it', async () => {
    const unpaid = portalOf(PAID_FOR)
    const paid = portalOf({ ...PAID_FOR, entry: 'paid', paidUntil: 1 })
    const { enter, kinds, written, world, pauses } = setUp({ portals: [unpaid, unpaid, unpaid, paid] })
    await enter()
    expect(written).toEqual([
      { kind: 'pay-access', thing: 'planet', id: 7, amountWei: 5n * CYBR, durationSeconds: 86_400 },
    ])
    expect(kinds).toEqual([undefined, 'opening', 'paying', 'on'])
    expect(pauses()).toBe(2)
    expect(world.planets).toHaveLength(1)
  })

  it('one does not get when one says no, or when the payment comes into no block', async () => {
    const unpaid = [portalOf(PAID_FOR)]
    const refused = setUp({ portals: unpaid, refuses: true })
    await refused.enter()
    expect(refused.visit.value).toBeUndefined()
    const reverted = setUp({ portals: unpaid, stage: 'reverted' })
    await reverted.enter()
    expect(reverted.visit.value).toMatchObject({ kind: 'failed', failure: { code: 'ACCESS_UNPAID' } })
    const never = setUp({ portals: unpaid })
    await never.enter()
    expect(never.visit.value).toMatchObject({ kind: 'failed', failure: { code: 'ACCESS_UNPAID' } })
    for (const { world } of [refused, reverted, never]) expect(world.planets).toEqual([])
  })

  it('that leads nowhere one stays, and can try again', async () => {
    const { enter, visit, world } = setUp({ portals: [undefined, portalOf({ ...PAID_FOR, entry: 'free' })] })
    await enter()
    expect(visit.value).toMatchObject({ kind: 'failed', failure: { code: 'PORTAL_NOWHERE' } })
    await enter()
    expect(visit.value).toMatchObject({ kind: 'on' })
    await enter() // one is there
    expect(world.planets).toHaveLength(1)
  })

  it('one is brought nowhere when one left meanwhile', async () => {
    const { enter, visit, world } = setUp({ portals: [portalOf({ ...PAID_FOR, entry: 'free' })] })
    const entering = enter()
    visit.value = undefined
    await entering
    expect(visit.value).toBeUndefined()
    expect(world.planets).toEqual([])
  })
})
