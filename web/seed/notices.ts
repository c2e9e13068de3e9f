import type { Failure } from '#api/types.ts'

/** More than a person reads. */
const MAX_NOTICES = 16

/** What a person should know of the store, the newest first; one for each subject. */
export class Notices {
  readonly #notices = new Map<string, Failure>()
  #list: readonly Failure[] = []

  get list(): readonly Failure[] {
    return this.#list
  }

  /** A new notice about a subject replaces its last one; undefined takes it back. Did anything change? */
  set(subject: string, notice: Failure | undefined): boolean {
    const known = this.#notices.get(subject)
    if (known?.code === notice?.code && known?.message === notice?.message) return false
    this.#notices.delete(subject)
    if (notice !== undefined) this.#notices.set(subject, notice)
    const [oldest] = this.#notices.keys()
    if (this.#notices.size > MAX_NOTICES && oldest !== undefined) this.#notices.delete(oldest)
    this.#list = [...this.#notices.values()].reverse()
    return true
  }
}
