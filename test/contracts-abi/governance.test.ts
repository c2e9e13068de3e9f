import { type Address, encodeFunctionData, keccak256, parseEther } from 'viem'
import { beforeEach, expect, it } from 'vitest'
import { cybrAbi } from '#contracts/cybr.ts'
import { districtsAbi } from '#contracts/districts.ts'
import { tablandGovernorAbi } from '#contracts/tabland-governor.ts'
import { timelockAbi } from '#contracts/timelock.ts'
import {
  LOCAL_CHAIN_PARAMETERS,
  MAIN_CHAIN_PARAMETERS,
  TEST_CHAIN_PARAMETERS,
} from '#core/chain-parameters.ts'
import { textCid } from '#core/cid.ts'
import { categoryAt, DISTRICT_CATEGORIES } from '#core/districts.ts'
import { birthCell } from '#core/land-rule.ts'
import { expectRevert, useTestChain } from './harness/anvil.ts'
import { actAs, deployEverything, giveParcel, nthId } from './harness/deployed-chain.ts'
import { openGovernancePage } from './harness/governance-page.ts'
import { AGAINST, type Call, createVoting, FOR, REASON, STATE } from './harness/voting.ts'

const { delaySeconds, periodSeconds, timelockSeconds, tokenThresholdWei } = TEST_CHAIN_PARAMETERS.votes
const { lapseSeconds, gapSeconds } = TEST_CHAIN_PARAMETERS.conduct
const KIND = { token: 0, land: 1 }

const world = useTestChain(async (chain) => {
  const everything = await deployEverything(chain)
  const { addresses, land, cybr } = everything
  const [holder, alice, bob, carol] = chain.accounts as [Address, Address, Address, Address]
  const parcels = { alice: 0n, bob: 0n, carol: 0n }
  for (const [index, [name, to]] of Object.entries({ alice, bob, carol }).entries()) {
    parcels[name as keyof typeof parcels] = await giveParcel(chain, addresses, to, index)
    await chain.mined(land.write.delegate([to], { account: to }))
  }
  await chain.mined(cybr.write.delegate([holder], { account: holder }))
  return { ...everything, holder, alice, bob, carol, parcels }
})

beforeEach(async () => {
  // a block for each second, however slow the machine is
  await world().chain.client.setBlockTimestampInterval({ interval: 1 })
})

const { warnCall, evictCall, proposalOf, queueOf, vote, pass } = createVoting(world)

it('[CH8] warns by vote, evicts after enough warnings, and takes the location only', async () => {
  const { conduct, land, chain, alice, bob, carol, parcels } = world()
  for (const nth of [1, 2, 3]) {
    await pass(warnCall(parcels.carol), `warning ${nth}`, [alice, bob])
    expect(await conduct.read.standingWarnings([parcels.carol])).toBe(BigInt(nth))
  }
  expect(await land.read.isActive([parcels.carol])).toBe(true)
  await pass(evictCall(parcels.carol), 'evict', [alice, bob])
  expect(await land.read.isActive([parcels.carol])).toBe(false)
  expect(await land.read.ownerOf([parcels.carol])).toBe(carol)
  // a parcel without a place has no vote
  expect(await land.read.getVotes([carol])).toBe(0n)
  await expectRevert(
    conduct.simulate.warn([parcels.carol, REASON], { account: world().timelock.address }),
    'ParcelInactive',
    [parcels.carol],
  )
  expect((await chain.client.getBlock()).number).toBeGreaterThan(0n)
})

