import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Address, createClient, http } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { type Deployment, readDeployment } from '#contracts/deploy/addresses-file.ts'
import { deploy } from '#contracts/deploy/deploy.ts'
import type { ChainFacts } from '#core/chain-facts.ts'
import { LOCAL_CHAIN_PARAMETERS } from '#core/chain-parameters.ts'
import { isAppError } from '#core/errors.ts'
import type { NetworkName } from '#core/network.ts'
import type { Timers } from '#core/timers.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { LOCK_FILE, lockFolder } from '../folder-lock.ts'
import { createActingClient } from './act-together.ts'
import { type Anvil, describeMissingAnvil, findAnvil, startAnvil } from './anvil.ts'
import { makeIdleBlocks } from './idle-blocks.ts'
import { keepAnvil } from './keep-anvil.ts'
import { settleSample } from './settle-sample.ts'

export interface LocalChain {
  readonly facts: ChainFacts
  /** Keeps the chain's state and ends it. */
  stop(): Promise<void>
}

export interface LocalChainInit {
  /** the relay's folder; the chain lives in `chain` below it */
  readonly dataDir: string
  /** folder of the sample world, whose parcels get their owner. @default none */
  readonly sampleDir?: string
  /** whose records the sample's models name @default 'local' */
  readonly network?: NetworkName
  /** those of empty blocks @default the process's own */
  readonly timers?: Timers | undefined
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

/** The accounts of every anvil: no secret, and worth nothing. */
const MNEMONIC = 'test test test test test test test test test test test junk'
const FOUNDERS_INDEX = 9
/** Where a wallet of the browser expects a chain of this machine. */
const USUAL_PORT = 8545
const POLL_MS = 20
/** One left over keeps its state, if it does so soon. */
const LEFT_OVER_PATIENCE_MS = 5_000
const LEFT_OVER_POLL_MS = 50

/**
 * Starts the chain of this machine, deploys what is not there yet and gives the sample's parcels to their owner. What
 * it holds is kept for the next start; when the contracts have changed it begins anew. It is started again when its
 * process ends by itself.
 *
 * @returns undefined, with a line in the log, where there is no anvil
 * @throws STORE_FOLDER_LOCKED when another process has its chain there, which goes on
 */
export async function startLocalChain(init: LocalChainInit): Promise<LocalChain | undefined> {
  const { dataDir, log } = init
  if (findAnvil() === undefined) {
    log(`There is no local chain: ${describeMissingAnvil()}. Name another one by --rpc.`)
    return undefined
  }
  const folder = join(dataDir, 'chain')
  await mkdir(folder, { recursive: true })
  // First of all: what is found there may be the chain of a relay that runs.
  const unlock = await lockFolder(folder)
  try {
    await endLeftOver(folder)
    const { facts, stop } = await openOrRenew(folder, init)
    return { facts, stop: () => stop().finally(unlock) }
  } catch (error) {
    await unlock()
    throw error
  }
}

async function openOrRenew(folder: string, init: LocalChainInit): Promise<LocalChain> {
  try {
    return await openChain(folder, init)
  } catch (error) {
    const isOther = ['DEPLOY_CHANGED', 'DEPLOY_ACCOUNT', 'ADDRESSES_FILE'].some((code) =>
      isAppError(error, code),
    )
    if (!isOther) throw error
    init.log('The local chain is of other contracts than these: it begins anew.')
    const names = (await readdir(folder)).filter((name) => !name.startsWith(LOCK_FILE))
    await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })))
    return openChain(folder, init)
  }
}

async function openChain(folder: string, init: LocalChainInit): Promise<LocalChain> {
  const { timers = systemTimers, log } = init
  const life = new AbortController()
  const signal = AbortSignal.any([init.signal, life.signal])
  const begin = (port: number) => beginAnvil(folder, port, { ...init, signal })
  const first = await begin((await isFree(USUAL_PORT)) ? USUAL_PORT : 0)
  const { url } = first.anvil
  // no URL: the page's, which comes last, is the one to open
  log(`The local chain answers JSON-RPC at ${new URL(url).host}`)
  // Where tabs know it, with the same contracts: their addresses follow from the plan.
  const again = async () => (await begin(Number(new URL(url).port))).anvil
  const kept = keepAnvil(first.anvil, { again, timers, log, signal })
  void makeIdleBlocks({ client: createActingClient(url), timers, log, signal })
  const stop = async () => {
    life.abort()
    await (await kept).stop()
    await rm(join(folder, PID_FILE), { force: true })
  }
  return { facts: factsOf(first.deployment, [url]), stop }
}

interface Begun {
  readonly anvil: Anvil
  readonly deployment: Deployment
}

/** A process that has everything that the chain is to have. */
async function beginAnvil(
  folder: string,
  port: number,
  { sampleDir, network = 'local', signal }: LocalChainInit,
): Promise<Begun> {
  const anvil = await startAnvil({ port, stateFile: join(folder, 'state.json') })
  try {
    await writeFile(join(folder, PID_FILE), `${anvil.pid}\n`)
    const deployment = await deployTo(anvil, folder, signal)
    if (sampleDir !== undefined)
      await settleSample({ url: anvil.url, sampleDir, contracts: deployment.contracts, network })
    return { anvil, deployment }
  } catch (error) {
    await anvil.stop()
    throw error
  }
}

function deployTo(anvil: Anvil, folder: string, signal: AbortSignal): Promise<Deployment> {
  return deploy({
    client: createClient({ transport: http(anvil.url), pollingInterval: POLL_MS, cacheTime: 0 }),
    account: mnemonicToAccount(MNEMONIC),
    file: join(folder, 'addresses.json'),
    parameters: LOCAL_CHAIN_PARAMETERS,
    founders: mnemonicToAccount(MNEMONIC, { addressIndex: FOUNDERS_INDEX }).address,
    signal,
  })
}

/** The chain that an operator named: its endpoints, and the file that `tabland chain deploy` wrote. */
export async function readNamedChain(rpc: readonly string[], file: string): Promise<ChainFacts> {
  return factsOf((await readDeployment(file)) ?? (await noDeployment(file)), rpc)
}

/** Facts have no checksums in their addresses, which proofs and parsed answers are compared with. */
function factsOf({ chainId, contracts }: Deployment, rpc: readonly string[]): ChainFacts {
  const plain = Object.entries(contracts).map(
    ([name, address]) => [name, address.toLowerCase() as Address] as const,
  )
  return { chainId, rpc, contracts: Object.fromEntries(plain) }
}

async function noDeployment(file: string): Promise<never> {
  const { relayError } = await import('../errors.ts')
  throw relayError(
    'OPTION_INVALID',
    `--contracts names ${file}, which is not there: \`tabland chain deploy\` writes it.`,
  )
}

/** A chain whose relay was killed still runs, and would write its state over ours. Only for who holds the lock. */
async function endLeftOver(folder: string): Promise<void> {
  const pid = Number(await readFile(join(folder, PID_FILE), 'utf8').catch(() => '0'))
  if (!Number.isSafeInteger(pid) || pid <= 0) return
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  if (!command.includes(join(folder, 'state.json'))) return
  process.kill(pid, 'SIGTERM')
  for (let waitedMs = 0; isRunning(pid); waitedMs += LEFT_OVER_POLL_MS) {
    if (waitedMs >= LEFT_OVER_PATIENCE_MS) process.kill(pid, 'SIGKILL')
    await pause(LEFT_OVER_POLL_MS)
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const PID_FILE = 'anvil.pid'

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
