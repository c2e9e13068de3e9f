import { setTimeout as wait } from 'node:timers/promises'
import { type NodeUnderLoad, startOurs, startStock } from './node-under-load.ts'
import { startHonest, startHostile, type Worker } from './workers.ts'

/** Peers behind one address in these tests: a household of tabs, below the limits of an address. */
const PER_ADDRESS = 20
/** until the garbage of the start is collected and timers have settled */
const IDLE_MS = 5_000

export interface ReservationsResult {
  readonly name: string
  readonly idleMb: number
  readonly reserved: number
  /** joins that failed and were tried again */
  readonly retries: number
  readonly joinSeconds: number
  readonly reservedMb: number
  readonly reservedCorePercent: number
  readonly circuits: number
  readonly echoes: number
  readonly failed: number
  readonly activeMb: number
  readonly activeCorePercent: number
}

export interface ReservationsInit {
  readonly peers: number
  readonly circuits: number
  /** processes that the peers are spread over */
  readonly workers: number
  readonly measureMs: number
}

/** [RE1] Peers that hold a reservation and say nothing, then some of them in circuits that carry 16 KiB/s each way. */
export async function measureReservations(
  relay: NodeUnderLoad,
  { peers, circuits, workers: count, measureMs }: ReservationsInit,
): Promise<ReservationsResult> {
  const workers = Array.from({ length: count }, startHonest)
  try {
    const idle = await relay.costOver(Math.min(IDLE_MS, measureMs))
    const share = Math.ceil(peers / count)
    const joins = await Promise.all(
      workers.map((worker, i) =>
        worker.order({
          kind: 'join',
          relay: relay.address,
          count: Math.min(share, peers - i * share),
          block: 10 + i,
          perAddress: PER_ADDRESS,
          gossip: false,
        }),
      ),
    )
    const reserved = await relay.costOver(measureMs)
    const opened = await Promise.all(
      workers.map((worker) =>
        worker.order({ kind: 'circuits', relay: relay.address, count: Math.ceil(circuits / count) }),
      ),
    )
    const [active, ...echoes] = await Promise.all([
      relay.costOver(measureMs),
      ...workers.map((worker) => worker.order({ kind: 'echo', ms: measureMs, bytes: 4_096, everyMs: 250 })),
    ])
    return {
      name: relay.name,
      idleMb: idle.rssMb,
      reserved: sum(joins, 'reserved'),
      retries: sum(joins, 'retries'),
      joinSeconds: Math.max(...joins.map(({ seconds = 0 }) => seconds)),
      reservedMb: reserved.rssMb,
      reservedCorePercent: reserved.corePercent,
      circuits: sum(opened, 'circuits'),
      echoes: sum(echoes, 'echoes'),
      failed: sum(echoes, 'failed'),
      activeMb: active.rssMb,
      activeCorePercent: active.corePercent,
    }
  } finally {
    await stopAll([...workers, relay])
  }
}

export interface HostileResult {
  readonly name: string
  readonly alive: boolean
  readonly honestBefore: number
  readonly honestAfter: number
  readonly circuitsBefore: number
  readonly circuitsAfter: number
  readonly echoes: number
  readonly echoesFailed: number
  readonly echoMedianMs: number
  readonly gossipHeard: number
  readonly gossipExpected: number
  /** newcomers, during the attack, that got a reservation */
  readonly newcomers: number
  readonly newcomersTried: number
  readonly peakMb: number
  readonly corePercent: number
}

export interface HostileInit {
  readonly honest: number
  readonly hostile: number
  readonly attackMs: number
  readonly newcomers: number
}

/** [RE7] Honest peers that were there first, under attack: circuits, gossip, reservations, newcomers. */
export async function measureUnderAttack(
  relay: NodeUnderLoad,
  { honest: count, hostile, attackMs, newcomers }: HostileInit,
): Promise<HostileResult> {
  const [honest, late] = [startHonest(), startHonest()]
  const workers: Worker[] = [honest, late]
  const join = { kind: 'join', relay: relay.address, perAddress: PER_ADDRESS } as const
  try {
    const before = await honest.order({ ...join, count, block: 20, gossip: true })
    const { circuits = 0 } = await honest.order({
      kind: 'circuits',
      relay: relay.address,
      count: Math.floor(count / 2),
    })
    workers.push(startHostile(relay.address, hostile))
    await wait(Math.min(10_000, attackMs / 3)) // until the attack is under way
    const cost = watchCost(relay, attackMs)
    const echoes = honest.order({ kind: 'echo', ms: attackMs, bytes: 4_096, everyMs: 1_000 })
    const joined = await late.order({ ...join, count: newcomers, block: 30, gossip: false })
    const { echoes: done = 0, failed = 0, medianMs = -1 } = await echoes
    const gossip = await honest.order({ kind: 'gossip', rounds: 5, everyMs: 500 })
    const after = await honest.order({ kind: 'count' })
    return {
      name: relay.name,
      alive: relay.isAlive(),
      honestBefore: before.reserved ?? 0,
      honestAfter: after.reserved ?? 0,
      circuitsBefore: circuits,
      circuitsAfter: after.circuits ?? 0,
      echoes: done,
      echoesFailed: failed,
      echoMedianMs: medianMs,
      gossipHeard: gossip.heard ?? 0,
      gossipExpected: gossip.expected ?? 0,
      newcomers: joined.reserved ?? 0,
      newcomersTried: newcomers,
      ...(await cost),
    }
  } finally {
    await stopAll([...workers, relay])
  }
}

async function watchCost(relay: NodeUnderLoad, ms: number) {
  let peakMb = 0
  const before = await relay.cost()
  const startedAt = performance.now()
  while (performance.now() - startedAt < ms && relay.isAlive()) {
    peakMb = Math.max(peakMb, (await relay.cost()).rssMb)
    await wait(500)
  }
  if (!relay.isAlive()) return { peakMb, corePercent: 0 }
  const seconds = (performance.now() - startedAt) / 1_000
  return { peakMb, corePercent: (100 * ((await relay.cost()).cpuSeconds - before.cpuSeconds)) / seconds }
}

/** Runs one scenario on ours, then on js-libp2p's. */
export async function runOnBoth<Result>(
  flags: readonly string[],
  scenario: (relay: NodeUnderLoad) => Promise<Result>,
): Promise<readonly [Result, Result]> {
  const ours = await scenario(await startOurs(flags))
  console.log(ours) // the second half may take longer than somebody waits
  return [ours, await scenario(await startStock())]
}

/** Rows of a Markdown table: name, ours, stock, ratio of the two where both are above 0. */
export function printTable(title: string, results: readonly [object, object]): void {
  const [ours, stock] = results.map((result) => new Map<string, unknown>(Object.entries(result)))
  if (ours === undefined || stock === undefined) return
  console.log(
    `\n${title}\n\n| | ${ours.get('name')} | ${stock.get('name')} | ratio |\n| --- | ---: | ---: | ---: |`,
  )
  for (const [key, value] of ours) {
    const other = stock.get(key)
    if (key === 'name') continue
    const ratio =
      typeof value === 'number' && typeof other === 'number' && value > 0 && other > 0
        ? (value / other).toFixed(2)
        : ''
    console.log(`| ${key} | ${format(value)} | ${format(other)} | ${ratio} |`)
  }
}

function format(value: unknown): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : String(value)
}

function sum(reports: readonly Readonly<Record<string, number>>[], name: string): number {
  return reports.reduce((total, report) => total + (report[name] ?? 0), 0)
}

async function stopAll(parts: readonly { stop(): Promise<void> }[]): Promise<void> {
  await Promise.all(parts.map((part) => part.stop()))
}