it('[CH8] nothing but a vote warns or evicts', async () => {
  const { conduct, land, governor, timelock, chain, alice, bob, carol, holder, parcels } = world()
  for (const account of [alice, carol, holder, governor.address]) {
    await expectRevert(conduct.simulate.warn([parcels.carol, REASON], { account }), 'NotTimelock')
    await expectRevert(conduct.simulate.evict([parcels.carol, REASON], { account }), 'NotTimelock')
    await expectRevert(land.simulate.setWarnings([parcels.carol, 3], { account }), 'NotAllowed')
    await expectRevert(land.simulate.evict([parcels.carol], { account }), 'NotAllowed')
  }
  // the Timelock itself goes through Conduct, and evicts nobody who was not warned
  await expectRevert(land.simulate.evict([parcels.carol], { account: timelock.address }), 'NotAllowed')
  await expectRevert(
    conduct.simulate.evict([parcels.carol, REASON], { account: timelock.address }),
    'TooFewWarnings',
    [parcels.carol, 0n, 3n],
  )
  for (const reason of ['0x', `0x${'00'.repeat(97)}`] as const) {
    await expectRevert(
      conduct.simulate.warn([parcels.carol, reason], { account: timelock.address }),
      'ReasonInvalid',
    )
  }
  // a vote that is lost
  const call = warnCall(parcels.carol)
  const lost = await vote(call, 'lost', [
    [alice, FOR],
    [bob, AGAINST],
    [carol, AGAINST],
  ])
  expect(await governor.read.state([lost])).toBe(STATE.defeated)
  await expectRevert(
    governor.simulate.queue(queueOf(call, 'lost'), { account: alice }),
    'GovernorUnexpectedProposalState',
  )
  expect(await land.read.isActive([parcels.carol])).toBe(true)
  expect(await chain.client.getCode({ address: conduct.address })).toBeDefined()
})

it('[CH8] an owner can answer a warning before the next one, and before the eviction', async () => {
  const { conduct, land, chain, timelock, parcels } = world()
  const id = parcels.carol
  const as = { account: timelock.address }
  await actAs(chain, timelock.address)
  for (const nth of [1n, 2n, 3n]) {
    await chain.mined(conduct.write.warn([id, REASON], as))
    const until = (await chain.now()) + gapSeconds
    await expectRevert(conduct.simulate.warn([id, REASON], as), 'WarnedJustNow', [id, until])
    if (nth === 3n) await expectRevert(conduct.simulate.evict([id, REASON], as), 'WarnedJustNow', [id, until])
    await chain.advance(gapSeconds)
    expect(await conduct.read.standingWarnings([id])).toBe(nth)
  }
  await chain.mined(conduct.write.evict([id, REASON], as))
  expect(await land.read.isActive([id])).toBe(false)
})

it('[CH8] no chain’s gap between warnings is shorter than the vote on one', () => {
  for (const { conduct, votes } of [MAIN_CHAIN_PARAMETERS, LOCAL_CHAIN_PARAMETERS, TEST_CHAIN_PARAMETERS]) {
    expect(conduct.gapSeconds).toBeGreaterThanOrEqual(BigInt(votes.periodSeconds))
    expect(conduct.gapSeconds * BigInt(conduct.warningsBeforeEviction)).toBeLessThan(conduct.lapseSeconds)
  }
})

it('[CH8] warnings lapse', async () => {
  const { conduct, chain, timelock, alice, bob, parcels } = world()
  await pass(warnCall(parcels.carol), 'warning', [alice, bob])
  await chain.advance(lapseSeconds + 1n)
  expect(await conduct.read.standingWarnings([parcels.carol])).toBe(0n)
  await pass(warnCall(parcels.carol), 'another warning', [alice, bob])
  expect(await conduct.read.standingWarnings([parcels.carol])).toBe(1n)
  await expectRevert(
    conduct.simulate.evict([parcels.carol, REASON], { account: timelock.address }),
    'TooFewWarnings',
  )
})

