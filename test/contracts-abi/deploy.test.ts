import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, parseEther } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cybrAbi } from '#contracts/cybr.ts'
import { type DeployInit, deploy } from '#contracts/deploy/deploy.ts'
import { planDeployment } from '#contracts/deploy/plan.ts'
import { landAbi } from '#contracts/land.ts'
import { MAIN_CHAIN_PARAMETERS, TEST_CHAIN_PARAMETERS } from '#core/chain-parameters.ts'
import { type TestChain, useTestChain } from './harness/anvil.ts'

const world = useTestChain(async () => ({}))
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-deploy-'))
})
afterAll(() => rm(folder, { recursive: true }))

function initFor(chain: TestChain, name: string): DeployInit {
  const [account] = chain.signers
  if (account === undefined) throw new Error('no signer')
  return {
    client: chain.client,
    account,
    file: join(folder, `${name}.json`),
    parameters: TEST_CHAIN_PARAMETERS,
    founders: chain.accounts[9] as Address,
    signal: new AbortController().signal,
  }
}

function planFor({
  chain,
  nonce = 0,
  parameters = TEST_CHAIN_PARAMETERS,
}: {
  chain: TestChain
  nonce?: number
  parameters?: typeof TEST_CHAIN_PARAMETERS
}) {
  const [deployer, founders] = [chain.accounts[0], chain.accounts[9]] as [Address, Address]
  return planDeployment({ deployer, firstNonce: nonce, parameters, founders })
}

it('puts every contract where the plan says, and gives the supply its shares', async () => {
  const { chain } = world()
  const init = initFor(chain, 'whole')
  const { contracts } = await deploy(init)
  const plan = planFor({ chain })
  expect(contracts).toEqual(plan.addresses)
  expect(JSON.parse(await readFile(init.file, 'utf8'))).toEqual({
    chainId: 31_337,
    deployer: init.account.address,
    firstNonce: 0,
    plan: plan.hash,
    contracts,
  })
  for (const address of Object.values(contracts)) {
    expect(await chain.client.getCode({ address })).toMatch(/^0x.{10}/)
  }
  const cybr = chain.at(cybrAbi, contracts.cybr)
  const percents = { distribution: 60n, timelock: 29n, foundersLock: 10n } as const
  for (const [name, percent] of Object.entries(percents)) {
    const held = await cybr.read.balanceOf([contracts[name as keyof typeof percents]])
    expect(held, name).toBe((parseEther('1000000000') * percent) / 100n)
  }
  expect(await chain.at(landAbi, contracts.land).read.grid()).toBe(contracts.landGrid)
})

it('goes on after being ended between any two transactions, to the same addresses', async () => {
  const { chain } = world()
  const { steps, addresses } = planFor({ chain })
  const init = initFor(chain, 'broken')
  for (let stopAt = 1; stopAt <= steps.length; stopAt++) {
    const controller = new AbortController()
    const broken = deploy({ ...init, signal: controller.signal, onDeployed: () => controller.abort() })
    if (stopAt < steps.length) await expect(broken).rejects.toMatchObject({ name: 'AbortError' })
    else await broken
    const sent = await chain.client.getTransactionCount({ address: init.account.address })
    expect(sent).toBe(stopAt)
  }
  expect((await deploy(init)).contracts).toEqual(addresses)
  expect(await chain.client.getTransactionCount({ address: init.account.address })).toBe(steps.length)
})

it('does not go on with another plan, nor with an account that did something else', async () => {
  const { chain } = world()
  const init = initFor(chain, 'other')
  const controller = new AbortController()
  await deploy({ ...init, signal: controller.signal, onDeployed: () => controller.abort() }).catch(() => {})
  await expect(deploy({ ...init, parameters: MAIN_CHAIN_PARAMETERS })).rejects.toMatchObject({
    code: 'DEPLOY_CHANGED',
  })
  const account = init.account.address
  await chain.mined(chain.client.sendTransaction({ account, to: account }))
  await expect(deploy(init)).rejects.toMatchObject({ code: 'DEPLOY_ACCOUNT' })
})

it('refuses a file that holds no addresses', async () => {
  const { chain } = world()
  const init = initFor(chain, 'bad')
  for (const text of ['', '[]', '{"chainId":31337}', '{"chainId":"1","deployer":1,"firstNonce":-1}']) {
    await writeFile(init.file, text)
    await expect(deploy(init)).rejects.toMatchObject({ code: 'ADDRESSES_FILE' })
  }
})

it('a plan is told from another by code, parameters and deployer', () => {
  const { chain } = world()
  const hashes = [
    planFor({ chain }),
    planFor({ chain, nonce: 1 }),
    planFor({ chain, parameters: MAIN_CHAIN_PARAMETERS }),
  ]
  expect(new Set(hashes.map(({ hash }) => hash)).size).toBe(3)
  expect(planFor({ chain }).hash).toBe(hashes[0]?.hash)
})
