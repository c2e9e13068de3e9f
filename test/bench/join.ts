/**
 * [NE3]: from the load of the real page to its reservation, to ready, and to a direct connection with a tab that is
 * there already. Median of 10 loads on loopback, without the world, each a new tab of one profile.
 * `npm run bench join`, or `node test/bench/join.ts ROUNDS` after `npm run build`.
 */
import type { NetworkState } from '#api/network-types.ts'
import type { Tabland } from '#api/types.ts'
import { launchProfile, openPage, type Profile } from '../e2e/harness/chromium.ts'
import { startRelay } from '../e2e/harness/relay.ts'

const ROUNDS = Number(process.argv[2] ?? 10)
const READY_LIMIT_MS = 1_000
const DIRECT_LIMIT_MS = 1_500

/** ms after the page began to load */
interface JoinTimes {
  readonly reservation: number
  readonly ready: number
  /** the first other peer was listed */
  readonly known: number
  readonly direct: number
}

declare global {
  interface Window {
    joinTimes: Promise<JoinTimes>
  }
}

/** Runs before the page's scripts, self-contained: notes when each state is first seen. */
function watchJoin(): void {
  const times: { -readonly [Key in keyof JoinTimes]?: number } = {}
  const note = (key: keyof JoinTimes, holds: boolean): void => {
    if (holds) times[key] ??= performance.now()
  }
  window.joinTimes = new Promise((resolve) => {
    const see = ({ join, relays, peers }: NetworkState): void => {
      const others = peers.filter(({ kind }) => kind !== 'relay')
      note(
        'reservation',
        relays.some(({ status }) => status === 'reserved'),
      )
      if (join.readyAfterMs !== undefined) times.ready ??= join.readyAfterMs
      note('known', others.length > 0)
      note(
        'direct',
        others.some(({ transport }) => transport === 'webrtc'),
      )
      const { reservation, ready, known, direct } = times
      if (reservation === undefined || ready === undefined || known === undefined) return
      if (direct !== undefined) resolve({ reservation, ready, known, direct })
    }
    let tabland: Tabland | undefined
    Object.defineProperty(window, 'tabland', {
      get: () => tabland,
      set: (value: Tabland) => {
        tabland = value
        value.state.network.subscribe(see)
      },
    })
  })
}

async function measure(profile: Profile, url: string): Promise<JoinTimes> {
  const { page } = await openPage(profile)
  await page.addInitScript(watchJoin)
  await page.goto(url)
  const times = await page.evaluate(() => window.joinTimes)
  await page.close({ runBeforeUnload: true })
  return times
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2
}

async function main(): Promise<void> {
  const relay = await startRelay()
  const profile = await launchProfile()
  try {
    const url = `${relay.url}/?world=off`
    const resident = await openPage(profile, url)
    await resident.page.waitForFunction(
      () => (window as { tabland?: Tabland }).tabland?.state.network.value.join.phase === 'ready',
    )
    const rounds: JoinTimes[] = []
    for (let i = 0; i < ROUNDS; i++) rounds.push(await measure(profile, url))
    const line = (name: string, values: readonly number[], limit?: number): void => {
      const all = values.map((value) => Math.round(value)).join(' ')
      const goal = limit === undefined ? '' : ` (goal ${limit})`
      console.log(`${name.padEnd(26)} ${String(Math.round(median(values))).padStart(5)} ms${goal}   ${all}`)
    }
    console.log(`Page load to …, median of ${ROUNDS}:`)
    line(
      'reservation',
      rounds.map(({ reservation }) => reservation),
    )
    line(
      'ready',
      rounds.map(({ ready }) => ready),
      READY_LIMIT_MS,
    )
    line(
      'direct',
      rounds.map(({ direct }) => direct),
    )
    line(
      '  from knowing of the peer',
      rounds.map(({ known, direct }) => direct - known),
      DIRECT_LIMIT_MS,
    )
  } finally {
    await profile.close()
    await relay.stop()
  }
}

await main()
