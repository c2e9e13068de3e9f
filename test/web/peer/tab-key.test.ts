import 'fake-indexeddb/auto'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import type { KeyValue } from '#peer/relay-memory.ts'
import { claimBrowserTabKey, claimTabKey, openTabKeyStore, type TabKeyStore } from '#peer/tab-key.ts'

function createSession(
  copy: ReadonlyMap<string, string> = new Map(),
): KeyValue & { readonly values: Map<string, string> } {
  const values = new Map(copy)
  return {
    values,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
  }
}

/** Web Locks of one browser: a name is held by one; the others wait until it is free or they give up. */
function createLocks(): Pick<LockManager, 'request'> {
  const held = new Map<string, Promise<unknown>>()
  const request = async (name: string, { signal }: LockOptions, use: LockGrantedCallback<unknown>) => {
    const gaveUp = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    gaveUp.catch(() => {}) // who holds the lock by then does not care
    while (held.has(name)) await Promise.race([held.get(name), gaveUp])
    const using = Promise.resolve(use(null)).finally(() => held.delete(name))
    held.set(name, using)
    return using
  }
  return { request: request as LockManager['request'] }
}

function createKeys(): TabKeyStore & { readonly values: Map<string, Uint8Array> } {
  const values = new Map<string, Uint8Array>()
  return { values, get: async (id) => values.get(id), put: async (id, key) => void values.set(id, key) }
}

const idOf = (key: PrivateKey) => peerIdFromPrivateKey(key).toString()

describe('[NE1] the key of a tab', () => {
  it('[NE6] is another one in private mode, and each is back after a switch', async () => {
    const [session, locks, keys] = [createSession(), createLocks(), createKeys()]
    const claim = async (mode: 'direct' | 'relayed') => {
      const { privateKey, release } = await claimTabKey({ session, locks, keys, mode })
      release()
      return idOf(privateKey)
    }
    const [direct, relayed] = [await claim('direct'), await claim('relayed')]
    expect(relayed).not.toBe(direct)
    expect(await claim('relayed')).toBe(relayed)
    expect(await claim('direct')).toBe(direct)
  })

  it('is the same after a reload', async () => {
    const [session, locks, keys] = [createSession(), createLocks(), createKeys()]
    const first = await claimTabKey({ session, locks, keys })
    first.release()
    const again = await claimTabKey({ session, locks, keys })
    expect(idOf(again.privateKey)).toBe(idOf(first.privateKey))
  })

  it('is the same when the page before it gives its lock back a moment late', async () => {
    const [session, locks, keys] = [createSession(), createLocks(), createKeys()]
    const first = await claimTabKey({ session, locks, keys })
    setTimeout(() => first.release(), 50)
    const again = await claimTabKey({ session, locks, keys })
    expect(idOf(again.privateKey)).toBe(idOf(first.privateKey))
  })

  it('is a new one in a duplicated tab, which keeps that one', async () => {
    const [session, locks, keys] = [createSession(), createLocks(), createKeys()]
    const first = await claimTabKey({ session, locks, keys })
    const copy = createSession(session.values)
    const second = await claimTabKey({ session: copy, locks, keys })
    expect(idOf(second.privateKey)).not.toBe(idOf(first.privateKey))
    second.release()
    const reloaded = await claimTabKey({ session: copy, locks, keys })
    expect(idOf(reloaded.privateKey)).toBe(idOf(second.privateKey))
  })

  it('is a new one when the stored one is gone, damaged, or another tab’s', async () => {
    const [session, locks, keys] = [createSession(), createLocks(), createKeys()]
    const ids = new Set<string>()
    const claim = async () => {
      const { privateKey, release } = await claimTabKey({ session, locks, keys })
      release()
      ids.add(idOf(privateKey))
      return idOf(privateKey)
    }
    keys.values.delete(await claim())
    keys.values.set(await claim(), new Uint8Array(7))
    keys.values.set(await claim(), privateKeyToProtobuf(await generateKeyPair('Ed25519')))
    await claim()
    expect(ids.size).toBe(4)
  })

  it('is kept nowhere when the browser forbids storage', async () => {
    const { privateKey, release } = await claimBrowserTabKey() // here is no sessionStorage
    expect(idOf(privateKey)).toMatch(/^12D3/)
    release()
  })
})

describe('the store of tab keys', () => {
  it('gives back what it was given, and drops the oldest beyond 256', async () => {
    const store = await openTabKeyStore()
    for (let i = 0; i < 260; i++)
      await store.put(`peer ${String(i).padStart(3, '0')}`, Uint8Array.of(i & 255))
    expect(await store.get('peer 259')).toEqual(Uint8Array.of(3))
    expect(await store.get('nobody')).toBeUndefined()
    const kept = await Promise.all(
      Array.from({ length: 260 }, (_, i) => store.get(`peer ${String(i).padStart(3, '0')}`)),
    )
    expect(kept.filter((key) => key !== undefined)).toHaveLength(256)
    expect(kept.slice(-200).every((key) => key !== undefined)).toBe(true)
  })
})
