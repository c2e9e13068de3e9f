import { type Address, encodeFunctionData, type Hex, keccak256, toHex } from 'viem'
import { expect } from 'vitest'
import { conductAbi } from '#contracts/conduct.ts'
import { TEST_CHAIN_PARAMETERS } from '#core/chain-parameters.ts'
import type { TestChain } from './anvil.ts'
import type { deployEverything } from './deployed-chain.ts'

const { delaySeconds, periodSeconds, timelockSeconds } = TEST_CHAIN_PARAMETERS.votes
export const REASON = toHex('a cid')
export const AGAINST = 0
export const FOR = 1
/** Of a proposal, as the Governor numbers them. */
export const STATE = {
  pending: 0,
  active: 1,
  canceled: 2,
  defeated: 3,
  succeeded: 4,
  queued: 5,
  expired: 6,
  executed: 7,
}

/** One call of a proposal. */
export interface Call {
  readonly target: Address
  readonly data: Hex
}

type VotingWorld = Awaited<ReturnType<typeof deployEverything>> & { readonly chain: TestChain }

/** Votes on a test chain, as the tests of a file have it when they run. */
export function createVoting(world: () => VotingWorld) {
  const conductCall = (functionName: 'warn' | 'evict', parcel: bigint): Call => ({
    target: world().conduct.address,
    data: encodeFunctionData({ abi: conductAbi, functionName, args: [parcel, REASON] }),
  })
  const proposalOf = ({ target, data }: Call, title: string) => [[target], [0n], [data], title] as const
  const queueOf = ({ target, data }: Call, title: string) =>
    [[target], [0n], [data], keccak256(toHex(title))] as const

  /** Proposes, and lets everybody vote. @returns the proposal's id, after its voting */
  async function vote(
    call: Call,
    title: string,
    votes: readonly (readonly [Address, number])[],
  ): Promise<bigint> {
    const { governor, chain } = world()
    const proposer = votes[0]?.[0] as Address
    await chain.mined(governor.write.propose(proposalOf(call, title), { account: proposer }))
    const id = await governor.read.getProposalId(queueOf(call, title))
    await chain.advance(delaySeconds + 1)
    for (const [account, support] of votes) {
      await chain.mined(governor.write.castVote([id, support], { account }))
    }
    await chain.advance(periodSeconds + 1)
    return id
  }

  /** The same, and has it carried out. */
  async function pass(call: Call, title: string, voters: readonly Address[]): Promise<bigint> {
    const { governor, chain } = world()
    const votes = voters.map((voter) => [voter, FOR] as const)
    const id = await vote(call, title, votes)
    const as = { account: chain.accounts[8] as Address }
    await chain.mined(governor.write.queue(queueOf(call, title), as))
    await chain.advance(timelockSeconds + 1n)
    await chain.mined(governor.write.execute(queueOf(call, title), as))
    expect(await governor.read.state([id])).toBe(STATE.executed)
    return id
  }

  return {
    warnCall: (parcel: bigint) => conductCall('warn', parcel),
    evictCall: (parcel: bigint) => conductCall('evict', parcel),
    proposalOf,
    queueOf,
    vote,
    pass,
  }
}
