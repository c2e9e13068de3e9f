import type { Timers } from './timers.ts'

export interface ElapsedOptions {
  readonly timers: Timers
  readonly signal?: AbortSignal | undefined
}

/** Resolves after `ms`, or when `signal` aborts. */
export async function elapsed(ms: number, { timers, signal }: ElapsedOptions): Promise<void> {
  if (signal?.aborted) return
  const over = Promise.withResolvers<void>()
  const end = () => over.resolve()
  const cancel = timers.after(ms, end)
  signal?.addEventListener('abort', end)
  await over.promise
  signal?.removeEventListener('abort', end)
  cancel()
}
