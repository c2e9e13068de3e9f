import { setTimeout } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { openPage, type Profile } from '../../harness/chromium.ts'
import type { PeerPage } from './page.ts'

export interface PeerTabInit {
  readonly profile: Profile
  /** address of the built page */
  readonly pageUrl: string
  readonly relays: readonly string[]
  readonly stun?: readonly string[]
  /** @default 'direct' */
  readonly mode?: 'direct' | 'relayed'
  readonly store?: 'memory' | 'default' | 'idb'
  /** how long one wait for this tab may take @default 50,000 ms */
  readonly waitMs?: number
  /** runs in the page before its scripts */
  readonly before?: () => void
}

export interface PeerTab {
  readonly page: Page
  /** what the page's console said */
  readonly logs: readonly string[]
  state(): Promise<ReturnType<PeerPage['state']>>
  until(condition: string): Promise<ReturnType<PeerPage['state']>>
  times(): Promise<ReturnType<PeerPage['times']>>
  add(bytes: number): Promise<string>
  cat(cid: string): Promise<{ readonly bytes: number; readonly ms: number }>
  say(text: string): Promise<void>
  untilHeard(count: number, beginning?: string): Promise<number>
  /** Speaks to `listener` until it hears that. */
  tell(listener: PeerTab, words: string): Promise<void>
  servedBytes(): Promise<number>
  addRelay(address: string): Promise<void>
  received: (...args: Parameters<PeerPage['received']>) => Promise<number>
  receivedBytes(): Promise<number>
  receivedPorts(): Promise<readonly number[]>
  close(): Promise<void>
}

/** Below half of a test's time limit: a wait in vain says itself what it waited for, and what was before it had time. */
const WAIT_MS = 50_000
/** Relays hold words that they do not understand against who brings them: seldom enough for them. */
const SAY_AGAIN_MS = 3_000

/** Opens a tab of `profile` as a peer; it joins by itself. */
export async function openPeerTab(init: PeerTabInit): Promise<PeerTab> {
  const { waitMs = WAIT_MS } = init
  const { page, logs } = await openPage(init.profile)
  if (init.before !== undefined) await page.addInitScript(init.before)
  const query = new URLSearchParams({ store: init.store ?? 'memory', mode: init.mode ?? 'direct' })
  for (const relay of init.relays) query.append('relay', relay)
  for (const stun of init.stun ?? []) query.append('stun', stun)
  await page.goto(`${init.pageUrl}?${query}`)
  const within = <T>(what: string, wait: Promise<T>): Promise<T> =>
    inTime(wait, waitMs, async () => {
      const report = await inTime(
        page.evaluate(async () => (await window.peerPage).report()),
        WAIT_MS,
        async () => 'none: the page does not answer',
      ).catch(String)
      const said = logs.slice(-5).join('\n')
      return `Waited ${waitMs / 1_000} s in vain for ${what}. The tab's state: ${report}\nIts console: ${said}`
    })
  const tab: PeerTab = {
    page,
    logs,
    close: () => page.close(),
    state: () => page.evaluate(async () => (await window.peerPage).state()),
    until: (condition) =>
      within(
        `"${condition}"`,
        page.evaluate(async (name) => (await window.peerPage).until(name), condition),
      ),
    times: () => page.evaluate(async () => (await window.peerPage).times()),
    add: (bytes) =>
      within(
        'the end of adding',
        page.evaluate(async (count) => (await window.peerPage).add(count), bytes),
      ),
    cat: (cid) =>
      within(
        `the content ${cid}`,
        page.evaluate(async (root) => (await window.peerPage).cat(root), cid),
      ),
    say: (text) => page.evaluate(async (words) => (await window.peerPage).say(words), text),
    untilHeard: (count, beginning = '') =>
      within(
        `${count} words of gossip that begin with "${beginning}"`,
        page.evaluate(async (args) => (await window.peerPage).untilHeard(...args), [
          count,
          beginning,
        ] as const),
      ),
    // who listens may be known before there is a stream to it, and gossip loses what is said then
    async tell(listener, words) {
      const heard = listener.untilHeard(1, words)
      const ended = heard.then(
        () => true,
        () => true,
      )
      for (let time = 1; ; time++) {
        await tab.say(`${words}, said ${time} times`)
        if (await Promise.race([ended, setTimeout(SAY_AGAIN_MS, false)])) break
        console.log(`"${words}" was not heard within ${SAY_AGAIN_MS} ms: it is said again.`)
      }
      await heard
    },
    servedBytes: () => page.evaluate(async () => (await window.peerPage).servedBytes()),
    received: (...args) => page.evaluate(async (given) => (await window.peerPage).received(...given), args),
    receivedBytes: () => page.evaluate(async () => (await window.peerPage).receivedBytes()),
    receivedPorts: () => page.evaluate(async () => (await window.peerPage).receivedPorts()),
    addRelay: (address) => page.evaluate(async (relay) => (await window.peerPage).addRelay(relay), address),
  }
  return tab
}

/** Rejects with the words of `tell` when `wait` takes too long. */
async function inTime<T>(wait: Promise<T>, ms: number, tell: () => Promise<string>): Promise<T> {
  const over = new AbortController()
  const late = setTimeout(ms, undefined, { signal: over.signal }).catch(() => undefined)
  try {
    const first = await Promise.race([wait.then((value) => ({ value })), late])
    if (first !== undefined) return first.value
  } finally {
    over.abort()
  }
  wait.catch(() => {}) // the tab is closed in the end
  throw new Error(await tell())
}
