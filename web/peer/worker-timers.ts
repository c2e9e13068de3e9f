import type { Timers } from '#core/timers.ts'

/**
 * A hidden page's own timers run once a second, and once a minute after five minutes without WebRTC (Chromium's
 * "intensive throttling"; other browsers have the like). A dedicated worker's are left alone, and the messages that it
 * sends to the page come at once. So whatever must go on in a hidden tab waits there.
 */

/** page → worker: `[id, ms]` starts a timer, `[id]` takes it back; worker → page: the id that is due. */
type ToWorker = readonly [id: number, ms?: number]

/** What is used of a worker. */
export interface TimerPort {
  onmessage: ((event: MessageEvent<number>) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
  postMessage(message: ToWorker): void
  terminate(): void
}

/** What is used of a worker's own scope. */
export interface TimerScope {
  onmessage: ((event: { readonly data: ToWorker }) => void) | null
  postMessage(id: number): void
}

/** The worker's whole work. */
export function serveTimers(scope: TimerScope): void {
  const running = new Map<number, ReturnType<typeof setTimeout>>()
  scope.onmessage = ({ data: [id, ms] }) => {
    clearTimeout(running.get(id))
    running.delete(id)
    if (ms === undefined) return
    running.set(
      id,
      setTimeout(() => {
        running.delete(id)
        scope.postMessage(id)
      }, ms),
    )
  }
}

export interface WorkerTimersInit {
  /** used from the moment on that no worker starts, or that it fails */
  readonly fallback: Timers
  /** Starts the worker; may throw where a policy forbids workers. */
  readonly start: () => TimerPort
}

export interface WorkerTimers extends Timers {
  stop(): void
}

/** Timers that go on while the page is hidden. A frozen page's worker stands still too. */
export function createWorkerTimers({ fallback, start }: WorkerTimersInit): WorkerTimers {
  const waiting = new Map<number, { readonly dueAt: number; readonly task: () => void }>()
  let last = 0
  let port = tryStart()

  function tryStart(): TimerPort | undefined {
    try {
      const started = start()
      started.onmessage = ({ data }) => run(data)
      started.onerror = giveUp
      return started
    } catch {
      return undefined // then as well as the page itself can
    }
  }

  function run(id: number): void {
    const task = waiting.get(id)?.task
    waiting.delete(id)
    task?.()
  }

  /** What waits is taken over by the page's own timers. */
  function giveUp(): void {
    port?.terminate()
    port = undefined
    for (const [id, { dueAt }] of waiting) {
      fallback.after(Math.max(0, dueAt - performance.now()), () => run(id))
    }
  }

  return {
    after(ms, task) {
      if (port === undefined) return fallback.after(ms, task)
      const id = ++last
      waiting.set(id, { dueAt: performance.now() + ms, task })
      port.postMessage([id, ms])
      return () => {
        if (waiting.delete(id)) port?.postMessage([id])
      }
    },
    stop() {
      waiting.clear()
      port?.terminate()
      port = undefined
    },
  }
}
