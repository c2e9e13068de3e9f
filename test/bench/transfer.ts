/**
 * [SE1]: 20 MiB from tab to tab over WebRTC, into memory, into the default store and into blockstore-idb, the three
 * taking turns within one run. Medians and their ratio to memory.
 * `npm run bench transfer`, or `node test/bench/transfer.ts ROUNDS`.
 */

import { launchProfile } from '../e2e/harness/chromium.ts'
import { countRtcBytes, readRtcBytes } from '../e2e/harness/rtc-bytes.ts'
import { openPeerTab, type PeerTab } from '../e2e/pages/peer/open.ts'
import { servePage } from '../e2e/pages/serve-page.ts'
import { createFixtures } from '../relay/fixtures.ts'

const ROUNDS = Number(process.argv[2] ?? 5)
const MIB = 1024 * 1024
const BYTES = 20 * MIB
const STORES = ['memory', 'default', 'idb'] as const
const DEFAULT_SHARE = 0.8

interface Receiver {
  readonly store: (typeof STORES)[number]
  readonly tab: PeerTab
  /** MB/s (10⁶) */
  readonly rates: number[]
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] as number
}

async function main(): Promise<void> {
  const fixtures = createFixtures()
  const served = await servePage('peer')
  const profile = await launchProfile()
  try {
    await countRtcBytes(profile.context)
    const { relay } = await fixtures.relay(['--network', 'test'])
    const open = (store: Receiver['store']) =>
      openPeerTab({ profile, pageUrl: served.url, relays: relay.addresses, store })
    const sender = await open('memory')
    await sender.until('ready')
    const receivers: Receiver[] = []
    for (const store of STORES) receivers.push({ store, tab: await open(store), rates: [] })
    await sender.until(`direct:${STORES.length}`)

    for (let round = 0; round < ROUNDS; round++) {
      for (const { tab, rates } of receivers) {
        const cid = await sender.add(BYTES) // fresh each time: nobody but the sender has it
        const before = await readRtcBytes(tab.page)
        const { bytes, ms } = await tab.cat(cid)
        const crossed = (await readRtcBytes(tab.page)).received - before.received
        if (bytes !== BYTES || crossed < BYTES) {
          throw new Error(`${bytes} bytes were read, ${crossed} of them by WebRTC; expected ${BYTES}.`)
        }
        rates.push(BYTES / 1e3 / ms)
      }
    }

    const memory = median(receivers[0]?.rates ?? [])
    console.log(`20 MiB tab to tab over WebRTC, median of ${ROUNDS}:`)
    for (const { store, rates } of receivers) {
      const rate = median(rates)
      const goal = store === 'default' ? ` (goal ${DEFAULT_SHARE})` : ''
      const all = rates.map((value) => value.toFixed(1)).join(' ')
      console.log(
        `${store.padEnd(8)} ${rate.toFixed(1).padStart(6)} MB/s   ${(rate / memory).toFixed(2)} of memory${goal}   ${all}`,
      )
    }
  } finally {
    await profile.close()
    await served.close()
    await fixtures.stop()
  }
}

await main()
