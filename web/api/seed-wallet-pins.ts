import { isAppError } from '#core/errors.ts'
import { formatBytes } from '#core/format-bytes.ts'
import { MAX_PINS } from '#core/limits.ts'
import { createMutex } from '#core/mutex.ts'
import type { WalletPin, WalletReason } from '#core/seeding.ts'
import { parseContentCid } from '#peer/content.ts'
import { seedError } from '#seed/errors.ts'
import { isForWallet, isWalletReason, type KeptRoot, MAX_NAME_LENGTH, newRoot } from '#seed/kept-root.ts'
import type { Notices } from '#seed/notices.ts'
import { rootCid } from '#seed/root-cid.ts'
import type { Joined } from './seed-network.ts'
import type { SeedStorage } from './seed-storage.ts'

export interface WalletPinsInit {
  readonly storage: SeedStorage
  /** Resolves when the list of what is kept was read and the network is there. */
  readonly joined: () => Promise<Joined>
  readonly notices: Notices
  readonly onChange: () => void
  /** unix ms */
  readonly now: () => number
  /** of all that is pinned for the wallet alone */
  readonly capBytes: number
}

interface Wanted {
  readonly reasons: Set<WalletReason>
  readonly name: string
}

/** A root that nobody gives within this time is looked for again after a while: a token may name what is nowhere. */
const ROOT_TIMEOUT_MS = 20_000
const LOOK_AGAIN_MS = 10 * 60_000
/** Roots that are looked for at the same time. */
const MAX_LOOKED_FOR = 8

/** Pins what the wallet's tokens lead to, within a cap, and lets go of it when they are sold ([SE3]). */
export class WalletPins {
  readonly #init: WalletPinsInit
  readonly #mutex = createMutex()
  /** when to look again for roots that nobody had, unix ms */
  readonly #lookAgainAt = new Map<string, number>()
  #newest = new AbortController()

  constructor(init: WalletPinsInit) {
    this.#init = init
  }

