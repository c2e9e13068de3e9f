import { afterEach, describe, expect, it, vi } from 'vitest'
import type { RelayState } from '#api/network-types.ts'
import { createPatience, type JoinFacts, joinState } from '#peer/join.ts'
import { systemTimers } from '#peer/system-timers.ts'

const facts: JoinFacts = {
  started: true,
  online: true,
  relays: [],
  connectedPeers: 0,
  alone: false,
  stuck: false,
  late: false,
  webRtcMissing: false,
}
const relay = (status: RelayState['status'], code?: string): RelayState => ({
  address: '/relay',
  status,
  ...(code === undefined ? {} : { failure: { code, message: `${code}.` } }),
})

describe('join', () => {
  it.each<[string, Partial<JoinFacts>, string, string | undefined]>([
    ['nothing was started', { started: false }, 'starting', undefined],
    ['no relay is known', {}, 'relay', 'RELAY_NONE'],
    ['a relay is dialled', { relays: [relay('connecting')] }, 'relay', undefined],
    ['the only relay fails', { relays: [relay('waiting', 'DOWN')] }, 'relay', 'DOWN'],
    ['one of two relays fails', { relays: [relay('waiting', 'DOWN'), relay('connecting')] }, 'relay', 'DOWN'],
    ['a relay is connected', { relays: [relay('connected')] }, 'reservation', undefined],
    ['there is a reservation', { relays: [relay('reserved')] }, 'peers', undefined],
    ['nobody can be reached', { relays: [relay('reserved')], stuck: true }, 'peers', 'PEERS_UNREACHABLE'],
    ['nobody answers for long', { relays: [relay('reserved')], late: true }, 'peers', 'PEERS_SILENT'],
    [
      'somebody is met at last',
      { relays: [relay('reserved')], late: true, connectedPeers: 1 },
      'ready',
      undefined,
    ],
    [
      'the device is offline',
      { online: false, relays: [relay('waiting', 'DOWN')] },
      'offline',
      'NETWORK_OFFLINE',
    ],
    [
      'it is offline, whatever still looks connected',
      { online: false, relays: [relay('reserved')], connectedPeers: 1, readyAfterMs: 300 },
      'offline',
      'NETWORK_OFFLINE',
    ],
    ['a peer is connected', { relays: [relay('reserved')], connectedPeers: 1 }, 'ready', undefined],
    ['the relay says that nobody is here', { relays: [relay('reserved')], alone: true }, 'ready', undefined],
    ['it was ready once', { relays: [relay('reserved')], readyAfterMs: 300 }, 'ready', undefined],
    [
      'the relay is lost and a peer is connected',
      { relays: [relay('waiting', 'DOWN')], connectedPeers: 1, readyAfterMs: 300 },
      'ready',
      'DOWN',
    ],
    [
      'the relay is lost and nobody is left',
      { relays: [relay('connecting')], readyAfterMs: 300 },
      'relay',
      undefined,
    ],
    [
      'there is no WebRTC',
      { relays: [relay('reserved')], connectedPeers: 1, webRtcMissing: true },
      'ready',
      'WEBRTC_MISSING',
    ],
  ])('[NE3] when %s', (_, change, phase, code) => {
    const state = joinState({ ...facts, ...change })
    expect(state.phase).toBe(phase)
    expect(state.failure?.code).toBe(code)
    expect(state.readyAfterMs).toBe(change.readyAfterMs)
  })

  it('progresses from phase to phase', () => {
    const steps = [
      { started: false },
      {},
      { relays: [relay('connected')] },
      { relays: [relay('reserved')] },
      { relays: [relay('reserved')], connectedPeers: 1 },
    ].map((change) => joinState({ ...facts, ...change }).progress)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect(steps.at(-1)).toBe(1)
  })

  it('says what failed and what to do', () => {
    const messages = [
      joinState({ ...facts, online: false }),
      joinState(facts),
      joinState({ ...facts, relays: [relay('reserved')], stuck: true }),
      joinState({ ...facts, relays: [relay('reserved')], alone: true, webRtcMissing: true }),
    ].map(({ failure }) => failure?.message)
    expect(messages).toMatchInlineSnapshot(`
      [
        "This device is offline. What is stored here stays usable, and joining goes on once the network is back.",
        "No relay is known, so nobody can be met. Add the address of a relay, or open a link that names one.",
        "Others are here, but no connection to them succeeds. They are tried again; a firewall may be in the way.",
        "This browser has no WebRTC, so everything goes through the relay and is slower. Allow WebRTC for direct connections.",
      ]
    `)
  })
})

describe('patience', () => {
  afterEach(() => void vi.useRealTimers())

  it('[NE3] ends when nobody is met for 10 s, and begins anew after somebody was', () => {
    vi.useFakeTimers()
    const onLate = vi.fn()
    const patience = createPatience(systemTimers, onLate)
    patience.see('reservation')
    vi.advanceTimersByTime(60_000)
    patience.see('peers')
    vi.advanceTimersByTime(6_000)
    patience.see('peers')
    expect(patience.isLate()).toBe(false)
    vi.advanceTimersByTime(4_000)
    expect([patience.isLate(), onLate.mock.calls.length]).toEqual([true, 1])
    patience.see('peers')
    expect(patience.isLate()).toBe(true)
    patience.see('ready')
    expect(patience.isLate()).toBe(false)
    patience.see('peers')
    patience.stop()
    vi.advanceTimersByTime(60_000)
    expect([patience.isLate(), onLate.mock.calls.length]).toEqual([false, 1])
  })
})