it('[CH8] an active community parcel has one vote as of the proposal, public land has none, and CYBR has none here', async () => {
  const { governor, land, chain, addresses, alice, carol, holder, parcels } = world()
  await chain.mined(land.write.mintPublic([nthId('public', 0), 1n], { account: holder }))
  expect(await land.read.getVotes([addresses.timelock])).toBe(0n)
  await chain.advance(1)
  const now = (await chain.now()) - 1n
  expect(await land.read.getPastTotalSupply([now])).toBe(3n)
  const call = warnCall(parcels.carol)
  await expectRevert(
    governor.simulate.propose(proposalOf(call, 'x'), { account: holder }),
    'GovernorInsufficientProposerVotes',
    [holder, 0n, 1n],
  )
  await chain.mined(governor.write.propose(proposalOf(call, 'x'), { account: alice }))
  const id = await governor.read.getProposalId(queueOf(call, 'x'))
  expect(await governor.read.proposalKind([id])).toBe(KIND.land)
  await chain.advance(delaySeconds + 1)
  // what is bought after the voting began votes elsewhere
  await chain.mined(land.write.transferFrom([carol, alice, parcels.carol], { account: carol }))
  await chain.mined(governor.write.castVote([id, FOR], { account: alice }))
  await chain.mined(governor.write.castVote([id, FOR], { account: holder }))
  await expectRevert(governor.simulate.castVote([id, FOR], { account: alice }), 'GovernorAlreadyCastVote')
  expect(await governor.read.proposalVotes([id])).toEqual([0n, 1n, 0n])
})

it('[CH8] CYBR decides over the treasury, and land does not', async () => {
  const { governor, cybr, timelock, chain, alice, holder } = world()
  const data = encodeFunctionData({ abi: cybrAbi, functionName: 'transfer', args: [alice, parseEther('5')] })
  const call = { target: cybr.address, data }
  await expectRevert(
    governor.simulate.propose(proposalOf(call, 'grant'), { account: alice }),
    'GovernorInsufficientProposerVotes',
    [alice, 0n, tokenThresholdWei],
  )
  // the faucet’s percent of the supply is below the quorum of four
  const poor = await vote(call, 'poor', [[holder, FOR]])
  expect(await governor.read.state([poor])).toBe(STATE.defeated)
  const { distribution } = world().addresses
  await chain.client.impersonateAccount({ address: distribution })
  await chain.client.setBalance({ address: distribution, value: parseEther('1') })
  await chain.mined(cybr.write.transfer([holder, parseEther('50000000')], { account: distribution }))
  const before = await cybr.read.balanceOf([timelock.address])
  await pass(call, 'grant', [holder])
  expect(await cybr.read.balanceOf([alice])).toBe(parseEther('5'))
  expect(await cybr.read.balanceOf([timelock.address])).toBe(before - parseEther('5'))
})

it('[CH8] what a proposal touches makes its kind, so nobody chooses the voters', async () => {
  const { governor, cybr, conduct, districts, alice } = world()
  expect(await governor.read.kindOf([[conduct.address, districts.address]])).toBe(KIND.land)
  expect(await governor.read.kindOf([[cybr.address]])).toBe(KIND.token)
  await expectRevert(governor.read.kindOf([[conduct.address, cybr.address]]), 'KindsMixed', [cybr.address])
  const mixed = [[cybr.address, conduct.address], [0n, 0n], ['0x', '0x'], 'both'] as const
  await expectRevert(governor.simulate.propose(mixed, { account: alice }), 'KindsMixed', [conduct.address])
})

it('[CH8] no proposal has the Timelock do what was not voted on, nor changes who decides', async () => {
  const { governor, timelock, conduct, cybr, holder, parcels } = world()
  const { data: warn } = warnCall(parcels.carol)
  const nothing = `0x${'00'.repeat(32)}` as const
  const schedule = encodeFunctionData({
    abi: timelockAbi,
    functionName: 'schedule',
    args: [conduct.address, 0n, warn, nothing, nothing, timelockSeconds],
  })
  const grant = encodeFunctionData({
    abi: timelockAbi,
    functionName: 'grantRole',
    args: [await timelock.read.PROPOSER_ROLE(), holder],
  })
  const relay = encodeFunctionData({
    abi: tablandGovernorAbi,
    functionName: 'relay',
    args: [timelock.address, 0n, schedule],
  })
  const calls: readonly Call[] = [
    { target: timelock.address, data: schedule },
    { target: timelock.address, data: grant },
    { target: governor.address, data: relay },
  ]
  for (const call of calls) {
    await expectRevert(
      governor.simulate.propose(proposalOf(call, 'sly'), { account: holder }),
      'TargetRefused',
      [call.target],
    )
    // hidden behind a call that is in order
    await expectRevert(
      governor.simulate.propose([[cybr.address, call.target], [0n, 0n], ['0x', call.data], 'sly'], {
        account: holder,
      }),
      'TargetRefused',
      [call.target],
    )
  }
  await expectRevert(governor.read.proposalKind([7n]), 'GovernorNonexistentProposal', [7n])
})

