import type { Blockstore } from 'interface-blockstore'
import type { CID } from 'multiformats/cid'
import { collectBytes } from '#core/bytes.ts'
import type { RecordStore } from '#core/record-store.ts'
import type { StoredBlock, StoreStats } from './blockstore/block-engine.ts'
import { type BlockKey, toKey } from './blockstore/block-key.ts'
import { BusyContents } from './busy-contents.ts'
import { blockCid, decodeDagNode, innerCid, isInner } from './dag-node.ts'
import { HalfAddedList } from './half-added.ts'
import { type Holding, Holdings } from './holdings.ts'
import { newRoot } from './kept-root.ts'
import { ObjectList } from './object-list.ts'
import type { LivingTabs, ProfileTabs, SeedNews } from './profile-tabs.ts'
import { parseRootCid } from './root-cid.ts'
import { type ChangeRoot, RootList } from './root-list.ts'
import { mergeUse, type RootUse } from './root-use.ts'
import { TextList } from './text-list.ts'
import { type BlockWatch, watchBlockstore } from './watched-blockstore.ts'

export interface BlocksOfProfile {
  readonly blockstore: Blockstore
  stats(): StoreStats
  limitDisk(bytes: number): void
  list(): Promise<readonly StoredBlock[]>
}

export interface KeptStoreInit {
  readonly blocks: BlocksOfProfile
  readonly store: RecordStore
  readonly tabs: ProfileTabs
  /** unix ms */
  readonly now: () => number
  readonly newId: () => string
  /** see Room */
  readonly admit: BlockWatch['admit']
  /** an admitted block was stored, or was not */
  readonly failed: (key: BlockKey) => void
  readonly onStored: (key: BlockKey) => void
  /** something is no longer in use or pinned, by whichever tab */
  readonly onLetGo: () => void
  /** something that the state shows is different now */
  readonly onChange: () => void
}

/** News of blocks wait for one another; more of them make a message of their own. */
const MAX_NEWS = 1_024

/**
 * What is stored and why, for one tab: the blocks that are here, the roots that they belong to, and what the other
 * tabs of the profile do with both.
 */
export class KeptStore {
  readonly blockstore: Blockstore
  readonly holdings = new Holdings()
  readonly roots: RootList
  readonly texts: TextList
  readonly objects: ObjectList
  readonly adding: HalfAddedList
  readonly #init: KeptStoreInit
  readonly #uses = new Map<string, RootUse>()
  readonly #busy: BusyContents
  readonly #listings = new Set<Map<BlockKey, number | undefined>>()
  #news: { arrived: [BlockKey, number][]; gone: BlockKey[] } = { arrived: [], gone: [] }

