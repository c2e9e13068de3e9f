import { type Address, parseEther } from 'viem'
import { expect, it } from 'vitest'
import { createMachineState } from '#api/lazy-machine.ts'
import { createMachineCommands } from '#api/machine-commands.ts'
import type { StakeIntent } from '#api/wallet-types.ts'
import { createChainReader } from '#chain/chain-reader.ts'
import type { Hex } from '#chain/hex.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { openStakes, stakesOfChain } from '#chain/stake/open-stakes.ts'
import { readStakeBook, stakesAt } from '#chain/stake/stake-book.ts'
import { authoriseDevice } from '#chain/wallet/authorise-device.ts'
import { createChainCalls } from '#chain/wallet/chain-calls.ts'
import { findConnectedIdentity } from '#chain/wallet/connected-identity.ts'
import { createVisitConnectedStore } from '#chain/wallet/connected-store.ts'
import { openWriteChain } from '#chain/wallet/open-write-chain.ts'
import { encodeStake, readStakeBalance } from '#chain/wallet/stake-writes.ts'
import { cybrBytecode } from '#contracts/bytecode/cybr.ts'
import { stakeBytecode } from '#contracts/bytecode/stake.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { stakeAbi } from '#contracts/stake.ts'
import { fromHex, toHex } from '#core/bytes.ts'
import { textCid } from '#core/cid.ts'
import { type DelegationFields, delegationTypedData, parseAddress } from '#core/delegation.ts'
import type { Identity } from '#core/identity.ts'
import { createTsKeccak } from '#core/keccak.ts'
import { machineOf } from '#core/machine.ts'
import { protocolsOf } from '#core/network.ts'
import { formatGenesis, machineOfGenesis } from '#graph/machine/genesis.ts'
import { createSigningOrderer } from '#graph/machine/orderer.ts'
import type { StakesOfChain } from '#graph/machine/stake-source.ts'
import { createDeviceKey } from '#peer/device-key.ts'
import { createAnswersHandler } from '#peer/protocols/answers.ts'
import { createGraph } from '#test/fakes/graph.ts'
import { TEST_NOW } from '#test/fakes/identity.ts'
import { createFeed, link } from '#test/fakes/links.ts'
import { fakeGenesis, fakeOrderer, openFakeMachine } from '#test/fakes/machine.ts'
import { createFakeNetwork } from '#test/fakes/network.ts'
import { createFakeTimers, hastyTimers } from '#test/fakes/timers.ts'
import { createSearchStore } from '#ui/search-store.ts'
import { useTestChain } from '../../../contracts-abi/harness/anvil.ts'
import { type SignedPermit, signPermit } from '../../../contracts-abi/harness/permit.ts'

const DELAY = 60
const PURSE = parseEther('1000')

const world = useTestChain(async (chain) => {
  const [alice, bob] = chain.accounts as [Address, Address]
  const shares = [alice, bob].map((to) => ({ to, amount: 3n * PURSE }))
  const cybr = await chain.deploy({ abi: cybrAbi, bytecode: cybrBytecode }, [shares])
  const stake = await chain.deploy({ abi: stakeAbi, bytecode: stakeBytecode }, [cybr.address, DELAY])
  for (const account of [alice, bob]) {
    await chain.mined(cybr.write.approve([stake.address, PURSE], { account }))
    await chain.mined(stake.write.stake([PURSE], { account }))
  }
  return { cybr, stake, alice, bob }
})

it('[KG7] the stakes of a real contract are proved whole, also when some were taken back', {
  timeout: 60_000,
}, async () => {
  const { chain, stake, alice, bob } = world()
  const endpoints = createEndpoints([chain.url])
  const contract = stake.address.toLowerCase() as Hex
  const read = async () => {
    const reader = createChainReader({ endpoints, timers: hastyTimers, now: Date.now })
    const header = await reader.head()
    const { storageHash } = (await reader.account(header, contract)).account
    const { hash: blockHash, number: block } = header
    const question = { stake: contract, blockHash, block, storageHash, keccak: createTsKeccak() }
    const { stakeOf } = stakesAt(await readStakeBook(endpoints[0]!, question), header.timestamp)
    return [alice, bob].map((account) => stakeOf(fromHex(account.slice(2).toLowerCase())))
  }
  expect(await read()).toEqual([1_000_000_000n, 1_000_000_000n])
  await chain.mined(stake.write.unstake([PURSE / 4n], { account: alice }))
  expect(await read()).toEqual([750_000_000n, 1_000_000_000n])
  await chain.advance(DELAY + 1)
  await chain.mined(stake.write.withdraw({ account: alice }))
  expect(await read()).toEqual([750_000_000n, 1_000_000_000n])
})

