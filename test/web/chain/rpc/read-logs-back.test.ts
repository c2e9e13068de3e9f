import { describe, expect, it } from 'vitest'
import { chainError } from '#chain/chain-errors.ts'
import { createChainReader } from '#chain/chain-reader.ts'
import { type Hex, hexOf, quantityOf, wordBytes } from '#chain/hex.ts'
import { askLogs } from '#chain/rpc/ask-logs.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { type LogCall, readLogsBack, type ToldLog } from '#chain/rpc/read-logs-back.ts'
import { createFakeChain, type FakeLog, type FakeNode, fetchNodes } from '../../../fakes/fake-chain.ts'
import { hastyTimers } from '../../../fakes/timers.ts'

const TOLD: Hex = '0x00000000000000000000000000000000000000aa'
const question = { address: TOLD, topics: [], newest: 1_000, oldest: 0, wanted: 3 }

/** A node that has an event in some blocks, and gives the logs of so many at once. */
function node(blocks: readonly number[], { maxBlocks = 10_000, bytes = (): number => 0 } = {}) {
  const spans: number[] = []
  const call: LogCall = async (_, [filter]) => {
    const { fromBlock, toBlock } = filter as { readonly fromBlock: Hex; readonly toBlock: Hex }
    const [from, to] = [Number(fromBlock), Number(toBlock)]
    spans.push(to - from + 1)
    if (to - from + 1 > maxBlocks) throw chainError('RPC_REFUSED', 'block range too large')
    if (to - from + 1 > 1 && bytes() > 0) throw chainError('RPC_ANSWER_INVALID', 'too long')
    return blocks
      .filter((block) => block >= from && block <= to)
      .map((block) => ({
        address: TOLD,
        topics: [],
        data: '0x',
        blockNumber: quantityOf(block),
        logIndex: '0x0',
      }))
  }
  return { call, spans }
}

describe('events are asked for from the newest back', () => {
  it('until there are enough, and never half a block of them', async () => {
    const { call } = node([5, 800, 900, 900, 900, 901, 950])
    const { logs, reached } = await readLogsBack(call, question)
    expect(logs.map(({ block }) => block)).toEqual([950, 901, 900, 900, 900])
    expect(reached).toBe(900)
    expect(await readLogsBack(call, { ...question, newest: 899 })).toMatchObject({ reached: 0 })
  })

  it('until there are enough different ones, where many tell of the same', async () => {
    const { call } = node([5, 800, 900, 901, 950])
    const by = ({ block }: ToldLog) => block >= 900
    const { logs, reached } = await readLogsBack(call, { ...question, wanted: 2, by })
    expect(logs.map(({ block }) => block)).toEqual([950, 901, 900, 800])
    expect(reached).toBe(800)
  })

  it('in halves where an endpoint refuses so many blocks, and not at all from one that refuses a hundred', async () => {
    const few = node([5], { maxBlocks: 300 })
    expect((await readLogsBack(few.call, question)).logs).toHaveLength(1)
    expect(few.spans.slice(0, 4)).toEqual([1_001, 501, 251, 251])
    const none = node([5], { maxBlocks: 0 })
    await expect(readLogsBack(none.call, question)).rejects.toMatchObject({ code: 'RPC_REFUSED' })
    expect(none.spans.length).toBeLessThan(7)
  })

  it('block by block where somebody filled them, with a bound on questions', async () => {
    const full = node([], { bytes: () => 1 })
    const { reached } = await readLogsBack(full.call, question)
    expect(full.spans).toHaveLength(64)
    expect(reached).toBeGreaterThan(900)
  })

  it('and what is no event of those blocks is none', async () => {
    const call: LogCall = async () => [
      { address: TOLD, topics: [], data: '0x', blockNumber: '0x7d0', logIndex: '0x0' },
    ]
    expect((await readLogsBack(call, question)).logs).toEqual([])
    await expect(readLogsBack(async () => [{ topics: [] }], question)).rejects.toMatchObject({
      code: 'RPC_ANSWER_INVALID',
    })
  })
})

describe('[CH13] what no proof shows is asked of every endpoint', () => {
  const log = (id: bigint): FakeLog => ({ address: TOLD, topics: [hexOf(wordBytes(id))], data: '0x' })

  function setUp(nodes: (node: FakeNode) => Readonly<Record<string, FakeNode>>) {
    const chain = createFakeChain()
    chain.mine([], [log(1n)])
    chain.mine([], [log(2n)])
    const all = nodes({ chain })
    const endpoints = createEndpoints(
      Object.keys(all).map((host) => `http://${host}/`),
      fetchNodes(all),
    )
    const { pool } = createChainReader({ endpoints, timers: hastyTimers, now: () => 0 })
    return { pool, asked: { ...question, newest: chain.head.number } }
  }

  it('so that one alone can leave nothing out, and what one makes up stands alone', async () => {
    const hides = (method: string, result: unknown) => (method === 'eth_getLogs' ? [] : result)
    const invents = (method: string, result: unknown) =>
      method === 'eth_getLogs'
        ? [...(result as object[]), { ...log(3n), blockNumber: '0x1', logIndex: '0x7' }]
        : result
    const { pool, asked } = setUp((node) => ({
      a: { ...node, forge: hides },
      b: { ...node, forge: invents },
      c: node,
    }))
    const { logs, answered, sources } = await askLogs(pool, asked)
    expect({ answered, sources }).toEqual({ answered: 3, sources: 3 })
    expect(logs.map(({ topics, agreeing }) => [Number(topics[0]), agreeing])).toEqual([
      [2, 2],
      [3, 1],
      [1, 2],
    ])
  })

  it('and one that gives no events is asked for proofs all the same', async () => {
    const refuses = (method: string, result: unknown) => {
      if (method === 'eth_getLogs') throw new Error('not available')
      return result
    }
    const { pool, asked } = setUp((node) => ({ a: { ...node, forge: refuses }, b: node }))
    expect(await askLogs(pool, asked)).toMatchObject({ answered: 1, sources: 2 })
    expect(pool.states.map(({ status }) => status.kind)).toEqual(['good', 'good'])
    const alone = setUp((node) => ({ a: { ...node, forge: refuses } }))
    await expect(askLogs(alone.pool, alone.asked)).rejects.toMatchObject({ code: 'RPC_REFUSED' })
  })
})
