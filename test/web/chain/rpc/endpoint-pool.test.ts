import { describe, expect, it, vi } from 'vitest'
import { chainError } from '#chain/chain-errors.ts'
import { createEndpointPool } from '#chain/rpc/endpoint-pool.ts'
import type { RpcEndpoint } from '#chain/rpc/json-rpc.ts'
import { createFakeTimers, hastyTimers } from '../../../fakes/timers.ts'

const never = () => Promise.reject(new Error('nothing is asked of it itself'))
const endpoint = (name: string): RpcEndpoint => ({ name, call: never, batch: never })

function createPool(names: readonly string[], timers = hastyTimers) {
  let now = 1_000_000
  const pool = createEndpointPool({ endpoints: names.map(endpoint), timers, now: () => now })
  const kinds = () => pool.states.map(({ status }) => status.kind)
  const pass = (ms: number) => {
    now += ms
  }
  return { pool, kinds, pass }
}

const lie = () =>
  Promise.reject(chainError('PROOF_MISMATCH', 'A node has another hash than its parent holds.'))

describe('[CH13] endpoints whose proof does not hold', () => {
  it('are asked once more before they are liars: a block may have come between two answers', async () => {
    const timers = createFakeTimers()
    const { pool, kinds } = createPool(['a'], timers)
    let asked = 0
    const answer = pool.first(() => (++asked === 1 ? lie() : Promise.resolve('it holds')))
    await vi.waitFor(() => expect(timers.pending).toBe(1))
    timers.advance(249)
    expect(asked).toBe(1)
    timers.advance(1)
    expect(await answer).toBe('it holds')
    expect(kinds()).toEqual(['good'])
  })

  it('are not asked once more by who has left meanwhile, and are no liars', async () => {
    const timers = createFakeTimers()
    const { pool, kinds } = createPool(['a'], timers)
    const life = new AbortController()
    const read = vi.fn(lie)
    const answer = pool.first(read, life.signal)
    await vi.waitFor(() => expect(timers.pending).toBe(1))
    const reason = new Error('left')
    life.abort(reason)
    await expect(answer).rejects.toBe(reason)
    expect(timers.pending).toBe(0)
    expect(read).toHaveBeenCalledTimes(1)
    expect(kinds()).toEqual(['good'])
  })

  it('are liars when it does not hold either, and are not asked again', async () => {
    const { pool, kinds, pass } = createPool(['a', 'b'])
    const asked: string[] = []
    const read = ({ name }: RpcEndpoint) => {
      asked.push(name)
      return name === 'a' ? lie() : Promise.resolve(name)
    }
    expect(await pool.first(read)).toBe('b')
    expect(kinds()).toEqual(['liar', 'good'])
    pool.retry()
    pass(3_600_000)
    expect(await pool.first(read)).toBe('b')
    expect(asked).toEqual(['a', 'a', 'b', 'b'])
  })

  it('are asked again by a person where there are no others', async () => {
    const { pool, kinds } = createPool(['a'])
    await expect(pool.first(lie)).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
    await expect(pool.first(async () => 'not asked')).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
    expect(kinds()).toEqual(['liar'])
    pool.retry()
    expect(await pool.first(async () => 'it holds')).toBe('it holds')
    expect(kinds()).toEqual(['good'])
  })

  it('are all asked again a minute after the last lie where there are no others, so that none is alone', async () => {
    const { pool, kinds, pass } = createPool(['a', 'b'])
    const failed = {
      code: 'RPC_UNREACHABLE',
      message: expect.stringMatching(/a: .* b: .* It is tried again/),
    }
    await expect(
      pool.first(({ name }) => (name === 'a' ? lie() : Promise.reject(chainError('RPC_UNREACHABLE', 'No.')))),
    ).rejects.toMatchObject(failed)
    pass(40_000)
    await expect(pool.first(lie)).rejects.toMatchObject(failed)
    expect(kinds()).toEqual(['liar', 'liar'])
    pass(59_999)
    await expect(pool.first(async () => 'not asked')).rejects.toMatchObject(failed)
    pass(1)
    expect(await pool.all(async ({ name }) => (name === 'a' ? lie() : name))).toMatchObject([{ value: 'b' }])
    expect(kinds()).toEqual(['liar', 'good'])
    expect(pool.sources.size).toBe(1)
  })

  it('are liars for a minute more when they lie again', async () => {
    const { pool, kinds, pass } = createPool(['a'])
    const read = vi.fn(lie)
    for (let minutes = 0; minutes < 3; minutes++) {
      await expect(pool.first(read)).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
      expect(kinds()).toEqual(['liar'])
      pass(60_000)
    }
    expect(read).toHaveBeenCalledTimes(6)
  })
})
