import { describe, expect, it } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import { bytesCid, textCid } from '#core/cid.ts'
import { formatAddress } from '#core/delegation.ts'
import type { GraphStatus } from '#graph/graph-types.ts'
import type { RankKernel } from '#graph/rank-kernel.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { createGraph, fill } from '#test/fakes/graph.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFeed, link } from '#test/fakes/links.ts'

const identity = await fakeIdentity(1)

const PAIRS = [
  ['moon', 'night'],
  ['moon', 'sea'],
  ['moon', 'wolf'],
  ['wolf', 'night'],
  ['sea', 'night'],
  ['tide', 'sea'],
] as const

describe('[KG21] search', () => {
  it('[KG21] gives what a text links to, by rank, with share, neuron and time', async () => {
    const { graph } = createGraph()
    await fill(graph, PAIRS)
    await graph.compute()
    const page = await graph.search(' moon ')
    expect(page).toMatchObject({ particle: textCid('moon'), total: 3, suggestions: [] })
    expect(page.cursor).toBeUndefined()
    const ranks = page.results.map(({ rank }) => rank)
    expect(ranks).toEqual([...ranks].sort((a, b) => (a < b ? 1 : -1)))
    const [first] = page.results
    expect(first).toMatchObject({
      cid: textCid('night'),
      share: Number(first!.rank) / 2 ** 62,
      links: [{ neuron: formatAddress(identity.neuron), time: TEST_NOW }],
    })
    expect(await graph.search(textCid('moon'))).toEqual(page)
  })

  it('[KG21] backlinks, top and rankOf', async () => {
    const { graph } = createGraph()
    await fill(graph, PAIRS)
    await graph.compute()
    const back = await graph.backlinks('night')
    expect(new Set(back.results.map(({ cid }) => cid))).toEqual(new Set(['moon', 'wolf', 'sea'].map(textCid)))
    const top = await graph.top({ limit: 2 })
    expect(top.total).toBe(5)
    expect(top.results[0]!.cid).toBe(textCid('night'))
    expect(await graph.rankOf('night')).toEqual({ rank: top.results[0]!.rank, share: top.results[0]!.share })
    expect(await graph.rankOf('unknown')).toBeUndefined()
  })

  describe('[KG15] in a context', () => {
    /** 'moon' leads to three words, of which all like 'night' best; of them only 'sea' is near to 'tide'. */
    async function createSea(init: Parameters<typeof createGraph>[0] = {}) {
      const created = createGraph(init)
      await fill(created.graph, PAIRS)
      await created.graph.compute()
      return created
    }
    const cidsOf = (page: { readonly results: readonly { readonly cid: string }[] }) =>
      page.results.map(({ cid }) => cid)

    it('[KG15] [KG21] orders a search by what is near to particles', async () => {
      const { graph } = await createSea()
      const near = await graph.search('moon', { context: { cids: ['tide'] } })
      expect(cidsOf(near)).toEqual(['sea', 'night', 'wolf'].map(textCid))
      expect(near.results[2]!.rank).toBe(0n)
      expect(cidsOf(await graph.search('moon'))[0]).toBe(textCid('night'))
      const back = await graph.backlinks('night', { context: { cids: [textCid('wolf'), 'unknown'] } })
      expect(cidsOf(back)[0]).toBe(textCid('wolf'))
    })

    it('[KG15] gives what can be reached, its ranks all there is', async () => {
      const { graph } = await createSea()
      const page = await graph.context({ cids: ['tide'] }, { limit: 2 })
      expect(page.total).toBe(3)
      const rest = await graph.context({ cids: ['tide'] }, { cursor: page.cursor! })
      const all = [...page.results, ...rest.results]
      expect(new Set(all.map(({ cid }) => cid))).toEqual(new Set(['tide', 'sea', 'night'].map(textCid)))
      expect(all.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12)
      expect((await graph.top()).total).toBe(5)
    })

    it("[KG15] takes a neuron's links, at both of their ends", async () => {
      const { graph } = createGraph()
      await fill(graph, PAIRS)
      await fill(graph, [['comet', 'ice']], 2)
      const other = await fakeIdentity(2)
      const page = await graph.context({ neuron: formatAddress(other.neuron) })
      expect(cidsOf(page)).toEqual([textCid('ice'), textCid('comet')])
    })

    it('[KG15] ranks once for the same context, and again when a link came', async () => {
      let ranks = 0
      const kernel = createTsKernel()
      const contextKernel = () => ({
        ...kernel,
        rankContext: (...args: Parameters<typeof kernel.rankContext>) => {
          ranks++
          return kernel.rankContext(...args)
        },
      })
      const { graph } = await createSea({ contextKernel })
      const first = await graph.context({ cids: ['tide', 'moon'] }, { limit: 1 })
      await Promise.all([
        graph.context({ cids: ['moon', 'tide'] }),
        graph.context({ cids: ['tide', 'moon'] }),
      ])
      expect(ranks).toBe(1)
      await fill(graph, [['tide', 'wolf']], 2)
      await graph.context({ cids: ['tide', 'moon'] })
      expect(ranks).toBe(2)
      // a cursor of before still leads through the order of before
      const next = await graph.context({ cids: ['tide', 'moon'] }, { cursor: first.cursor!, limit: 5 })
      expect(next.total).toBe(first.total)
      expect(ranks).toBe(2)
    })

    it.each([
      ['particles that nobody linked', { cids: ['unknown'] }],
      ['no particle', { cids: [] }],
      ['too many particles', { cids: new Array<string>(10_001).fill('moon') }],
      ['a neuron without links', { neuron: `0x${'ab'.repeat(20)}` }],
    ])('[KG15] refuses %s', async (_, context) => {
      const { graph } = createGraph()
      await fill(graph, PAIRS)
      await expect(graph.context(context)).rejects.toMatchObject({ code: 'RANK_CONTEXT' })
      await expect(graph.search('moon', { context })).rejects.toMatchObject({ code: 'RANK_CONTEXT' })
    })
  })

  it('[KG21] equal ranks stand in order of their digests', async () => {
    const { graph } = createGraph()
    const words = Array.from({ length: 40 }, (_, i) => `word ${i}`)
    await fill(
      graph,
      words.map((word) => ['hub', word] as const),
    )
    await graph.compute()
    const { results } = await graph.search('hub', { limit: 40 })
    expect(new Set(results.map(({ rank }) => rank)).size).toBe(1)
    const again = createGraph().graph
    await fill(
      again,
      words.reverse().map((word) => ['hub', word] as const),
    )
    await again.compute()
    expect((await again.search('hub', { limit: 40 })).results).toEqual(results)
  })

  it('[KG21] pages show each result once and end', async () => {
    const { graph } = createGraph()
    await fill(
      graph,
      Array.from({ length: 25 }, (_, i) => ['hub', `word ${i}`] as const),
    )
    await graph.compute()
    const all = (await graph.search('hub', { limit: 25 })).results.map(({ cid }) => cid)
    const paged: string[] = []
    let cursor: string | undefined
    do {
      const page = await graph.search('hub', { limit: 4, ...(cursor === undefined ? {} : { cursor }) })
      paged.push(...page.results.map(({ cid }) => cid))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(paged).toEqual(all)
  })

  it('[KG21] cursors are stable across a new rank', async () => {
    const { graph } = createGraph()
    await fill(graph, PAIRS)
    await fill(
      graph,
      Array.from({ length: 12 }, (_, i) => ['hub', `word ${i}`] as const),
      2,
    )
    await graph.compute()
    const before = (await graph.search('hub', { limit: 12 })).results.map(({ cid }) => cid)
    const first = await graph.search('hub', { limit: 5 })
    // the last ones become the first: without the view's rank the next page would repeat and skip
    await fill(
      graph,
      before.slice(8).map((cid, i) => [`fan ${i}`, `word ${wordOf(cid)}`] as const),
      3,
    )
    await graph.compute()
    const second = await graph.search('hub', { limit: 7, cursor: first.cursor! })
    expect(second.results.map(({ cid }) => cid)).toEqual(before.slice(5))
    const top = await graph.top({ limit: 3 })
    for (let i = 0; i < 5; i++) {
      await fill(graph, [[`more ${i}`, 'night']], 10 + i)
      await graph.compute()
    }
    // the view is gone by now: the cursor still means its place
    const next = await graph.top({ limit: 100, cursor: top.cursor! })
    expect(next.results.every(({ rank }) => rank <= top.results.at(-1)!.rank)).toBe(true)
  })

  it('[KG21] a bad cursor, limit or address is refused with a sentence', async () => {
    const { graph } = createGraph()
    await expect(graph.search('x', { cursor: 'y' })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
    await expect(graph.search('x', { limit: 0 })).rejects.toMatchObject({ code: 'PAGE_LIMIT' })
    await expect(graph.neuron('0x12')).rejects.toMatchObject({ code: 'ADDRESS_INVALID' })
  })

  it('[KG21] unknown queries give an empty page and the nearest known texts', async () => {
    const { graph } = createGraph()
    await fill(graph, [
      ['lantern', 'light'],
      ['lanterns', 'street'],
      ['land', 'sea'],
      ['lanternfish', 'sea'],
    ])
    await graph.compute()
    const page = await graph.search('lantern')
    expect(page.suggestions).toEqual([])
    const typo = await graph.search('Lanttern')
    expect(typo).toMatchObject({ total: 0, results: [] })
    expect(typo.suggestions).toEqual(['lantern', 'lanterns'])
    expect(new Set(await graph.suggest('lan'))).toEqual(
      new Set(['lantern', 'lanterns', 'land', 'lanternfish']),
    )
    // a text that nothing is linked from would find nothing
    expect(await graph.suggest('stree')).toEqual([])
    expect(await graph.suggest('  ')).toEqual([])
  })
})

function wordOf(cid: string): number {
  return Array.from({ length: 12 }, (_, i) => i).find((i) => textCid(`word ${i}`) === cid)!
}

describe('[KG4] neurons and chains', () => {
  it('[KG4] chains are consecutive links whose ends meet', async () => {
    const { graph } = createGraph()
    const feed = createFeed(identity)
    const one = await feed.next([link('a', 'b'), link('b', 'c')])
    const two = await feed.next([link('c', 'd')])
    const three = await feed.next([link('x', 'y'), link('p', 'q'), link('q', 'r')])
    await graph.ingest([one.envelope, two.envelope, three.envelope])
    const address = formatAddress(identity.neuron)
    expect(await graph.chains(address)).toEqual([
      ['a', 'b', 'c', 'd'].map(textCid),
      ['p', 'q', 'r'].map(textCid),
    ])
    const page = await graph.neuron(address, { limit: 5 })
    expect(page.total).toBe(6)
    expect(page.links.slice(1, 3).map(({ from, to }) => [from, to])).toEqual([
      [textCid('b'), textCid('c')],
      [textCid('c'), textCid('d')],
    ])
    const last = await graph.neuron(address, { limit: 5, cursor: page.cursor! })
    expect(last).toEqual({
      links: [{ from: textCid('q'), to: textCid('r'), time: expect.any(Number) }],
      total: 6,
    })
    expect(await graph.chains(`0x${'00'.repeat(20)}`)).toEqual([])
  })
})

describe('[KG4] the order of a neuron', () => {
  it('[KG4] links of equal time stand in order of their devices, whichever came first', async () => {
    const feeds = await Promise.all(
      [1, 2].map(async (device) => createFeed(await fakeIdentity(device, { wallet: 1 }))),
    )
    const one = await feeds[0]!.next([link('a', 'b'), link('x', 'y')], { timeUs: TEST_NOW * 1_000 })
    const two = await feeds[1]!.next([link('b', 'c'), link('a', 'b')], { timeUs: TEST_NOW * 1_000 })
    const forth = createGraph().graph
    const back = createGraph().graph
    await forth.ingest([one.envelope, two.envelope])
    await back.ingest([two.envelope, one.envelope])
    const address = formatAddress(identity.neuron)
    expect(await back.neuron(address)).toEqual(await forth.neuron(address))
    expect(await back.chains(address)).toEqual(await forth.chains(address))
  })

  it('[KG4] a cursor goes on behind its link, whatever older links came meanwhile', async () => {
    const feeds = await Promise.all(
      [1, 2].map(async (device) => createFeed(await fakeIdentity(device, { wallet: 1 }))),
    )
    const { graph } = createGraph()
    const address = formatAddress(identity.neuron)
    const late = await feeds[0]!.next([link('a', 'b'), link('b', 'c'), link('c', 'd')])
    await graph.ingest([late.envelope])
    const first = await graph.neuron(address, { limit: 2 })
    // one older link, and one that turns out to be older than was known
    const early = await feeds[1]!.next([link('x', 'y'), link('c', 'd')], { timeUs: TEST_NOW * 1_000 - 9 })
    await graph.ingest([early.envelope])
    const second = await graph.neuron(address, { limit: 2, cursor: first.cursor! })
    expect(second).toEqual({ links: [], total: 4 })
    expect((await graph.neuron(address)).links.map(({ to }) => to)).toEqual(['y', 'd', 'b', 'c'].map(textCid))
  })

  it('[KG4] a cursor is a place in time and nothing else', async () => {
    const { graph } = createGraph()
    const address = formatAddress(identity.neuron)
    for (const cursor of ['1', '-1', '1.ab.2', '']) {
      await expect(graph.neuron(address, { cursor })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
    }
  })
})

describe('failures that pass', () => {
  it('a write that succeeds ends the failure of the one before, and brings its records', async () => {
    const { graph, store, statuses, watching } = createGraph()
    await watching
    const feed = createFeed(identity)
    store.failure = new Error('QuotaExceededError')
    await graph.ingest([(await feed.next([link('moon', 'night')])).envelope])
    expect(statuses.at(-1)?.failure?.code).toBe('RECORDS_NOT_SAVED')
    store.failure = undefined
    await graph.ingest([(await feed.next([link('moon', 'sea')])).envelope])
    expect(statuses.at(-1)?.failure).toBeUndefined()
    expect(store.map.size).toBe(2)
  })

  it('[KG19] a damaged record is a failure until it came again', async () => {
    const { graph, store } = createGraph()
    const batch = await createFeed(identity).next([link('moon', 'night')])
    await graph.ingest([batch.envelope])
    for (const value of store.map.values()) value[300]! ^= 1
    const again = createGraph({ store })
    await again.watching
    await again.graph.load()
    expect(again.statuses.at(-1)?.failure?.code).toBe('RECORD_DAMAGED')
    await again.graph.ingest([batch.envelope])
    expect(again.statuses.at(-1)?.failure).toBeUndefined()
  })
})

describe('rank follows the links', () => {
  it('is scheduled once for many links, and rests after a long one', async () => {
    const { graph, timers, statuses, watching } = createGraph()
    await watching
    await fill(graph, PAIRS)
    await fill(graph, [['moon', 'cheese']], 2)
    expect(timers.pending).toBe(1)
    const ranked = new Promise<void>((resolve) => {
      void graph.watch(({ rank }) => rank !== undefined && resolve())
    })
    timers.advance(300)
    await ranked
    expect(statuses.at(-1)).toMatchObject({
      particles: 6,
      links: 7,
      neurons: 2,
      rank: { kernel: 'ts', particles: 6, links: 7 },
    })
  })

  it('a kernel that fails is a failure that a person can read', async () => {
    const kernel: RankKernel = { name: 'ts', rank: async () => Promise.reject(new Error('out of memory')) }
    const { graph, timers } = createGraph({ kernel })
    const failed = new Promise<GraphStatus>((resolve) => {
      void graph.watch((status) => status.failure !== undefined && resolve(status))
    })
    await fill(graph, PAIRS)
    timers.advance(300)
    expect((await failed).failure).toEqual({ code: 'RANK_FAILED', message: 'out of memory' })
  })

  it('[KG10] a report tells how the rank converged', async () => {
    const { graph } = createGraph()
    await fill(graph, PAIRS)
    const { iterations, convergence, at, ms, iterateMs } = await graph.compute()
    expect(convergence.map(({ iteration }) => iteration)).toEqual(
      Array.from({ length: iterations / 8 }, (_, i) => 8 * (i + 1)),
    )
    expect(convergence.at(-1)!.delta).toBeLessThanOrEqual(2 ** (30 - 62))
    expect([at - ms, ms >= iterateMs]).toEqual([TEST_NOW, true])
  })

  it('[KG9] the same links in another order give the same ranks, by hash', async () => {
    const forth = createGraph().graph
    const back = createGraph().graph
    for (let i = 0; i < PAIRS.length; i++) await fill(forth, [PAIRS[i]!], i + 1)
    for (let i = PAIRS.length - 1; i >= 0; i--) await fill(back, [PAIRS[i]!], i + 1)
    expect((await back.compute()).ranksSha256).toBe((await forth.compute()).ranksSha256)
  })

  it('a fork takes links away and keeps the other ranks until the next', async () => {
    const { graph } = createGraph()
    await fill(graph, PAIRS)
    const feed = createFeed(await fakeIdentity(2))
    const good = await feed.next([link('x', 'y')])
    const bad = await feed.next([link('y', 'z')])
    await graph.ingest([good.envelope, bad.envelope])
    await graph.compute()
    const night = await graph.rankOf('night')
    feed.rewind(good)
    const fork = await feed.next([link('y', 'w')])
    expect(await graph.ingest([fork.envelope])).toMatchObject([{ status: 'forked' }])
    expect(await graph.rankOf('z')).toBeUndefined()
    expect(await graph.rankOf('night')).toEqual(night)
    expect((await graph.compute()).links).toBe(PAIRS.length + 1)
  })
})

describe('texts', () => {
  it('are checked by hash', async () => {
    const { graph } = createGraph()
    await expect(graph.addText(textCid('moon'), utf8('sun'))).rejects.toMatchObject({ code: 'TEXT_FORGED' })
    await expect(graph.addText(textCid('moon'), new Uint8Array(257))).rejects.toMatchObject({
      code: 'TEXT_TOO_LONG',
    })
    const binary = Uint8Array.of(0xff, 0xfe)
    await expect(graph.addText(bytesCid(binary), binary)).rejects.toMatchObject({ code: 'TEXT_INVALID' })
  })

  it('are given out as the bytes that they came as', async () => {
    const { graph } = createGraph()
    const bytes = utf8('\ufeffcafe\u0301\n')
    await graph.addText(bytesCid(bytes), bytes)
    expect(await graph.texts([textCid('moon'), bytesCid(bytes)])).toEqual([bytes])
  })

  it('missing ones are asked for less and less often', async () => {
    const { graph } = createGraph()
    await graph.ingest([
      (await createFeed(identity).next([link('moon', 'night'), link('sun', 'day')])).envelope,
    ])
    await graph.addText(textCid('sun'), utf8('sun'))
    const asked: number[] = []
    for (let round = 0; round < 40; round++) {
      const missing = await graph.missingTexts(10)
      if (missing.includes(textCid('moon'))) asked.push(round)
      expect(missing).not.toContain(textCid('sun'))
    }
    expect(asked).toEqual([0, 2, 4, 8, 16, 32])
  })

  it('links and texts come back after a reload', async () => {
    const { graph, store } = createGraph()
    await fill(graph, PAIRS)
    store.map.set(`text/${textCid('forged')}`, utf8('other'))
    const { graph: again, statuses, watching, timers } = createGraph({ store })
    await watching
    await again.load()
    expect(statuses.at(-1)).toMatchObject({ particles: 5, links: 6, texts: 5 })
    expect(statuses.at(-1)!.loading).toBeUndefined()
    expect(statuses.some(({ loading }) => loading?.done === 1)).toBe(true)
    expect(await again.text(textCid('moon'))).toBe('moon')
    expect(timers.pending).toBe(1)
    await again.stop()
    expect(timers.pending).toBe(0)
  })
})
