import { encodeAbiParameters, keccak256, parseAbiParameters } from 'viem'
import { describe, expect, it } from 'vitest'
import { openGovernance } from '#api/open-governance.ts'
import { PROPOSAL_CREATED, proposalIdOf } from '#chain/governance/proposal-calls.ts'
import type { Hex } from '#chain/hex.ts'
import {
  CYBR_VOTES,
  dataSlot,
  GOVERNOR_PROPOSALS,
  GOVERNOR_VOTES,
  mappingSlot,
} from '#chain/storage-slots.ts'
import { openWriteChain } from '#chain/wallet/open-write-chain.ts'
import { utf8 } from '#core/bytes.ts'
import { createFakeChain, type FakeLog, type FakeNode, fetchNodes } from '../../fakes/fake-chain.ts'
import { hastyTimers } from '../../fakes/timers.ts'

const contracts = {
  governor: '0x00000000000000000000000000000000000000e1',
  timelock: '0x00000000000000000000000000000000000000e2',
  conduct: '0x00000000000000000000000000000000000000e3',
  land: '0x00000000000000000000000000000000000000e4',
  cybr: '0x00000000000000000000000000000000000000e5',
} as const
const ME: Hex = '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed'
/** The fake chain's block 1 has it. */
const BLOCK_TIME = 1_750_000_001n
const NINE_PARAMETERS = parseAbiParameters(
  'uint256, address, address[], uint256[], string[], bytes[], uint256, uint256, bytes',
)

/** A payment to somebody, and the event that tells of it. */
function payment(amountWei: bigint, description: Uint8Array = utf8('For the lights.')) {
  const bytes: Hex = `0x${Buffer.from(description).toString('hex')}`
  const text = {
    targets: [ME],
    valuesWei: [amountWei],
    calldatas: ['0x'],
    descriptionHash: keccak256(bytes),
  } as const
  const id = proposalIdOf(text)
  const data = encodeAbiParameters(NINE_PARAMETERS, [
    ...([id, ME, text.targets, text.valuesWei, [''], text.calldatas, 1n, 2n, bytes] as const),
  ])
  return { id, log: { address: contracts.governor, topics: [PROPOSAL_CREATED], data } satisfies FakeLog }
}

const account = (entries: readonly (readonly [bigint, bigint])[]) => ({
  balanceWei: 0n,
  nonce: 1n,
  storage: new Map(entries),
})
const checkpoint = (seconds: bigint, votes: bigint) => seconds | (votes << 48n)

/** A chain on which these are proposed and voted on, 3 for and 1 against, of 100 votes of which one's own are 7. */
function setUp(
  proposed: readonly ReturnType<typeof payment>[],
  nodes: (node: FakeNode) => Readonly<Record<string, FakeNode>> = (node) => ({ node }),
) {
  const chain = createFakeChain()
  const stored = proposed.flatMap(({ id }) => {
    const votes = mappingSlot(id, GOVERNOR_VOTES)
    const core = BigInt(ME) | ((BLOCK_TIME - 5n) << 160n) | (100n << 208n)
    return [
      [mappingSlot(id, GOVERNOR_PROPOSALS), core] as const,
      [votes, 1n] as const,
      [votes + 1n, 3n] as const,
    ]
  })
  const own = mappingSlot(ME, CYBR_VOTES.checkpoints)
  chain.mine(
    [
      [contracts.governor, account(stored)],
      [
        contracts.cybr,
        account([
          [CYBR_VOTES.total, 2n],
          [dataSlot(CYBR_VOTES.total), checkpoint(1n, 50n)],
          [dataSlot(CYBR_VOTES.total) + 1n, checkpoint(BLOCK_TIME - 5n, 100n)],
          [own, 2n],
          [dataSlot(own), checkpoint(1n, 7n)],
          // bought after the voting had begun
          [dataSlot(own) + 1n, checkpoint(BLOCK_TIME - 1n, 9n)],
        ]),
      ],
    ],
    proposed.map(({ log }) => log),
  )
  const all = nodes({ chain })
  const rpc = Object.keys(all).map((host) => `http://${host}/`)
  const { reader } = openWriteChain(
    { chainId: 31_337, rpc, contracts },
    { timers: hastyTimers, fetch: fetchNodes(all) },
  )
  return openGovernance({ chain: { contracts, isTest: false }, reader, own: () => ME, now: () => 0 })
}

const withLog =
  (change: (logs: readonly object[]) => readonly object[]) => (method: string, result: unknown) =>
    method === 'eth_getLogs' ? change(result as readonly object[]) : result

describe('[CH8][CH13] proposals', () => {
  it('are told with their votes, all proved', async () => {
    const { proposals, told, cursor } = await setUp([payment(5n)]).proposals()
    expect(proposals).toMatchObject([
      {
        kind: 'token',
        stage: 'active',
        mine: true,
        description: 'For the lights.',
        tally: { for: 3n, against: 1n, abstain: 0n },
        quorum: 4n,
        actions: [{ kind: 'send-coin', amountWei: 5n }],
        own: { votes: 7n, hasVoted: false },
        proof: { block: 1, agreeing: 1, sources: 1 },
      },
    ])
    expect({ told, cursor }).toEqual({ told: { agreeing: 1, sources: 1 }, cursor: undefined })
  })

  it('are not left out by one endpoint, nor made up, nor changed in what they do', async () => {
    const [real, invented] = [payment(5n), payment(6n)]
    const extra = { ...invented.log, blockNumber: '0x1', logIndex: '0x9' }
    const changed = withLog((logs) =>
      logs.map((log) => ({
        ...log,
        data: real.log.data.replace(`${'0'.repeat(63)}5`, `${'0'.repeat(63)}7`),
      })),
    )
    const governance = setUp([real], (node) => ({
      hides: { ...node, forge: withLog(() => []) },
      invents: { ...node, forge: withLog((logs) => [extra, ...logs]) },
      changes: { ...node, forge: changed },
    }))
    const { proposals } = await governance.proposals()
    expect(proposals.map(({ actions }) => actions)).toMatchObject([[{ amountWei: 5n }]])
  })

  it('are shown also when their text is none, without signs that turn what stands beside it', async () => {
    const sly = payment(1n, Uint8Array.of(0xff, 0xfe, 0x41))
    const turned = payment(2n, utf8('Give \u202eeverything\u202c back\u0007'))
    const long = payment(3n, utf8('x'.repeat(9_000)))
    const { proposals } = await setUp([sly, turned, long]).proposals()
    expect(proposals.map(({ description }) => description)).toEqual([
      `${'x'.repeat(2_000)}…`,
      'Give everything back',
      '\ufffd\ufffdA',
    ])
  })

  it('are none where the chain has no votes, and a cursor is a block', async () => {
    const governance = setUp([])
    await expect(governance.proposals({ cursor: 'x' })).rejects.toMatchObject({ code: 'CURSOR_UNKNOWN' })
    const { reader } = openWriteChain(
      { chainId: 1, rpc: ['http://node/'], contracts: {} },
      { timers: hastyTimers },
    )
    const none = openGovernance({
      chain: { contracts: {}, isTest: false },
      reader,
      own: () => ME,
      now: () => 0,
    })
    await expect(none.proposals()).rejects.toMatchObject({ code: 'GOVERNANCE_NONE' })
    expect(await none.history(1, 2)).toBeUndefined()
  })
})
