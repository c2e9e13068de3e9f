import type { CID } from 'multiformats/cid'
import type { AppError } from '#core/errors.ts'
import type { ContentAddOptions } from '#peer/content.ts'
import { type BlockKey, toKey } from '#seed/blockstore/block-key.ts'
import { type SeedErrorCode, seedError } from '#seed/errors.ts'
import { publishRoot } from '#seed/kept-root.ts'
import type { KeptStore } from '#seed/kept-store.ts'
import type { ProfileTabs } from '#seed/profile-tabs.ts'
import { Rate, secondsLeft } from '#seed/rate.ts'
import type { SeedAdding } from './seed-types.ts'
import type { Added, AddOptions, Failure } from './types.ts'

/** A content, or a folder of them, on its way into the store. */
export interface AddJob<T extends Added> {
  readonly name: string | undefined
  readonly total: number | undefined
  /** can it be written a second time? */
  readonly replayable: boolean
  readonly isRestricted: boolean
  write(options: Pick<ContentAddOptions, 'expect' | 'signal' | 'onProgress'>): Promise<T>
}

export interface AddTransfersInit {
  readonly kept: KeptStore
  readonly tabs: ProfileTabs
  readonly now: () => number
  readonly onChange: () => void
}

interface Running {
  readonly name: string | undefined
  readonly total: number | undefined
  readonly rate: Rate
  bytes: number
}

/** How often a file is written anew of which another tab evicted a part meanwhile. */
const MAX_TRIES = 3

/** Files on their way into the store, each remembered block by block so that a crash costs nothing ([SE5]). */
export class AddTransfers {
  readonly #init: AddTransfersInit
  readonly #running = new Map<string, Running>()
  /** tabs that are open, as of the last look */
  #living: ReadonlySet<string> = new Set()

  constructor(init: AddTransfersInit) {
    this.#init = init
  }

  /** Which tabs are open decides which files broke off; files that nobody went on with are given up in time. */
  async look(maxAgeMs: number): Promise<void> {
    const { tabs, now } = this.#init
    this.#living = (await tabs.living()).tabs
    for (const { id, at } of this.broken()) if (now() - at > maxAgeMs) await this.giveUp(id)
  }

  /** Those whose tab is gone, or in which adding failed. */
  broken(): readonly { readonly id: string; readonly at: number }[] {
    const { kept, tabs } = this.#init
    return kept.adding
      .all()
      .filter(({ id, tab }) => !kept.adding.isActive(id) && (tab === tabs.tab || !this.#living.has(tab)))
  }

  list(): readonly SeedAdding[] {
    const { kept, now } = this.#init
    const broken = new Set(this.broken().map(({ id }) => id))
    const halves = kept.adding.all().filter(({ id }) => broken.has(id))
    return [
      ...[...this.#running].map(([id, { name, total, bytes, rate }]) => {
        const bytesPerSecond = rate.perSecond(now())
        const left = secondsLeft(bytes, total, bytesPerSecond)
        return {
          id,
          ...(name === undefined ? {} : { name }),
          transfer: {
            kind: 'add',
            bytes,
            bytesPerSecond,
            sources: 0,
            ...(total === undefined ? {} : { total }),
            ...(left === undefined ? {} : { secondsLeft: left }),
          },
        } as const
      }),
      ...halves.map(({ id, name, total }) => ({
        id,
        ...(name === undefined ? {} : { name }),
        transfer: {
          kind: 'add',
          bytes: kept.holding(id)?.heldBytes ?? 0,
          bytesPerSecond: 0,
          sources: 0,
          ...(total === undefined ? {} : { total }),
          failure: failureOf(brokenOff(name)),
        } as const,
      })),
    ]
  }

  /** What is stored of a broken-off file becomes cache without a root. False when there is none of that id. */
  async giveUp(id: string): Promise<boolean> {
    const { kept, tabs, onChange } = this.#init
    if (!this.broken().some((half) => half.id === id)) return false
    await kept.adding.forget(id)
    kept.holdings.removeRoot(id)
    tabs.post({ type: 'adding' })
    onChange()
    return true
  }

  /**
   * Stores a content and writes it down as published. An abort forgets what was stored; a failure keeps it for the
   * next try.
   */
  async add<T extends Added>(job: AddJob<T>, options: Pick<AddOptions, 'signal' | 'onProgress'>): Promise<T> {
    const { kept, tabs, onChange } = this.#init
    const { name, total, replayable, isRestricted } = job
    const running: Running = { name, total, rate: new Rate(), bytes: 0 }
    const session = this.#session(running)
    const write = () =>
      job.write({
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        expect: session.expect,
        onProgress: (progress) => {
          this.#advance(running, progress.bytes)
          options.onProgress?.(progress)
        },
      })
    try {
      let added = await write()
      for (let tries = 1; !(await this.#publish(added, session.reused, { name, isRestricted })); tries++) {
        if (tries === MAX_TRIES || !replayable) throw brokenOff(name)
        added = await write()
      }
      await kept.walk(added.cid)
      await session.end(true)
      return added
    } catch (error) {
      await session.end(options.signal?.aborted === true)
      throw error
    } finally {
      tabs.post({ type: 'adding' })
      onChange()
    }
  }

  #session(running: Running): {
    expect: (cid: CID) => Promise<void>
    /** blocks that were here already, which another tab may evict until it knows that they are needed */
    reused: ReadonlySet<BlockKey>
    end: (forget: boolean) => Promise<void>
  } {
    const { kept } = this.#init
    let beginning: Promise<string> | undefined
    const reused = new Set<BlockKey>()
    const begin = async (cid: CID): Promise<string> => {
      const { name, total } = running
      const id = await kept.adding.begin(toKey(cid.multihash.bytes), { name, total }, (tab) =>
        this.#living.has(tab),
      )
      this.#running.set(id, running)
      return id
    }
    return {
      async expect(cid) {
        const key = toKey(cid.multihash.bytes)
        beginning ??= begin(cid)
        const id = await beginning
        if (kept.holdings.has(key)) reused.add(key)
        await kept.expectAdded(id, key)
      },
      reused,
      end: async (forget) => {
        const id = await beginning
        if (id === undefined) return
        this.#running.delete(id)
        if (!forget) return kept.adding.breakOff(id)
        await kept.adding.forget(id)
        kept.holdings.removeRoot(id)
      },
    }
  }

  #advance(running: Running, bytes: number): void {
    running.bytes = bytes
    running.rate.sample(this.#init.now(), bytes)
    this.#init.onChange()
  }

  /**
   * False when one of the `reused` blocks was evicted by another tab. New ones are safe from that for an hour, so that
   * the store is read anew only where there are others.
   */
  async #publish(
    { cid, bytes }: Added,
    reused: ReadonlySet<BlockKey>,
    about: Pick<AddJob<Added>, 'name' | 'isRestricted'>,
  ): Promise<boolean> {
    const { kept, now } = this.#init
    return kept.roots.exclusive(async ({ change, reload }) => {
      if (reused.size > 0) await kept.reload(reload)
      if (![...reused].every((key) => kept.holdings.has(key))) return false
      await change(cid, publishRoot({ ...about, bytes, now: now() }))
      return true
    })
  }
}

function brokenOff(name: string | undefined): AppError<SeedErrorCode> {
  const what = name === undefined ? 'A file' : `"${name}"`
  return seedError(
    'SEED_ADD_BROKEN_OFF',
    `${what} was not added to its end. Add the same file again: it goes on from where it was. Or drop what is stored of it.`,
  )
}

function failureOf({ code, message }: AppError): Failure {
  return { code, message }
}
