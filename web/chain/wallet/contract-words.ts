import { decodeErrorResult } from 'viem'
import { accessAbi } from '#contracts/access.ts'
import { conductAbi } from '#contracts/conduct.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { districtsAbi } from '#contracts/districts.ts'
import { landAbi } from '#contracts/land.ts'
import { landGridAbi } from '#contracts/land-grid.ts'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { modelAbi } from '#contracts/model.ts'
import { planetAbi } from '#contracts/planet.ts'
import { stakeAbi } from '#contracts/stake.ts'
import { tablandGovernorAbi } from '#contracts/tabland-governor.ts'
import { formatCybr } from '#core/money.ts'
import { BUILT_IN_ERRORS } from './built-in-errors.ts'

type ErrorEntry = {
  readonly type: 'error'
  readonly name: string
  readonly inputs: readonly { readonly name: string; readonly type: string }[]
}

/** The one error of the Timelock that people meet: its whole ABI is long. */
const TIMELOCK_WAITS = {
  type: 'error',
  name: 'TimelockUnexpectedOperationState',
  inputs: [
    { name: 'operationId', type: 'bytes32' },
    { name: 'expectedStates', type: 'bytes32' },
  ],
} as const

/** Every error that our contracts know, each once. */
const ERRORS: readonly ErrorEntry[] = [
  ...new Map(
    [
      ...[...BUILT_IN_ERRORS, ...cybrAbi, ...landAbi, ...landGridAbi, ...landSaleAbi, ...planetAbi],
      ...[...stakeAbi, ...modelAbi, ...accessAbi],
      ...[...tablandGovernorAbi, TIMELOCK_WAITS, ...conductAbi, ...districtsAbi],
    ]
      .filter((entry): entry is Extract<typeof entry, { type: 'error' }> => entry.type === 'error')
      .map((entry) => [`${entry.name}(${entry.inputs.map(({ type }) => type)})`, entry as ErrorEntry]),
  ).values(),
]

type Values = Readonly<Record<string, unknown>>

