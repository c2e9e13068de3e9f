import { describe, expect, it, vi } from 'vitest'
import { FOLLOW_MS } from '#ui/follow-position.ts'
import { canvas, PLOT, SERIAL, setup, useSessions } from './session-harness.ts'

useSessions()

it('opens the cyfs link that the address names, in the files panel', async () => {
  const { fake, page, session } = setup({ hash: '#open=cyfs://o/a/b' })
  expect(session.panel.value).toBe('files')
  await expect.poll(() => fake.calls.map(({ args }) => args)).toEqual([['cyfs://o/a/b']])
  page.travel('#open=cyfs://o/a/c')
  expect(session.files.opened.value).toEqual({ link: 'cyfs://o/a/c' })
})

describe('an address with a plot and what else it opens', () => {
  const cid = `Qm${'a'.repeat(44)}`
  const phone = { innerWidth: 390 }

  it('opens both on a phone too, and is kept', () => {
    const { page, session } = setup({ hash: '#/40,1&open=cyfs://o/a/b', ...phone })
    expect([session.panel.value, session.card.value]).toEqual(['files', undefined])
    expect(session.files.opened.value?.link).toBe('cyfs://o/a/b')
    expect(page.location.hash).toBe('#/40,1&open=cyfs://o/a/b')
    const other = setup({ hash: `#/40,1&open=${cid}&panel=land`, ...phone })
    expect([other.session.panel.value, other.session.card.value]).toMatchObject(['land', { cid }])
    expect(other.page.location.hash).toBe(`#/40,1&open=${cid}&panel=land`)
  })

  it('leads back to a link from a card that lies over the panel', () => {
    const { page, session } = setup(phone)
    for (const open of [() => session.select(SERIAL), () => session.showResult(cid, 'moon')]) {
      page.travel('#')
      open()
      page.travel('#open=cyfs://o/a/b')
      expect([session.panel.value, session.card.value]).toEqual(['files', undefined])
      expect(session.files.opened.value?.link).toBe('cyfs://o/a/b')
      expect(page.location.hash).toBe('#open=cyfs://o/a/b')
    }
  })

  it('keeps the link when a card is closed, and the content when the world comes', async () => {
    const { page, session, world } = setup({ hash: `#/40,1&open=${cid}&open=cyfs://o/a/b` })
    await session.world.start(canvas, PLOT)
    expect(world.selected.value).toBe(SERIAL)
    expect(session.card.value).toMatchObject({ cid })
    session.select(SERIAL)
    expect(page.location.hash).toBe('#/40,1&open=cyfs://o/a/b')
    session.closeCard()
    expect(page.location.hash).toBe('#/40,1&open=cyfs://o/a/b')
  })

  it('names the link that is open in the files panel, whatever else one looks at', () => {
    const { page, session } = setup({ hash: '#open=cyfs://o/a/b' })
    session.toggle('land')
    session.toggle('files')
    expect(page.location.hash).toBe('#open=cyfs://o/a/b')
    session.goTo(PLOT)
    expect(page.location.hash).toBe('#/40,1&open=cyfs://o/a/b')
    void session.files.open('cyfs://o/a/c')
    expect(page.location.hash).toBe('#/40,1&open=cyfs://o/a/c')
    session.files.close()
    expect(page.location.hash).toBe('#/40,1&panel=files')
  })
})

describe('a content that the address opens', () => {
  const cid = `Qm${'a'.repeat(44)}`

  it('is shown beside the place, and left when it is closed', () => {
    const { page, session } = setup({ hash: `#/40,1&open=${cid}` })
    expect(session.card.value).toEqual({ kind: 'result', cid, query: '' })
    session.closeCard()
    expect(page.location.hash).toBe('#/40,1')
    page.travel(`#open=${cid}`)
    expect(session.card.value).toEqual({ kind: 'result', cid, query: '' })
  })
})

describe('the graph that the address names', () => {
  const graph = `Qm${'a'.repeat(44)}`

  it('is opened, followed, and forgotten when another panel is opened', () => {
    const { page, session } = setup({ hash: `#/40,1&graph=${graph}` })
    expect(session.panel.value).toBe('graph')
    session.toggle('graph')
    expect([session.panel.value, page.location.hash]).toEqual([undefined, '#/40,1'])
    session.showGraph(graph)
    expect([session.panel.value, page.location.hash]).toEqual(['graph', `#/40,1&graph=${graph}`])
    session.runSearch('moon')
    expect([session.panel.value, page.location.hash]).toEqual(['search', '#/40,1&search=moon'])
    page.travel(`#graph=${graph}`)
    expect(session.panel.value).toBe('graph')
  })
})

describe('the panel and the search that the address names', () => {
  it('are opened with the page, and followed back and forward', async () => {
    const { fake, page, session } = setup({ hash: '#/40,1&search=full%20moon' })
    expect([session.panel.value, session.search.input.value]).toEqual(['search', 'full moon'])
    await expect.poll(() => fake.calls.map(({ args }) => args)).toEqual([['full moon']])
    page.travel('#/40,1&panel=wallet')
    expect(session.panel.value).toBe('wallet')
    page.travel('#/40,1&search=tide')
    expect([session.panel.value, session.search.view.value.query]).toEqual(['search', 'tide'])
    expect(page.location.hash).toBe('#/40,1&search=tide')
    page.travel('#/40,1')
    expect(session.panel.value).toBeUndefined()
    expect(setup({ hash: '#panel=kitchen' }).session.panel.value).toBeUndefined()
  })

  it('are named while they are open', () => {
    const { page, session } = setup({ hash: '#relay=a' })
    const hashAfter = (act: () => void): string => {
      act()
      return page.location.hash
    }
    expect(hashAfter(() => session.open('land'))).toBe('#panel=land&relay=a')
    expect(hashAfter(() => session.runSearch('moon'))).toBe('#search=moon&relay=a')
    expect(hashAfter(() => session.runSearch('tide'))).toBe('#search=tide&relay=a')
    expect(hashAfter(() => session.toggle('more'))).toBe('#panel=more&relay=a')
    expect(hashAfter(() => session.open('search'))).toBe('#search=tide&relay=a')
    expect(hashAfter(() => session.goTo(PLOT))).toBe('#/40,1&search=tide&relay=a')
    expect(hashAfter(() => session.runSearch(''))).toBe('#/40,1&panel=search&relay=a')
    expect(hashAfter(() => session.closePanel())).toBe('#/40,1&relay=a')
  })

  it('leave a walk where it was', async () => {
    vi.useFakeTimers()
    const { page, session, world } = setup({ hash: '#/40,1' })
    await session.world.start(canvas, PLOT)
    world.position.value = { x: 45.5, y: 1.5, headingDegrees: 0 }
    session.open('land')
    vi.advanceTimersByTime(FOLLOW_MS)
    expect(page.location.hash).toBe('#/45,1&panel=land')
  })
})
