import { describe, expect, it } from 'vitest'
import {
  formatAgo,
  formatBytes,
  formatCell,
  formatCount,
  formatDuration,
  formatShare,
  MAX_SHOWN_QUERY,
  shorten,
  shortenAddress,
  shortenQuery,
} from '#ui/format.ts'

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1 kB'],
    [1_234, '1.23 kB'],
    [12_340, '12.3 kB'],
    [478_896, '479 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [15_000_000, '15 MB'],
    [1_073_741_824, '1.07 GB'],
    [5e15, '5000 TB'],
    [-1, '0 B'],
  ])('%d → %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})

describe('formatShare', () => {
  it.each([
    [0, 'less than 0.01 %'],
    [0.00001, 'less than 0.01 %'],
    [0.0001, '0.01 %'],
    [0.0042, '0.42 %'],
    [0.012, '1.2 %'],
    [0.1, '10 %'],
    [0.5, '50 %'],
    [1, '100 %'],
  ])('%d → %s', (share, text) => {
    expect(formatShare(share)).toBe(text)
  })
})

describe('shorten', () => {
  it('keeps both ends of a CID', () => {
    expect(shorten('QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnBDG')).toBe('QmYwAP…nBDG')
  })

  it('keeps the scheme of a link, and the end of its id', () => {
    const id = '5aSixgLtQ3cKvC8PxkZ1gNRoyjLSxuZqBM3vSx'
    expect(shorten(`cyfs://o/${id}/${id}`)).toBe('cyfs://o/5aSi…3vSx')
    expect(shorten('cyfs://o/5aSi3vSx')).toBe('cyfs://o/5aSi3vSx')
  })

  it('leaves short texts whole', () => {
    expect(shorten('lantern')).toBe('lantern')
    expect(shorten('12345678901')).toBe('12345678901')
    expect(shorten('123456789012')).toBe('123456…9012')
  })
})

describe('shortenAddress', () => {
  it('keeps what tells relays apart', () => {
    const relay = '/ip4/127.0.0.1/tcp/8080/ws/p2p/12D3KooWEK6M7GpP3BHQWHys2Mm7wza1Qq67nsHqWsoGAvKujXES'
    expect(shortenAddress(`${relay}/p2p-circuit`)).toBe(
      '/ip4/127.0.0.1/tcp/8080/ws/p2p/12D3Ko…jXES/p2p-circuit',
    )
    expect(shortenAddress('/dns4/a.b/tcp/443/wss')).toBe('/dns4/a.b/tcp/443/wss')
  })
})

describe('formatAgo', () => {
  const now = Date.UTC(2026, 10, 20)
  it.each([
    [0, 'now'],
    [-60_000, 'now'],
    [40_000, '40 s ago'],
    [125_000, '2 min ago'],
    [3 * 3_600_000, '3 h ago'],
    [5 * 86_400_000, '5 d ago'],
    [40 * 86_400_000, '2026-10-11'],
  ])('%d ms → %s', (age, text) => {
    expect(formatAgo(now - age, now)).toBe(text)
  })
})

describe('formatDuration', () => {
  it.each([
    [-5, '0 ms'],
    [840, '840 ms'],
    [1_000, '1 s'],
    [1_440, '1.4 s'],
    [12_400, '12 s'],
    [780_000, '13 min'],
    [7_200_000, '2 h'],
  ])('%d ms → %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})

describe('formatCount and formatCell', () => {
  it('group digits and use a true minus', () => {
    expect(formatCount(50_000)).toBe('50,000')
    expect(formatCell({ x: 12, y: -7 })).toBe('12, −7')
  })
})

describe('shortenQuery', () => {
  it('keeps what is short, and cuts the middle of what is long', () => {
    expect(shortenQuery('moon')).toBe('moon')
    expect([...shortenQuery('x'.repeat(3_000))]).toHaveLength(MAX_SHOWN_QUERY)
  })

  it('cuts between characters, not inside one', () => {
    expect(shortenQuery('🌕'.repeat(100))).toBe(`${'🌕'.repeat(60)}…${'🌕'.repeat(19)}`)
  })
})
