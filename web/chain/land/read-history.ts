import type { ParcelEventKind } from '#api/governance-types.ts'
import type { ChainReader } from '../chain-reader.ts'
import { type Hex, hexOf, wordBytes } from '../hex.ts'
import { askLogs, type PooledLogs } from '../rpc/ask-logs.ts'
import { readBlockTimes } from '../rpc/read-block-times.ts'
import {
  EVICTED,
  PARCEL_FIRST,
  type ParcelEventContracts,
  readParcelEvent,
  TRANSFER,
  WARNED,
} from './parcel-events.ts'

/** An event of a parcel, as endpoints tell it. */
export type ToldParcelEvent = ParcelEventKind & {
  readonly parcel: number
  readonly block: number
  /** unix seconds */
  readonly at: number
  /** sources that tell of it */
  readonly agreeing: number
}

export interface ToldParcelEvents {
  /** newest first */
  readonly events: readonly ToldParcelEvent[]
  /** those who answered may know more, further back */
  readonly isCut: boolean
  readonly told: Pick<PooledLogs, 'answered' | 'sources'>
}

/** Events of one parcel that are shown: what one reads on a card. */
const MAX_EVENTS = 40

interface EventsInit {
  readonly reader: ChainReader
  readonly contracts: ParcelEventContracts
  readonly signal?: AbortSignal | undefined
}

/**
 * What became of a parcel: minted, sold, handed on, moved, warned, evicted, its place set free. Nothing of it is proved;
 * all endpoints are asked.
 *
 * @throws HEADER_DISPUTED, RPC_UNREACHABLE, RPC_REFUSED when no endpoint gives events
 */
export async function readHistory(id: number, init: EventsInit): Promise<ToldParcelEvents> {
  const { reader, contracts, signal } = init
  const { number } = await reader.head({ signal })
  const parcel = hexOf(wordBytes(BigInt(id)))
  const { land, landSale, conduct } = contracts
  const range = { newest: number, oldest: 0, wanted: MAX_EVENTS }
  const address = [land, landSale, conduct].filter((each) => each !== undefined)
  const told = [
    await askLogs(reader.pool, { ...range, address, topics: [PARCEL_FIRST, parcel] }, signal),
    await askLogs(reader.pool, { ...range, address: land, topics: [TRANSFER, null, null, parcel] }, signal),
  ]
  const found = await toEvents(told, init)
  return { ...found, events: found.events.filter((event) => event.parcel === id) }
}

/** Warnings and evictions of all parcels, newest first. @throws as `readHistory` */
export async function readConduct(
  init: EventsInit & { readonly contracts: { readonly conduct: Hex } },
): Promise<ToldParcelEvents> {
  const { reader, contracts, signal } = init
  const { number } = await reader.head({ signal })
  const range = { newest: number, oldest: 0, wanted: MAX_EVENTS }
  const topics = [[WARNED, EVICTED]]
  return toEvents(
    [await askLogs(reader.pool, { ...range, address: contracts.conduct, topics }, signal)],
    init,
  )
}

async function toEvents(
  told: readonly PooledLogs[],
  { reader, contracts, signal }: EventsInit,
): Promise<ToldParcelEvents> {
  const reached = Math.max(...told.map((each) => each.reached))
  const events = told
    .flatMap(({ logs }) => logs)
    .filter(({ block }) => block >= reached)
    .sort((a, b) => b.block - a.block || b.index - a.index)
    .flatMap((log) => {
      const event = readParcelEvent(log, contracts)
      return event === undefined ? [] : [{ ...event, block: log.block, agreeing: log.agreeing }]
    })
  const listed = events.slice(0, MAX_EVENTS)
  const times = await readBlockTimes(
    reader.pool,
    listed.map(({ block }) => block),
    signal,
  )
  return {
    events: listed.map((event) => ({ ...event, at: times.get(event.block) ?? 0 })),
    isCut: reached > 0 || listed.length < events.length,
    told: {
      answered: Math.min(...told.map(({ answered }) => answered)),
      sources: told[0]!.sources,
    },
  }
}
