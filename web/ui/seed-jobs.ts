import { type ReadonlySignal, signal } from '@preact/signals'
import type { Failure, Tabland, TransferProgress } from '#api/types.ts'
import { failureOf, isAbort } from './failure.ts'

/** Waiting and running together: a folder's worth of files; more are left to a second drop. */
export const MAX_JOBS = 64

/** A file that is added, or a CID that is fetched to be kept. */
export interface SeedJob {
  readonly id: number
  readonly kind: 'add' | 'pin'
  /** the file's name, or the CID */
  readonly name: string
  readonly status: 'waiting' | 'running' | 'failed'
  readonly bytes: number
  readonly total?: number
  /** since it began to run */
  readonly bytesPerSecond?: number
  readonly failure?: Failure
}

export interface SeedJobs {
  readonly list: ReadonlySignal<readonly SeedJob[]>
  /** Stores files under their names, for good. */
  addFiles(files: readonly File[]): void
  /** Fetches a content and keeps it. */
  pinCid(cid: string): void
  /** Begins again; what is here already counts. */
  retry(id: number): void
  /** Stops it, or puts a failed one away. */
  cancel(id: number): void
  stop(): void
}

export interface SeedJobsInit {
  readonly tabland: Promise<Pick<Tabland, 'add' | 'seed'>>
  /** Called for each that is done, with its name. */
  readonly onDone: (name: string) => void
  /** unix ms @default Date.now */
  readonly now?: () => number
}

type Run = (signal: AbortSignal, onProgress: (progress: TransferProgress) => void) => Promise<unknown>

interface Task {
  readonly run: Run
  controller: AbortController
}

/**
 * What is under way from this page: files one after the other, so that a heap of them does not fill the memory; CIDs
 * at once, for one that nobody has now may wait for long.
 */
export function createSeedJobs({ tabland, onDone, now = Date.now }: SeedJobsInit): SeedJobs {
  const list = signal<readonly SeedJob[]>([])
  const tasks = new Map<number, Task>()
  let nextId = 1
  let busy = false
  let stopped = false

  const change = (id: number, next: Partial<SeedJob>): void => {
    list.value = list.value.map((job) => (job.id === id ? { ...job, ...next } : job))
  }
  const remove = (id: number): void => {
    tasks.delete(id)
    list.value = list.value.filter((job) => job.id !== id)
  }

  const runOne = async ({ id, name }: SeedJob, { run, controller }: Task): Promise<void> => {
    const { signal } = controller
    const begunAt = now()
    change(id, { status: 'running', bytes: 0 })
    try {
      await run(signal, ({ bytes, total }) => {
        const seconds = (now() - begunAt) / 1000
        const rate = seconds > 0 ? { bytesPerSecond: bytes / seconds } : {}
        if (!signal.aborted) change(id, { bytes, ...(total === undefined ? {} : { total }), ...rate })
      })
      if (signal.aborted) return
      remove(id)
      onDone(name)
    } catch (error) {
      if (signal.aborted || isAbort(error)) remove(id)
      else change(id, { status: 'failed', failure: failureOf(error) })
    }
  }

  const pump = async (): Promise<void> => {
    if (busy) return
    busy = true
    for (;;) {
      const job = list.value.find(({ kind, status }) => kind === 'add' && status === 'waiting')
      const task = job === undefined ? undefined : tasks.get(job.id)
      if (job === undefined || task === undefined || stopped) break
      await runOne(job, task)
    }
    busy = false
  }

  const begin = (id: number): void => {
    const job = list.value.find((candidate) => candidate.id === id)
    const task = tasks.get(id)
    if (job?.kind === 'pin' && task !== undefined) void runOne(job, task)
    else void pump()
  }

  const enqueue = (kind: SeedJob['kind'], name: string, total: number | undefined, run: Run): void => {
    if (list.value.length >= MAX_JOBS) return
    const id = nextId++
    tasks.set(id, { run, controller: new AbortController() })
    const size = total === undefined ? {} : { total }
    list.value = [...list.value, { id, kind, name, status: 'waiting', bytes: 0, ...size }]
    begin(id)
  }

  return {
    list,
    addFiles(files) {
      for (const file of files) {
        enqueue('add', file.name, file.size, async (signal, onProgress) => {
          const { add } = await tabland
          await add(file, { name: file.name, signal, onProgress })
        })
      }
    },
    pinCid(cid) {
      if (list.value.some((job) => job.kind === 'pin' && job.name === cid && job.status !== 'failed')) return
      for (const job of list.value) if (job.kind === 'pin' && job.name === cid) remove(job.id)
      enqueue('pin', cid, undefined, async (signal, onProgress) => {
        const { seed } = await tabland
        await seed.pin(cid, { signal, onProgress })
      })
    },
    retry(id) {
      const task = tasks.get(id)
      const job = list.value.find((candidate) => candidate.id === id)
      if (task === undefined || job?.status !== 'failed') return
      task.controller = new AbortController()
      const { failure: _, bytesPerSecond: __, ...rest } = job
      list.value = list.value.map((other) => (other.id === id ? { ...rest, status: 'waiting' } : other))
      begin(id)
    },
    cancel(id) {
      tasks.get(id)?.controller.abort()
      remove(id)
    },
    stop() {
      stopped = true
      for (const { controller } of tasks.values()) controller.abort()
      tasks.clear()
      list.value = []
    },
  }
}
