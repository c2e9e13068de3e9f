import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createWorkerTimers, serveTimers, type TimerPort, type TimerScope } from '#peer/worker-timers.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A worker and its page in one process: messages arrive at once. */
function start(): TimerPort {
  const scope: TimerScope = {
    onmessage: null,
    postMessage: (id) => port.onmessage?.({ data: id } as MessageEvent<number>),
  }
  const port: TimerPort = {
    onmessage: null,
    onerror: null,
    postMessage: (data) => scope.onmessage?.({ data }),
    terminate: () => {
      scope.onmessage = null
    },
  }
  serveTimers(scope)
  return port
}

it('[NE7] waits in the worker, runs each task once, and takes it back', () => {
  const timers = createWorkerTimers({ start, fallback: createFakeTimers() })
  const ran: string[] = []
  timers.after(200, () => ran.push('late'))
  timers.after(100, () => ran.push('early'))
  const cancel = timers.after(150, () => ran.push('never'))
  cancel()
  vi.advanceTimersByTime(99)
  expect(ran).toEqual([])
  vi.advanceTimersByTime(1_000)
  expect(ran).toEqual(['early', 'late'])
  cancel()
  timers.after(100, () => ran.push('stopped'))
  timers.stop()
  vi.advanceTimersByTime(1_000)
  expect(ran).toEqual(['early', 'late'])
})

it('falls back to the page where no worker starts', () => {
  const fallback = createFakeTimers()
  const timers = createWorkerTimers({
    start: () => {
      throw new Error('refused by the policy')
    },
    fallback,
  })
  let runs = 0
  timers.after(100, () => runs++)
  fallback.advance(100)
  expect(runs).toBe(1)
})

it('hands what waits to the page when the worker fails, with the time that is left', () => {
  const fallback = createFakeTimers()
  let port: TimerPort | undefined
  const timers = createWorkerTimers({
    start: () => {
      port = start()
      return port
    },
    fallback,
  })
  const ran: string[] = []
  timers.after(300, () => ran.push('waits'))
  const cancel = timers.after(300, () => ran.push('never'))
  vi.advanceTimersByTime(200)
  port?.onerror?.(new Event('error') as ErrorEvent)
  cancel()
  timers.after(50, () => ran.push('new'))
  fallback.advance(99)
  expect(ran).toEqual(['new'])
  fallback.advance(1)
  expect(ran).toEqual(['new', 'waits'])
})
