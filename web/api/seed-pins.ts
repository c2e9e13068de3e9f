import { isAppError } from '#core/errors.ts'
import { MAX_PINS } from '#core/limits.ts'
import type { KeepRequest, PinReason } from '#core/seeding.ts'
import { type Addable, type AddedFolder, assertFolder, type FolderFile, sizeOf } from '#peer/add-source.ts'
import { parseContentCid } from '#peer/content.ts'
import { decideKeep } from '#seed/decide-keep.ts'
import { seedError } from '#seed/errors.ts'
import type { Fetches } from '#seed/fetches.ts'
import { type KeptRoot, MAX_NAME_LENGTH, newRoot } from '#seed/kept-root.ts'
import { rootCid } from '#seed/root-cid.ts'
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

/** Who asks to keep something names the bytes of its content; the tree above them makes a two-thousandth of it. */
const KEEP_TOLERANCE = 1.01
/** And of a small one, the root. */
const MAX_NODE_BYTES = 16 * 1024

/** What a person, or somebody who may, does to what is kept. */
export class SeedPins {
  readonly #init: SeedPinsInit
  #askedToPersist = false

  constructor(init: SeedPinsInit) {
    this.#init = init
  }

  /** @throws SEED_PINS_EXCEED_QUOTA, SEED_TOO_MANY_PINS before anything is stored */
  add(source: Addable, options: AddOptions): Promise<Added> {
    const name =
      options.name ?? (typeof File !== 'undefined' && source instanceof File ? source.name : undefined)
    const total = sizeOf(source)
    const job = { name, total, replayable: total !== undefined }
    return this.#add(options, job, (content, write) => content.add(source, write))
  }

  /** @throws SEED_PINS_EXCEED_QUOTA, SEED_TOO_MANY_PINS, CONTENT_TOO_MANY_FILES before anything is stored */
  async addFolder(files: readonly FolderFile[], options: AddOptions): Promise<AddedFolder> {
    const job = { name: options.name, total: assertFolder(files), replayable: true }
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
    const { storage, joined } = this.#init
    const cid = rootCid(parseContentCid(text))
    signal?.throwIfAborted()
    const network = await joined()
    const before = storage.kept.roots.get(cid)
    const isNew = (before?.reasons.length ?? 0) === 0
    if (isNew) this.#assertCount()
    await storage.kept.walk(cid)
    const isChecked = isNew && this.#isSizeKnown(cid)
    if (isChecked) storage.assertFits(storage.sizeOf({ cid }), cid)
    await this.#addReason(cid, 'pinned', name)
    this.#persistSoon()
    // another tab may have had its root here: then its size came to be known by the pin itself
    if (isNew && !isChecked) await this.#assertRootFits(network, cid, signal)
    await waitFor(network.fetches, cid, { signal, onProgress })
    return cid
  }

  async unpin(text: string): Promise<string> {
    const { storage, joined, now } = this.#init
    const { fetches } = await joined()
    const cid = rootCid(parseContentCid(text))
    if (storage.kept.roots.get(cid) === undefined) throw unknown(cid)
    fetches.stop(cid)
    await storage.kept.roots.change(cid, (root) =>
      root === undefined ? undefined : { ...root, reasons: [], usedAt: now() },
    )
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
    const cid = rootCid(parseContentCid(request.root))
    const known = storage.kept.roots.get(cid)
    const others = this.#pinned().filter(({ reasons }) => reasons.every((reason) => reason === 'kept'))
    const answer = decideKeep(request, {
      settings: storage.settings,
      ownAddress: ownAddress(),
      keptBytes: others.reduce((sum, root) => sum + (root.cid === cid ? 0 : storage.sizeOf(root)), 0),
      isPinned: (known?.reasons.length ?? 0) > 0,
      freeBytes: storage.quotaBytes - storage.pinnedTotal(cid),
    })
    if (answer !== true) return answer
    // what is pinned here anyway is kept anyway: nothing that others say of it changes that
    if (known?.reasons.some((reason) => reason !== 'kept')) return true
    if (this.#pinned().length >= MAX_PINS) return { refused: 'This peer keeps as many contents as it can.' }
    await this.#addReason(cid, 'kept', undefined, request.bytes)
    void this.#keep(fetches, cid, request.bytes)
    return true
  }

  /** Who said that a content is smaller than it is does not get it kept. */
  async #keep(fetches: Fetches, cid: string, bytes: number): Promise<void> {
    const fetched = fetches.fetch(cid)
    const unsubscribe = fetches.onProgress(cid, ({ total }) => {
      if (total > bytes * KEEP_TOLERANCE + MAX_NODE_BYTES) void this.#letGo(cid).catch(() => {}) // gone already
    })
    await fetched.catch(() => {}).finally(unsubscribe)
  }

  /** Keeps it for others no longer; whoever pinned it here meanwhile keeps it. */
  async #letGo(cid: string): Promise<void> {
    const { roots } = this.#init.storage.kept
    const isOwn = roots.get(cid)?.reasons.some((reason) => reason !== 'kept') === true
    if (!isOwn) await this.unpin(cid)
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

  async #addReason(cid: string, reason: PinReason, name?: string, bytes?: number): Promise<void> {
    const { storage, now } = this.#init
    await storage.kept.roots.change(cid, (root = newRoot(cid, now())) => ({
      ...root,
      reasons: root.reasons.includes(reason) ? root.reasons : [...root.reasons, reason],
      addedAt: root.reasons.length > 0 ? root.addedAt : now(),
      usedAt: now(),
      ...(name === undefined ? {} : { name: name.slice(0, MAX_NAME_LENGTH) }),
      ...(bytes === undefined || root.bytes !== undefined ? {} : { bytes }),
    }))
    await storage.kept.walk(cid)
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

function unknown(id: string): Error {
  return seedError(
    'SEED_UNKNOWN',
    `${id.slice(0, 80)} is not in the list of what is kept. See tabland.seed.status().items.`,
  )
}
