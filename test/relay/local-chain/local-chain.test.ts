import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryBlockstore } from 'blockstore-core'
import { CID } from 'multiformats/cid'
import { type Address, parseEther } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { cybrAbi } from '#contracts/cybr.ts'
import type { ContractAddresses } from '#contracts/deploy/plan.ts'
import { landAbi } from '#contracts/land.ts'
import { modelAbi } from '#contracts/model.ts'
import { stakeAbi } from '#contracts/stake.ts'
import { fromHex } from '#core/bytes.ts'
import { parcelIdOf, shareOf } from '#core/land-rule.ts'
import type { Timers } from '#core/timers.ts'
import { createContent } from '#peer/content.ts'
import { describeMissingAnvil, findAnvil } from '#relay/local-chain/anvil.ts'
import { type LocalChain, readNamedChain, startLocalChain } from '#relay/local-chain/local-chain.ts'
import { sampleAccounts } from '#relay/local-chain/sample-accounts.ts'
import { SAMPLE_DIR } from '#relay/node-defaults.ts'
import { loadSample } from '#relay/sample.ts'
import { createTestChain } from '../../contracts-abi/harness/anvil.ts'
import { createFakeTimers } from '../../fakes/timers.ts'

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

async function start(timers?: Timers): Promise<LocalChain> {
  const signal = new AbortController().signal
  const chain = await startLocalChain({
    dataDir,
    sampleDir: SAMPLE_DIR,
    timers,
    log: (line) => lines.push(line),
    signal,
  })
  if (chain === undefined) throw new Error('no chain')
  return chain
}

const readPid = async () => Number(await readFile(join(dataDir, 'chain', 'anvil.pid'), 'utf8'))

