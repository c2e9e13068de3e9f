import { isAppError } from '#core/errors.ts'
import { MAX_PINS } from '#core/limits.ts'
import type { KeepRequest, PinReason } from '#core/seeding.ts'
import { type Addable, type AddedFolder, assertFolder, type FolderFile, sizeOf } from '#peer/add-source.ts'
import { parseContentCid } from '#peer/content.ts'
import { decideKeep, exceedsClaim, mayAskToKeep } from '#seed/decide-keep.ts'
import { seedError } from '#seed/errors.ts'
import type { Fetches } from '#seed/fetches.ts'
import { isForOthers, isWalletReason, type KeptRoot, MAX_NAME_LENGTH, newRoot } from '#seed/kept-root.ts'
import { rootCid } from '#seed/root-cid.ts'
import type { ChangeRoot, RootChanges } from '#seed/root-list.ts'
import type { AddJob, AddTransfers } from './seed-adding.ts'
import type { Joined } from './seed-network.ts'
import type { SeedStorage } from './seed-storage.ts'
import type { Added, AddOptions, CallOptions } from './types.ts'

export interface SeedPinsInit {
  readonly storage: SeedStorage
  readonly adding: AddTransfers
  /** Resolves when the list of what is kept was read and the network is there. */
  readonly joined: () => Promise<Joined>
  /** 0x…; undefined until the first key is made */
  readonly ownAddress: () => string | undefined
  /** unix ms */
  readonly now: () => number
}

/** How a content is added. */
export interface SeedAddOptions extends AddOptions {
  /** sealed for some ([OB11]): it is served, but announced to nobody @default false */
  readonly isRestricted?: boolean
}

/** What a person, or somebody who may, does to what is kept. */
export class SeedPins {
  readonly #init: SeedPinsInit
  #askedToPersist = false

  constructor(init: SeedPinsInit) {
    this.#init = init
  }

