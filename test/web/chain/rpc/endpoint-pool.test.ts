import { describe, expect, it } from 'vitest'
import { chainError } from '#chain/chain-errors.ts'
import { createEndpointPool } from '#chain/rpc/endpoint-pool.ts'
import type { RpcEndpoint } from '#chain/rpc/json-rpc.ts'

const never = () => Promise.reject(new Error('nothing is asked of it itself'))
const endpoint = (name: string): RpcEndpoint => ({ name, call: never, batch: never })

function createPool(...names: string[]) {
  const pool = createEndpointPool({ endpoints: names.map(endpoint), now: Date.now })
  return { pool, kinds: () => pool.states.map(({ status }) => status.kind) }
}

const lie = () =>
  Promise.reject(chainError('PROOF_MISMATCH', 'A node has another hash than its parent holds.'))

describe('[CH13] endpoints whose proof does not hold', () => {
  it('are asked once more before they are liars: a block may have come between two answers', async () => {
    const { pool, kinds } = createPool('a')
    let asked = 0
    expect(await pool.first(() => (++asked === 1 ? lie() : Promise.resolve('it holds')))).toBe('it holds')
    expect(kinds()).toEqual(['good'])
  })

  it('are liars when it does not hold either, and are not asked again', async () => {
    const { pool, kinds } = createPool('a', 'b')
    const asked: string[] = []
    const read = ({ name }: RpcEndpoint) => {
      asked.push(name)
      return name === 'a' ? lie() : Promise.resolve(name)
    }
    expect(await pool.first(read)).toBe('b')
    expect(kinds()).toEqual(['liar', 'good'])
    pool.retry()
    expect(await pool.first(read)).toBe('b')
    expect(asked).toEqual(['a', 'a', 'b', 'b'])
  })

  it('are asked again by a person where there are no others', async () => {
    const { pool, kinds } = createPool('a')
    await expect(pool.first(lie)).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
    await expect(pool.first(async () => 'not asked')).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
    expect(kinds()).toEqual(['liar'])
    pool.retry()
    expect(await pool.first(async () => 'it holds')).toBe('it holds')
    expect(kinds()).toEqual(['good'])
  })
})
