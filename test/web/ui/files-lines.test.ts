import { describe, expect, it } from 'vitest'
import type { PublishedItem } from '#api/object-types.ts'
import { EMPTY_SEED_STATE, type SeedItem, type SeedState } from '#api/seed-types.ts'
import { publishedFacts } from '#ui/files-lines.ts'

const ITEM: PublishedItem = {
  id: 'id',
  link: 'cyfs://o/zone/id',
  kind: 'file',
  name: 'a.txt',
  bytes: 2_000_000,
  files: 1,
  root: 'Qm',
  publishedAt: 0,
}

/** A profile that keeps it, with so many copies elsewhere and so many peers that could take it. */
function seedOf(copies: number | undefined, reachablePeers: number): SeedState {
  const kept: SeedItem = {
    cid: 'Qm',
    reasons: ['published'],
    bytes: ITEM.bytes,
    heldBytes: ITEM.bytes,
    usedAt: 0,
    holders: [],
    sentBytes: 0,
    receivedBytes: 0,
    ...(copies === undefined ? {} : { copies }),
  }
  const serving = { ...EMPTY_SEED_STATE.serving, reachablePeers }
  return { ...EMPTY_SEED_STATE, items: [kept], serving }
}

describe('what is published', () => {
  it('is told with its size, why it is kept, and its copies', () => {
    expect(publishedFacts(ITEM, seedOf(2, 1))).toMatch(/^2 MB · published · 2 of \d copies$/)
    const folder = { ...ITEM, kind: 'dir', files: 3, readers: ['0x', '0y'] } as const
    expect(publishedFacts(folder, EMPTY_SEED_STATE)).toBe('2 MB · 3 files · for 2 wallets only · not kept')
  })

  it('is told to be on this device alone while nobody is connected and nobody was found to have it', () => {
    expect(publishedFacts(ITEM, seedOf(undefined, 0))).toBe('2 MB · published · only on this device yet')
    expect(publishedFacts(ITEM, seedOf(0, 0))).toBe('2 MB · published · only on this device yet')
    expect(publishedFacts(ITEM, seedOf(1, 0))).toMatch(/1 of \d copies$/)
    expect(publishedFacts(ITEM, seedOf(undefined, 1))).toBe('2 MB · published')
  })
})
