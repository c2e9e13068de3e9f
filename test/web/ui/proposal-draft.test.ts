import { describe, expect, it } from 'vitest'
import type { ParcelFacts } from '#api/chain-types.ts'
import type { ProvenParcel } from '#api/land-types.ts'
import type { Tabland } from '#api/types.ts'
import { EMPTY_DRAFT, type ProposalDraft, readDraft, standingWarnings } from '#ui/proposal-draft.ts'
import { FAKE_NOW, FAKE_OTHER } from '../../fakes/fake-facts.ts'
import { FAKE_TERMS } from '../../fakes/fake-governance.ts'
import { createFakeTabland } from '../../fakes/fake-tabland.ts'

/** A page whose chain has one plot at 40, 3, with warnings. */
function setUp(parcel: Partial<ParcelFacts> = {}, lastWarningAt = FAKE_NOW / 1_000) {
  const fake = createFakeTabland()
  fake.districts.value = {
    kind: 'proven',
    shown: [],
    districts: [{ number: 4, category: 'adult', name: 'Red', shape: { kind: 'ring', inner: 1, outer: 2 } }],
  }
  const facts = { id: 7, state: 'active', warnings: 2, proof: { at: FAKE_NOW }, ...parcel } as ParcelFacts
  const tabland: Tabland = {
    ...fake.tabland,
    land: {
      ...fake.tabland.land,
      show: async (x, y) => ((x === 40 && y === 3) || (x === 1_500 && y === -9) ? facts : undefined),
      proven: () => ({ lastWarningAt }) as ProvenParcel,
    },
  }
  const read = (draft: Partial<ProposalDraft>) =>
    readDraft({ ...EMPTY_DRAFT, why: 'Because.', ...draft }, tabland, FAKE_TERMS)
  return { fake, read }
}

const plot = { x: '40', y: '3' } as const

describe('[CH8] a proposal is made of what was typed', () => {
  it('for a warning, whose reason is stored for everybody to read', async () => {
    const { fake, read } = setUp()
    const result = await read({ kind: 'warn', ...plot })
    const reason = (await fake.tabland.add('Because.')).cid
    expect(result).toEqual({
      kind: 'ready',
      intent: { kind: 'propose', action: { kind: 'warn', parcel: 7, reason }, description: 'Because.' },
    })
  })

  it('[CH4] also for a plot that was moved beyond the city', async () => {
    expect(await setUp().read({ kind: 'warn', x: '1500', y: '-9' })).toMatchObject({ kind: 'ready' })
  })

  it('and says what is missing', async () => {
    const { read } = setUp()
    const mistakes: readonly Partial<ProposalDraft>[] = [
      { kind: 'warn', ...plot, why: ' ' },
      { kind: 'warn', x: '40', y: '' },
      { kind: 'warn', x: '41', y: '3' },
      { kind: 'send-cybr', to: '0x12', amount: '1' },
      { kind: 'remove-district', number: '' },
    ]
    for (const draft of mistakes) expect((await read(draft)).kind, JSON.stringify(draft)).toBe('mistake')
    expect(await read({ kind: 'send-cybr', to: FAKE_OTHER, amount: '1,5' })).toMatchObject({
      failure: { code: 'AMOUNT_INVALID' },
    })
    expect(await read({ kind: 'set-district', inner: '9', outer: '8' })).toMatchObject({
      failure: { code: 'DISTRICT_INVALID' },
    })
  })

  it('for an eviction only after enough warnings that stand', async () => {
    const evict = { kind: 'evict', ...plot } as const
    expect(await setUp().read(evict)).toMatchObject({
      kind: 'mistake',
      text: expect.stringContaining('2 warnings of 3'),
    })
    expect(await setUp({ warnings: 3 }).read(evict)).toMatchObject({ kind: 'ready' })
    expect(await setUp({ warnings: 3 }, 0).read(evict)).toMatchObject({ kind: 'mistake' })
    expect(await setUp({ state: 'inactive', warnings: 3 }).read(evict)).toMatchObject({ kind: 'mistake' })
  })

  it('for districts by their numbers, a further one after all others', async () => {
    const { read, fake } = setUp()
    const ring = { kind: 'set-district', inner: '100', outer: '120', name: ' Outer ' } as const
    expect(await read(ring)).toMatchObject({
      intent: {
        action: { number: 5, district: { name: 'Outer', category: 'adult', shape: { inner: 100 } } },
      },
    })
    expect(await read({ ...ring, number: '4' })).toMatchObject({ intent: { action: { number: 4 } } })
    expect(await read({ ...ring, shape: 'polygon', corners: '0,0 9,0 9,9' })).toMatchObject({
      intent: { action: { district: { shape: { kind: 'polygon' } } } },
    })
    expect(await read({ kind: 'remove-district', number: '4' })).toMatchObject({
      intent: { action: { kind: 'remove-district', number: 4 } },
    })
    fake.districts.value = { ...fake.districts.value, kind: 'kept' }
    expect((await read(ring)).kind).toBe('mistake')
  })

  it('for the treasury with the exact amount', async () => {
    expect(await setUp().read({ kind: 'send-cybr', to: ` ${FAKE_OTHER}`, amount: '12.5' })).toMatchObject({
      intent: { action: { to: FAKE_OTHER, amountWei: 12_500_000_000_000_000_000n } },
    })
  })
})

it('[CH8] warnings lapse together, some time after the last', () => {
  const warned = { warnings: 2, lastWarningAt: 1_000 }
  expect([undefined, 5_000].map((lapseMs) => standingWarnings(warned, lapseMs, 1_005_000))).toEqual([2, 0])
  expect(standingWarnings(warned, 5_000, 1_004_999)).toBe(2)
})
