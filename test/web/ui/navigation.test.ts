import { describe, expect, it } from 'vitest'
import { createNavigation, type NavigationWindow } from '#ui/navigation.ts'

interface Cell {
  readonly x: number
  readonly y: number
}

/** A window with a history of hashes, as far as navigation sees one. */
function createFakeWindow(hash: string) {
  const entries = [hash]
  let at = 0
  const listeners = new Set<() => void>()
  const location = {
    get hash() {
      return entries[at] ?? ''
    },
    get href() {
      return `http://127.0.0.1:8080/?x=1${entries[at]}`
    },
  }
  const window: NavigationWindow = {
    location,
    history: {
      pushState(_state, _title, url) {
        entries.splice(++at, entries.length, String(url))
      },
      replaceState(_state, _title, url) {
        entries[at] = String(url)
      },
    },
    addEventListener: (_type, listener) => listeners.add(listener),
    removeEventListener: (_type, listener) => listeners.delete(listener),
  }
  return {
    window,
    entries,
    listeners,
    travel(by: number) {
      at += by
      for (const listener of listeners) listener()
    },
    type(next: string) {
      entries.splice(++at, entries.length, next)
      for (const listener of listeners) listener()
    },
  }
}

function setup(hash = '') {
  const fake = createFakeWindow(hash)
  const moves: Cell[] = []
  const mistakes: string[] = []
  const navigation = createNavigation(
    fake.window,
    (cell) => moves.push(cell),
    () => mistakes.push(fake.window.location.hash),
  )
  return { ...fake, mistakes, moves, navigation }
}

