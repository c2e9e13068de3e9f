import { afterAll, describe, expect, it } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { launchProfile, openPage } from './harness/chromium.ts'
import { createNatLab, type NatLab, natLabObstacle, PUBLIC_ADDRESS } from './harness/nat.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'
import { countRtcBytes, readRtcBytes } from './harness/rtc-bytes.ts'

/** In the page. */
declare const tabland: Tabland

/** As many as `getRandomValues` gives at once. */
const CONTENT_BYTES = 65_536

describe('two tabs behind two NATs', () => {
  const cleanups: (() => unknown)[] = []
  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup()
  })

  it("[NE1a] connect directly by their relay's STUN, and content crosses", async (context) => {
    const obstacle = natLabObstacle()
    if (obstacle !== undefined) return context.skip(obstacle)
    const { lab, relay } = await buildLab()
    const [a, b] = await Promise.all([openHome(lab.homes[0], relay), openHome(lab.homes[1], relay)])

    for (const page of [a, b]) {
      await page.waitForFunction(() => {
        const { tabland: api } = globalThis as { tabland?: Tabland }
        return api?.net.peers().some(({ kind, transport }) => kind === 'tab' && transport === 'webrtc')
      })
    }
    const before = await readRtcBytes(b)
    const cid = await a.evaluate(async (length) => {
      const added = await tabland.add(crypto.getRandomValues(new Uint8Array(length)))
      return added.cid
    }, CONTENT_BYTES)
    const length = await b.evaluate(async (cid) => (await tabland.cat(cid)).length, cid)
    const after = await readRtcBytes(b)
    expect(length).toBe(CONTENT_BYTES)
    expect(after.received - before.received).toBeGreaterThanOrEqual(CONTENT_BYTES)
  })

  async function buildLab(): Promise<{ lab: NatLab; relay: RelayProcess }> {
    const lab = createNatLab()
    cleanups.push(() => lab.destroy())
    const relay = await startRelay({
      command: [...lab.publicCommand, process.execPath],
      args: ['--host', PUBLIC_ADDRESS],
    })
    cleanups.push(() => relay.stop())
    return { lab, relay }
  }

  async function openHome(executablePath: string, relay: RelayProcess) {
    // http on an address other than loopback has no WebCrypto and no OPFS unless the browser is told otherwise.
    const profile = await launchProfile(undefined, {
      executablePath,
      args: [`--unsafely-treat-insecure-origin-as-secure=${relay.url}`],
    })
    cleanups.push(() => profile.close())
    profile.context.setDefaultTimeout(60_000)
    await countRtcBytes(profile.context)
    const { page } = await openPage(profile, `${relay.url}/?world=off`)
    return page
  }
})
