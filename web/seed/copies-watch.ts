import type { Copies } from '#core/seeding.ts'
import type { Timers } from '#core/timers.ts'
import { type KeptRoot, MAX_HOLDERS } from './kept-root.ts'
import type { KeptStore } from './kept-store.ts'

/** How often a turn comes; one content is checked in each. */
const TURN_MS = 10_000
/** After this a count of copies is taken again: a tab lives for hours. */
const CHECK_MS = 60 * 60 * 1_000
/** Who refused is not asked again before. */
const ASK_MS = 6 * 60 * 60 * 1_000

export interface CopiesWatchInit {
  readonly kept: KeptStore
  readonly copies: Copies
  readonly timers: Timers
  readonly now: () => number
  /** 0..1 */
  readonly random: () => number
  readonly wantedCopies: () => number
  /** is this the tab that does the profile's chores, and is anybody there to ask? */
  readonly isTurn: () => boolean
  readonly onFailure: (error: unknown) => void
}

/** [SE6] Counts the copies of what is pinned, now and then, and asks others to take one where there are too few. */
export class CopiesWatch {
  readonly #init: CopiesWatchInit
  #cancel: (() => void) | undefined
  readonly #stopping = new AbortController()

  constructor(init: CopiesWatchInit) {
    this.#init = init
  }

  start(): void {
    const { timers, random, onFailure } = this.#init
    const next = (): void => {
      if (this.#stopping.signal.aborted) return
      // with jitter: tabs that were opened at once would ask at once
      this.#cancel = timers.after(TURN_MS * (0.8 + 0.4 * random()), () => {
        this.#turn().catch(onFailure).finally(next)
      })
    }
    next()
  }

  stop(): void {
    this.#cancel?.()
    this.#stopping.abort()
  }

  /** Asks who holds a content and writes it down; asks others to take it when `wantedCopies` do not. */
  async check(
    cid: string,
    options: { readonly signal?: AbortSignal; readonly asks?: 'always' } = {},
  ): Promise<void> {
    const { kept, copies, now } = this.#init
    const signal = options.signal ?? this.#stopping.signal
    const { holders, liars } = await copies.check(cid, { signal })
    const found = {
      holders: holders.slice(0, MAX_HOLDERS),
      falseProofs: liars.length,
      copiesCheckedAt: now(),
    }
    const checked = await kept.roots.change(cid, (root) =>
      root === undefined ? undefined : { ...root, ...found },
    )
    if (checked !== undefined) await this.#askFor(checked, signal, options.asks === 'always')
  }

  async #turn(): Promise<void> {
    if (!this.#init.isTurn()) return
    const due = this.#due()
    if (due !== undefined) await this.check(due.cid)
  }

  /** What was not checked for the longest. */
  #due(): KeptRoot | undefined {
    const { kept, now } = this.#init
    let oldest: KeptRoot | undefined
    for (const root of kept.roots.all()) {
      if (root.reasons.length === 0 || kept.holding(root.cid)?.whole !== true) continue
      if (checkedAt(root) < (oldest === undefined ? now() - CHECK_MS : checkedAt(oldest))) oldest = root
    }
    return oldest
  }

  /** What is kept for others is theirs to look after; of what is sealed for some, nobody else is told ([OB11]). */
  async #askFor(root: KeptRoot, signal: AbortSignal, always: boolean): Promise<void> {
    const { kept, copies, now, wantedCopies } = this.#init
    const { cid, reasons, holders, askedAt = 0 } = root
    const holding = kept.holding(cid)
    const wanted = wantedCopies() - holders.length
    if (wanted <= 0 || holding?.whole !== true || holding.contentBytes === undefined) return
    if (root.restricted === true || !reasons.some((reason) => reason !== 'kept')) return
    if (!always && now() - askedAt < ASK_MS) return
    const answers = await copies.askToKeep({ root: cid, bytes: holding.contentBytes, wanted }, { signal })
    if (answers.length === 0) return
    await kept.roots.change(cid, (known) => (known === undefined ? undefined : { ...known, askedAt: now() }))
  }
}

function checkedAt({ copiesCheckedAt = 0 }: KeptRoot): number {
  return copiesCheckedAt
}
