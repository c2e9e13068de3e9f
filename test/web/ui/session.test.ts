import { describe, expect, it, vi } from 'vitest'
import type { PeerState } from '#api/network-types.ts'
import { parcelAt } from '#core/land.ts'
import { BIRTH_PLACES, type ParcelPlaces, plotAt } from '#core/plots.ts'
import { FOLLOW_MS } from '#ui/follow-position.ts'
import { createSession, type Session } from '#ui/session.ts'
import { canvas, PLOT, SERIAL, setup, useSessions } from './session-harness.ts'

useSessions()

describe('panels and cards', () => {
  it('open one at a time and close by the same button', () => {
    const { session } = setup()
    session.toggle('land')
    session.toggle('network')
    expect(session.panel.value).toBe('network')
    session.toggle('network')
    expect(session.panel.value).toBeUndefined()
  })

  it('show the plot that was selected last, or the result', async () => {
    const { session, world } = setup()
    await session.world.start(canvas, undefined)
    world.view.select(SERIAL)
    expect(session.card.value).toEqual({ kind: 'parcel', parcel: SERIAL })
    session.showResult('Qm', 'moon')
    expect(session.card.value?.kind).toBe('result')
    session.closeCard()
    expect(session.card.value).toBeUndefined()
    expect(world.selected.value).toBe(SERIAL)
  })

  it('leave the world to the model that is placed, and keep the plot chosen', async () => {
    const { session, world } = setup()
    await session.world.start(canvas, undefined)
    session.select(SERIAL)
    session.open('build')
    expect(session.card.value).toBeUndefined()
    expect(session.selected.value).toBe(SERIAL)
    session.build.moveToCell({ x: 50, y: 3 })
    expect(world.selected.value).toBe(parcelAt({ x: 50, y: 3 }))
    expect(session.card.value).toBeUndefined()
  })

  it('stand side by side in a wide window', () => {
    const { session } = setup()
    session.select(SERIAL)
    session.open('land')
    session.showResult('Qm', 'moon')
    session.toggle('wallet')
    expect(session.card.value?.kind).toBe('result')
  })

  it('take turns on a phone, where the card would lie over the panel', () => {
    const { session } = setup({ innerWidth: 390 })
    session.select(SERIAL)
    session.open('land')
    expect(session.card.value).toBeUndefined()
    expect(session.selected.value).toBeUndefined()
    session.showResult('Qm', 'moon')
    session.toggle('land')
    expect(session.card.value).toBeUndefined()
    expect(session.panel.value).toBe('land')
    session.toggle('land')
    expect(session.panel.value).toBeUndefined()
  })

  it('leave no card of a result beside the results of another query', () => {
    const { session } = setup()
    session.runSearch('moon')
    session.showResult('Qm', 'moon')
    session.runSearch(' moon ')
    expect(session.card.value?.kind).toBe('result')
    session.runSearch('lantern')
    expect(session.card.value).toBeUndefined()
    session.select(SERIAL)
    session.runSearch('moon')
    expect(session.card.value?.kind).toBe('parcel')
  })

  it('deselect the plot whose card is closed', async () => {
    const { session, world } = setup()
    await session.world.start(canvas, undefined)
    session.select(SERIAL)
    session.closeCard()
    expect(world.selected.value).toBeUndefined()
    expect(session.selected.value).toBeUndefined()
  })

  it('select in the world what was selected before it came', async () => {
    const { session, world } = setup()
    session.goTo(PLOT)
    expect(session.card.value).toEqual({ kind: 'parcel', parcel: SERIAL })
    await session.world.start(canvas, PLOT)
    expect(world.selected.value).toBe(SERIAL)
    expect(session.card.value).toEqual({ kind: 'parcel', parcel: SERIAL })
  })
})

describe('[WO3] the place', () => {
  it('is the address’s until the world is there, then the visitor’s', async () => {
    const { session, world } = setup({ hash: '#/5,6' })
    expect(session.position.value).toEqual({ x: 5.5, y: 6.5 })
    await session.world.start(canvas, { x: 5, y: 6 })
    world.position.value = { x: 7.2, y: 8.9, headingDegrees: 0 }
    expect(session.position.value).toMatchObject({ x: 7.2, y: 8.9 })
  })

  it('moves with a jump, in the address too', async () => {
    const { page, session, world } = setup()
    await session.world.start(canvas, undefined)
    session.goTo(PLOT)
    expect(world.visits).toEqual([PLOT])
    expect(page.location.hash).toBe('#/40,1')
  })

  it('leaves the address alone where the world opens', async () => {
    const { page, session } = setup()
    await session.world.start(canvas, undefined)
    expect(page.location.hash).toBe('')
  })
})

