import type { SeedTransfer } from '#api/seed-types.ts'
import type { Failure } from '#api/types.ts'
import type { DagFetcher, FetchProgress } from '#core/seeding.ts'
import type { Timers } from '#core/timers.ts'
import type { KeptStore } from './kept-store.ts'
import { Rate, secondsLeft } from './rate.ts'

/** Contents fetched by themselves at once: each already comes from several peers. */
const MAX_AT_ONCE = 2
const FIRST_WAIT_MS = 2_000
/** A holder that comes back is met by its heartbeat, which tries at once; this is for those that never left. */
const LONGEST_WAIT_MS = 10 * 60 * 1_000

export interface FetchesInit {
  readonly kept: KeptStore
  readonly fetcher: DagFetcher
  readonly timers: Timers
  readonly now: () => number
  /** 0..1 */
  readonly random: () => number
  readonly describe: (error: unknown) => Failure
  readonly onChange: () => void
  /** called whenever more of it came; `total` is 0 until the root said it */
  readonly onAdvance: (cid: string, total: number) => void
  readonly onWhole: (cid: string) => void
}

interface Job {
  readonly stopping: AbortController
  readonly done: Promise<void>
  readonly rate: Rate
  readonly listeners: Set<(progress: FetchProgress) => void>
  progress: FetchProgress
  failure: Failure | undefined
  /** ends the wait before the next try */
  wake: () => void
}

/** Fetches pinned contents until all of them is here, however often that fails in between ([SE5]). */
export class Fetches {
  readonly #init: FetchesInit
  readonly #jobs = new Map<string, Job>()
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(init: FetchesInit) {
    this.#init = init
  }

  isFetching(cid: string): boolean {
    return this.#jobs.has(cid)
  }

  /** Goes on from what is here; resolves when it is whole, rejects when it is stopped. */
  fetch(cid: string): Promise<void> {
    const known = this.#jobs.get(cid)
    if (known !== undefined) return known.done
    const stopping = new AbortController()
    const { promise, resolve } = Promise.withResolvers<void>()
    const done = promise.then(() => this.#run(cid, job))
    const job: Job = {
      stopping,
      done,
      rate: new Rate(),
      listeners: new Set(),
      progress: { bytes: 0, total: 0, sources: 0 },
      failure: undefined,
      wake: () => {},
    }
    this.#jobs.set(cid, job)
    done.catch(() => {}) // who started it may not wait for it
    resolve()
    return done
  }

  /** Hears how far a running fetch is. Returns the unsubscriber. */
  onProgress(cid: string, listener: (progress: FetchProgress) => void): () => void {
    const listeners = this.#jobs.get(cid)?.listeners
    listeners?.add(listener)
    return () => listeners?.delete(listener)
  }

  /** What is fetched again afterwards begins anew, however long the stopped fetch takes to end. */
  stop(cid: string): void {
    const job = this.#jobs.get(cid)
    this.#jobs.delete(cid)
    job?.stopping.abort()
    job?.wake()
  }

  /** Another tab may have let go of it. */
  stopUnpinned(isPinned: (cid: string) => boolean): void {
    for (const cid of [...this.#jobs.keys()]) if (!isPinned(cid)) this.stop(cid)
  }

  stopAll(): void {
    for (const cid of [...this.#jobs.keys()]) this.stop(cid)
  }

  /** Somebody came: what failed is tried at once. */
  retry(): void {
    for (const { wake } of this.#jobs.values()) wake()
  }

  transfer(cid: string): SeedTransfer | undefined {
    const job = this.#jobs.get(cid)
    if (job === undefined) return
    const { bytes, total, sources } = job.progress
    const bytesPerSecond = job.failure === undefined ? job.rate.perSecond(this.#init.now()) : 0
    const left = secondsLeft(bytes, total > 0 ? total : undefined, bytesPerSecond)
    return {
      kind: 'fetch',
      bytes,
      bytesPerSecond,
      sources: job.failure === undefined ? sources : 0,
      ...(total > 0 ? { total } : {}),
      ...(left === undefined ? {} : { secondsLeft: left }),
      ...(job.failure === undefined ? {} : { failure: job.failure }),
    }
  }

  async #run(cid: string, job: Job): Promise<void> {
    const { kept, onChange, onWhole } = this.#init
    const release = kept.use(cid)
    try {
      for (let tries = 0; !(await this.#isSurelyWhole(cid)); tries++) {
        job.stopping.signal.throwIfAborted()
        if (await this.#try(cid, job)) continue
        await this.#wait(job, tries)
      }
      kept.noteWhole(cid)
      onWhole(cid)
    } finally {
      release()
      if (this.#jobs.get(cid) === job) this.#jobs.delete(cid)
      onChange()
    }
  }

  async #isWhole(cid: string): Promise<boolean> {
    const { kept } = this.#init
    await kept.walk(cid)
    return kept.holding(cid)?.whole ?? false
  }

  /** Another tab may have evicted a block before it came to know that this content needs it. */
  async #isSurelyWhole(cid: string): Promise<boolean> {
    if (!(await this.#isWhole(cid))) return false
    await this.#init.kept.reread()
    return this.#isWhole(cid)
  }

  /** True when there is reason to look at once whether it is whole. */
  async #try(cid: string, job: Job): Promise<boolean> {
    const { fetcher, describe, onChange } = this.#init
    await this.#takeTurn()
    try {
      job.stopping.signal.throwIfAborted()
      await fetcher.fetchAll(cid, {
        signal: job.stopping.signal,
        onProgress: (progress) => this.#advance(cid, job, progress),
      })
      if (await this.#isWhole(cid)) return true
      // what was fetched went again: the store was full, or its disk loses blocks
      throw new Error('Blocks that were fetched are not stored.')
    } catch (error) {
      job.stopping.signal.throwIfAborted()
      job.failure = describe(error)
      return false
    } finally {
      this.#running -= 1
      this.#waiting.shift()?.()
      onChange()
    }
  }

  #advance(cid: string, job: Job, progress: FetchProgress): void {
    job.progress = progress
    job.failure = undefined
    job.rate.sample(this.#init.now(), progress.bytes)
    for (const listener of job.listeners) listener(progress)
    this.#init.onAdvance(cid, progress.total)
    this.#init.onChange()
  }

  async #takeTurn(): Promise<void> {
    while (this.#running >= MAX_AT_ONCE) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#running += 1
  }

  /** Twice as long after each failure, with jitter, so that peers that lost the same holder do not all ask at once. */
  async #wait(job: Job, tries: number): Promise<void> {
    const { timers, random } = this.#init
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries)
    await new Promise<void>((resolve) => {
      const cancel = timers.after(longest * (0.5 + random() / 2), resolve)
      job.wake = () => {
        cancel()
        resolve()
      }
    })
    job.wake = () => {}
  }
}
