import { describe, expect, it } from 'vitest'
import type { SeedItem, SeedTransfer, ServingState } from '#api/seed-types.ts'
import { FAKE_NOW } from '#test/fakes/fake-facts.ts'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { jobLine } from '#ui/panels/seed-items.tsx'
import {
  copiesLine,
  diskLine,
  formatWorth,
  itemFacts,
  itemName,
  reasonsLong,
  reasonsShort,
  scrubLine,
  servingLine,
  servingMood,
  transferLine,
} from '#ui/seed-lines.ts'

const SERVED: ServingState = {
  status: 'served',
  items: 12,
  wholeItems: 12,
  reachablePeers: 3,
  takingPeers: 1,
}

const ITEM: SeedItem = {
  cid: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnBDGe',
  reasons: ['published'],
  bytes: 12_300_000,
  heldBytes: 12_300_000,
  usedAt: FAKE_NOW,
  holders: [],
  sentBytes: 0,
  receivedBytes: 0,
}

describe('the one line', () => {
  it.each<[Partial<ServingState>, string]>([
    [{}, 'All 12 of yours can be fetched right now; 3 peers are connected, 1 is taking something.'],
    [
      { items: 1, wholeItems: 1, reachablePeers: 1, takingPeers: 0 },
      'What is yours can be fetched right now; 1 peer is connected, none is taking something.',
    ],
    [
      { takingPeers: 2 },
      'All 12 of yours can be fetched right now; 3 peers are connected, 2 are taking something.',
    ],
    [
      { status: 'partly', wholeItems: 9 },
      '9 of your 12 can be fetched right now; what is missing of the rest is being looked for; 3 peers are connected, 1 is taking something.',
    ],
    [{ status: 'alone' }, 'All 12 of yours are here, but nobody is connected to take anything now.'],
    [
      { status: 'alone', wholeItems: 11 },
      '11 of your 12 are here, but nobody is connected to take anything now.',
    ],
    [
      { status: 'alone', items: 1, wholeItems: 1 },
      'What is yours is here, but nobody is connected to take anything now.',
    ],
    [
      { status: 'offline' },
      'You are offline: nothing of yours can be fetched until you are back. It is kept here.',
    ],
    [
      { status: 'nothing' },
      'Nothing is yours yet. Publish a model, add a file or pin a CID, and this tab serves it.',
    ],
  ])('says of %o what is so', (change, line) => {
    expect(servingLine({ ...SERVED, ...change })).toBe(line)
  })

  it('is green only when all of it is served', () => {
    const moods = (['served', 'partly', 'alone', 'offline', 'nothing'] as const).map((status) =>
      servingMood({ ...SERVED, status }),
    )
    expect(moods).toEqual(['on', 'wait', 'wait', 'off', 'wait'])
  })
})

