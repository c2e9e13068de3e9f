import { decodeAbiParameters, encodeAbiParameters, encodeEventTopics, keccak256 } from 'viem'
import { tablandGovernorAbi } from '#contracts/tabland-governor.ts'
import { fromHex } from '#core/bytes.ts'
import type { Hex } from '../hex.ts'
import type { ToldLog } from '../rpc/read-logs-back.ts'

/** What a proposal would have the Timelock call, and why. */
export interface ProposalText {
  readonly targets: readonly Hex[]
  readonly valuesWei: readonly bigint[]
  readonly calldatas: readonly Hex[]
  readonly description: string
  readonly descriptionHash: Hex
}

export const PROPOSAL_CREATED = encodeEventTopics({
  abi: tablandGovernorAbi,
  eventName: 'ProposalCreated',
})[0]!

const HASHED = [
  { type: 'address[]' },
  { type: 'uint256[]' },
  { type: 'bytes[]' },
  { type: 'bytes32' },
] as const
/**
 * id, proposer, targets, values, signatures, calldatas, begin, end, description. Texts as bytes, which is the same on the
 * wire: one that is no UTF-8 would have another hash once it is read as text, and hide its proposal.
 */
const LOGGED = [
  { type: 'uint256' },
  { type: 'address' },
  { type: 'address[]' },
  { type: 'uint256[]' },
  { type: 'bytes[]' },
  { type: 'bytes[]' },
  { type: 'uint256' },
  { type: 'uint256' },
  { type: 'bytes' },
] as const

/** The id that follows from what a proposal says, as the Governor makes it. */
export function proposalIdOf({
  targets,
  valuesWei,
  calldatas,
  descriptionHash,
}: Omit<ProposalText, 'description'>): bigint {
  return BigInt(keccak256(encodeAbiParameters(HASHED, [targets, valuesWei, calldatas, descriptionHash])))
}

/**
 * A proposal as an event tells it, when the id follows from all that it says: where the chain proves that a proposal of
 * this id exists, its calls and its description are proved too.
 *
 * @returns undefined for what is no such event, or an invented one
 */
export function readProposalLog({
  topics,
  data,
}: Pick<ToldLog, 'topics' | 'data'>): { readonly id: bigint; readonly text: ProposalText } | undefined {
  if (topics[0] !== PROPOSAL_CREATED) return undefined
  try {
    const [id, , targets, valuesWei, , calldatas, , , description] = decodeAbiParameters(LOGGED, data)
    const text: ProposalText = {
      targets: targets.map((target) => target.toLowerCase() as Hex),
      valuesWei,
      calldatas,
      description: new TextDecoder().decode(fromHex(description.slice(2))),
      descriptionHash: keccak256(description),
    }
    return proposalIdOf(text) === id ? { id, text } : undefined
  } catch {
    return undefined // bytes that mean something else
  }
}
