import type { ChainReader } from '#chain/chain-reader.ts'
import { checksummed } from '#chain/checksummed.ts'
import { decodeAction } from '#chain/governance/actions.ts'
import { proposalStage } from '#chain/governance/proposal-state.ts'
import { type ProvenProposal, readProposals } from '#chain/governance/read-proposals.ts'
import { readTerms } from '#chain/governance/read-terms.ts'
import { type ProvenVotes, readVotes } from '#chain/governance/read-votes.ts'
import type { Hex } from '#chain/hex.ts'
import { readConduct, readHistory, type ToldParcelEvents } from '#chain/land/read-history.ts'
import { readParcelAt } from '#chain/land/read-parcel.ts'
import type { ContractAddresses, WriteChain } from '#chain/wallet/chain-config.ts'
import { proofAt } from './chain-proof.ts'
import type { ChainProof } from './chain-types.ts'
import { apiError } from './errors.ts'
import type {
  ConductLog,
  GovernanceReads,
  GovernanceTerms,
  Hearsay,
  OwnVotes,
  ParcelHistory,
  ProposalFacts,
  ProposalPage,
  VotingPower,
} from './governance-types.ts'
import { requireCell } from './require-cell.ts'

export interface GovernanceComponents {
  readonly chain: Pick<WriteChain, 'contracts' | 'isTest'>
  readonly reader: ChainReader
  /** this tab's wallet, `0x…`, when it has one */
  readonly own: () => string | undefined
  /** unix ms */
  readonly now: () => number
}

/** Of a description: a screen of it. Who proposes more puts the rest where people find it. */
const MAX_DESCRIPTION_CHARS = 2_000
/** Actions of a proposal that are told: more cannot be weighed at once. */
const MAX_ACTIONS = 16

/** Votes and conduct of a chain, as a page shows them. */
export function openGovernance({ chain, reader, own, now }: GovernanceComponents): GovernanceReads {
  const { contracts } = chain
  const me = (): Hex | undefined => own()?.toLowerCase() as Hex | undefined
  return {
    async proposals({ cursor } = {}) {
      const { governor, timelock, land, cybr } = requireContracts(contracts)
      const found = await readProposals({
        reader,
        contracts: { governor, timelock, land, cybr },
        voter: me(),
        newest: cursor === undefined ? undefined : parseCursor(cursor),
        // a chain of one's own has no blocks while nobody writes, and time goes on all the same
        now: chain.isTest ? Math.floor(now() / 1_000) : undefined,
      })
      const { proposals, told, older, header, time } = found
      const proof = proofAt(header, reader)
      return {
        proposals: proposals.map((proposal) => toFacts(proposal, { contracts, proof, time, me: me() })),
        told: hearsayOf(told),
        ...(older === undefined ? {} : { cursor: String(older) }),
      } satisfies ProposalPage
    },
    async votes(): Promise<VotingPower | undefined> {
      const { land, cybr } = requireContracts(contracts)
      const who = me()
      if (who === undefined) return undefined
      const header = await reader.head()
      const votes = await readVotes(who, header, reader, { land, cybr })
      return {
        address: checksummed(who),
        land: toOwnVotes(votes.land, who),
        token: toOwnVotes(votes.token, who),
        proof: proofAt(header, reader),
      }
    },
    async terms(): Promise<GovernanceTerms> {
      const { governor, timelock, conduct } = requireContracts(contracts)
      const { agreeing, sources, ...terms } = await readTerms(reader.pool, { governor, timelock, conduct })
      return {
        delayMs: terms.delaySeconds * 1_000,
        periodMs: terms.periodSeconds * 1_000,
        timelockMs: terms.timelockSeconds * 1_000,
        gapMs: terms.gapSeconds * 1_000,
        lapseMs: terms.lapseSeconds * 1_000,
        landThreshold: terms.landThreshold,
        tokenThresholdWei: terms.tokenThresholdWei,
        warningsBeforeEviction: terms.warningsBeforeEviction,
        told: { agreeing, sources },
      }
    },
    async conduct(): Promise<ConductLog> {
      const { land, conduct } = requireContracts(contracts)
      const { events, told } = await readConduct({ reader, contracts: { land, conduct } })
      const listed = events.flatMap((event) =>
        event.kind === 'warned' || event.kind === 'evicted' ? [{ ...event, at: event.at * 1_000 }] : [],
      )
      return { events: listed, told: hearsayOf(told) }
    },
    async history(x, y): Promise<ParcelHistory | undefined> {
      requireCell(x, y)
      const { landGrid, land, landSale, conduct } = contracts
      if (landGrid === undefined || land === undefined) return undefined
      const parcel = await readParcelAt({ x, y }, reader, { landGrid })
      if (parcel === undefined) return undefined
      return toHistory(await readHistory(parcel.id, { reader, contracts: { land, landSale, conduct } }))
    },
  }
}

