import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { type IDBPDatabase, openDB } from 'idb'
import type { NetworkMode } from '#api/network-types.ts'
import type { KeyValue } from './relay-memory.ts'

/** [NE6] A private tab is somebody else: its peer id must not tell who it is when it is direct. */
const SESSION_KEYS: Readonly<Record<NetworkMode, string>> = {
  direct: 'tabland/peer',
  relayed: 'tabland/peer/relayed',
}
const DATABASE = 'tabland-tab-keys'
const STORE = 'keys'
/** A reloading page gives its lock back within a few ms; a duplicated tab waits for this long in vain. */
const LOCK_WAIT_MS = 250
/** Keys of tabs that were closed: more than a person has open, and 68 bytes each. */
const MAX_KEYS = 256

/** Where keys lie: IndexedDB, because sessionStorage is copied with a duplicated tab and its text is easily read. */
export interface TabKeyStore {
  get(peerId: string): Promise<Uint8Array | undefined>
  put(peerId: string, key: Uint8Array): Promise<void>
}

export interface TabKeyComponents {
  /** lives and dies with the tab, and survives its reload */
  readonly session: KeyValue
  readonly locks: Pick<LockManager, 'request'>
  readonly keys: TabKeyStore
  /** @default 'direct' */
  readonly mode?: NetworkMode
}

export interface TabKey {
  readonly privateKey: PrivateKey
  /** Lets another page use it; closing the page does so too. */
  release(): void
}

/**
 * The key of this tab's peer id ([NE1]): the same after a reload, a new one in a duplicated tab. While the page
 * lives it holds a lock on the id, so that a copy of its session finds the id taken.
 */
export async function claimTabKey({
  session,
  locks,
  keys,
  mode = 'direct',
}: TabKeyComponents): Promise<TabKey> {
  const slot = SESSION_KEYS[mode]
  const earlier = session.getItem(slot)
  if (earlier !== null) {
    const release = await hold(locks, earlier)
    const stored = release === undefined ? undefined : await readKey(keys, earlier)
    if (release !== undefined && stored !== undefined) return { privateKey: stored, release }
    release?.()
  }
  const privateKey = await generateKeyPair('Ed25519')
  const peerId = peerIdFromPrivateKey(privateKey).toString()
  const release = await hold(locks, peerId)
  await keys.put(peerId, privateKeyToProtobuf(privateKey))
  session.setItem(slot, peerId)
  return { privateKey, release: release ?? (() => {}) }
}

/** The key by this browser's storage; a fresh one, kept nowhere, where the browser forbids that. */
export async function claimBrowserTabKey(mode?: NetworkMode): Promise<TabKey> {
  try {
    const keys = await openTabKeyStore()
    return await claimTabKey({
      session: sessionStorage,
      locks: navigator.locks,
      keys,
      ...(mode === undefined ? {} : { mode }),
    })
  } catch {
    return createTabKey()
  }
}

/** A key for this page alone, kept nowhere: for pages whose storage others can read. */
export async function createTabKey(): Promise<TabKey> {
  return { privateKey: await generateKeyPair('Ed25519'), release: () => {} }
}

/** Keys in IndexedDB, the oldest dropped beyond MAX_KEYS. */
export async function openTabKeyStore(): Promise<TabKeyStore> {
  const database: IDBPDatabase = await openDB(DATABASE, 1, {
    upgrade: (created) => void created.createObjectStore(STORE).createIndex('time', 'time'),
  })
  return {
    async get(peerId) {
      const entry: unknown = await database.get(STORE, peerId)
      const key = (entry as { readonly key?: unknown } | undefined)?.key
      return key instanceof Uint8Array ? key : undefined
    },
    async put(peerId, key) {
      const transaction = database.transaction(STORE, 'readwrite')
      await transaction.store.put({ key, time: Date.now() }, peerId)
      let surplus = (await transaction.store.count()) - MAX_KEYS
      for await (const cursor of transaction.store.index('time')) {
        if (surplus-- <= 0) break
        await cursor.delete()
      }
      await transaction.done
    },
  }
}

async function readKey(keys: TabKeyStore, peerId: string): Promise<PrivateKey | undefined> {
  const bytes = await keys.get(peerId)
  if (bytes === undefined) return undefined
  try {
    const key = privateKeyFromProtobuf(bytes)
    return peerIdFromPrivateKey(key).toString() === peerId ? key : undefined
  } catch {
    return undefined // damaged: the tab gets a new one
  }
}

/**
 * Holds a lock until it is released; undefined when another page holds it. Besides, Chromium freezes no background
 * page that holds a Web Lock, and hardly one with an open WebRTC or WebSocket connection ([NE7]).
 */
function hold(locks: Pick<LockManager, 'request'>, peerId: string): Promise<(() => void) | undefined> {
  const signal = AbortSignal.timeout(LOCK_WAIT_MS)
  return new Promise((resolve) => {
    const held = locks.request(`tabland/peer/${peerId}`, { signal }, () => {
      const { promise, resolve: release } = Promise.withResolvers<void>()
      resolve(release)
      return promise
    })
    held.catch(() => resolve(undefined))
  })
}