it('deploys, gives the sample’s parcels and models to its accounts, and keeps what happens between starts', {
  timeout: 120_000,
}, async () => {
  const first = await start()
  const { chainId, rpc } = first.facts
  const contracts = first.facts.contracts as ContractAddresses
  expect(chainId).toBe(31_337)
  for (const address of Object.values(contracts)) expect(address).toBe(address.toLowerCase())
  const chain = createTestChain(rpc[0] as string)
  const land = chain.at(landAbi, contracts.land)
  const { author, linkers, owners } = await sampleAccounts()
  const model = chain.at(modelAbi, contracts.model)
  const { models } = await loadSample(SAMPLE_DIR)
  const held = new Map<string, number>()
  for (const { parcel } of models) {
    const id = parcelIdOf(parcel)
    const owner = await land.read.ownerOf([BigInt(id)])
    const isPublic = shareOf(id) === 'public'
    if (isPublic) expect(owner.toLowerCase()).toBe(contracts.timelock.toLowerCase())
    else expect(owners, `parcel ${id}`).toContain(owner)
    expect(await land.read.mayBuild([BigInt(id), author])).toBe(true)
    const holder = isPublic ? author : owner
    held.set(holder, (held.get(holder) ?? 0) + 1)
  }
  expect(held.size).toBeGreaterThanOrEqual(owners.length)
  // a token for each model, where it stands, of whoever owns the parcel
  expect(await model.read.count()).toBe(BigInt(models.length))
  for (const [holder, count] of held)
    expect(await model.read.balanceOf([holder as Address])).toBe(BigInt(count))
  const places = await Promise.all(models.map((_, index) => model.read.placementOf([BigInt(index + 1)])))
  expect(places.map(({ id }) => id).sort()).toEqual(models.map(({ parcel }) => parcelIdOf(parcel)).sort())
  const named = await Promise.all(models.map((_, index) => model.read.details([BigInt(index + 1)])))
  expect(named.every(({ author: maker }) => held.has(maker))).toBe(true)
  // each names a file as the relay stores it
  const { add } = createContent({
    helia: { blockstore: new MemoryBlockstore() },
    provide: async () => {},
  })
  const stored = await Promise.all(models.map(async ({ bytes }) => (await add(bytes)).cid))
  expect(named.map(({ content }) => `${CID.decode(fromHex(content))}`).sort()).toEqual(stored.sort())
  // links of the sample count by what is staked for those who sign them
  const stake = chain.at(stakeAbi, contracts.stake)
  for (const linker of [author, ...linkers])
    expect(await stake.read.stakeOf([linker])).toBe(parseEther('1000'))
  // the faucet
  const [faucet, somebody] = chain.accounts as [Address, Address]
  const cybr = chain.at(cybrAbi, contracts.cybr)
  await chain.mined(cybr.write.transfer([somebody, parseEther('500')], { account: faucet }))
  await first.stop()

  const second = await start()
  expect(second.facts.contracts).toEqual(contracts)
  const again = createTestChain(second.facts.rpc[0] as string)
  expect(await again.at(cybrAbi, contracts.cybr).read.balanceOf([somebody])).toBe(parseEther('500'))
  // what is there already is made no second time
  expect(await again.at(modelAbi, contracts.model).read.count()).toBe(BigInt(models.length))
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

it('is left alone by a second start on the same folder, which is refused', { timeout: 120_000 }, async () => {
  const first = await start()
  const pid = await readPid()
  try {
    await expect(start()).rejects.toMatchObject({
      code: 'STORE_FOLDER_LOCKED',
      message: expect.stringContaining(join(dataDir, 'chain')),
    })
    expect(() => process.kill(pid, 0)).not.toThrow()
    await expect(createTestChain(first.facts.rpc[0] as string).now()).resolves.toBeGreaterThan(0n)
  } finally {
    await first.stop()
  }
  expect((await readdir(join(dataDir, 'chain'))).sort()).toEqual(['addresses.json', 'state.json'])
})

it('a chain whose relay was killed is ended before the next one starts', { timeout: 120_000 }, async () => {
  const relay = spawn(process.execPath, [
    '--input-type=module-typescript',
    '-e',
    `const { startLocalChain } = await import('#relay/local-chain/local-chain.ts')
     const { signal } = new AbortController()
     const { facts } = await startLocalChain({ dataDir: ${JSON.stringify(dataDir)}, log() {}, signal })
     console.log(JSON.stringify(facts.contracts))`,
  ])
  const [contracts] = await once(relay.stdout, 'data')
  const pid = await readPid()
  relay.kill('SIGKILL')
  await once(relay, 'exit')
  const second = await start()
  expect(() => process.kill(pid, 0)).toThrow()
  await expect(createTestChain(second.facts.rpc[0] as string).now()).resolves.toBeGreaterThan(0n)
  expect(second.facts.contracts).toEqual(JSON.parse(`${contracts}`))
  await second.stop()
})

it('is started again at the same address when its process ends by itself', { timeout: 120_000 }, async () => {
  const { facts, stop } = await start()
  const url = facts.rpc[0] as string
  const pid = await readPid()
  try {
    process.kill(pid, 'SIGKILL')
    await vi.waitFor(() => expect(lines.join('\n')).toContain(`was started again at ${url}`), {
      timeout: 60_000,
    })
    expect(await readPid()).not.toBe(pid)
    const code = await createTestChain(url).client.getCode({ address: facts.contracts.land as Address })
    expect(code).toBeDefined()
  } finally {
    await stop()
  }
  await expect(fetch(url)).rejects.toThrow()
})

it('its time goes on while nobody writes', { timeout: 120_000 }, async () => {
  const timers = createFakeTimers()
  const { facts, stop } = await start(timers)
  try {
    const { client } = createTestChain(facts.rpc[0] as string)
    const { number, timestamp } = await client.getBlock()
    await vi.waitFor(() => expect(timers.pending).toBe(1), { timeout: 60_000 })
    timers.advance(15_000)
    const isNewer = async () => expect(await client.getBlockNumber()).toBe(number + 1n)
    await vi.waitFor(isNewer, { timeout: 60_000, interval: 10 })
    const newest = await client.getBlock()
    expect(newest.timestamp).toBeGreaterThan(timestamp)
    expect(newest.transactions).toEqual([])
  } finally {
    await stop()
  }
  await vi.waitFor(() => expect(timers.pending).toBe(0))
})

it('names the file that is missing', async () => {
  await expect(readNamedChain(['http://rpc.example'], join(dataDir, 'none.json'))).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('none.json'),
  })
})
