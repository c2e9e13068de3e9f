import type { LivingTabs } from './profile-tabs.ts'

export interface BusyContentsInit {
  /** the other tabs should know */
  readonly onChange: (cids: readonly string[]) => void
  /** something is no longer in use here */
  readonly onLetGo: () => void
}

/** Contents that are read or fetched at this moment, here and in the profile's other tabs: they are not evicted. */
export class BusyContents {
  readonly #init: BusyContentsInit
  readonly #here = new Map<string, number>()
  readonly #elsewhere = new Map<string, ReadonlySet<string>>()

  constructor(init: BusyContentsInit) {
    this.#init = init
  }

  /** One more use of it here, or one less. */
  add(cid: string, change: 1 | -1): void {
    const count = (this.#here.get(cid) ?? 0) + change
    if (count > 0) this.#here.set(cid, count)
    else {
      this.#here.delete(cid)
      this.#init.onLetGo()
    }
    if (count === 0 || (count === 1 && change === 1)) this.#init.onChange(this.here())
  }

  here(): readonly string[] {
    return [...this.#here.keys()]
  }

  isHere(cid: string): boolean {
    return this.#here.has(cid)
  }

  /** Another tab told what it uses. */
  hear(tab: string, cids: readonly string[]): void {
    this.#elsewhere.set(tab, new Set(cids))
  }

  isAnywhere(cid: string, { tabs }: LivingTabs): boolean {
    if (this.#here.has(cid)) return true
    for (const [tab, cids] of this.#elsewhere) {
      if (!tabs.has(tab)) this.#elsewhere.delete(tab)
      else if (cids.has(cid)) return true
    }
    return false
  }
}
