import { MAX_CACHED_ROOTS } from '#core/limits.ts'

/** Ranks are computed anew as links come in; an order of eviction may be a little behind. */
const FRESH_MS = 10 * 60 * 1_000

export interface RankSharesInit {
  /** 0..1; undefined for what nobody linked */
  readonly rankShare: (cid: string) => Promise<number | undefined>
  /** unix ms */
  readonly now: () => number
  readonly onKnown: () => void
}

/** Shares of rank, asked of the graph's worker once in a while. */
export class RankShares {
  readonly #init: RankSharesInit
  readonly #shares = new Map<string, { readonly share: number; readonly at: number }>()
  readonly #asked = new Set<string>()

  constructor(init: RankSharesInit) {
    this.#init = init
  }

  /** A graph that does not answer knows of no links. */
  async get(cid: string): Promise<number> {
    const { rankShare, now } = this.#init
    const known = this.#shares.get(cid)
    if (known !== undefined && now() - known.at < FRESH_MS) return known.share
    const share = (await rankShare(cid).catch(() => undefined)) ?? 0
    this.#shares.delete(cid)
    this.#shares.set(cid, { share, at: now() })
    const [oldest] = this.#shares.keys()
    if (this.#shares.size > 2 * MAX_CACHED_ROOTS && oldest !== undefined) this.#shares.delete(oldest)
    return share
  }

  /** What was answered before; an unknown one is asked for. */
  known(cid: string): number | undefined {
    const known = this.#shares.get(cid)
    const isFresh = known !== undefined && this.#init.now() - known.at < FRESH_MS
    if (!isFresh && !this.#asked.has(cid)) {
      this.#asked.add(cid)
      void this.get(cid).then(() => {
        this.#asked.delete(cid)
        this.#init.onKnown()
      })
    }
    return known?.share
  }
}
