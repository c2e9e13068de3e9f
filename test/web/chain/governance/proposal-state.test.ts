import { expect, it } from 'vitest'
import { type ProposalRecord, proposalStage, quorumOf } from '#chain/governance/proposal-state.ts'

const record: ProposalRecord = {
  voteStart: 100,
  voteEnd: 200,
  isExecuted: false,
  isCanceled: false,
  eta: 0,
  timelockTime: 0,
  forVotes: 3n,
  againstVotes: 2n,
  abstainVotes: 1n,
  quorum: 4n,
}

it('[CH8] begins after its delay, and ends after its period', () => {
  expect([100, 101, 200, 201].map((time) => proposalStage(record, time))).toEqual([
    'pending',
    'active',
    'active',
    'succeeded',
  ])
})

it('[CH8] is lost without quorum, and when no more are for it than against', () => {
  expect(proposalStage({ ...record, quorum: 5n }, 201)).toBe('defeated')
  expect(proposalStage({ ...record, againstVotes: 3n }, 201)).toBe('defeated')
})

it('[CH8] waits in the Timelock, which anybody may have carry it out', () => {
  const queued = { ...record, eta: 300, timelockTime: 300 }
  expect(proposalStage(queued, 250)).toBe('queued')
  expect(proposalStage(queued, 350)).toBe('queued')
  expect(proposalStage({ ...queued, timelockTime: 1 }, 350)).toBe('executed')
  expect(proposalStage({ ...queued, timelockTime: 0 }, 350)).toBe('canceled')
  expect(proposalStage({ ...record, isExecuted: true }, 350)).toBe('executed')
  expect(proposalStage({ ...record, isCanceled: true }, 50)).toBe('canceled')
})

it('[CH8] needs a share of all votes, rounded down, and one at least', () => {
  expect([0n, 1n, 25n, 26n, 1_000n].map((all) => quorumOf(all, 4n))).toEqual([1n, 1n, 1n, 1n, 40n])
})
