import { describe, expect, it } from 'vitest'
import { type ChainLandState, NO_CHAIN } from '#api/land-types.ts'
import { chainLines } from '#ui/chain-lines.ts'

const BLOCK_TIME = 1_750_000_000
const NOW = (BLOCK_TIME + 3 * 3_600) * 1_000
const proven: ChainLandState = {
  ...NO_CHAIN,
  kind: 'proven',
  parcels: 1_203,
  block: 4_567,
  blockTime: BLOCK_TIME,
  sources: 3,
  agreeing: 3,
}
const CAMPS = [
  { hash: `0x${'ab'.repeat(32)}`, number: 4_567, endpoints: ['a.example', 'b.example'] },
  { hash: `0x${'cd'.repeat(32)}`, number: 4_567, endpoints: ['c.example'] },
]
const dead = { code: 'RPC_UNREACHABLE', message: 'Nobody answers.' }
const textsOf = (state: ChainLandState) => chainLines(state, NOW).map(({ text }) => text)

describe('what is said of the chain', () => {
  it('is nothing before there is something to say', () => {
    expect(chainLines(NO_CHAIN, NOW)).toEqual([])
    expect(chainLines({ ...NO_CHAIN, kind: 'reading' }, NOW)).toEqual([])
  })

  it('[CH13] names block and sources, and what one source alone means', () => {
    expect(textsOf(proven)).toEqual(['Verified at block 4,567 · 3 of 3 sources agree'])
    const [first, second] = textsOf({ ...proven, sources: 1, agreeing: 1 })
    expect(first).toBe('Verified at block 4,567 · 1 source')
    expect(second).toMatch(/^All rests on one source/)
  })

  it('[CH13] shows both camps of a dispute, and that neither is believed', () => {
    const failure = { code: 'HEADER_DISPUTED', message: 'They disagree.' }
    const lines = chainLines({ ...proven, kind: 'cached', camps: CAMPS, failure }, NOW)
    expect(lines.map(({ text }) => text)).toEqual([
      'The chain’s endpoints disagree about block 4,567. Neither is believed, and nothing newer is shown.',
      'a.example, b.example: 0xabababab…ababab',
      'c.example: 0xcdcdcdcd…cdcdcd',
    ])
    expect(lines[0]?.detail).toBe('Kept from an earlier visit: so it was at block 4,567, 3 h ago.')
    expect(lines.every(({ kind }) => kind === 'bad')).toBe(true)
  })

  it('[CH13] names whoever a majority overruled, whoever lied, and whoever does not answer', () => {
    const endpoints = [
      { name: 'a.example', status: 'good' },
      { name: 'c.example', status: 'liar', failure: 'Its balance is another.' },
      { name: 'd.example', status: 'waiting', failure: 'It answered with status 503.' },
    ] as const
    expect(chainLines({ ...proven, camps: CAMPS, endpoints }, NOW).slice(1)).toEqual([
      { kind: 'bad', text: 'c.example told another block than the others: 0xcdcdcdcd…cdcdcd' },
      {
        kind: 'bad',
        text: 'c.example gave a false value. It is not asked while there are others.',
        detail: 'Its balance is another.',
      },
      { kind: 'note', text: 'd.example is tried again.', detail: 'It answered with status 503.' },
    ])
  })

  it('[CH14] names who gave land that does not hold, and not who has none', () => {
    const refusals = [
      { source: 'relay.example', code: 'SNAPSHOT_FORGED', message: 'It has another root.' },
      { source: 'other.example', code: 'LAND_UNAVAILABLE', message: 'It answers with status 404.' },
    ]
    const said = chainLines({ ...proven, refusals }, NOW).slice(1)
    expect(said).toEqual([
      {
        kind: 'bad',
        text: expect.stringMatching(/^relay\.example gave land that the chain does not prove/),
        detail: 'It has another root.',
      },
    ])
  })

  it('[CH15] says how old the land is when nobody answers', () => {
    expect(textsOf({ ...proven, kind: 'cached', failure: dead })).toEqual([
      'The chain does not answer. The land is shown as it was at block 4,567, 3 h ago.',
    ])
    expect(textsOf({ ...NO_CHAIN, kind: 'reading', failure: dead })).toEqual([
      'The chain does not answer, and nothing of it was kept by an earlier visit.',
    ])
    expect(textsOf({ ...proven, kind: 'cached' })[0]).toMatch(/3 h ago\. It is being confirmed\.$/)
    const unproven = { code: 'LAND_UNAVAILABLE', message: 'Nobody gave it.' }
    expect(textsOf({ ...proven, failure: unproven })[0]).toMatch(/^Nobody gave land that the chain proves/)
    expect(textsOf({ ...proven, failure: { code: 'X', message: 'Something else.' } })).toEqual([
      'Something else.',
    ])
  })
})
