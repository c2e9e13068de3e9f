import { describe, expect, it } from 'vitest'
import { NO_CHAIN } from '#api/land-types.ts'
import type { NetworkState, PeerState } from '#api/network-types.ts'
import type { ServingState } from '#api/seed-types.ts'
import type { StorageState } from '#api/types.ts'
import { FAKE_ME, FAKE_OTHER } from '#test/fakes/fake-facts.ts'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { tabsOf } from '#ui/network-counts.ts'
import { isBuildable, plotLine, standingLine } from '#ui/panels/build-panel.tsx'
import { linkedLine } from '#ui/panels/result-card.tsx'
import { nextActive } from '#ui/shell/search-field.tsx'
import { chipParts, keptLand } from '#ui/shell/status-chip.tsx'

const { network, storage, seed, addBuild } = createFakeTabland()

function lineOf(
  state: Partial<NetworkState>,
  stored: Partial<StorageState> = {},
  serving: Partial<ServingState> = {},
): string {
  return chipParts(
    { ...network.value, ...state },
    { ...storage.value, ...stored },
    { ...seed.value.serving, ...serving },
  )
    .map(({ text }) => text)
    .join(' · ')
}

function peer(kind: PeerState['kind']): PeerState {
  return { peerId: kind, transport: 'webrtc', kind, lastSeen: 0 }
}

describe('the status chip', () => {
  const relays = [{ address: '/a', status: 'reserved' } as const]
  const ready = { join: { phase: 'ready', progress: 1 } } as const

  it('[UI1] says how joining goes', () => {
    expect(lineOf({ join: { phase: 'peers', progress: 0.8 } })).toBe('Joining · Looking for others')
  })

  it('says who is here, what was served, and the mode', () => {
    const peers = [peer('tab'), peer('tab'), peer('node'), peer('relay')]
    expect(lineOf({ ...ready, relays, peers }, { servedBytes: 12_000_000, servedPeers: 2 })).toBe(
      'Joined · 3 peers · served 12 MB to 2 · direct',
    )
    expect(lineOf({ ...ready, relays })).toBe('Joined · 0 peers · direct')
    expect(tabsOf({ ...network.value, peers })).toBe(2)
  })

  it('says in short whether what is mine can be fetched', () => {
    const mine = { items: 12, wholeItems: 9 }
    const shortOf = (status: ServingState['status']): string =>
      lineOf({ ...ready, relays, peers: [peer('tab')] }, {}, { status, ...mine })
    expect(shortOf('served')).toBe('Joined · 1 peer · seeding 12 · direct')
    expect(shortOf('partly')).toBe('Joined · 1 peer · seeding 9 of 12 · direct')
    expect(shortOf('alone')).toBe('Joined · 1 peer · nobody to seed to · direct')
    expect(shortOf('nothing')).toBe('Joined · 1 peer · direct')
  })

  it('[CH15] says how old the land is while the chain does not answer', () => {
    const kept = { ...NO_CHAIN, kind: 'cached', blockTime: 1_750_000_000 } as const
    const later = 1_750_007_200_000
    expect(keptLand(kept, later)).toEqual([])
    const failure = { code: 'RPC_UNREACHABLE', message: 'Nobody answers.' }
    expect(keptLand({ ...kept, failure }, later)).toEqual([{ text: 'land as of 2 h ago' }])
    expect(keptLand({ ...kept, kind: 'proven', failure }, later)).toEqual([])
  })

  it('says when peers are here and no relay is', () => {
    const lost = [{ address: '/a', status: 'waiting' } as const]
    expect(lineOf({ ...ready, relays: lost, peers: [peer('tab')] })).toBe(
      'Joined · 1 peer · no relay · direct',
    )
  })

  it('says when no relay answers', () => {
    expect(lineOf({ join: { phase: 'offline', progress: 0 }, peers: [peer('tab')] })).toBe('Offline · 1 peer')
  })
})

describe('[KG21] who linked a result', () => {
  const now = 10_000_000
  it('names the newest link and counts the other people', () => {
    const links = [
      { neuron: FAKE_OTHER, time: now - 7_200_000 },
      { neuron: FAKE_ME, time: now - 60_000 },
      { neuron: FAKE_OTHER, time: now - 9_000_000 },
    ]
    expect(linkedLine(links, FAKE_ME, now)).toBe('linked by you, 1 min ago and 1 other')
    expect(linkedLine(links, undefined, now)).toBe('linked by 0x5aAe…eAed, 1 min ago and 1 other')
    expect(linkedLine(links.slice(0, 1), FAKE_ME, now)).toBe('linked by 0xfB69…d359, 2 h ago')
    expect(linkedLine([], FAKE_ME, now)).toBe('')
  })
})

describe('the keys of the suggestions', () => {
  it('[UI3] lead around, through the field', () => {
    expect([-1, 0, 1].map((active) => nextActive(active, 'ArrowDown', 2))).toEqual([0, 1, -1])
    expect([-1, 0, 1].map((active) => nextActive(active, 'ArrowUp', 2))).toEqual([1, -1, 0])
    expect(nextActive(-1, 'ArrowDown', 0)).toBe(-1)
  })
})

describe('what stands on the plot one builds on', () => {
  it('is said before publishing', () => {
    expect(plotLine(undefined, undefined)).toMatch(/No plot/)
    expect(plotLine(5, undefined)).toBeUndefined()
    expect(plotLine(5, addBuild(5, 'Qm', FAKE_ME))).toMatch(/You have built here/)
    expect(plotLine(6, addBuild(6, 'Qm', FAKE_OTHER))).toMatch(/Someone has built here/)
  })

  it('says that a plot is not yours to build on, and has nothing published there', () => {
    const foreign = { owner: FAKE_OTHER, mayBuild: false }
    expect(plotLine(6, addBuild(6, 'Qm', FAKE_OTHER), foreign)).toMatch(/not yours to build on/)
    expect(plotLine(6, undefined, { mayBuild: false })).toMatch(/Nobody owns this plot/)
    expect(plotLine(6, undefined, { owner: FAKE_OTHER, mayBuild: true })).toBeUndefined()
    expect(isBuildable(6, foreign)).toBe(false)
    expect(isBuildable(6, { mayBuild: true })).toBe(true)
    expect(isBuildable(6)).toBe(true)
    expect(isBuildable(undefined)).toBe(false)
  })
})

describe('a model that was published', () => {
  it('stands until someone builds there, or it is taken down', () => {
    const build = addBuild(7, 'Qm', FAKE_ME)
    expect(standingLine(build, build)).toBeUndefined()
    expect(standingLine(build, undefined)).toMatch(/taken down/)
    const other = { ...build, neuron: FAKE_OTHER, time: build.time + 1, mine: false }
    expect(standingLine(build, other)).toMatch(/^Someone has built/)
    // what stood before is on its way out
    expect(standingLine(build, { ...other, time: build.time - 1 })).toBeUndefined()
  })
})
