import { MAIN_CHAIN_PARAMETERS } from '#core/chain-parameters.ts'
import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import type { Header } from '../proofs/header.ts'
import { askLogs, type PooledLogs } from '../rpc/ask-logs.ts'
import {
  CYBR_VOTES,
  GOVERNOR_KINDS,
  GOVERNOR_PROPOSALS,
  GOVERNOR_TIMELOCK_IDS,
  GOVERNOR_VOTES,
  LAND_VOTES,
  mappingSlot,
  TIMELOCK_TIMES,
} from '../storage-slots.ts'
import { createVoteTrace, type VoteTrace } from './checkpoints.ts'
import { PROPOSAL_CREATED, type ProposalText, readProposalLog } from './proposal-calls.ts'
import { type ProposalRecord, quorumOf } from './proposal-state.ts'

/** Contracts that votes are read from. */
export interface GovernanceContracts {
  readonly governor: Hex
  readonly timelock: Hex
  readonly land: Hex
  readonly cybr: Hex
}

/** A proposal as one block has it: all proved, its calls and description by the hash that is its id. */
export interface ProvenProposal extends ProposalRecord {
  readonly id: bigint
  readonly kind: 'land' | 'token'
  readonly text: ProposalText
  readonly proposer: Hex
  readonly own?: { readonly votes: bigint; readonly hasVoted: boolean }
}

export interface ProvenProposals {
  /** newest first */
  readonly proposals: readonly ProvenProposal[]
  readonly told: Pick<PooledLogs, 'answered' | 'sources'>
  /** block from which older ones are looked for; undefined when none can be */
  readonly older: number | undefined
  readonly header: Header
  /** unix seconds for which it is told */
  readonly time: number
}