  /** These and no others, the most important first. What does not fit is told by a notice. */
  follow(pins: readonly WalletPin[]): Promise<void> {
    // nobody waits for what is looked for in vain: the tokens are others by now
    this.#newest.abort()
    this.#newest = new AbortController()
    const { signal } = this.#newest
    return this.#mutex(async () => {
      const network = await this.#init.joined()
      if (signal.aborted) return
      const wanted = group(pins)
      for (const cid of this.#lookAgainAt.keys()) if (!wanted.has(cid)) this.#lookAgainAt.delete(cid)
      await this.#letGoOthers(network, wanted)
      const left = await this.#pinAll(network, [...wanted], signal)
      if (!signal.aborted) this.#tell(left)
    })
  }

  /** How many do not fit. */
  async #pinAll(
    network: Joined,
    wanted: readonly (readonly [string, Wanted])[],
    signal: AbortSignal,
  ): Promise<number> {
    const missing = wanted.filter(([cid, one]) => this.#isWorthPinning(cid, one))
    let left = 0
    for (let at = 0; at < missing.length && !signal.aborted; at += MAX_LOOKED_FOR) {
      const part = missing.slice(at, at + MAX_LOOKED_FOR)
      const known = await Promise.all(part.map(([cid]) => this.#knowSize(network.content, cid, signal)))
      for (const [index, [cid, one]] of part.entries()) {
        if (known[index] === true && !signal.aborted && !(await this.#pin(network, cid, one))) left += 1
      }
    }
    return left
  }

  /** Who mints a content that says to be small does not fill a disk with it. `total` as far as its root says it. */
  checkSize(cid: string, total: number): void {
    const { storage } = this.#init
    const root = storage.kept.roots.get(cid)
    if (root === undefined || !isForWallet(root)) return
    const bytes = Math.max(total, storage.sizeOf(root))
    if (this.#walletBytes(cid) + bytes > this.#init.capBytes) void this.#letGo(cid).catch(() => {}) // tried again with more of it
  }

  async #letGoOthers({ fetches }: Joined, wanted: ReadonlyMap<string, Wanted>): Promise<void> {
    const { roots } = this.#init.storage.kept
    for (const { cid, reasons } of [...roots.all()]) {
      const isKept = (reason: KeptRoot['reasons'][number]) =>
        !isWalletReason(reason) || wanted.get(cid)?.reasons.has(reason) === true
      if (reasons.every(isKept)) continue
      const root = await roots.change(cid, (known) =>
        known === undefined ? undefined : { ...known, reasons: known.reasons.filter(isKept) },
      )
      if (root?.reasons.length === 0) fetches.stop(cid)
    }
  }

  /** Is something to be done about it, and was it not looked for in vain a moment ago? */
  #isWorthPinning(cid: string, { reasons }: Wanted): boolean {
    const { storage, now } = this.#init
    const root = storage.kept.roots.get(cid)
    if (root?.letGo === true || [...reasons].every((reason) => root?.reasons.includes(reason))) return false
    return (this.#lookAgainAt.get(cid) ?? 0) <= now()
  }

  /** False when it does not fit. */
  async #pin({ fetches }: Joined, cid: string, { reasons, name }: Wanted): Promise<boolean> {
    const { storage, now } = this.#init
    const { kept } = storage
    const isPinned = await kept.roots.exclusive(async ({ change, reload }) => {
      await kept.reload(reload)
      if (!this.#fits(cid)) return false
      await change(cid, (before) => {
        const root = before ?? newRoot(cid, now())
        const added = [...reasons].filter((reason) => !root.reasons.includes(reason))
        return {
          ...root,
          reasons: [...root.reasons, ...added],
          addedAt: root.reasons.length > 0 ? root.addedAt : now(),
          name: root.name ?? name.slice(0, MAX_NAME_LENGTH),
        }
      })
      return true
    })
    // what cannot be fetched now is tried again with the next turn
    if (isPinned && kept.holding(cid)?.whole !== true) fetches.fetch(cid).catch(() => {})
    return isPinned
  }

  #fits(cid: string): boolean {
    const { storage, capBytes } = this.#init
    const root = storage.kept.roots.get(cid)
    if (root !== undefined && root.reasons.length > 0) return true // it is here for another reason anyway
    const bytes = storage.sizeOf(root ?? { cid })
    const pinned = [...storage.kept.roots.all()].filter(({ reasons }) => reasons.length > 0)
    if (pinned.length >= MAX_PINS || this.#walletBytes(cid) + bytes > capBytes) return false
    try {
      storage.assertFits(bytes, cid)
      return true
    } catch (error) {
      if (isAppError(error, 'SEED_PINS_EXCEED_QUOTA')) return false
      throw error
    }
  }

  /** Only the root says how large a content is. */
  async #knowSize(content: Joined['content'], cid: string, signal: AbortSignal): Promise<boolean> {
    const { kept } = this.#init.storage
    const isKnown = () => kept.holding(cid)?.contentBytes !== undefined
    if (isKnown()) return true
    const release = kept.use(cid)
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(ROOT_TIMEOUT_MS)])
      const parts = content.read(cid, { length: 0, signal: limit })
      for await (const _ of parts); // nothing but the root is read
      await kept.walk(cid)
    } catch {
      // not to be had, or no content at all
    } finally {
      release()
    }
    if (!isKnown() && !signal.aborted) this.#lookAgainAt.set(cid, this.#init.now() + LOOK_AGAIN_MS)
    return isKnown()
  }

  /** Of all that is pinned for the wallet alone; `except` left out. */
  #walletBytes(except: string): number {
    const { storage } = this.#init
    let bytes = 0
    for (const root of storage.kept.roots.all()) {
      if (root.cid !== except && isForWallet(root)) bytes += storage.sizeOf(root)
    }
    return bytes
  }

  async #letGo(cid: string): Promise<void> {
    const { fetches } = await this.#init.joined()
    fetches.stop(cid)
    await this.#init.storage.kept.roots.change(cid, (root) =>
      root === undefined || !isForWallet(root) ? root : { ...root, reasons: [], letGo: true },
    )
    this.#tell(1)
  }

  #tell(left: number): void {
    const { notices, capBytes, onChange } = this.#init
    const failure = seedError(
      'SEED_WALLET_CAP',
      `${left === 1 ? 'One content' : `${left} contents`} that your tokens lead to would take more than ${formatBytes(capBytes)} together, or more than the quota has left, and ${left === 1 ? 'is' : 'are'} not kept by itself. Pin what you want here by hand.`,
    )
    const { code, message } = failure
    if (notices.set('wallet', left > 0 ? { code, message } : undefined)) onChange()
  }
}

/** Each content once, with all its reasons; what is no CID is left out. */
function group(pins: readonly WalletPin[]): ReadonlyMap<string, Wanted> {
  const wanted = new Map<string, Wanted>()
  for (const { cid: text, reason, name } of pins) {
    const cid = tryRootCid(text)
    if (cid === undefined) continue
    const known = wanted.get(cid)
    if (known === undefined) wanted.set(cid, { reasons: new Set([reason]), name })
    else known.reasons.add(reason)
  }
  return wanted
}

function tryRootCid(text: string): string | undefined {
  try {
    return rootCid(parseContentCid(text))
  } catch {
    return undefined
  }
}
