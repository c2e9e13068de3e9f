import { describe, expect, it } from 'vitest'
import type { SeedState } from '#api/seed-types.ts'
import { DEFAULT_SEED_SETTINGS } from '#core/seeding.ts'
import { seedLine } from '#relay/cli/commands/seed.ts'
import { runCli } from '../run-cli.ts'

const MIB = 2 ** 20

function stateOf(change: Partial<SeedState>): SeedState {
  return {
    items: [],
    adding: [],
    texts: { count: 0, bytes: 0 },
    pinnedBytes: 0,
    cachedBytes: 0,
    diskBytes: 0,
    settings: DEFAULT_SEED_SETTINGS,
    quotaBytes: 100 * MIB,
    persisted: true,
    history: [],
    serving: { status: 'nothing', items: 0, wholeItems: 0, reachablePeers: 0, takingPeers: 0 },
    scrub: { status: 'waiting', checkedBytes: 0, totalBytes: 0, damagedBlocks: 0 },
    notices: [],
    ...change,
  }
}

describe('the line that tells what is kept', () => {
  it('says that nothing is', () => {
    expect(seedLine(stateOf({}))).toBe(
      '0.0 MiB pinned in 0, 0.0 MiB cached, of 100.0 MiB; nothing is kept yet; 0 peers, 0.0 MiB sent',
    )
  })

  it('says how far a fetch is, and what was sent', () => {
    const item = { holders: [], usedAt: 0, sentBytes: 3 * MIB, receivedBytes: 0 }
    const half = {
      ...item,
      cid: 'QmHalfHalf',
      reasons: ['pinned'],
      bytes: 4 * MIB,
      heldBytes: 2 * MIB,
    } as const
    const cached = { ...item, cid: 'QmCached', reasons: [], bytes: MIB, heldBytes: MIB } as const
    const serving = { status: 'partly', items: 1, wholeItems: 0, reachablePeers: 2, takingPeers: 1 } as const
    const state = stateOf({ items: [half, cached], pinnedBytes: 2 * MIB, cachedBytes: MIB, serving })
    expect(seedLine(state)).toBe(
      '2.0 MiB pinned in 1, 1.0 MiB cached, of 100.0 MiB; 0 of 1 are whole: QmHalfHa… 50 %; 2 peers, 6.0 MiB sent',
    )
  })
})

describe('tabland seed', () => {
  it.each([
    [['--quota', 'much'], '--quota takes a number of bytes, such as 131072, 64MiB or 1GiB, got "much"'],
    [['--copies', 'all'], '--copies takes a whole number, got "all"'],
    [['--upload'], "Option '--upload <value>' argument missing"],
  ])('refuses %j with a sentence', async (args, sentence) => {
    const { code, stderr } = await runCli('seed', ...args)
    expect(stderr).toContain(sentence)
    expect(code).toBe(2)
  })

  it('refuses what is no CID', async () => {
    const { code, stderr } = await runCli('seed', 'moon')
    expect(stderr).toContain('"moon" is no CID')
    expect(code).toBe(1)
  })
})
