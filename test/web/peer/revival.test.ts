import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeEach, describe, expect, it } from 'vitest'
import { createClock } from '#peer/clock.ts'
import type { LifePage } from '#peer/life.ts'
import { createRevival, type Revival } from '#peer/revival.ts'
import { createFakeTimers, type FakeTimers } from '#test/fakes/timers.ts'

const RELAY = '12D3KooWHqU6wYjeuGU3DpwbM3voAuXjs3WYzZKbSGaSGA4kX8eC'

/** A connection that opens no stream any more, or says at once that it does not know the protocol. */
function connection(answers: boolean, rtt?: number): Connection & { readonly aborted: () => boolean } {
  let aborted = false
  return {
    status: 'open',
    rtt,
    abort: () => {
      aborted = true
    },
    aborted: () => aborted,
    newStream: (_: string, { signal }: { signal: AbortSignal }) =>
      new Promise((_resolve, reject) => {
        if (answers) reject(Object.assign(new Error('unknown'), { name: 'UnsupportedProtocolError' }))
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  } as unknown as Connection & { readonly aborted: () => boolean }
}

let timers: FakeTimers
let steady: number
let libp2p: EventTarget & { getConnections(): Connection[] }
let connections: Connection[]
let page: LifePage
let calls: string[]
let changes: boolean[]
let revival: Revival

beforeEach(() => {
  timers = createFakeTimers()
  steady = 0
  connections = []
  libp2p = Object.assign(new EventTarget(), { getConnections: () => connections })
  page = { window: new EventTarget(), document: new EventTarget() }
  calls = []
  changes = []
  make(true)
})

function make(online: boolean): void {
  revival?.stop()
  revival = createRevival(
    {
      libp2p: libp2p as never,
      relays: {
        restart: () => calls.push('restart relays'),
        retry: () => calls.push('retry relays'),
        isRelay: (peer) => peer === RELAY,
      },
      dialer: { restart: () => calls.push('restart peers'), retry: () => calls.push('retry peers') },
      presence: { announce: () => calls.push('announce'), goodbye: async () => void calls.push('goodbye') },
    },
    {
      timers,
      clock: createClock({ wall: () => 1_795_000_000_000 + steady, steady: () => steady }),
      steady: () => steady,
      page,
      online,
      onChange: () => changes.push(revival.isOnline()),
    },
  )
  revival.start()
}

const fire = (target: keyof LifePage, type: string) =>
  (page[target] as EventTarget).dispatchEvent(new Event(type))
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('[NE7] after an interruption', () => {
  it('relays and peers are dialled at once, dead connections are ended, and what was lost is dialled', async () => {
    const [live, dead, slow] = [connection(true), connection(false), connection(false, 2_000)]
    connections.push(live, dead, slow)
    fire('document', 'resume')
    expect(calls).toEqual(['restart relays', 'restart peers', 'announce'])
    await settle()
    timers.advance(2_500)
    await settle()
    expect([live, dead, slow].map((one) => one.aborted())).toEqual([false, true, false])
    expect(calls).toHaveLength(3)
    timers.advance(5_500)
    await settle()
    expect(slow.aborted()).toBe(true)
    expect(calls.slice(3)).toEqual(['retry relays', 'retry peers'])
  })

  it('that is told of twice, by the page and by a gap between ticks, it is done once', async () => {
    fire('document', 'resume')
    steady += 60_000
    timers.advance(1_000)
    expect(calls.filter((call) => call === 'announce')).toHaveLength(2)
    timers.advance(1_000)
    expect(calls.filter((call) => call === 'announce')).toHaveLength(2)
  })

  it('such as another address that a relay sees', async () => {
    const identify = (host: string) =>
      libp2p.dispatchEvent(
        new CustomEvent('peer:identify', {
          detail: { peerId: { toString: () => RELAY }, observedAddr: multiaddr(`/ip4/${host}/tcp/1`) },
        }),
      )
    identify('198.51.100.7')
    identify('198.51.100.7')
    expect(calls).toEqual([])
    identify('203.0.113.9')
    expect(calls).toContain('restart relays')
  })

  it('but not again and again because one relay says so', () => {
    for (let host = 0; host < 20; host++) {
      libp2p.dispatchEvent(
        new CustomEvent('peer:identify', {
          detail: {
            peerId: { toString: () => RELAY },
            observedAddr: multiaddr(`/ip4/198.51.100.${host}/tcp/1`),
          },
        }),
      )
    }
    expect(calls.filter((call) => call === 'restart relays')).toHaveLength(3)
  })

  it('nothing is done any more once it is stopped', async () => {
    connections.push(connection(false))
    fire('document', 'resume')
    revival.stop()
    await settle()
    fire('window', 'online')
    await settle()
    expect(calls).toEqual(['restart relays', 'restart peers', 'announce'])
    expect(timers.pending).toBe(0)
  })
})

describe('[NE7] offline', () => {
  it('shows at once, until the browser takes it back or a new connection proves it wrong', async () => {
    fire('window', 'offline')
    expect(changes).toEqual([false])
    fire('window', 'online')
    expect(revival.isOnline()).toBe(true)
    fire('window', 'offline')
    expect(revival.isOnline()).toBe(false)
    libp2p.dispatchEvent(new Event('connection:open'))
    expect(revival.isOnline()).toBe(true)
    expect(changes.at(-1)).toBe(true)
  })

  it('is where a page may start', () => {
    make(false)
    expect(revival.isOnline()).toBe(false)
  })

  it('says goodbye when the page is left', () => {
    fire('window', 'pagehide')
    expect(calls).toEqual(['goodbye'])
  })
})
