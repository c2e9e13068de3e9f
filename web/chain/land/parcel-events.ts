import { decodeEventLog, encodeEventTopics } from 'viem'
import type { ParcelEventKind } from '#api/governance-types.ts'
import { conductAbi } from '#contracts/conduct.ts'
import { landAbi } from '#contracts/land.ts'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { isParcelId } from '#core/land-rule.ts'
import { checksummed } from '../checksummed.ts'
import { reasonOf } from '../governance/actions.ts'
import type { Hex } from '../hex.ts'
import type { ToldLog } from '../rpc/read-logs-back.ts'

/** Contracts that tell what becomes of a parcel. */
export interface ParcelEventContracts {
  readonly land: Hex
  readonly landSale?: Hex | undefined
  readonly conduct?: Hex | undefined
}

const MOVED = topicOf(landAbi, 'Moved')
const UNSETTLED = topicOf(landAbi, 'Unsettled')
const SETTLED = topicOf(landSaleAbi, 'Settled')
const CLAIMED = topicOf(landSaleAbi, 'Claimed')
export const WARNED = topicOf(conductAbi, 'Warned')
export const EVICTED = topicOf(conductAbi, 'Evicted')
/** Events whose first topic is the parcel. */
export const PARCEL_FIRST: readonly Hex[] = [MOVED, UNSETTLED, SETTLED, CLAIMED, WARNED, EVICTED]
/** Its parcel is the third. */
export const TRANSFER = topicOf(landAbi, 'Transfer')
const NOBODY = '0x0000000000000000000000000000000000000000'

function topicOf(abi: typeof landAbi | typeof landSaleAbi | typeof conductAbi, eventName: string): Hex {
  return encodeEventTopics({ abi, eventName } as never)[0] as Hex
}

/**
 * What an event says became of a parcel.
 *
 * @returns undefined for one that says nothing more than another does, or is none of ours
 */
export function readParcelEvent(
  log: Pick<ToldLog, 'address' | 'topics' | 'data'>,
  contracts: ParcelEventContracts,
): (ParcelEventKind & { readonly parcel: number }) | undefined {
  try {
    const parcel = Number(log.topics[log.topics[0] === TRANSFER ? 3 : 1])
    const event = isParcelId(parcel) ? eventOf(log, contracts) : undefined
    return event === undefined ? undefined : { ...event, parcel }
  } catch {
    return undefined // bytes that mean something else
  }
}

function eventOf(
  { address, topics, data }: Pick<ToldLog, 'address' | 'topics' | 'data'>,
  { land, landSale, conduct }: ParcelEventContracts,
): ParcelEventKind | undefined {
  const log = { topics: topics as [Hex, ...Hex[]], data }
  if (address === land) return landEvent(decodeEventLog({ abi: landAbi, ...log }), conduct)
  if (address === landSale) return saleEvent(decodeEventLog({ abi: landSaleAbi, ...log }))
  return address === conduct ? conductEvent(decodeEventLog({ abi: conductAbi, ...log })) : undefined
}

function landEvent(
  event: ReturnType<typeof decodeEventLog<typeof landAbi>>,
  conduct: Hex | undefined,
): ParcelEventKind | undefined {
  switch (event.eventName) {
    case 'Transfer': {
      const { from, to } = event.args
      if (from === NOBODY) return { kind: 'minted', to: checksummed(to) }
      return from === to ? undefined : { kind: 'handed-on', from: checksummed(from), to: checksummed(to) }
    }
    case 'Moved':
      return { kind: 'moved', x: Number(event.args.x), y: Number(event.args.y) }
    case 'Unsettled':
      // the eviction tells its reason in an event of its own
      return event.args.by.toLowerCase() === conduct
        ? undefined
        : { kind: 'lapsed', by: checksummed(event.args.by) }
    default:
      return undefined
  }
}

function saleEvent(
  event: ReturnType<typeof decodeEventLog<typeof landSaleAbi>>,
): ParcelEventKind | undefined {
  switch (event.eventName) {
    case 'Settled':
      return { kind: 'sold', to: checksummed(event.args.winner), amountWei: event.args.amount }
    case 'Claimed':
      return { kind: 'claimed', to: checksummed(event.args.owner) }
    default:
      return undefined
  }
}

function conductEvent(event: ReturnType<typeof decodeEventLog<typeof conductAbi>>): ParcelEventKind {
  const reason = reasonOf(event.args.reason)
  return event.eventName === 'Warned'
    ? { kind: 'warned', count: Number(event.args.count), reason }
    : { kind: 'evicted', reason }
}
