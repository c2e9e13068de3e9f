import {
  type Abi,
  type Address,
  BaseError,
  type Chain,
  type ContractConstructorArgs,
  ContractFunctionRevertedError,
  createTestClient,
  encodeDeployData,
  type GetContractReturnType,
  getAddress,
  getContract,
  type Hash,
  type Hex,
  type HttpTransport,
  http,
  type PublicActions,
  publicActions,
  type TestClient,
  type TransactionReceipt,
  toHex,
  type WalletActions,
  walletActions,
} from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { describeMissingAnvil, findAnvil, startAnvil } from '#relay/local-chain/anvil.ts'

export type TestChainClient = TestClient<'anvil', HttpTransport, Chain> &
  PublicActions<HttpTransport, Chain> &
  WalletActions<Chain>

/** What a deployed contract is to a test: `contract.read.balanceOf([who])`, `contract.write.transfer(…)`. */
export type TestContract<abi extends Abi> = GetContractReturnType<abi, TestChainClient, Address>

/** A chain and its ten accounts, which the node signs for. */
export interface TestChain {
  readonly url: string
  readonly client: TestChainClient
  /** as addresses: hand one to `write` as `account` */
  readonly accounts: readonly Address[]
  /** the same accounts with their keys, for typed data */
  readonly signers: readonly ReturnType<typeof mnemonicToAccount>[]
  /** Deploys by the first account. */
  deploy<const abi extends Abi>(
    artifact: { readonly abi: abi; readonly bytecode: Hex },
    args: ContractConstructorArgs<abi>,
  ): Promise<TestContract<abi>>
  at<const abi extends Abi>(abi: abi, address: Address): TestContract<abi>
  /** Waits for the receipt of what was sent, and fails when it was reverted. */
  mined(hash: Promise<Hash>): Promise<TransactionReceipt>
  /** Unix seconds of the newest block. */
  now(): Promise<bigint>
  /** Mines a block this many seconds after the newest one. */
  advance(seconds: bigint | number): Promise<void>
}

/** The accounts of every anvil. */
const MNEMONIC = 'test test test test test test test test test test test junk'
const ACCOUNTS = 10
/**
 * Of each transaction. The node estimates as if it came in the newest block: where that one wrote a checkpoint of votes,
 * a second would cost little, but in the next block it does not.
 */
const GAS_LIMIT = 10_000_000n
/** A chain starts and its contracts are deployed within a second, on a machine that does nothing else. */
const HOOK_TIMEOUT_MS = 120_000

/**
 * One chain for the tests of a file, with what `prepare` deployed: each test finds it as `prepare` left it. Where there
 * is no anvil the tests are skipped with the reason.
 */
export function useTestChain<T>(prepare: (chain: TestChain) => Promise<T>): () => T & { chain: TestChain } {
  const isMissing = findAnvil() === undefined
  let stop: (() => Promise<void>) | undefined
  let world: (T & { chain: TestChain }) | undefined
  let snapshot: Hex = '0x'
  beforeAll(async () => {
    if (isMissing) return
    const anvil = await startAnvil()
    stop = anvil.stop
    const chain = createTestChain(anvil.url)
    world = { ...(await prepare(chain)), chain }
    snapshot = await chain.client.snapshot()
  }, HOOK_TIMEOUT_MS)
  beforeEach(async (context) => {
    if (world === undefined) return context.skip(describeMissingAnvil())
    await world.chain.client.revert({ id: snapshot })
    snapshot = await world.chain.client.snapshot()
  })
  afterAll(async () => stop?.())
  return () => {
    if (world === undefined) throw new Error('The chain is there inside tests only.')
    return world
  }
}

const fetchWithGas: typeof fetch = (input, init) => {
  const request = JSON.parse(String(init?.body)) as { method: string; params: [{ gas?: Hex }] }
  if (request.method === 'eth_sendTransaction') request.params[0].gas ??= toHex(GAS_LIMIT)
  return fetch(input, { ...init, body: JSON.stringify(request) })
}

/** A chain that runs already. */
export function createTestChain(url: string): TestChain {
  const client = createTestClient({
    mode: 'anvil',
    chain: foundry,
    transport: http(url, { fetchFn: fetchWithGas }),
    pollingInterval: 10,
    cacheTime: 0,
  })
    .extend(publicActions)
    .extend(walletActions)
  const signers = Array.from({ length: ACCOUNTS }, (_, addressIndex) =>
    mnemonicToAccount(MNEMONIC, { addressIndex }),
  )
  const accounts = signers.map(({ address }) => address)
  const at = <const abi extends Abi>(abi: abi, address: Address) =>
    getContract({
      abi,
      address: getAddress(address),
      client: client as TestChainClient,
    }) as unknown as TestContract<abi>
  const mined = async (hash: Promise<Hash>) => {
    const receipt = await client.waitForTransactionReceipt({ hash: await hash })
    if (receipt.status !== 'success') throw new Error(`Transaction ${receipt.transactionHash} was reverted.`)
    return receipt
  }
  return {
    url,
    client,
    signers,
    accounts,
    at,
    mined,
    async deploy({ abi, bytecode }, args) {
      const data = encodeDeployData({ abi, bytecode, args } as Parameters<typeof encodeDeployData>[0])
      const account = accounts[0] as Address
      const { contractAddress } = await mined(client.sendTransaction({ account, data }))
      if (!contractAddress) throw new Error('The receipt names no contract.')
      return at(abi, contractAddress)
    },
    async now() {
      return (await client.getBlock()).timestamp
    },
    async advance(seconds) {
      const { timestamp } = await client.getBlock()
      await client.setNextBlockTimestamp({ timestamp: timestamp + BigInt(seconds) })
      await client.mine({ blocks: 1 })
    },
  }
}

/**
 * Expects that a call is reverted by this custom error and, when given, with these values. Hand it a
 * `contract.simulate.…` or `.read.…`: the node mines a `.write.…` that is reverted, and tells no reason.
 */
export async function expectRevert(
  call: Promise<unknown>,
  errorName: string,
  args?: readonly unknown[],
): Promise<void> {
  const revert = await revertOf(call)
  expect(revert.errorName).toBe(errorName)
  if (args !== undefined) expect(revert.args).toEqual(args)
}

async function revertOf(call: Promise<unknown>): Promise<{ errorName: string; args: readonly unknown[] }> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error === undefined) throw new Error('Expected a revert, but it went through.')
  const found =
    error instanceof BaseError ? error.walk((cause) => cause instanceof ContractFunctionRevertedError) : null
  if (!(found instanceof ContractFunctionRevertedError)) throw error
  return { errorName: found.data?.errorName ?? found.signature ?? '', args: found.data?.args ?? [] }
}