/** What each error means to a person. One that is not here is told by its name and values. */
const WORDS: Readonly<Record<string, (values: Values) => string>> = {
  Error: ({ message }) => `The contract refuses: ${String(message).slice(0, 200)}`,
  Panic: ({ code }) => `The contract failed by itself (panic ${code}).`,
  ERC20InsufficientBalance: ({ balance, needed }) =>
    `This takes ${cybr(needed)}, and the wallet has ${cybr(balance)}.`,
  ERC20InsufficientAllowance: ({ allowance, needed }) =>
    `The contract may take ${cybr(allowance)} of yours, and this takes ${cybr(needed)}.`,
  ERC20InvalidReceiver: () => 'Nobody can receive CYBR at this address.',
  ERC721InvalidReceiver: ({ receiver }) =>
    BigInt(receiver as string) === 0n
      ? 'Nobody can receive this at that address.'
      : 'The contract at this address takes no plots or models. Give it to a wallet.',
  ERC2612ExpiredSignature: () => 'The permit that you signed is too old. Sign again.',
  ERC2612InvalidSigner: () => 'The permit was signed by another wallet. Sign again.',
  NotPermitted: ({ amount }) => `The contract was not allowed to take ${cybr(amount)}. Sign again.`,
  ERC721NonexistentToken: ({ tokenId }) => `Nobody owns No. ${tokenId} yet.`,
  ERC721InsufficientApproval: ({ tokenId }) => `No. ${tokenId} is not yours to give.`,
  ERC721IncorrectOwner: ({ tokenId }) => `No. ${tokenId} has another owner by now.`,
  NotForSale: ({ id }) =>
    `Plot ${id} is not for sale: it has an owner, belongs to another share, or is withheld.`,
  BidTooLow: ({ amount, least }) => `The least bid is ${cybr(least)}; yours is ${cybr(amount)}.`,
  AuctionOver: ({ end }) => `This auction ended ${time(end)}. Its winner can collect the plot.`,
  AuctionRuns: ({ end }) => `This auction runs until ${time(end)}.`,
  NoBid: ({ id }) => `Nobody has bid on plot ${id}.`,
  NothingToRefund: () => 'Nothing is owed to this wallet.',
  NothingStaked: () => 'The amount is zero.',
  NotWhole: () => 'Stake counts in millionths of a CYBR: give at most six digits after the point.',
  StakeTooSmall: ({ stake, asked }) => `${cybr(stake)} are staked, and this takes back ${cybr(asked)}.`,
  TooManyChanges: () => 'This wallet has changed its stake too often: it can only take back the whole of it.',
  NothingReturns: () => 'Nothing of this wallet is on its way back.',
  ReturnsLater: ({ freeAt }) => `What you took back is free ${time(freeAt)}.`,
  NotGivenAway: ({ id }) => `Plot ${id} is not given away.`,
  WrongProof: ({ id }) => `This proof does not give plot ${id} to this wallet.`,
  NotNamed: ({ id }) => `Plot ${id} was given to another wallet, which has to claim it by itself.`,
  NotAllowed: () => 'Only its owner may do this.',
  NotOwner: ({ parcel }) => (parcel === undefined ? 'This is not yours.' : `Plot ${parcel} is not yours.`),
  NoSuchParcel: ({ id }) => `There is no plot No. ${id}.`,
  NoParcels: () => 'This wallet owns no plot, so there is nothing to prove life for.',
  StillAlive: ({ until }) => `Its owner has shown life: the place does not fall free before ${time(until)}.`,
  NotActive: ({ id }) => `Plot ${id} has no place now.`,
  CellTaken: () => 'Another plot is on that cell. Choose a free one.',
  CellOutOfReach: () => 'A plot goes on a free cell of the mainland, or on one outside that touches it.',
  PlanetExists: ({ parcel }) => `Plot ${parcel} has its planet already.`,
  BoundToParcel: () => 'A planet goes with its plot: hand on the plot.',
  NotHolder: ({ id }) => `Model No. ${id} is not yours.`,
  WrongContent: () => 'A model names one content, by its CID.',
  RoyaltyTooHigh: ({ most }) => `A royalty is ${Number(most) / 100} % of a sale at most.`,
  MayNotBuild: ({ ground, id }) =>
    Number(ground) === 2
      ? `You may not build on plot ${id}, or it has no planet yet.`
      : `You may not build on plot ${id}.`,
  OutOfBounds: () => 'The model would leave the bounds of where it is to stand. Move it back.',
  OwnPortal: () => 'A plot leads to its own planet in any case.',
  NoSuchPlanet: ({ id }) => `Plot ${id} has no planet.`,
  TermsChanged: ({ price }) =>
    BigInt(price as bigint) === 0n
      ? 'It is free by now.'
      : `Its owner changed the terms: it takes ${cybr(price)} now. Look again.`,
  IsFree: () => 'It is free: enter without paying.',
  PaidForEver: () => 'You have paid for it for ever.',
  NothingToCollect: () => 'Nothing was paid to this wallet.',
  GovernorInsufficientProposerVotes: ({ votes, threshold }) =>
    `Proposing this takes ${votesText(threshold)}, and this wallet had ${votesText(votes)} a moment ago.`,
  GovernorAlreadyCastVote: () => 'This wallet has voted on it already. A vote stands.',
  GovernorUnexpectedProposalState: ({ current }) =>
    `This proposal ${PROPOSAL_STATES[Number(current)] ?? 'is in another state'}, so this cannot be done with it now.`,
  GovernorUnableToCancel: () => 'Only its proposer can take it back, and only before the voting begins.',
  GovernorNonexistentProposal: () => 'There is no such proposal.',
  KindsMixed: () => 'A proposal is either about conduct and districts or about something else, not both.',
  TargetRefused: () => 'No proposal may touch the votes themselves or the Timelock.',
  TimelockUnexpectedOperationState: () => 'It still has to wait in the Timelock, or was carried out already.',
  ParcelInactive: ({ parcel }) => `Plot ${parcel} has no place now, so there is nothing to warn it of.`,
  TooFewWarnings: ({ parcel, standing, needed }) =>
    `On plot ${parcel} stand ${standing} warnings; an eviction takes ${needed}.`,
  WarnedJustNow: ({ until }) => `It was warned a short while ago: its owner may answer until ${time(until)}.`,
  DistrictMissing: ({ number, count }) => `There is no district ${number}; there are ${count}.`,
  DistrictsFull: ({ max }) => `There are ${max} districts already. Draw one of them anew.`,
  ShapeInvalid: () => 'A district is a ring, or a polygon of 3 to 64 corners on the map.',
}

/** By the number that the Governor gives them. */
const PROPOSAL_STATES: readonly string[] = [
  'waits for its voting to begin',
  'is being voted on',
  'was taken back',
  'was lost',
  'was won and waits to be queued',
  'waits in the Timelock',
  'came too late',
  'was carried out',
]

/** Plots are few; amounts of CYBR have 18 decimals. */
function votesText(value: unknown): string {
  const votes = BigInt(value as bigint)
  if (votes < 100_000n) return votes === 1n ? '1 vote' : `${votes} votes`
  return `${formatCybr(votes)} votes`
}

/** A contract's revert data in words ([CH17]); undefined when no contract of ours says so. */
export function explainRevert(data: string): string | undefined {
  try {
    const { errorName, args, abiItem } = decodeErrorResult({ abi: ERRORS, data: data as `0x${string}` })
    const names = 'inputs' in abiItem ? abiItem.inputs.map(({ name }) => name ?? '') : []
    const values = Object.fromEntries(
      names.map((name, at) => [name, (args as readonly unknown[] | undefined)?.[at]]),
    )
    return WORDS[errorName]?.(values) ?? plainWords(errorName, values)
  } catch {
    return undefined
  }
}

/** `TooEarly(from: 5)` → "The contract refuses: too early (from 5)." */
function plainWords(name: string, values: Values): string {
  const words = name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase()
  const shown = Object.entries(values).map(([key, value]) => `${key} ${String(value).slice(0, 80)}`)
  return `The contract refuses: ${words}${shown.length === 0 ? '' : ` (${shown.join(', ')})`}.`
}

function cybr(value: unknown): string {
  return `${formatCybr(BigInt(value as bigint))} CYBR`
}

/** unix seconds */
function time(value: unknown): string {
  return `${new Date(Number(value) * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