  /** @throws SEED_PINS_EXCEED_QUOTA, SEED_TOO_MANY_PINS before anything is stored */
  add(source: Addable, options: SeedAddOptions): Promise<Added> {
    const name =
      options.name ?? (typeof File !== 'undefined' && source instanceof File ? source.name : undefined)
    const total = sizeOf(source)
    const { isRestricted = false } = options
    const job = { name, total, replayable: total !== undefined, isRestricted }
    return this.#add(options, job, (content, write) =>
      content.add(source, { ...write, isAnnounced: !isRestricted }),
    )
  }

  /** @throws SEED_PINS_EXCEED_QUOTA, SEED_TOO_MANY_PINS, CONTENT_TOO_MANY_FILES before anything is stored */
  async addFolder(files: readonly FolderFile[], options: AddOptions): Promise<AddedFolder> {
    const job = { name: options.name, total: assertFolder(files), replayable: true, isRestricted: false }
    return this.#add(options, job, (content, write) => content.addFolder(files, write))
  }

  async #add<T extends Added>(
    options: AddOptions,
    job: Omit<AddJob<T>, 'write'>,
    write: (content: Joined['content'], options: Parameters<AddJob<T>['write']>[0]) => Promise<T>,
  ): Promise<T> {
    const { storage, adding, joined } = this.#init
    const { content } = await joined()
    options.signal?.throwIfAborted()
    this.#assertCount()
    storage.assertFits(job.total ?? 0)
    const added = await adding.add({ ...job, write: (given) => write(content, given) }, options)
    this.#persistSoon()
    return added
  }

  /** Resolves with the name of the root in the list when all of it is here. */
  async pin(text: string, { name, signal, onProgress }: AddOptions): Promise<string> {
    const cid = rootCid(parseContentCid(text))
    signal?.throwIfAborted()
    const network = await this.#init.joined()
    const isChecked = await this.#pin(cid, name)
    this.#persistSoon()
    if (!isChecked) await this.#assertRootFits(network, cid, signal)
    await waitFor(network.fetches, cid, { signal, onProgress })
    return cid
  }

  async unpin(text: string): Promise<string> {
    const { storage, joined, now } = this.#init
    const { fetches } = await joined()
    const cid = rootCid(parseContentCid(text))
    if (storage.kept.roots.get(cid) === undefined) throw unknown(cid)
    fetches.stop(cid)
    await storage.kept.roots.change(cid, (root) => (root === undefined ? undefined : unpinRoot(root, now())))
    await storage.room.trim()
    return cid
  }

  async drop(text: string): Promise<void> {
    const { storage, adding, joined } = this.#init
    await joined()
    if (text.startsWith('adding/')) {
      if (!(await adding.giveUp(text))) throw unknown(text)
      return
    }
    const cid = rootCid(parseContentCid(text))
    const root = storage.kept.roots.get(cid)
    if (root === undefined && storage.kept.holding(cid) === undefined) throw unknown(cid)
    if (root !== undefined && root.reasons.length > 0) {
      throw seedError('SEED_PINNED', `${cid} is kept for good. Unpin it first, then drop it.`)
    }
    await storage.evictor.drop(cid)
  }

  /** The roots that were checked. */
  async check(text: string | undefined, { signal }: CallOptions): Promise<readonly string[]> {
    const { storage, joined } = this.#init
    const { watch } = await joined()
    const cids = text === undefined ? this.#pinned().map(({ cid }) => cid) : [rootCid(parseContentCid(text))]
    for (const cid of cids) {
      signal?.throwIfAborted()
      if (storage.kept.roots.get(cid) === undefined) throw unknown(cid)
      await watch.check(cid, { asks: 'always', ...(signal === undefined ? {} : { signal }) })
    }
    return cids
  }

  /** Somebody wishes that this peer keeps a content ([SE6]). */
  async decideKeep(request: KeepRequest): Promise<true | { readonly refused: string }> {
    const { storage, joined, ownAddress } = this.#init
    const { fetches } = await joined()
    const answer = mayAskToKeep(request, storage.settings, ownAddress())
    if (answer !== true) return answer
    const cid = rootCid(parseContentCid(request.root))
    const granted = await storage.kept.roots.exclusive((changes) => this.#grant(request, cid, changes))
    // what cannot be fetched now is tried again with the next turn
    if (granted === true && storage.kept.holding(cid)?.whole !== true) fetches.fetch(cid).catch(() => {})
    return granted
  }

  /** Decided and written down in one step: of wishes that come at once, to whichever tab, each sees those before it. */
  async #grant(
    request: KeepRequest,
    cid: string,
    { change, reload }: RootChanges,
  ): Promise<true | { readonly refused: string }> {
    const { storage } = this.#init
    await reload()
    const known = storage.kept.roots.get(cid)
    const others = this.#pinned().filter((root) => root.cid !== cid && isForOthers(root))
    const answer = decideKeep(request, {
      settings: storage.settings,
      keptBytes: others.reduce((sum, root) => sum + storage.sizeOf(root), 0),
      isPinned: (known?.reasons.length ?? 0) > 0,
      freeBytes: storage.quotaBytes - storage.pinnedTotal(cid),
    })
    // what is pinned here anyway is kept anyway: nothing that others say of it changes that
    if (answer !== true || (known?.reasons.length ?? 0) > 0) return answer
    if (this.#pinned().length >= MAX_PINS) return { refused: 'This peer keeps as many contents as it can.' }
    await change(cid, this.#withReason('kept', { bytes: request.bytes }))
    return true
  }

  /** Who said that a content is smaller than it is does not get it kept. `total` as far as its root says it. */
  checkClaim(cid: string, total = 0): void {
    const { storage } = this.#init
    const root = storage.kept.roots.get(cid)
    if (root?.claimedBytes === undefined || !root.reasons.includes('kept')) return
    const bytes = Math.max(total, storage.sizeOf({ cid }))
    if (exceedsClaim(bytes, root.claimedBytes)) void this.#letGo(cid).catch(() => {}) // gone already
  }

  /** Keeps it for others no longer; whoever pinned it here meanwhile keeps it. */
  async #letGo(cid: string): Promise<void> {
    const { roots } = this.#init.storage.kept
    const root = roots.get(cid)
    if (root !== undefined && isForOthers(root)) await this.unpin(cid)
    else
      await roots.change(cid, (root) =>
        root === undefined
          ? undefined
          : { ...root, reasons: root.reasons.filter((reason) => reason !== 'kept') },
      )
  }

  #pinned(): readonly KeptRoot[] {
    return [...this.#init.storage.kept.roots.all()].filter(({ reasons }) => reasons.length > 0)
  }

  #isSizeKnown(cid: string): boolean {
    return this.#init.storage.kept.holding(cid)?.contentBytes !== undefined
  }

  #assertCount(): void {
    if (this.#pinned().length < MAX_PINS) return
    throw seedError(
      'SEED_TOO_MANY_PINS',
      `At most ${MAX_PINS} contents can be kept for good here. Unpin some, or keep several files as one folder. Nothing was changed.`,
    )
  }

  /**
   * In one step, with the store as it stands: what another tab evicted a moment ago is fetched, and it evicts nothing
   * of it afterwards. False while nobody knows whether it fits.
   */
  async #pin(cid: string, name: string | undefined): Promise<boolean> {
    const { storage } = this.#init
    const { kept } = storage
    const isChecked = await kept.roots.exclusive(async ({ change, reload }) => {
      await kept.reload(reload)
      const isNew = (kept.roots.get(cid)?.reasons.length ?? 0) === 0
      if (isNew) this.#assertCount()
      if (isNew && this.#isSizeKnown(cid)) storage.assertFits(storage.sizeOf({ cid }), cid)
      await change(cid, this.#withReason('pinned', { name }))
      return !isNew || this.#isSizeKnown(cid)
    })
    await kept.walk(cid)
    return isChecked
  }

  #withReason(
    reason: PinReason,
    { name, bytes }: { readonly name?: string | undefined; readonly bytes?: number },
  ): ChangeRoot {
    const now = this.#init.now()
    return (known, cid) => {
      const { letGo: _, ...root } = known ?? newRoot(cid, now)
      return {
        ...root,
        reasons: root.reasons.includes(reason) ? root.reasons : [...root.reasons, reason],
        addedAt: root.reasons.length > 0 ? root.addedAt : now,
        usedAt: now,
        ...(name === undefined ? {} : { name: name.slice(0, MAX_NAME_LENGTH) }),
        ...(bytes === undefined ? {} : { bytes: root.bytes ?? bytes, claimedBytes: bytes }),
      }
    }
  }

  /**
   * Only the root says how large a content is: it is fetched first, and the pin taken back when it does not fit.
   * A root that nobody gives now is waited for by the fetch.
   */
  async #assertRootFits(network: Joined, cid: string, signal: AbortSignal | undefined): Promise<void> {
    const { storage } = this.#init
    const release = storage.kept.use(cid)
    try {
      const parts = network.content.read(cid, { length: 0, ...(signal === undefined ? {} : { signal }) })
      for await (const _ of parts); // nothing but the root is read
    } catch (error) {
      signal?.throwIfAborted()
      if (isAppError(error, 'CONTENT_DAG_BOMB')) throw error
    } finally {
      release()
    }
    await storage.kept.walk(cid)
    if (!this.#isSizeKnown(cid)) return
    try {
      storage.assertFits(storage.sizeOf({ cid }), cid)
    } catch (error) {
      await this.unpin(cid)
      throw error
    }
  }

  /** [SE4] A store that somebody relies on should not be cleared by the browser; it may ask the person. */
  #persistSoon(): void {
    const { storage } = this.#init
    if (this.#askedToPersist || storage.persisted) return
    this.#askedToPersist = true
    storage.persist().catch(() => {}) // the state says that it is not promised
  }
}

async function waitFor(
  fetches: Fetches,
  cid: string,
  {
    signal,
    onProgress,
  }: { signal: AddOptions['signal'] | undefined; onProgress: AddOptions['onProgress'] | undefined },
): Promise<void> {
  const done = fetches.fetch(cid)
  const unsubscribe = fetches.onProgress(cid, ({ bytes, total }) =>
    onProgress?.(total > 0 ? { bytes, total } : { bytes }),
  )
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  try {
    await Promise.race([done, promise])
  } finally {
    unsubscribe()
    signal?.removeEventListener('abort', onAbort)
  }
}

/** What the wallet owns would be pinned again at once: that it is not wanted is remembered. */
function unpinRoot(root: KeptRoot, now: number): KeptRoot {
  const isOwned = root.reasons.some(isWalletReason)
  return { ...root, reasons: [], usedAt: now, ...(isOwned ? { letGo: true } : {}) }
}

function unknown(id: string): Error {
  return seedError(
    'SEED_UNKNOWN',
    `${id.slice(0, 80)} is not in the list of what is kept. See tabland.seed.status().items.`,
  )
}
