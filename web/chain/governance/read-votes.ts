import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import type { Header } from '../proofs/header.ts'
import {
  CYBR_BALANCES,
  CYBR_VOTES,
  LAND_HOLDINGS,
  LAND_VOTES,
  mappingSlot,
  type VotesSlots,
} from '../storage-slots.ts'
import { createVoteTrace } from './checkpoints.ts'

/** Votes of one kind that an account has, proved. */
export interface ProvenVotes {
  /** that count now: those delegated to it */
  readonly votes: bigint
  /** active community parcels, or CYBR, whose votes it can give */
  readonly holds: bigint
  /** whom it gave them; absent when nobody has them */
  readonly delegate: Hex | undefined
}

const ADDRESS_MASK = (1n << 160n) - 1n

/** What an account may vote with as a header has it. */
export async function readVotes(
  who: Hex,
  header: Header,
  reader: Pick<ChainReader, 'account'>,
  { land, cybr }: { readonly land: Hex; readonly cybr: Hex },
): Promise<{ readonly land: ProvenVotes; readonly token: ProvenVotes }> {
  const ofLand = await readKind(who, header, reader, {
    contract: land,
    slots: LAND_VOTES,
    holdings: LAND_HOLDINGS,
  })
  const ofToken = await readKind(who, header, reader, {
    contract: cybr,
    slots: CYBR_VOTES,
    holdings: CYBR_BALANCES,
  })
  return {
    // an owner that named nobody votes for itself, with the upper half of what it holds: the lower counts all parcels
    land: { ...ofLand, holds: ofLand.holds >> 128n, delegate: ofLand.delegate ?? who },
    token: ofToken,
  }
}

interface Kind {
  readonly contract: Hex
  readonly slots: VotesSlots
  readonly holdings: bigint
}

async function readKind(
  who: Hex,
  header: Header,
  reader: Pick<ChainReader, 'account'>,
  { contract, slots, holdings }: Kind,
): Promise<ProvenVotes> {
  const read = async (asked: readonly bigint[]) =>
    (await reader.account(header, contract, { slots: asked })).slots
  const [holds = 0n, delegate = 0n] = await read([
    mappingSlot(who, holdings),
    mappingSlot(who, slots.delegates),
  ])
  const votes = await createVoteTrace(read, mappingSlot(who, slots.checkpoints)).latest()
  const named = delegate & ADDRESS_MASK
  return {
    votes,
    holds,
    delegate: named === 0n ? undefined : `0x${named.toString(16).padStart(40, '0')}`,
  }
}
