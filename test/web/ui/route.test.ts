import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GRID_MAX, GRID_MIN } from '#core/land.ts'
import {
  formatRoute,
  isWorldOff,
  MAX_HASH_LENGTH,
  MAX_SEARCH_LENGTH,
  PANELS,
  parseRoute,
  type Route,
  withWorld,
} from '#ui/route.ts'

const NOWHERE = { cell: undefined, parameters: [] }

describe('parseRoute', () => {
  it('[WO3] reads `#/x,y`', () => {
    expect(parseRoute('#/12,-7')).toEqual({ cell: { x: 12, y: -7 }, parameters: [] })
    expect(parseRoute('/12,-7')).toEqual({ cell: { x: 12, y: -7 }, parameters: [] })
    expect(parseRoute('#/-0,0').cell).toEqual({ x: 0, y: 0 })
  })

  it('[CH4] reads every cell that a plot can be moved to', () => {
    for (const [x, y] of [
      [GRID_MIN, GRID_MAX],
      [GRID_MAX, GRID_MIN],
      [198, -198],
    ] as const) {
      expect(parseRoute(formatRoute({ cell: { x, y }, parameters: [] })).cell).toEqual({ x, y })
    }
  })

  it('[NE2] keeps relays as they came, alone and beside a cell', () => {
    const relay = 'relay=/ip4/127.0.0.1/tcp/8080/ws/p2p/12D3KooW'
    expect(parseRoute(`#${relay}`)).toEqual({ cell: undefined, parameters: [relay] })
    expect(parseRoute(`#/1,2&${relay}&${relay}`)).toEqual({
      cell: { x: 1, y: 2 },
      parameters: [relay, relay],
    })
    expect(parseRoute(`#/1,2?${relay}`).parameters).toEqual([relay])
  })

  it('reads a content to open, apart from the parameters of others', () => {
    const cid = `Qm${'a'.repeat(44)}`
    expect(parseRoute(`#/1,2&open=${cid}&relay=a`)).toEqual({
      cell: { x: 1, y: 2 },
      parameters: ['relay=a'],
      content: cid,
    })
    expect(parseRoute(`#open=${cid}`)).toEqual({ cell: undefined, parameters: [], content: cid })
    expect(parseRoute('#open=moon').content).toBeUndefined()
    expect(parseRoute('#open=moon').parameters).toEqual(['open=moon'])
    expect(formatRoute({ cell: { x: 1, y: 2 }, parameters: ['relay=a'], content: cid })).toBe(
      `#/1,2&open=${cid}&relay=a`,
    )
  })

  it('reads a cyfs link to open, with the signs that an address has for itself', () => {
    const link = 'cyfs://o/a/b/an%20inner?mime=txt&mode=data'
    const hash = '#/1,2&open=cyfs://o/a/b/an%2520inner%3Fmime=txt%26mode=data&relay=a'
    const route: Route = { cell: { x: 1, y: 2 }, parameters: ['relay=a'], panel: 'files', link }
    expect(formatRoute(route)).toBe(hash)
    expect(parseRoute(hash)).toEqual(route)
    expect(parseRoute('#open=cyfs://o/a/b')).toEqual({
      ...NOWHERE,
      panel: 'files',
      link: 'cyfs://o/a/b',
    })
    expect(parseRoute('#open=cyfs%3A//o/a/b').link).toBeUndefined()
    expect(parseRoute('#open=cyfs://%E0%A4%A').link).toBeUndefined()
  })

  it('reads the panel that is open, and drops one that nobody knows', () => {
    for (const panel of PANELS) {
      const route = { cell: { x: 1, y: 2 }, parameters: ['relay=a'], panel }
      expect(parseRoute(`#/1,2&panel=${panel}&relay=a`)).toEqual(route)
      expect(formatRoute(route)).toBe(`#/1,2&panel=${panel}&relay=a`)
    }
    expect(parseRoute('#panel=kitchen&relay=a')).toEqual({ cell: undefined, parameters: ['relay=a'] })
    expect(parseRoute('#panel=%E0%A4%A')).toEqual(NOWHERE)
  })

  it('reads a search, with the signs that an address has for itself, as long as the field takes', () => {
    const search = 'what is 100 % & #1?'
    const route: Route = { cell: { x: 1, y: 2 }, parameters: ['relay=a'], panel: 'search', search }
    const hash = formatRoute(route)
    expect(hash).toBe('#/1,2&search=what%20is%20100%20%25%20%26%20%231%3F&relay=a')
    expect(parseRoute(hash)).toEqual(route)
    expect(parseRoute(new URL(hash, 'http://a.b').hash)).toEqual(route)
    const moon = parseRoute(new URL('#search= 月\n', 'http://a.b').hash)
    expect(moon).toEqual({ ...NOWHERE, panel: 'search', search: '月' })
    expect(parseRoute('#search=')).toEqual(NOWHERE)
    expect(parseRoute('#search=%E0%A4%A')).toEqual(NOWHERE)
    const long = 'a'.repeat(MAX_SEARCH_LENGTH)
    expect(parseRoute(`#search=${long}`).search).toBe(long)
    expect(parseRoute(`#search=${long}a`)).toEqual(NOWHERE)
  })

  it('opens one panel: what belongs to another is left', () => {
    expect(parseRoute('#search=moon&panel=land')).toEqual({ ...NOWHERE, panel: 'land' })
    expect(parseRoute(`#search=moon&graph=Qm${'a'.repeat(44)}`)).toEqual({
      ...NOWHERE,
      panel: 'search',
      search: 'moon',
    })
  })

  it('has room for every search beside the relays', () => {
    const parameters = Array.from({ length: 16 }, () => `relay=${'a'.repeat(200)}`)
    const route: Route = {
      ...{ cell: { x: -2_048, y: -2_048 }, parameters },
      ...{ panel: 'search', search: '月'.repeat(MAX_SEARCH_LENGTH) },
    }
    expect(parseRoute(new URL(formatRoute(route), 'http://a.b').hash)).toEqual(route)
  })

  it.each([
    '',
    '#',
    '#/',
    '#/1',
    '#/1,2,3',
    '#/a,b',
    '#/1.5,2',
    '#/99999,1',
    '#/ 1,2',
    `#/${GRID_MAX + 1},0`,
    `#/0,${GRID_MIN - 1}`,
  ])('names no cell for %j', (hash) => {
    expect(parseRoute(hash).cell).toBeUndefined()
  })

  it('reads nothing of a hash without measure', () => {
    expect(parseRoute(`#/1,2&${'a'.repeat(MAX_HASH_LENGTH)}`)).toEqual(NOWHERE)
  })

  it('never throws, and reads back what it formats', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const route = parseRoute(text)
        expect(parseRoute(formatRoute(route))).toEqual(route)
      }),
    )
  })
})

describe('formatRoute', () => {
  it('writes cell first, then the parameters', () => {
    expect(formatRoute({ cell: { x: -3, y: 40 }, parameters: ['relay=a', 'relay=b'] })).toBe(
      '#/-3,40&relay=a&relay=b',
    )
  })

  it('is empty when there is nothing to say', () => {
    expect(formatRoute(NOWHERE)).toBe('')
  })
})

describe('the world in the address', () => {
  it('is off only when asked', () => {
    expect(isWorldOff('?world=off')).toBe(true)
    expect(isWorldOff('?world=on')).toBe(false)
    expect(isWorldOff('')).toBe(false)
  })

  it('is turned on and off without losing the rest', () => {
    const off = withWorld('http://a.b/?x=1#/1,2', false)
    expect(off).toBe('http://a.b/?x=1&world=off#/1,2')
    expect(withWorld(off, true)).toBe('http://a.b/?x=1#/1,2')
  })
})