/** @throws GOVERNANCE_NONE */
function requireContracts({ governor, timelock, conduct, land, cybr }: ContractAddresses) {
  if (governor && timelock && conduct && land && cybr) return { governor, timelock, conduct, land, cybr }
  throw apiError(
    'GOVERNANCE_NONE',
    'Nothing is decided by votes on this chain: it has no contracts for them.',
  )
}

/** A page's cursor is the block from which it looks. @throws CURSOR_UNKNOWN */
function parseCursor(cursor: string): number {
  if (/^\d{1,12}$/.test(cursor)) return Number(cursor)
  throw apiError('CURSOR_UNKNOWN', `"${String(cursor).slice(0, 20)}" is no cursor of a page of proposals.`)
}

interface Around {
  readonly contracts: ContractAddresses
  readonly proof: ChainProof
  /** unix seconds */
  readonly time: number
  readonly me: Hex | undefined
}

function toFacts(proposal: ProvenProposal, { contracts, proof, time, me }: Around): ProposalFacts {
  const { id, kind, text, proposer, voteStart, voteEnd, eta, quorum, own } = proposal
  const actions = text.targets
    .slice(0, MAX_ACTIONS)
    .map((target, i) =>
      decodeAction({ target, valueWei: text.valuesWei[i] ?? 0n, data: text.calldatas[i] ?? '0x' }, contracts),
    )
  return {
    id: `0x${id.toString(16).padStart(64, '0')}`,
    kind,
    stage: proposalStage(proposal, time),
    description: cut(text.description),
    proposer: checksummed(proposer),
    mine: proposer === me,
    votingFrom: voteStart * 1_000,
    votingUntil: voteEnd * 1_000,
    ...(eta === 0 ? {} : { readyAt: eta * 1_000 }),
    tally: { for: proposal.forVotes, against: proposal.againstVotes, abstain: proposal.abstainVotes },
    ...(quorum === undefined ? {} : { quorum }),
    actions,
    moreActions: text.targets.length - actions.length,
    calls: {
      targets: text.targets,
      valuesWei: text.valuesWei,
      calldatas: text.calldatas,
      descriptionHash: text.descriptionHash,
    },
    ...(own === undefined ? {} : { own }),
    proof,
  }
}

/** Signs that are not seen, but turn or hide what stands beside them: all but line ends. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}]/gu

function cut(text: string): string {
  const plain = text.slice(0, 2 * MAX_DESCRIPTION_CHARS).replaceAll(UNSEEN, '')
  return plain.length <= MAX_DESCRIPTION_CHARS ? plain : `${plain.slice(0, MAX_DESCRIPTION_CHARS)}…`
}

function toOwnVotes({ votes, holds, delegate }: ProvenVotes, me: Hex): OwnVotes {
  return {
    votes,
    holds,
    ...(delegate === undefined ? {} : { delegate: checksummed(delegate) }),
    isOwnDelegate: delegate === me,
  }
}

function toHistory({ events, isCut, told }: ToldParcelEvents): ParcelHistory {
  const shown = events.map(({ parcel: _, ...event }) => ({ ...event, at: event.at * 1_000 }))
  // a parcel that is sold or claimed is minted to whom it goes to: one line says both
  const bought = new Set(
    shown.flatMap(({ kind, block }) => (kind === 'sold' || kind === 'claimed' ? [block] : [])),
  )
  const listed = shown.filter(({ kind, block }) => !(kind === 'minted' && bought.has(block)))
  return { events: listed, isCut, told: hearsayOf(told) }
}

function hearsayOf({ answered, sources }: { readonly answered: number; readonly sources: number }): Hearsay {
  return { agreeing: answered, sources }
}
