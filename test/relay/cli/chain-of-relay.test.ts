import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chainOf } from '#relay/cli/chain-of-relay.ts'

const GRID = `0x${'c5'.repeat(20)}`
const NONE = { rpc: [], chainId: undefined, contract: undefined }
const context = { signal: new AbortController().signal, stderr: { write: () => true } }

let server: Server
let relay: string
let asked = 0

beforeAll(async () => {
  server = createServer((_, response) => {
    asked++
    response.end(
      JSON.stringify({
        network: 'test',
        peerId: '12D3KooWHqU6wYjeuGU3DpwbM3voAuXjs3WYzZKbSGaSGA4kX8eC',
        chain: { chainId: 31_337, rpc: ['http://127.0.0.1:8545/'], contracts: { landGrid: GRID } },
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  relay = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})

afterAll(() => server.close())

describe('[CH13] the chain that a command reads', () => {
  it('is what a relay tells, where none is named', async () => {
    expect(await chainOf('land', 'landGrid', { ...NONE, relay }, context)).toEqual({
      rpc: ['http://127.0.0.1:8545/'],
      chainId: '31337',
      contract: GRID,
      page: relay,
    })
  })

  it("is read through one's own endpoints, where these are named", async () => {
    const own = { ...NONE, relay, rpc: ['https://own.example/'] }
    expect(await chainOf('land', 'landGrid', own, context)).toMatchObject({ rpc: ['https://own.example/'] })
  })

  it('is asked of nobody when its contract is named', async () => {
    const before = asked
    const named = { rpc: ['https://own.example/'], chainId: '1', contract: '0x12', relay }
    expect(await chainOf('land', 'landGrid', named, context)).toEqual({
      rpc: ['https://own.example/'],
      chainId: '1',
      contract: '0x12',
      page: relay,
    })
    expect(asked).toBe(before)
  })

  it('is missing where a relay tells of no such contract, or is none', async () => {
    await expect(chainOf('stake', 'stake', { ...NONE, relay }, context)).rejects.toMatchObject({
      code: 'COMMAND_USAGE',
      message: expect.stringMatching(/tells of no chain with this contract/),
    })
    await expect(chainOf('land', 'constructor', { ...NONE, relay }, context)).rejects.toMatchObject({
      code: 'COMMAND_USAGE',
    })
    const dead = { ...NONE, relay: 'http://127.0.0.1:9/' }
    await expect(chainOf('land', 'landGrid', dead, context)).rejects.toMatchObject({
      code: 'RELAY_UNREACHABLE',
    })
  })
})