it('[CH16] stake is bought by one permit and taken back, and the chain proves what a wallet has of it', {
  timeout: 60_000,
}, async () => {
  const { chain, cybr, stake, bob } = world()
  const to = stake.address.toLowerCase() as Hex
  const who = bob.toLowerCase() as Hex
  const { ask, reader } = openWriteChain(factsOf(to, chain.url), { timers: hastyTimers })
  const send = (intent: StakeIntent, permit?: SignedPermit) =>
    chain.mined(
      chain.client.sendTransaction({ account: bob, to, data: encodeStake(intent, to).data(permit) }),
    )
  const balance = async () => {
    const calls = createChainCalls(ask)
    return readStakeBalance(who, { reader, calls, header: await reader.head(), stake: to })
  }
  const terms = { token: cybr.address, owner: bob, spender: stake.address, value: PURSE }
  const nonce = await cybr.read.nonces([bob])
  await send({ kind: 'stake', amountWei: PURSE }, await signPermit(chain, { ...terms, nonce }))
  expect(await balance()).toEqual({ stakedWei: 2n * PURSE, returningWei: 0n, freeAt: 0, delaySeconds: DELAY })
  await send({ kind: 'unstake', amountWei: PURSE / 2n, delaySeconds: DELAY })
  const freeAt = Number(await chain.now()) + DELAY
  expect(await balance()).toMatchObject({ stakedWei: (3n * PURSE) / 2n, returningWei: PURSE / 2n, freeAt })
  await chain.advance(DELAY + 1)
  await send({ kind: 'collect-stake' })
  expect(await balance()).toMatchObject({ stakedWei: (3n * PURSE) / 2n, returningWei: 0n })
})

/** A device of an account of the chain, which authorised it as a wallet of the browser does: by one EIP-712 signature. */
async function authorised(nth: number): Promise<Identity> {
  const signer = world().chain.signers[nth]!
  const machine = machineOf('test')
  const device = await createDeviceKey(new Uint8Array(32).fill(nth + 1))
  const init = {
    ...{ device, machine, machineHex: toHex(machine), now: () => TEST_NOW },
    connected: createVisitConnectedStore(),
  }
  const wallet = {
    name: 'Test Wallet',
    address: parseAddress(signer.address),
    chainId: async () => 31_337n,
    signDelegation: async (fields: DelegationFields) =>
      fromHex((await signer.signTypedData(delegationTypedData(fields))).slice(2)),
  }
  await authoriseDevice(wallet, 'org.example.wallet', init)
  return (await findConnectedIdentity(init))!.identity
}

function factsOf(stake: Hex, url: string) {
  return { chainId: 31_337, rpc: [url], contracts: { stake } }
}

it('[KG7] a stake that is bought changes the order of a search after the next period', {
  timeout: 60_000,
}, async () => {
  const { chain, cybr, stake, bob } = world()
  const facts = factsOf(stake.address.toLowerCase() as Hex, chain.url)
  const [ofAlice, ofBob] = [await authorised(0), await authorised(1)]
  // stakes are looked at anew each time: a second has passed
  let clock = 0
  const open = async (stakes: StakesOfChain) =>
    openStakes(stakes, {
      chain: { facts, reader: openWriteChain(facts, { timers: hastyTimers }).reader },
      keccak: createTsKeccak(),
      now: () => (clock += 20_000),
    })
  const ofChain = stakesOfChain(facts)!
  const genesis = await fakeGenesis({ stakes: ofChain })
  const machine = await openFakeMachine({ genesis, change: { stakes: await open(ofChain) } })
  const { graph } = createGraph()
  const orderer = createSigningOrderer({
    ...{ machine, graph, identity: await fakeOrderer(genesis), timers: createFakeTimers() },
    ...{ now: () => TEST_NOW, blockMs: 2_000, onBlock: () => {} },
    onFailure: (error) => {
      throw error
    },
  })
  const network = createFakeNetwork(1n)
  const [tab, relay] = [network.add('tab'), network.add('relay')]
  relay.requests.handle(protocolsOf('test').answers, createAnswersHandler(machineOfGenesis(genesis), machine))
  network.connect('tab', 'relay')
  const commands = createMachineCommands({
    ...{ network: 'test', store: undefined, told: formatGenesis(genesis), state: createMachineState() },
    ...{ transport: tab, timers: createFakeTimers(), now: () => TEST_NOW, kindOf: () => 'relay' },
    ...{ neuron: async () => ofBob.neuron, backlinks: async () => ({ results: [] }) },
    ...{ onMisbehaviour: () => {}, openStakes: open },
  })
  const search = createSearchStore(
    Promise.resolve({
      search: (query, { limit } = {}) => graph.search(query, limit === undefined ? {} : { limit }),
      suggest: async () => [],
    }),
  )
  const words = new Map<string, string>(['light', 'heat'].map((word) => [textCid(word), word]))
  /** As the page shows it once all links are in blocks and ranked. */
  const found = async () => {
    while ((await orderer.order()) !== undefined);
    const page = await commands.prove('sun')
    await search.run('sun')
    search.prove(page)
    const shown = search.view.value.results.map(({ cid }) => words.get(cid))
    return { shown, stakes: page?.stakes, neurons: page?.results.map(({ neurons }) => neurons) }
  }

  const batches = [
    await createFeed(ofAlice).next([link('sun', 'light')]),
    await createFeed(ofBob).next([link('sun', 'heat')]),
  ]
  await graph.ingest(batches.map(({ envelope }) => envelope))
  // as much is staked behind both: the one that was linked first leads
  const first = await found()
  expect(first.stakes).toBe('proved')
  await chain.mined(cybr.write.approve([stake.address, 2n * PURSE], { account: bob }))
  await chain.mined(stake.write.stake([2n * PURSE], { account: bob }))
  const last = await found()
  expect(last).toEqual({
    shown: ['heat', 'light'],
    stakes: 'proved',
    // the neuron of a link is the wallet that authorised the device, and its stake is the chain's
    neurons: [[bob], [world().alice]],
  })
  await chain.mined(stake.write.unstake([3n * PURSE], { account: bob }))
  expect((await found()).shown).toEqual(['light', 'heat'])
})