describe('[WO3] the address', () => {
  it('says where to begin', () => {
    expect(setup('#/5,-6').navigation.route.value.cell).toEqual({ x: 5, y: -6 })
  })

  it('gets an entry for a jump and none for a walk', () => {
    const { entries, navigation } = setup('#/1,1')
    navigation.follow({ x: 2, y: 1 })
    navigation.go({ x: 30, y: 40 })
    navigation.go({ x: 30, y: 40 })
    expect(entries).toEqual(['#/2,1', '#/30,40'])
  })

  it('goes back and forward', () => {
    const { moves, navigation, travel } = setup('#/1,1')
    navigation.go({ x: 30, y: 40 })
    travel(-1)
    travel(1)
    expect(moves).toEqual([
      { x: 1, y: 1 },
      { x: 30, y: 40 },
    ])
  })

  it('moves by what is typed, and stays for what names no cell', () => {
    const { moves, type } = setup('')
    type('#/7,8')
    type('#/nowhere')
    expect(moves).toEqual([{ x: 7, y: 8 }])
  })

  it('says again where one is when it is given none, and that it was wrong', () => {
    const { entries, mistakes, type } = setup('#/7,8')
    type('#/9999,9999&relay=/ip4/1.2.3.4/tcp/1/ws')
    expect(entries.at(-1)).toBe('#/7,8&relay=/ip4/1.2.3.4/tcp/1/ws')
    expect(mistakes).toHaveLength(1)
    expect(setup('#/abc')).toMatchObject({ entries: [''], mistakes: [''] })
    expect(setup('#/').mistakes).toEqual([])
  })

  it('[NE2] keeps its relays through all of this, and shares them', () => {
    const { entries, navigation } = setup('#relay=/ip4/1.2.3.4/tcp/1/ws')
    navigation.go({ x: 3, y: 4 })
    expect(entries.at(-1)).toBe('#/3,4&relay=/ip4/1.2.3.4/tcp/1/ws')
    expect(navigation.linkTo({ x: -9, y: 2 })).toBe(
      'http://127.0.0.1:8080/?x=1#/-9,2&relay=/ip4/1.2.3.4/tcp/1/ws',
    )
  })

  it('opens a content until it is closed, or one goes elsewhere', () => {
    const cid = `Qm${'a'.repeat(44)}`
    const relay = 'relay=/ip4/1.2.3.4/tcp/1/ws'
    const { entries, navigation } = setup(`#open=${cid}&${relay}`)
    expect(navigation.linkToContent(cid)).toBe(`http://127.0.0.1:8080/?x=1#open=${cid}&${relay}`)
    navigation.follow({ x: 1, y: 2 })
    expect(entries).toEqual([`#/1,2&open=${cid}&${relay}`])
    navigation.closeContent(`Qm${'b'.repeat(44)}`)
    expect(entries).toEqual([`#/1,2&open=${cid}&${relay}`])
    navigation.closeContent(cid)
    navigation.closeContent(cid)
    expect(entries).toEqual([`#/1,2&${relay}`])
    const other = setup(`#open=${cid}`)
    other.navigation.go({ x: 3, y: 4 })
    expect(other.entries).toEqual([`#open=${cid}`, '#/3,4'])
    expect(other.navigation.linkTo({ x: 3, y: 4 })).toBe('http://127.0.0.1:8080/?x=1#/3,4')
  })

  it('opens a cyfs link until it is closed, wherever one goes meanwhile', () => {
    const { navigation } = setup('')
    expect(navigation.linkToObject('cyfs://o/a/b')).toBe('http://127.0.0.1:8080/?x=1#open=cyfs://o/a/b')
    const other = setup('#open=cyfs://o/a/b')
    expect(other.navigation.route.value.link).toBe('cyfs://o/a/b')
    other.navigation.go({ x: 3, y: 4 })
    expect(other.entries.at(-1)).toBe('#/3,4&open=cyfs://o/a/b')
    other.navigation.showPanel('files')
    expect(other.navigation.route.value.link).toBeUndefined()
    expect(other.entries.at(-1)).toBe('#/3,4&panel=files')
    other.navigation.showPanel('files', { link: 'cyfs://o/a/c' })
    expect(other.entries.at(-1)).toBe('#/3,4&open=cyfs://o/a/c')
    // an id, or more than an address bears
    for (const link of ['5cRp', `cyfs://o/a/b/${'c'.repeat(600)}`]) {
      other.navigation.showPanel('files', { link })
      expect(other.entries.at(-1)).toBe('#/3,4&panel=files')
    }
  })

  it('draws a graph until it is closed, each step an entry, wherever one goes meanwhile', () => {
    const [moon, night] = [`Qm${'a'.repeat(44)}`, `Qm${'b'.repeat(44)}`] as const
    const { entries, navigation, travel } = setup(`#/1,2&graph=${moon}&relay=a`)
    expect(navigation.route.value).toMatchObject({ graph: moon, parameters: ['relay=a'] })
    navigation.showGraph(moon)
    navigation.showGraph(night)
    expect(entries).toEqual([`#/1,2&graph=${moon}&relay=a`, `#/1,2&graph=${night}&relay=a`])
    navigation.go({ x: 3, y: 4 })
    expect(entries.at(-1)).toBe(`#/3,4&graph=${night}&relay=a`)
    expect(navigation.linkToGraph(night)).toBe(`http://127.0.0.1:8080/?x=1#graph=${night}&relay=a`)
    travel(-2)
    expect(navigation.route.value.graph).toBe(moon)
    navigation.showPanel(undefined)
    expect(navigation.route.value).toEqual({ cell: { x: 1, y: 2 }, parameters: ['relay=a'] })
    expect(setup('#graph=moon').navigation.route.value.graph).toBeUndefined()
  })

  it('names the panel and the search without an entry, wherever one goes meanwhile', () => {
    const { entries, navigation, travel } = setup('#/1,2&relay=a')
    navigation.showPanel('land')
    expect(entries).toEqual(['#/1,2&panel=land&relay=a'])
    navigation.go({ x: 3, y: 4 })
    navigation.showPanel('search', { search: ' full moon ' })
    navigation.follow({ x: 3, y: 5 })
    expect(entries).toEqual(['#/1,2&panel=land&relay=a', '#/3,5&search=full%20moon&relay=a'])
    expect(navigation.linkTo({ x: 3, y: 5 })).toBe('http://127.0.0.1:8080/?x=1#/3,5&relay=a')
    navigation.showPanel('search')
    expect(entries.at(-1)).toBe('#/3,5&panel=search&relay=a')
    navigation.showPanel(undefined)
    expect(entries.at(-1)).toBe('#/3,5&relay=a')
    travel(-1)
    expect(navigation.route.value.panel).toBe('land')
  })

  it('forgets what is open in a panel with the panel, and tells of a search that is too long nothing', () => {
    const graph = `Qm${'a'.repeat(44)}`
    const { entries, navigation } = setup(`#/1,2&graph=${graph}`)
    navigation.showPanel('graph')
    expect(entries.at(-1)).toBe(`#/1,2&graph=${graph}`)
    navigation.showPanel('search', { search: 'a'.repeat(999) })
    expect(entries).toEqual(['#/1,2&panel=search'])
    const other = setup('#open=cyfs://o/a/b')
    other.navigation.showPanel(undefined)
    expect(other.entries).toEqual(['#'])
  })

  it('is left alone once stopped', () => {
    const { listeners, navigation } = setup('')
    navigation.stop()
    expect(listeners.size).toBe(0)
  })
})
