import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NOTICE_AGAIN_MS } from '#relay/limits.ts'
import { createNotices, type Notices } from '#relay/notices.ts'

const PROTOCOL = '/tabland/test/relay-notice/1.0.0'

let events: EventTarget
let notices: Notices
let told: string[]

beforeEach(() => {
  vi.useFakeTimers()
  events = new EventTarget()
  told = []
  notices = createNotices(
    {
      libp2p: events as never,
      requests: {
        // biome-ignore lint/correctness/useYield: it never answers
        async *request(peer) {
          told.push(peer)
          throw new Error('busy')
        },
      },
    },
    { protocol: PROTOCOL, notice: () => ({ draining: true, relays: [] }) },
  )
  notices.start()
})
afterEach(() => {
  notices.stop()
  vi.useRealTimers()
})

const identified = (peerId: string) =>
  events.dispatchEvent(new CustomEvent('peer:identify', { detail: { peerId, protocols: [PROTOCOL] } }))

describe('[RE8] a relay that drains', () => {
  it('tells clients again until they have left, also those that were never identified', async () => {
    identified('a')
    told = []
    const left = Promise.withResolvers<void>()
    let holders = ['a', 'b']
    const end = notices.tellUntil(left.promise, () => holders)
    expect(told).toEqual(['a', 'b'])
    events.dispatchEvent(new CustomEvent('peer:disconnect', { detail: 'a' }))
    holders = ['b']
    await vi.advanceTimersByTimeAsync(NOTICE_AGAIN_MS)
    expect(told).toEqual(['a', 'b', 'b'])
    left.resolve()
    await end
    await vi.advanceTimersByTimeAsync(3 * NOTICE_AGAIN_MS)
    expect(told).toHaveLength(3)
  })

  it('tells who comes while it drains', () => {
    identified('late')
    identified('late')
    expect(told).toEqual(['late'])
  })
})