  constructor(init: KeptStoreInit) {
    this.#init = init
    const { store, tabs, now, newId, onChange } = init
    this.roots = new RootList({
      store,
      now,
      onChange: (cids) => {
        tabs.post({ type: 'roots', cids })
        this.#syncRoots(cids)
        init.onLetGo()
        onChange()
      },
    })
    this.#busy = new BusyContents({
      ...init,
      onChange: (cids) => tabs.post({ type: 'busy', tab: tabs.tab, cids }),
    })
    this.texts = new TextList(store)
    this.objects = new ObjectList({ ...init, holdings: this.holdings })
    this.adding = new HalfAddedList({ store, tab: tabs.tab, now, newId })
    this.blockstore = watchBlockstore(init.blocks.blockstore, {
      admit: init.admit,
      failed: init.failed,
      stored: (cid, key, block) => this.#stored(cid, key, block),
      deleted: (key) => this.#deleted(key),
    })
    tabs.onNews((news) => this.#hear(news))
  }

  /** Reads what the profile keeps: first what is pinned, so that nothing of it can be taken for cache. */
  async start(): Promise<void> {
    await this.roots.load()
    await this.texts.load()
    await this.objects.load()
    await this.adding.load()
    this.#syncAll()
    this.#init.tabs.post({ type: 'hello' })
    await this.reconcile()
  }

  /** Lists the store's blocks anew and walks what is new of the roots. */
  async reconcile(): Promise<void> {
    const during = new Map<BlockKey, number | undefined>()
    this.#listings.add(during)
    const listed = await this.#init.blocks.list().finally(() => this.#listings.delete(during))
    const blocks = new Map(listed.map(({ key, bytes }) => [key, bytes]))
    // what came and went while the list was made is known better here
    for (const [key, bytes] of during) {
      if (bytes === undefined) blocks.delete(key)
      else blocks.set(key, bytes)
    }
    this.holdings.reconcile(blocks)
    await this.walkAll()
    this.#init.onChange()
  }

  /** Everything of the profile as it stands on disk; inside the profile's lock. */
  async reload(reloadRoots: () => Promise<void>): Promise<void> {
    await reloadRoots()
    await this.objects.load()
    await this.adding.load()
    this.#syncAll()
    await this.reconcile()
  }

  /** As `reload`, by itself: what other tabs did, heard or not, is known afterwards. */
  reread(): Promise<void> {
    return this.roots.exclusive(({ reload }) => this.reload(reload))
  }

  async walkAll(): Promise<void> {
    for (const id of [...this.holdings.roots()]) await this.walk(id)
  }

  /** Learns the blocks below a root as far as its nodes are here. */
  async walk(id: string): Promise<void> {
    for (;;) {
      const keys = this.holdings.toExpand(id)
      if (keys.length === 0) return
      for (const key of keys) {
        const block = await this.#readNode(key)
        if (block === undefined) this.holdings.gone(key)
        else this.holdings.expand(key, decodeDagNode(block))
      }
    }
  }

  holding(cid: string): Holding | undefined {
    return this.holdings.holding(cid)
  }

  /** Somebody reads or fetches a content: until the release it is not evicted, by no tab. */
  use(cid: string): () => void {
    this.#addRoot(cid)
    this.#touch(cid).usedAt = this.#init.now()
    this.#busy.add(cid, 1)
    let released = false
    return () => {
      if (released) return
      released = true
      this.#touch(cid).usedAt = this.#init.now()
      this.#busy.add(cid, -1)
      void this.walk(cid).then(this.#init.onChange, () => {})
      // unlisted, its blocks are nobody's to another tab that needs their room
      if (this.roots.get(cid) === undefined) this.flush().catch(() => {}) // the next turn tries again
    }
  }

  /** Nothing of a cached content is left: it is no longer followed. */
  drop(cid: string): void {
    this.#uses.delete(cid)
    if (!this.#busy.isHere(cid)) this.holdings.removeRoot(cid)
  }

  isBusy(cid: string, living: LivingTabs): boolean {
    return this.#busy.isAnywhere(cid, living)
  }

  /** Reads a block for no other reason than that its damage is found, dropped and told by the store ([SE2]). */
  async verify(key: BlockKey): Promise<void> {
    await collectBytes(this.#init.blocks.blockstore.get(blockCid(key))).catch(() => {}) // told
  }

  /** A block of some content moved; returns the content's root. */
  count(direction: 'sent' | 'received', key: BlockKey, bytes: number): string | undefined {
    const owner = this.#mainOwner(key)
    if (owner === undefined) return
    const use = this.#touch(owner)
    if (direction === 'sent') use.sentBytes += bytes
    else use.receivedBytes += bytes
    use.usedAt = this.#init.now()
    return owner
  }

  /** Bytes moved and time of last use with what was not written down yet. */
  pending(cid: string): RootUse | undefined {
    return this.#uses.get(cid)
  }

  noteWhole(cid: string): void {
    if (this.roots.get(cid)?.whole !== true) this.#touch(cid).whole = true
  }

  /** Writes down how roots were used since; a cached content gets its place in the list by this. */
  async flush(): Promise<void> {
    this.postNews()
    const uses = new Map(this.#uses)
    if (uses.size === 0) return
    this.#uses.clear()
    const changes = new Map([...uses].map(([cid, use]) => [cid, this.#apply(cid, use)] as const))
    try {
      await this.roots.changeMany(changes)
    } catch (error) {
      for (const [cid, use] of uses) mergeUse(this.#touch(cid), use)
      throw error
    }
  }

  /** Tells the other tabs which blocks came and went. */
  postNews(): void {
    const { arrived, gone } = this.#news
    if (arrived.length + gone.length === 0) return
    this.#news = { arrived: [], gone: [] }
    this.#init.tabs.post({ type: 'blocks', arrived, gone })
  }

  /** Files that one adds are protected block by block, before each is stored. */
  async expectAdded(id: string, key: BlockKey): Promise<void> {
    this.holdings.addToSet(id, [key])
    await this.adding.expect(id, key)
  }

  async addTexts(cid: string, keys: readonly BlockKey[]): Promise<void> {
    this.holdings.addToSet(TextList.SET, keys)
    if (await this.texts.add(cid, keys)) this.#init.tabs.post({ type: 'texts', keys })
    this.#init.onChange()
  }

  /** A stored copy of a block was damaged and dropped ([SE2]); returns the pinned contents that miss it now. */
  damaged(cid: CID): readonly string[] {
    const key = toKey(cid.multihash.bytes)
    this.#deleted(key)
    return [...this.holdings.ownersOf(key)].filter((id) => (this.roots.get(id)?.reasons.length ?? 0) > 0)
  }

  #apply(cid: string, use: RootUse): ChangeRoot {
    const usedAt = use.usedAt ?? this.#init.now()
    const bytes = this.holding(cid)?.contentBytes
    return (root = newRoot(cid, usedAt)) => ({
      ...root,
      usedAt: Math.max(root.usedAt, use.usedAt ?? 0),
      sentBytes: root.sentBytes + use.sentBytes,
      receivedBytes: root.receivedBytes + use.receivedBytes,
      whole: root.whole || use.whole,
      ...(bytes === undefined ? {} : { bytes }),
    })
  }

  #touch(cid: string): RootUse {
    const known = this.#uses.get(cid)
    if (known !== undefined) return known
    const use: RootUse = { sentBytes: 0, receivedBytes: 0, whole: false }
    this.#uses.set(cid, use)
    return use
  }

  /** The pinned root that a block belongs to, or else the first of the others. */
  #mainOwner(key: BlockKey): string | undefined {
    let first: string | undefined
    for (const id of this.holdings.ownersOf(key)) {
      if ((this.roots.get(id)?.reasons.length ?? 0) > 0) return id
      if (id !== TextList.SET && !id.startsWith('adding/') && !ObjectList.isSet(id)) first ??= id
    }
    return first
  }

  #addRoot(cid: string): void {
    const root = parseRootCid(cid)
    const pinned = (this.roots.get(cid)?.reasons.length ?? 0) > 0
    this.holdings.addRoot(cid, { key: toKey(root.multihash.bytes), inner: isInner(root) }, pinned)
  }

  #syncAll(): void {
    const cids = new Set([...this.roots.all()].map(({ cid }) => cid))
    for (const cid of cids) this.#addRoot(cid)
    const halves = this.adding.all()
    for (const { id, keys } of halves) this.holdings.addToSet(id, keys)
    this.holdings.addToSet(TextList.SET, this.texts.keys())
    const kept = new Set([TextList.SET, ...cids, ...this.objects.names(), ...halves.map(({ id }) => id)])
    for (const id of [...this.holdings.roots()]) {
      // what was used a moment ago is written down with the next flush
      if (!kept.has(id) && !this.#uses.has(id) && !this.#busy.isHere(id)) this.holdings.removeRoot(id)
    }
  }

  #syncRoots(cids: readonly string[]): void {
    for (const cid of cids) {
      if (this.roots.get(cid) === undefined && !this.#busy.isHere(cid) && !this.#uses.has(cid)) {
        this.holdings.removeRoot(cid)
      } else this.#addRoot(cid)
    }
  }

  #stored(cid: CID, key: BlockKey, block: Uint8Array): void {
    const isNew = !this.holdings.has(key)
    this.#init.onStored(key)
    this.#arrived(key, block.length)
    if (isInner(cid) && this.holdings.isUnexpanded(key)) this.holdings.expand(key, decodeDagNode(block))
    if (!isNew) return
    this.#news.arrived.push([key, block.length])
    this.#afterNews()
  }

  #arrived(key: BlockKey, bytes: number): void {
    this.holdings.arrived(key, bytes)
    for (const during of this.#listings) during.set(key, bytes)
  }

  #gone(key: BlockKey): void {
    this.holdings.gone(key)
    for (const during of this.#listings) during.set(key, undefined)
  }

  #deleted(key: BlockKey): void {
    this.#gone(key)
    this.#news.gone.push(key)
    this.#afterNews()
  }

  #afterNews(): void {
    if (this.#news.arrived.length + this.#news.gone.length >= MAX_NEWS) this.postNews()
    this.#init.onChange()
  }

  async #readNode(key: BlockKey): Promise<Uint8Array | undefined> {
    try {
      return await collectBytes(this.#init.blocks.blockstore.get(innerCid(key)))
    } catch {
      return // damaged or gone meanwhile: told by the store
    }
  }

  #hear(news: SeedNews): void {
    this.#follow(news).then(this.#init.onChange, () => {}) // the next listing makes up for what was not read
  }

  async #follow(news: SeedNews): Promise<void> {
    switch (news.type) {
      case 'blocks':
        for (const [key, bytes] of news.arrived) this.#arrived(key, bytes)
        for (const key of news.gone) this.#gone(key)
        for (const [key] of news.arrived) {
          for (const id of [...this.holdings.ownersOf(key)]) await this.walk(id)
        }
        return
      case 'roots':
        await this.roots.refresh(news.cids)
        this.#syncRoots(news.cids)
        for (const cid of news.cids) await this.walk(cid)
        this.#init.onLetGo()
        return
      case 'texts':
        this.texts.hear(news.keys)
        this.holdings.addToSet(TextList.SET, news.keys)
        return
      case 'object':
        this.objects.hear(news.set, news.keys)
        return
      case 'adding':
        await this.adding.load()
        this.#syncAll()
        return
      case 'busy':
        this.#busy.hear(news.tab, news.cids)
        this.#init.onLetGo()
        return
      case 'hello':
        if (this.#busy.here().length > 0) {
          const { tabs } = this.#init
          tabs.post({ type: 'busy', tab: tabs.tab, cids: this.#busy.here() })
        }
        return
      case 'settings':
      case 'shown':
        return
    }
  }
}
