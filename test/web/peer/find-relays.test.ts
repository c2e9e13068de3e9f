import { describe, expect, it } from 'vitest'
import { relayHttpOrigin } from '#peer/addresses.ts'
import { type FindRelaysInit, findRelays } from '#peer/find-relays.ts'

const ID = '12D3KooWGRUVh9kQ5nPzFgtYhsTbvLXeBVjVYJFxJ3nSiuBGzL7y'
const WS = `/ip4/127.0.0.1/tcp/8080/ws/p2p/${ID}`
const FAR = `/dns4/far.example/tcp/443/tls/ws/p2p/${ID}`
const DISK = { protocol: 'file:', hostname: '', port: '', href: 'file:///home/me/tabland.html', hash: '' }
const SERVED = {
  protocol: 'http:',
  hostname: '127.0.0.1',
  port: '8080',
  href: 'http://127.0.0.1:8080/',
  hash: '',
}

/** Relays by the URL of their facts. */
function world(relays: Readonly<Record<string, string>>) {
  const asked: string[] = []
  const values = new Map<string, string>()
  const find = (init: Partial<FindRelaysInit>) =>
    findRelays({
      location: DISK,
      baked: [],
      store: {
        getItem: (key) => values.get(key) ?? null,
        setItem: (key, value) => void values.set(key, value),
      },
      fetchFacts: async ({ href }) => {
        asked.push(href)
        const text = relays[href]
        if (text === undefined) throw new TypeError('Failed to fetch')
        return new Response(text)
      },
      ...init,
    })
  return { asked, values, find }
}

const facts = (network: string) => JSON.stringify({ network, peerId: ID, stunPort: 8080 })

describe('[NE2] the relays of a page', () => {
  it('that a relay served come from it, and nobody else is asked', async () => {
    const { asked, find } = world({ 'http://127.0.0.1:8080/tabland.json': facts('test') })
    expect(await find({ location: { ...SERVED, hash: `#relay=${FAR}` } })).toEqual({
      network: 'test',
      addresses: [FAR, WS],
      told: [],
      stunUrls: ['stun:127.0.0.1:8080'],
    })
    expect(asked).toEqual(['http://127.0.0.1:8080/tabland.json'])
  })

  it('[KG1] name the genesis of their machine, which is told unread and not remembered here', async () => {
    const relays: Record<string, string> = {
      'http://127.0.0.1:8080/tabland.json': JSON.stringify({ network: 'test', peerId: ID, genesis: 'text' }),
    }
    const { find } = world(relays)
    expect(await find({ location: SERVED })).toMatchObject({ network: 'test', genesis: 'text' })
    expect(await find({ location: { ...SERVED, hash: '#network=local' } })).not.toHaveProperty('genesis')
    delete relays['http://127.0.0.1:8080/tabland.json']
    expect(await find({ location: SERVED })).not.toHaveProperty('genesis')
  })

  it('[RE8] name others, which are remembered for a start without them', async () => {
    const relays: Record<string, string> = {
      'http://127.0.0.1:8080/tabland.json': JSON.stringify({ network: 'test', peerId: ID, relays: [FAR] }),
    }
    const { find } = world(relays)
    expect(await find({ location: SERVED })).toMatchObject({ addresses: [WS], told: [FAR] })
    delete relays['http://127.0.0.1:8080/tabland.json']
    expect(await find({ location: SERVED })).toMatchObject({ addresses: [WS], told: [FAR] })
  })

  it('[NE8] from disk are asked for their network where its address names them', async () => {
    const { asked, find } = world({ 'https://far.example/tabland.json': facts('main') })
    const hash = `#/3,4&relay=${FAR}`
    expect(await find({ location: { ...DISK, hash }, baked: [WS] })).toEqual({
      network: 'main',
      addresses: [FAR, `/dns/far.example/tcp/443/tls/ws/p2p/${ID}`, WS],
      told: [],
      stunUrls: ['stun:far.example:8080'],
    })
    expect(asked).toEqual(['https://far.example/tabland.json'])
  })

  it('[NE8] may be named by their page', async () => {
    const { find } = world({ 'http://127.0.0.1:8080/tabland.json': facts('main') })
    const found = await find({ location: { ...DISK, hash: '#relay=http://127.0.0.1:8080' } })
    expect(found).toMatchObject({ network: 'main', addresses: [WS] })
  })

  it('[NE8] from disk are those that came with it when its address names none', async () => {
    const { find } = world({ 'https://far.example/tabland.json': facts('test') })
    expect(await find({ baked: [FAR] })).toMatchObject({
      network: 'test',
      told: [],
      stunUrls: ['stun:far.example:8080'],
    })
  })

  it.each([
    ['the address', { location: { ...DISK, hash: '#network=main' } }, 'main'],
    ['the page', { bakedNetwork: 'test' }, 'test'],
    ['nothing', {}, 'local'],
    ['nonsense', { location: { ...DISK, hash: '#network=moon' }, bakedNetwork: 'sun' }, 'local'],
  ])('[NE9] without any answer %s says the network', async (_, init, network) => {
    expect((await world({}).find(init)).network).toBe(network)
  })

  it('[NE8] are remembered for a start without network', async () => {
    const online = world({ 'http://127.0.0.1:8080/tabland.json': facts('main') })
    const before = await online.find({ location: SERVED })
    const offline = world({})
    for (const [key, value] of online.values) offline.values.set(key, value)
    expect(await offline.find({ location: SERVED })).toEqual(before)
    // what was remembered of another network leads nowhere here
    expect(await offline.find({ location: { ...DISK, hash: '#network=test' } })).toEqual({
      network: 'test',
      addresses: [],
      told: [],
      stunUrls: [],
    })
  })

  it.each(['', 'null', '3', '{}', '{"network":"moon"}', '{"network":"main","addresses":3}'])(
    'are read with care: %s',
    async (text) => {
      const { values, find } = world({})
      values.set('tabland/page-relay', text)
      expect((await find({})).addresses).toEqual([])
    },
  )

  it('tell when something else answers in a relay’s place', async () => {
    const { find } = world({ 'http://127.0.0.1:8080/tabland.json': '<html>' })
    const { failure, addresses } = await find({ location: { ...DISK, hash: `#relay=${WS}&relay=nonsense` } })
    expect(failure).toMatchObject({ code: 'RELAY_FACTS_INVALID' })
    expect(addresses).toEqual([WS, 'nonsense'])
  })
})

describe('where a relay’s page is', () => {
  it.each([
    [WS, 'http://127.0.0.1:8080/'],
    [FAR, 'https://far.example:443/'],
    [`/ip6/::1/tcp/9/wss/p2p/${ID}`, 'https://[::1]:9/'],
    ['nonsense', undefined],
  ])('%s', (address, url) => {
    expect(relayHttpOrigin(address)).toBe(url)
  })
})
