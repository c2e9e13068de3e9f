import { describe, expect, it } from 'vitest'
import { AppError } from '#core/errors.ts'
import { PULL_IDLE_MS, withIdleLimit } from '#peer/protocols/sync-frames.ts'
import { createSyncLoop, PULL_REST_MS, SYNC_INTERVAL_MS } from '#peer/protocols/sync-loop.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

function create(pull: (peer: string, signal: AbortSignal) => Promise<void> = async () => {}) {
  const timers = createFakeTimers()
  const connected: string[] = []
  const listeners = new Set<(peer: string) => void>()
  const pulls: string[] = []
  const misbehaved: string[] = []
  const failed: string[] = []
  const loop = createSyncLoop({
    neighbours: {
      connected: () => connected,
      onConnect(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    timers,
    pull(peer, signal, part) {
      pulls.push(part === 'all' ? peer : `${part} of ${peer}`)
      return pull(peer, signal)
    },
    onMisbehaviour: (peer) => misbehaved.push(peer),
    onFailure: (peer) => failed.push(peer),
  })
  const connect = (peer: string): void => {
    connected.push(peer)
    for (const listener of listeners) listener(peer)
  }
  return { loop, timers, connect, connected, listeners, pulls, misbehaved, failed }
}

/** Lets promises that are settled already have their effect. */
async function flush(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

describe('[KG23] whom to pull from', () => {
  it('each new neighbour, and one in turn every 30 s', async () => {
    const { loop, timers, connect, pulls } = create()
    connect('early')
    loop.start()
    await flush()
    connect('late')
    await flush()
    expect(pulls).toEqual(['early', 'late'])
    for (let i = 0; i < 4; i++) {
      timers.advance(SYNC_INTERVAL_MS)
      await flush()
    }
    expect(pulls.slice(2)).toEqual(['early', 'late', 'early', 'late'])
    await loop.stop()
  })

  it('news in a burst share one pull of news after a while; a gap among them asks for all', async () => {
    const { loop, timers, connect, pulls } = create()
    connect('a')
    loop.start()
    await flush()
    timers.advance(PULL_REST_MS)
    for (let i = 0; i < 50; i++) loop.request('a', 'news')
    await flush()
    expect(pulls).toEqual(['a'])
    timers.advance(PULL_REST_MS)
    await flush()
    expect(pulls).toEqual(['a', 'news of a'])
    loop.request('a', 'news')
    loop.request('a', 'all')
    loop.request('a', 'news')
    timers.advance(PULL_REST_MS)
    await flush()
    expect(pulls).toEqual(['a', 'news of a', 'a'])
    await loop.stop()
    expect(timers.pending).toBe(0)
  })

  it('gaps in a burst share one pull, after a rest', async () => {
    const { loop, timers, connect, pulls } = create()
    connect('a')
    loop.start()
    await flush()
    for (let i = 0; i < 50; i++) loop.request('a', 'all')
    await flush()
    expect(pulls).toEqual(['a'])
    timers.advance(PULL_REST_MS)
    await flush()
    expect(pulls).toEqual(['a', 'a'])
    timers.advance(PULL_REST_MS)
    await flush()
    expect(pulls).toHaveLength(2)
    await loop.stop()
  })

  it('a gap of somebody who is not connected is asked of a neighbour; alone it waits', async () => {
    const { loop, connect, pulls } = create()
    loop.start()
    loop.request('far', 'all')
    await flush()
    expect(pulls).toEqual([])
    connect('near')
    await flush()
    loop.request('far', 'all')
    await flush()
    expect(pulls).toEqual(['near'])
    await loop.stop()
  })

  it('whoever misbehaved is not asked again; whoever failed is', async () => {
    const { loop, timers, connect, pulls, misbehaved, failed } = create(async (peer) => {
      throw peer === 'liar' ? new AppError('SYNC_MISBEHAVIOUR', 'lies') : new Error('gone')
    })
    loop.start()
    connect('liar')
    connect('slow')
    await flush()
    for (let i = 0; i < 3; i++) {
      timers.advance(SYNC_INTERVAL_MS)
      await flush()
    }
    loop.request('liar', 'all')
    connect('liar')
    await flush()
    expect(misbehaved).toEqual(['liar'])
    expect(pulls.filter((peer) => peer === 'liar')).toHaveLength(1)
    expect(failed.length).toBeGreaterThan(2)
    await loop.stop()
  })

  it('stops: the running pull is aborted, nothing waits any more', async () => {
    const { loop, timers, connect, listeners, failed } = create(
      (_, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    loop.start()
    connect('a')
    await flush()
    await loop.stop()
    expect(timers.pending).toBe(0)
    expect(listeners.size).toBe(0)
    expect(failed).toEqual([])
    loop.request('a', 'all')
    expect(timers.pending).toBe(0)
  })
})

describe('an answer that stalls', () => {
  function stalling(frames: readonly number[]) {
    return async function* (signal: AbortSignal): AsyncGenerator<number> {
      yield* frames
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
  }

  it('is left after PULL_IDLE_MS without a frame', async () => {
    const timers = createFakeTimers()
    const seen: number[] = []
    const reading = (async () => {
      const options = { timers, signal: new AbortController().signal, peer: 'p' }
      for await (const frame of withIdleLimit(stalling([1, 2]), options)) {
        seen.push(frame)
        timers.advance(PULL_IDLE_MS + 1)
      }
    })()
    reading.catch(() => {})
    await flush()
    timers.advance(PULL_IDLE_MS - 1)
    expect(timers.pending).toBe(1)
    timers.advance(1)
    await expect(reading).rejects.toMatchObject({ code: 'SYNC_IDLE' })
    expect(seen).toEqual([1, 2])
    expect(timers.pending).toBe(0)
  })

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController()
    const timers = createFakeTimers()
    const frames = withIdleLimit(stalling([]), { timers, signal: controller.signal, peer: 'p' })
    const next = frames.next()
    next.catch(() => {})
    await flush()
    controller.abort(new Error('closed'))
    await expect(next).rejects.toThrow('closed')
    expect(timers.pending).toBe(0)
  })
})