export interface ProposalsQuestion {
  readonly reader: ChainReader
  readonly contracts: GovernanceContracts
  /** whose votes are told @default nobody's */
  readonly voter?: Hex | undefined
  /** newest block to look in @default the newest there is */
  readonly newest?: number | undefined
  /** unix seconds, where it is later than the newest block @default that block's time */
  readonly now?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Proposals of one page; more only where one block holds them. */
const PAGE = 8
/** All our chains have it, and no proof shows what a contract was built with. */
const QUORUM_PERCENT = MAIN_CHAIN_PARAMETERS.votes.quorumPercent
const ADDRESS_BITS = 160n
const TIME_MASK = (1n << 48n) - 1n

/**
 * Proposals, newest first. Which ones there are is what endpoints tell, all together, so that one alone can hide none;
 * what is told of each is proved.
 *
 * @throws HEADER_DISPUTED, RPC_UNREACHABLE, RPC_REFUSED when no endpoint gives events
 */
export async function readProposals(question: ProposalsQuestion): Promise<ProvenProposals> {
  const { reader, contracts, newest, signal } = question
  const header = await reader.head({ signal })
  const from = Math.min(newest ?? header.number, header.number)
  const { logs, reached, answered, sources } = await askLogs(
    reader.pool,
    { address: contracts.governor, topics: [PROPOSAL_CREATED], newest: from, oldest: 0, wanted: PAGE },
    signal,
  )
  const texts = new Map<bigint, ProposalText>()
  for (const log of logs) {
    const found = log.address === contracts.governor ? readProposalLog(log) : undefined
    if (found !== undefined) texts.set(found.id, found.text)
  }
  return {
    proposals: await proveProposals(texts, header, question),
    told: { answered, sources },
    older: reached > 0 ? reached - 1 : undefined,
    header,
    time: timeOf(header, question),
  }
}

/** Those that exist by the chain's own storage. */
async function proveProposals(
  texts: ReadonlyMap<bigint, ProposalText>,
  header: Header,
  question: ProposalsQuestion,
): Promise<readonly ProvenProposal[]> {
  if (texts.size === 0) return []
  const { reader, contracts, voter, signal } = question
  const time = timeOf(header, question)
  const read = (contract: Hex) => async (slots: readonly bigint[]) =>
    (await reader.account(header, contract, { slots, signal })).slots
  const ids = [...texts.keys()]
  const words = await read(contracts.governor)(ids.flatMap((id) => slotsOf(id, voter)))
  const perId = words.length / ids.length
  const stored = ids.map((id, i) => parseWords(id, words.slice(i * perId, (i + 1) * perId)))
  const times = await read(contracts.timelock)(
    stored.map(({ timelockId }) => mappingSlot(timelockId, TIMELOCK_TIMES)),
  )
  const traces = {
    land: tracesOf(read(contracts.land), LAND_VOTES, voter),
    token: tracesOf(read(contracts.cybr), CYBR_VOTES, voter),
  }
  const proven = stored.map(async (each, i): Promise<ProvenProposal | undefined> => {
    const { timelockId: _, hasVoted, ...record } = each
    if (record.voteStart === 0) return undefined // nobody proposed it
    const { total, own } = traces[record.kind]
    // before, votes still change hands
    const hasBegun = record.voteStart < time
    const quorum = hasBegun ? quorumOf(await total.at(record.voteStart), QUORUM_PERCENT) : undefined
    const votes = hasBegun ? await own?.at(record.voteStart) : await own?.latest()
    return {
      ...record,
      text: texts.get(record.id)!,
      timelockTime: Number(times[i]),
      quorum,
      ...(votes === undefined ? {} : { own: { votes, hasVoted } }),
    }
  })
  return (await Promise.all(proven)).filter((each) => each !== undefined)
}

function timeOf({ timestamp }: Header, { now = 0 }: ProposalsQuestion): number {
  return Math.max(timestamp, now)
}

interface KindTraces {
  readonly total: VoteTrace
  readonly own: VoteTrace | undefined
}

function tracesOf(
  read: (slots: readonly bigint[]) => Promise<readonly bigint[]>,
  slots: typeof LAND_VOTES,
  voter: Hex | undefined,
): KindTraces {
  const own = voter === undefined ? undefined : createVoteTrace(read, mappingSlot(voter, slots.checkpoints))
  return { total: createVoteTrace(read, slots.total), own }
}

/** What the Governor stores of a proposal. */
function slotsOf(id: bigint, voter: Hex | undefined): readonly bigint[] {
  const core = mappingSlot(id, GOVERNOR_PROPOSALS)
  const votes = mappingSlot(id, GOVERNOR_VOTES)
  return [
    ...[core, core + 1n, votes, votes + 1n, votes + 2n],
    ...[mappingSlot(id, GOVERNOR_TIMELOCK_IDS), mappingSlot(id, GOVERNOR_KINDS)],
    ...(voter === undefined ? [] : [mappingSlot(voter, votes + 3n)]),
  ]
}

/** Proposer 160 bits, begin 48, duration 32, executed 8, canceled 8; then the time in the Timelock, 48. */
function parseWords(id: bigint, words: readonly bigint[]) {
  const [
    core = 0n,
    eta = 0n,
    against = 0n,
    forVotes = 0n,
    abstain = 0n,
    timelockId = 0n,
    kind = 0n,
    voted = 0n,
  ] = words
  const voteStart = Number((core >> ADDRESS_BITS) & TIME_MASK)
  return {
    id,
    kind: (kind & 0xffn) === 1n ? ('land' as const) : ('token' as const),
    proposer: `0x${(core & ((1n << ADDRESS_BITS) - 1n)).toString(16).padStart(40, '0')}` as Hex,
    voteStart,
    voteEnd: voteStart + Number((core >> 208n) & 0xffff_ffffn),
    isExecuted: ((core >> 240n) & 0xffn) !== 0n,
    isCanceled: core >> 248n !== 0n,
    eta: Number(eta & TIME_MASK),
    againstVotes: against,
    forVotes,
    abstainVotes: abstain,
    timelockId,
    hasVoted: (voted & 0xffn) !== 0n,
  }
}