it('[CH8] draws districts by vote: rings, polygons, and what covers what', async () => {
  const { districts, timelock, alice, bob } = world()
  const ring = { category: 1, inner: 100, outer: 120, corners: [], name: 'Outer ring' }
  const corners = [
    [110, 0],
    [120, 0],
    [120, 10],
    [115, 5],
    [110, 10],
  ].map(([x = 0, y = 0]) => ({ x, y }))
  const polygon = { category: 2, inner: 0, outer: 0, corners, name: 'Notch' }
  for (const [number, district] of [ring, polygon].entries()) {
    const data = encodeFunctionData({
      abi: districtsAbi,
      functionName: 'set',
      args: [BigInt(number), district],
    })
    await pass({ target: districts.address, data }, district.name, [alice, bob])
  }
  expect(await districts.read.all()).toEqual([ring, polygon])
  const cells = [
    { x: 0, y: 0, category: 0 },
    { x: 99, y: 0, category: 0 },
    { x: -101, y: 0, category: 1 },
    { x: 100, y: 0, category: 1 },
    { x: 111, y: 1, category: 2 },
    { x: 119, y: 8, category: 2 }, // beside the notch
    { x: 115, y: 6, category: 1 }, // in the notch
    { x: 120, y: 0, category: 0 },
  ]
  // what a page proves of them, and what it makes of that, is the same
  const { chain, addresses } = world()
  const proven = await openGovernancePage(chain, addresses, alice).districts()
  expect(proven.map(({ number, name }) => [number, name])).toEqual([
    [0, ring.name],
    [1, polygon.name],
  ])
  for (const { x, y, category } of cells) {
    expect(await districts.read.categoryAt([BigInt(x), BigInt(y)]), `${x}, ${y}`).toBe(category)
    expect(categoryAt(proven, { x, y }), `${x}, ${y}`).toBe(DISTRICT_CATEGORIES[category])
  }
  const stranger = { account: alice }
  await expectRevert(districts.simulate.set([0n, ring], stranger), 'NotTimelock')
  await expectRevert(districts.simulate.remove([0n], stranger), 'NotTimelock')
  const as = { account: timelock.address }
  await expectRevert(districts.simulate.set([3n, ring], as), 'DistrictMissing', [3n, 2n])
  await expectRevert(districts.simulate.remove([2n], as), 'DistrictMissing', [2n, 2n])
  await expectRevert(districts.simulate.set([2n, { ...ring, inner: 120 }], as), 'ShapeInvalid')
  await expectRevert(districts.simulate.set([2n, { ...polygon, outer: 1 }], as), 'ShapeInvalid')
  await expectRevert(
    districts.simulate.set([2n, { ...polygon, corners: corners.slice(0, 2) }], as),
    'ShapeInvalid',
  )
  const outside = [...corners, { x: 3_000, y: 0 }]
  await expectRevert(districts.simulate.set([2n, { ...polygon, corners: outside }], as), 'ShapeInvalid')
  await expectRevert(districts.simulate.set([2n, { ...ring, name: 'x'.repeat(65) }], as), 'NameTooLong', [
    65n,
    64n,
  ])
  const removal = encodeFunctionData({ abi: districtsAbi, functionName: 'remove', args: [1n] })
  await pass({ target: districts.address, data: removal }, 'remove', [alice, bob])
  expect(await districts.read.categoryAt([111n, 1n])).toBe(1)
})

