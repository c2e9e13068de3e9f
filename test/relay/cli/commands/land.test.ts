import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFakeChain, fetchNodes } from '../../../fakes/fake-chain.ts'
import { addressOf, GRID, landAccount, makeLand } from '../../../fakes/land.ts'
import { runCli } from '../run-cli.ts'

const ALICE = 0xa11cen
const chain = createFakeChain()
const table = makeLand(
  new Map([
    [1, { owner: ALICE }],
    [2, { owner: 0xb0bn, x: -40, y: -7 }],
    [3, { owner: ALICE, state: 2n }],
  ]),
  new Map([[ALICE, 1_790_000_000]]),
)
chain.mine([[GRID, landAccount(table)]])
const fetchFake = fetchNodes({ node: { chain } })

let server: Server
let rpc: string

beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8')
      void fetchFake('http://node/', { method: 'POST', body })
        .then((answer) => answer.text())
        .then((text) => response.end(text))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  rpc = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})

afterAll(() => server.close())

async function land(...args: readonly string[]): Promise<object> {
  const { code, stdout, stderr } = await runCli('land', ...args, '--rpc', rpc, '--grid', GRID)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as object
}

describe('[CH14] tabland land', () => {
  it('verify rebuilds the trie and prints counts, root and times', async () => {
    expect(await land('verify')).toMatchObject({
      parcels: 3,
      placed: 2,
      owners: 2,
      aliveOwners: 1,
      block: 1,
      blockHash: chain.head.hash,
      told: '1 source',
      verifyMs: expect.any(Number),
    })
  })

  it('show prints the parcel on a cell', async () => {
    const found = await land('show', '-40,-7')
    expect(found).toMatchObject({ parcel: { id: 2, owner: addressOf(0xb0bn), aliveUntil: 0 }, block: 1 })
    expect(await land('show', '50,50')).toMatchObject({ cell: { x: 50, y: 50 }, parcel: null })
  })

  it('show refuses what lies beyond the land', async () => {
    const { code, stderr } = await runCli('land', 'show', '999,999', '--rpc', rpc, '--grid', GRID)
    expect(code).toBe(2)
    expect(stderr).toContain('No plot lies at 999,999. The land reaches from −131 to 130, both ways')
  })

  it('owned prints the parcels of an address', async () => {
    expect(await land('owned', addressOf(ALICE))).toMatchObject({
      parcels: [{ id: 1 }, { id: 3, cell: null, aliveUntil: 1_790_000_000 }],
    })
  })

  it.each([
    ['no cell', ['show']],
    ['a cell that is none', ['show', 'here']],
    ['no address', ['owned', '0x12']],
    ['something more', ['verify', 'all']],
  ])('%s is not understood', async (_, args) => {
    const { code, stderr } = await runCli('land', ...args, '--rpc', rpc, '--grid', GRID)
    expect(code).toBe(2)
    expect(stderr).toMatch(/see `tabland land --help`\.\n$/)
  })

  it('tells when no endpoint answers, or none is named', async () => {
    const dead = await runCli('land', 'verify', '--rpc', 'http://127.0.0.1:9/', '--grid', GRID)
    expect(dead).toMatchObject({ code: 1, stderr: expect.stringMatching(/127\.0\.0\.1:9 does not answer/) })
    const other = await runCli('land', 'verify', '--rpc', rpc, '--grid', GRID, '--chain-id', '1')
    expect(other).toMatchObject({ code: 1, stderr: expect.stringMatching(/serves chain 31337, expected 1/) })
    const none = await runCli('land', 'verify', '--grid', GRID)
    expect(none).toMatchObject({ code: 1, stderr: expect.stringMatching(/Expected 1 to 8 RPC endpoints/) })
  })
})
