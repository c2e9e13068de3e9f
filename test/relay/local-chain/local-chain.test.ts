import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, parseEther } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { cybrAbi } from '#contracts/cybr.ts'
import type { ContractAddresses } from '#contracts/deploy/plan.ts'
import { landAbi } from '#contracts/land.ts'
import { stakeAbi } from '#contracts/stake.ts'
import { toHex } from '#core/bytes.ts'
import { parcelIdOf, shareOf } from '#core/land-rule.ts'
import { describeMissingAnvil, findAnvil } from '#relay/local-chain/anvil.ts'
import { type LocalChain, readNamedChain, startLocalChain } from '#relay/local-chain/local-chain.ts'
import { SAMPLE_DIR } from '#relay/node-defaults.ts'
import { loadSample } from '#relay/sample.ts'
import { sampleOwner } from '#relay/sample-author.ts'
import { createTestChain } from '../../contracts-abi/harness/anvil.ts'

let dataDir = ''
const lines: string[] = []
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tabland-local-chain-'))
})
beforeEach((context) => {
  lines.length = 0
  if (findAnvil() === undefined) context.skip(describeMissingAnvil())
})
afterAll(() => rm(dataDir, { recursive: true }))

async function start(): Promise<LocalChain> {
  const signal = new AbortController().signal
  const chain = await startLocalChain({
    dataDir,
    sampleDir: SAMPLE_DIR,
    log: (line) => lines.push(line),
    signal,
  })
  if (chain === undefined) throw new Error('no chain')
  return chain
}

it('deploys, gives the sample’s parcels to its author, and keeps what happens between starts', {
  timeout: 120_000,
}, async () => {
  const first = await start()
  const { chainId, rpc } = first.facts
  const contracts = first.facts.contracts as ContractAddresses
  expect(chainId).toBe(31_337)
  const chain = createTestChain(rpc[0] as string)
  const land = chain.at(landAbi, contracts.land)
  const author: Address = `0x${toHex(await sampleOwner())}`
  const { models } = await loadSample(SAMPLE_DIR)
  for (const id of new Set(models.map(({ parcel }) => parcelIdOf(parcel)))) {
    const owner = await land.read.ownerOf([BigInt(id)])
    const expected = shareOf(id) === 'public' ? contracts.timelock : author
    expect(owner.toLowerCase(), `parcel ${id}`).toBe(expected.toLowerCase())
    expect(await land.read.mayBuild([BigInt(id), author])).toBe(true)
  }
  // its links count by what it stakes
  const staked = await chain.at(stakeAbi, contracts.stake).read.stakeOf([author])
  expect(staked).toBe(parseEther('1000'))
  // the faucet
  const [faucet, somebody] = chain.accounts as [Address, Address]
  const cybr = chain.at(cybrAbi, contracts.cybr)
  await chain.mined(cybr.write.transfer([somebody, parseEther('500')], { account: faucet }))
  await first.stop()

  const second = await start()
  expect(second.facts.contracts).toEqual(contracts)
  const again = createTestChain(second.facts.rpc[0] as string)
  expect(await again.at(cybrAbi, contracts.cybr).read.balanceOf([somebody])).toBe(parseEther('500'))
  await second.stop()
  expect(await readNamedChain(['http://rpc.example'], join(dataDir, 'chain', 'addresses.json'))).toEqual({
    chainId,
    rpc: ['http://rpc.example'],
    contracts,
  })
})

it('begins anew, and says so, when the contracts are others', { timeout: 120_000 }, async () => {
  const file = join(dataDir, 'chain', 'addresses.json')
  const deployment = JSON.parse(await readFile(file, 'utf8')) as object
  await writeFile(file, JSON.stringify({ ...deployment, plan: '0x00' }))
  const chain = await start()
  expect(lines.join('\n')).toContain('begins anew')
  expect(createTestChain(chain.facts.rpc[0] as string).url).toBe(chain.facts.rpc[0])
  await chain.stop()
})

it('a chain whose relay was killed is ended before the next one starts', { timeout: 120_000 }, async () => {
  const first = await start()
  const pid = Number(await readFile(join(dataDir, 'chain', 'anvil.pid'), 'utf8'))
  const second = await start()
  expect(() => process.kill(pid, 0)).toThrow()
  await expect(createTestChain(second.facts.rpc[0] as string).now()).resolves.toBeGreaterThan(0n)
  expect(second.facts.contracts).toEqual(first.facts.contracts)
  await second.stop()
  await first.stop()
})

it('names the file that is missing', async () => {
  await expect(readNamedChain(['http://rpc.example'], join(dataDir, 'none.json'))).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('none.json'),
  })
})