it('[CH8][CH13] a page proves what is voted on and with what, and brings a proposal to its end', async () => {
  const { chain, addresses, alice, carol, parcels } = world()
  const { governance, write } = openGovernancePage(chain, addresses, alice)
  const none = { votes: 0n, holds: 0n, isOwnDelegate: false }
  expect(await governance.votes()).toMatchObject({
    land: { votes: 1n, holds: 1n, delegate: alice, isOwnDelegate: true },
    token: none,
  })
  expect(await governance.terms()).toMatchObject({
    periodMs: periodSeconds * 1_000,
    tokenThresholdWei,
    lapseMs: Number(lapseSeconds) * 1_000,
    told: { agreeing: 1, sources: 1 },
  })
  const [parcel, description] = [Number(parcels.carol), 'It shines into my window.\nDay and night.']
  const action = { kind: 'warn', parcel, reason: textCid(description) } as const
  const newest = async () => (await governance.proposals()).proposals[0]!
  await write({ kind: 'propose', action, description })
  expect(await newest()).toMatchObject({ kind: 'land', stage: 'pending', mine: true, description })
  expect(await newest()).toMatchObject({ actions: [action], own: { votes: 1n, hasVoted: false } })
  await chain.advance(delaySeconds + 1)
  const { id, stage, quorum, calls } = await newest()
  expect({ stage, quorum }).toEqual({ stage: 'active', quorum: 1n })
  await write({ kind: 'cast-vote', proposal: id, title: '', support: 'for' })
  expect(await newest()).toMatchObject({ tally: { for: 1n, against: 0n }, own: { hasVoted: true } })
  await chain.advance(periodSeconds + 1)
  expect((await newest()).stage).toBe('succeeded')
  await write({ kind: 'carry-proposal', step: 'queue', title: '', calls })
  expect(await newest()).toMatchObject({ stage: 'queued', readyAt: expect.any(Number) })
  await chain.advance(timelockSeconds + 1n)
  await write({ kind: 'carry-proposal', step: 'execute', title: '', calls })
  expect(await newest()).toMatchObject({ stage: 'executed' })
  const told = { kind: 'warned', count: 1, reason: action.reason, at: Number(await chain.now()) * 1_000 }
  expect((await governance.conduct()).events).toMatchObject([{ ...told, parcel }])
  const { x, y } = birthCell(parcel)
  expect((await governance.history(x, y))?.events).toMatchObject([told, { kind: 'minted', to: carol }])
  await write({ kind: 'delegate-votes', votes: 'token', delegatee: alice })
  expect(await governance.votes()).toMatchObject({ token: { ...none, isOwnDelegate: true } })
})

it('[CH12] the Timelock obeys the Governor alone and has no administrator but itself', async () => {
  const { timelock, governor, addresses, holder } = world()
  const [admin, proposer, canceller, executor] = await Promise.all([
    timelock.read.DEFAULT_ADMIN_ROLE(),
    timelock.read.PROPOSER_ROLE(),
    timelock.read.CANCELLER_ROLE(),
    timelock.read.EXECUTOR_ROLE(),
  ])
  const nobody = '0x0000000000000000000000000000000000000000'
  expect(await timelock.read.hasRole([admin, timelock.address])).toBe(true)
  for (const role of [proposer, canceller]) {
    expect(await timelock.read.hasRole([role, governor.address])).toBe(true)
    expect(await timelock.read.hasRole([role, holder])).toBe(false)
  }
  expect(await timelock.read.hasRole([executor, nobody])).toBe(true)
  expect(await timelock.read.hasRole([admin, holder])).toBe(false)
  expect(await timelock.read.getMinDelay()).toBe(timelockSeconds)
  expect(await governor.read.timelock()).toBe(addresses.timelock)
  expect(await governor.read.votingDelay()).toBe(BigInt(delaySeconds))
  expect(await governor.read.votingPeriod()).toBe(BigInt(periodSeconds))
  expect(await governor.read.CLOCK_MODE()).toBe('mode=timestamp')
  expect(await governor.read.votesOf([KIND.land])).toBe(addresses.land)
  const id = await governor.read.getProposalId([[holder], [0n], ['0x'], keccak256('0x')])
  await expectRevert(governor.read.state([id]), 'GovernorNonexistentProposal')
  expect(await governor.read.proposalNeedsQueuing([id])).toBe(true)
})