describe('[WO3] the card of a link', () => {
  it('is opened with the page, and selected in the world once it is there', async () => {
    const { session, world } = setup({ hash: '#/40,1' })
    expect(session.card.value).toEqual({ kind: 'parcel', parcel: SERIAL })
    await session.world.start(canvas, PLOT)
    expect(world.selected.value).toBe(SERIAL)
  })

  it('follows the address back and forward, and closes where no plot is', () => {
    const { page, session } = setup()
    page.travel('#/40,1')
    expect(session.card.value).toEqual({ kind: 'parcel', parcel: SERIAL })
    page.travel('#/0,0')
    expect(session.card.value).toBeUndefined()
    page.travel('#/40,1')
    expect(session.selected.value).toBe(SERIAL)
  })

  it('[CH4] opens for a plot in the sea once the chain says that it lies there, unless one has left', async () => {
    const far = { x: 900, y: -1_500 }
    const places: ParcelPlaces = {
      ...BIRTH_PLACES,
      parcelOn: ({ x, y }) => (x === far.x && y === far.y ? 7 : BIRTH_PLACES.parcelOn({ x, y })),
    }
    const at = async (leave: (session: Session) => void) => {
      const { fake, session } = setup({ hash: '#/900,-1500' })
      expect(session.position.value).toEqual({ x: 900.5, y: -1_499.5 })
      await session.tabland
      expect(session.card.value).toBeUndefined()
      leave(session)
      fake.land.value = { ...fake.land.value, places }
      const card = session.card.value
      session.stop()
      return card
    }
    expect(await at(() => undefined)).toEqual({ kind: 'parcel', parcel: plotAt(far) })
    expect(await at((session) => session.goTo({ x: 0, y: 0 }))).toBeUndefined()
    expect(await at((session) => session.showResult('Qm', 'moon'))).toMatchObject({ kind: 'result' })
  })

  it('is the card of the cell that was asked for, though one stops in front of it', async () => {
    vi.useFakeTimers()
    const { page, session, world } = setup()
    await session.world.start(canvas, undefined)
    session.goTo(PLOT)
    world.position.value = { x: 40.5, y: -0.2, headingDegrees: 0 }
    vi.advanceTimersByTime(FOLLOW_MS)
    expect(page.location.hash).toBe('#/40,1')
    world.position.value = { x: 40.5, y: -1.4, headingDegrees: 0 }
    vi.advanceTimersByTime(FOLLOW_MS)
    expect(page.location.hash).toBe('#/40,-2')
    world.position.value = { x: 40.5, y: -2.1, headingDegrees: 0 }
    vi.advanceTimersByTime(FOLLOW_MS)
    expect(page.location.hash).toBe('#/40,-3')
  })
})

describe('what was published', () => {
  it('is told with how others get it, or that nobody is here to fetch it', async () => {
    const { fake, session } = setup()
    const publish = async (name: string) => {
      await session.files.publish([{ name, items: [{ path: '', content: new Blob([name]) }] }])
      return session.toasts.list.value.at(-1)?.text
    }
    const peer = { kind: 'relay', transport: 'websocket', peerId: 'a' } as PeerState
    fake.network.value = { ...fake.network.value, peers: [peer] }
    expect(await publish('a.txt')).toMatch(/^a\.txt is published\..* only this device holds it/)
    fake.network.value = { ...fake.network.value, peers: [peer, { ...peer, kind: 'tab' }] }
    expect(await publish('b.txt')).toMatch(/^b\.txt is published\. Copy its link/)
  })
})

describe('the hint to pin the tab', () => {
  it('waits for room, and comes after something was seeded', async () => {
    const { fake, session } = setup()
    session.endWelcome()
    await session.tabland
    fake.network.value = { ...fake.network.value, join: { phase: 'ready', progress: 1 } }
    session.open('seed')
    session.seed.jobs.addFiles([new File(['moon'], 'moon.txt')])
    await vi.waitFor(() => expect(session.toasts.list.value[0]?.text).toMatch(/^moon.txt is seeded/))
    expect(session.pinHint.due.value).toBe(false)
    session.closePanel()
    expect(session.pinHint.due.value).toBe(true)
  })
})

describe('[CH13] a chain that the relay names otherwise than before', () => {
  it('is told once', async () => {
    const { fake, session } = setup()
    await session.tabland
    const changed = { code: 'CHAIN_CHANGED', message: 'The relay names another.' }
    fake.chain.value = { ...fake.chain.value, changed }
    fake.chain.value = { ...fake.chain.value, parcels: 3 }
    expect(session.toasts.list.value.map(({ kind }) => kind)).toEqual(['failure'])
  })
})

describe('the peer', () => {
  it('[UI1] brings its states when it is there', async () => {
    const { fake, session } = setup()
    fake.network.value = { ...fake.network.value, peerId: '12D3' }
    expect(session.state.network.value.peerId).toBe('')
    await session.tabland
    expect(session.state.network.value.peerId).toBe('12D3')
  })

  it('[UI4] that cannot start says why', async () => {
    const { page } = setup()
    const session = createSession({
      tabland: Promise.reject(Object.assign(new Error('No.'), { code: 'STORE_OPEN_FAILED' })),
      inspectModel: async () => {
        throw new Error('no model here')
      },
      window: page,
    })
    await expect(session.tabland).rejects.toThrow()
    expect(session.startFailure.value?.code).toBe('STORE_OPEN_FAILED')
    expect(session.world.status.value.kind).toBe('off')
    session.stop()
  })
})
