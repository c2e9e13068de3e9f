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
  untilListenedTo(): Promise<void>
  untilHeard(count: number): Promise<number>
  servedBytes(): Promise<number>
  addRelay(address: string): Promise<void>
  received: (...args: Parameters<PeerPage['received']>) => Promise<number>
  receivedBytes(): Promise<number>
  receivedPorts(): Promise<readonly number[]>
}

/** Opens a tab of `profile` as a peer; it joins by itself. */
export async function openPeerTab(init: PeerTabInit): Promise<PeerTab> {
  const { page, logs } = await openPage(init.profile)
  if (init.before !== undefined) await page.addInitScript(init.before)
  const query = new URLSearchParams({ store: init.store ?? 'memory', mode: init.mode ?? 'direct' })
  for (const relay of init.relays) query.append('relay', relay)
  for (const stun of init.stun ?? []) query.append('stun', stun)
  await page.goto(`${init.pageUrl}?${query}`)
  return {
    page,
    logs,
    state: () => page.evaluate(async () => (await window.peerPage).state()),
    until: (condition) => page.evaluate(async (name) => (await window.peerPage).until(name), condition),
    times: () => page.evaluate(async () => (await window.peerPage).times()),
    add: (bytes) => page.evaluate(async (count) => (await window.peerPage).add(count), bytes),
    cat: (cid) => page.evaluate(async (root) => (await window.peerPage).cat(root), cid),
    say: (text) => page.evaluate(async (words) => (await window.peerPage).say(words), text),
    untilListenedTo: () => page.evaluate(async () => (await window.peerPage).untilListenedTo()),
    untilHeard: (count) => page.evaluate(async (n) => (await window.peerPage).untilHeard(n), count),
    servedBytes: () => page.evaluate(async () => (await window.peerPage).servedBytes()),
    received: (...args) => page.evaluate(async (given) => (await window.peerPage).received(...given), args),
    receivedBytes: () => page.evaluate(async () => (await window.peerPage).receivedBytes()),
    receivedPorts: () => page.evaluate(async () => (await window.peerPage).receivedPorts()),
    addRelay: (address) => page.evaluate(async (relay) => (await window.peerPage).addRelay(relay), address),
  }
}