describe('what is said of an item', () => {
  it('is its name, the plot that it stands on, or its CID', () => {
    const { addBuild } = createFakeTabland()
    const build = addBuild(0, ITEM.cid)
    expect(itemName({ ...ITEM, name: 'fox.glb' }, build)).toBe('fox.glb')
    expect(itemName({ ...ITEM, name: ' ' }, build)).toMatch(/^Model at −?\d+, −?\d+$/)
    expect(itemName(ITEM, undefined)).toBe('QmYwAP…BDGe')
  })

  it('[SE3] says why it is here', () => {
    expect(reasonsShort(['published', 'kept'])).toBe('published, kept for others')
    expect(reasonsShort([])).toBe('cached')
    expect(reasonsLong(['pinned'])).toBe('You pinned it. It is never deleted to make room.')
    expect(reasonsLong([])).toMatch(/goes when room is needed/)
  })

  it('counts size, what is here of it, and copies', () => {
    expect(itemFacts(ITEM, 3)).toBe('12.3 MB · published')
    expect(itemFacts({ ...ITEM, copies: 2 }, 3)).toBe('12.3 MB · published · 2 of 3 copies')
    expect(itemFacts({ ...ITEM, copies: 5 }, 3)).toBe('12.3 MB · published · 5 copies')
    expect(itemFacts({ ...ITEM, heldBytes: 1_000_000 }, 3)).toBe('1 MB of 12.3 MB · published')
    const { bytes: _, ...unknown } = ITEM
    expect(itemFacts(unknown, 3)).toBe('size not known yet · published')
  })

  it('[SE6] says of copies what was proved, by how many and when', () => {
    expect(copiesLine({}, 3, FAKE_NOW)).toBe('Not asked yet; 3 wanted.')
    expect(copiesLine({ copies: 2, copiesCheckedAt: FAKE_NOW - 120_000 }, 3, FAKE_NOW)).toBe(
      '2 other devices proved to have access, of 3 wanted. Asked 2 min ago.',
    )
    expect(copiesLine({ copies: 0, copiesCheckedAt: FAKE_NOW }, 3, FAKE_NOW)).toBe(
      'No other device proved that it has access; 3 wanted. Asked now.',
    )
    expect(copiesLine({ copies: 1, copiesCheckedAt: FAKE_NOW, falseProofs: 1 }, 3, FAKE_NOW)).toBe(
      '1 other device proved to have access, of 3 wanted. Asked now. 1 peer gave a false proof: it does not count and is not asked again for an hour.',
    )
    expect(copiesLine({ copies: 1, copiesCheckedAt: FAKE_NOW, falseProofs: 0 }, 3, FAKE_NOW)).not.toContain(
      'false',
    )
  })

  it('[SE2] says how far what is pinned was read again, and what was found', () => {
    const scrub = { status: 'waiting', checkedBytes: 0, totalBytes: 0, damagedBlocks: 0 } as const
    const half = { ...scrub, checkedBytes: 50, totalBytes: 100 }
    const finishedAt = FAKE_NOW - 7_200_000
    expect(scrubLine(scrub, FAKE_NOW)).toMatch(/^Not yet\./)
    expect(scrubLine({ ...half, status: 'reading' }, FAKE_NOW)).toBe(
      '50 % of what is pinned; bad parts are fetched again.',
    )
    expect(scrubLine({ ...half, damagedBlocks: 1 }, FAKE_NOW)).toBe(
      '50 % of what is pinned; it waits while other things go on. 1 damaged part found, to be fetched again.',
    )
    const rests = { ...half, checkedBytes: 100, status: 'resting', finishedAt } as const
    expect(scrubLine(rests, FAKE_NOW)).toBe('All that is pinned, 2 h ago. Nothing was damaged.')
    expect(scrubLine({ ...scrub, finishedAt, damagedBlocks: 3 }, FAKE_NOW)).toBe(
      'All that is pinned, 2 h ago. 3 damaged parts found, to be fetched again.',
    )
  })

  it('says what the store takes on disk, and what of it is not freed yet', () => {
    const held = { pinnedBytes: 8e6, cachedBytes: 2e6 }
    expect(diskLine({ ...held, diskBytes: 10.1e6 })).toBe('10.1 MB')
    expect(diskLine({ ...held, diskBytes: 13e6 })).toBe(
      '13 MB, of which 3 MB were deleted and are freed by and by',
    )
  })

  it('[SE5] says how a transfer goes: share, sources, rate and time left', () => {
    const transfer: SeedTransfer = {
      kind: 'fetch',
      bytes: 4_920_000,
      total: 12_300_000,
      bytesPerSecond: 1_200_000,
      secondsLeft: 6,
      sources: 3,
    }
    expect(transferLine(ITEM, transfer)).toBe('Fetching · 40 % here · from 3 sources · 1.2 MB/s · 6 s left')
    expect(transferLine(ITEM, { ...transfer, kind: 'add' })).toBe('Adding · 40 % · 1.2 MB/s · 6 s left')
    const waiting = { kind: 'fetch', bytes: 0, bytesPerSecond: 0, sources: 0 } as const
    expect(transferLine({ heldBytes: 0 }, waiting)).toBe('Fetching · no source yet')
  })

  it('[SE5] says how an own job goes', () => {
    const job = { id: 1, name: 'fox', status: 'running', bytes: 500, total: 1000 } as const
    expect(jobLine({ ...job, kind: 'add', bytesPerSecond: 100 })).toBe(
      'Storing, 500 B of 1 kB · 100 B/s · 5 s left',
    )
    expect(jobLine({ ...job, kind: 'pin' })).toBe('Fetching, 500 B of 1 kB')
    expect(jobLine({ ...job, kind: 'pin', status: 'waiting' })).toBe('Waiting for the one before it')
  })

  it('writes worth with its power of ten', () => {
    expect(formatWorth(3.24e-12)).toBe('3.2·10⁻¹²')
    expect(formatWorth(1)).toBe('1.0·10⁰')
    expect(formatWorth(0)).toBe('0')
  })
})
