import { beforeEach, describe, expect, it } from 'vitest'
import { createClock } from '#peer/clock.ts'
import { createAddressWatch, type Interruption, type LifePage, watchLife } from '#peer/life.ts'
import { createFakeTimers, type FakeTimers } from '#test/fakes/timers.ts'

class Connection extends EventTarget {
  type = 'wifi'
}

let timers: FakeTimers
let device: { wall: number; steady: number }
let page: LifePage & { readonly connection: Connection }
let told: (Interruption | 'offline' | 'left')[]
let end: () => void

beforeEach(() => {
  timers = createFakeTimers()
  device = { wall: 1_795_000_000_000, steady: 0 }
  page = { window: new EventTarget(), document: new EventTarget(), connection: new Connection() }
  told = []
  const clock = createClock({ wall: () => device.wall, steady: () => device.steady })
  end = watchLife(
    { timers, clock, steady: () => device.steady, page },
    {
      onInterrupted: (cause) => told.push(cause),
      onOffline: () => told.push('offline'),
      onLeave: () => told.push('left'),
    },
  )
})

function pass(ms: number): void {
  for (let left = ms; left > 0; left -= 1_000) {
    device.wall += 1_000
    device.steady += 1_000
    timers.advance(1_000)
  }
}

const fire = (target: unknown, event: Event) => (target as EventTarget).dispatchEvent(event)

describe('[NE7] the life of a tab', () => {
  it('passes without a word while ticks come', () => {
    pass(60_000)
    expect(told).toEqual([])
  })

  it.each([
    ['no tick for a minute: it was frozen', 60_000, 60_000],
    ['a sleep in which the steady clock stood still', 60_000, 0],
    ['a clock that was set back', -3_600_000, 0],
  ])('is interrupted by %s', (_, wall, steady) => {
    pass(5_000)
    device.wall += wall
    device.steady += steady
    pass(1_000)
    expect(told).toEqual(['slept'])
    pass(60_000)
    expect(told).toEqual(['slept'])
  })

  it('hears what the browser tells', () => {
    fire(page.document, new Event('resume'))
    fire(page.window, new Event('offline'))
    fire(page.window, new Event('online'))
    fire(page.window, new Event('pagehide'))
    fire(page.window, Object.assign(new Event('pageshow'), { persisted: true }))
    expect(told).toEqual(['resumed', 'offline', 'online', 'left', 'resumed'])
    fire(page.window, Object.assign(new Event('pageshow'), { persisted: false }))
    expect(told).toHaveLength(5)
  })

  it('knows a new kind of network from a new estimate of its speed', () => {
    fire(page.connection, new Event('change'))
    expect(told).toEqual([])
    page.connection.type = 'cellular'
    fire(page.connection, new Event('change'))
    expect(told).toEqual(['network-changed'])
  })

  it('ends', () => {
    end()
    device.wall += 60_000
    pass(60_000)
    fire(page.document, new Event('resume'))
    expect([told, timers.pending]).toEqual([[], 0])
  })
})

it('a relay that sees another address of ours tells of another network', () => {
  const watch = createAddressWatch()
  expect(watch.seen('relay', '198.51.100.7')).toBe(false)
  expect(watch.seen('other', '2001:db8::7')).toBe(false)
  expect(watch.seen('relay', '198.51.100.7')).toBe(false)
  expect(watch.seen('relay', '203.0.113.9')).toBe(true)
})
