import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openProfileIdentity } from '#chain/profile-identity.ts'
import { stakesOfChain } from '#chain/stake/open-stakes.ts'
import { type Bytes, equalBytes, toHex } from '#core/bytes.ts'
import type { ChainFacts } from '#core/chain-facts.ts'
import type { Scope } from '#core/delegation.ts'
import type { Address, Identity } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import type { NetworkName } from '#core/network.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { createGenesis, formatGenesis, type MachineGenesis, parseGenesis } from '#graph/machine/genesis.ts'
import { createSigningOrderer } from '#graph/machine/orderer.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { relayError } from './errors.ts'
import { openNodeStakes } from './machine-stakes.ts'
import { openNodeMachine } from './node-machine.ts'
import { createFileWalletStore, openFileDeviceKey } from './node-profile.ts'
import type { RelayServicesContext, ServedMachine } from './relay-services.ts'
import { serveMachine } from './serve-machine.ts'

/** What runs for a relay's machine. */
export interface MachineServices {
  /** undefined until there is one */
  served(): ServedMachine | undefined
  stop(): Promise<void>
}

interface Context extends Pick<RelayServicesContext, 'transport' | 'dataDir' | 'network' | 'chain' | 'log'> {
  readonly blockMs: number
}

/**
 * Orders the links that the relay keeps: makes a block of them every `blockMs`, signs it by a wallet of its own, keeps it
 * and serves it ([KG3]). Its genesis is in `orderer/genesis.txt`, made at the first start, with the stakes of the relay's
 * chain where there is one ([KG7]); another one may be put there before.
 *
 * @throws GENESIS_INVALID, RELAY_STATE when the genesis names other orderers, STAKES_UNKNOWN and STAKES_OTHER when it
 *   names another chain, and what openNodeMachine throws
 */
export async function startOrdererServices(
  { transport, dataDir, network, chain: whenChain, blockMs, log }: Context,
  graph: GraphService,
): Promise<MachineServices> {
  const folder = join(dataDir, 'orderer')
  const { neuron } = await openOrderer(folder, machineOf(network))
  const chain = await whenChain?.()
  const warn = (line: string) => log(`Warning: ${line}`)
  const genesis = await openGenesis({ folder, network, orderer: neuron, chain })
  const stakes = await openNodeStakes(genesis.stakes, chain, warn)
  const opened = await openNodeMachine({ genesis, stakes, folder: join(folder, 'machine'), warn })
  const { id, machine } = opened
  let told = ''
  const orderer = createSigningOrderer({
    machine,
    identity: await openOrderer(folder, id, ['blocks']),
    graph,
    timers: systemTimers,
    now: Date.now,
    blockMs,
    onBlock: () => {
      told = ''
    },
    // a chain that does not answer would be told of with every block
    onFailure(error) {
      const { message } = error as Error
      if (message !== told) warn(`The orderer waits: ${message}`)
      told = message
    },
  })
  const serving = serveMachine(opened, { genesis, transport, network })
  orderer.start()
  log(`Orders the links of machine ${toHex(id)}, from block ${machine.tip.height} on.`)
  return {
    served: () => serving,
    async stop() {
      serving.end()
      await orderer.stop()
      await opened.close()
    },
  }
}

async function openOrderer(folder: string, machine: Bytes, scope?: readonly Scope[]): Promise<Identity> {
  const { identity } = await openProfileIdentity({
    device: await openFileDeviceKey(folder),
    store: createFileWalletStore(folder),
    machine,
    machineHex: toHex(machine),
    now: Date.now,
    ...(scope === undefined ? {} : { scope }),
  })
  return identity
}

interface GenesisInit {
  readonly folder: string
  readonly network: NetworkName
  readonly orderer: Address
  readonly chain: ChainFacts | undefined
}

async function openGenesis({ folder, network, orderer, chain }: GenesisInit): Promise<MachineGenesis> {
  const path = join(folder, 'genesis.txt')
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) {
    const genesis = createGenesis(network, [orderer], chain && stakesOfChain(chain))
    await mkdir(folder, { recursive: true })
    await writeFile(path, formatGenesis(genesis))
    return genesis
  }
  const genesis = parseGenesis(text)
  if (genesis.network === network && genesis.orderers.some((known) => equalBytes(known, orderer)))
    return genesis
  throw relayError(
    'RELAY_STATE',
    `${path} is the genesis of a machine of the network ${genesis.network} whose orderers are others than 0x${toHex(orderer)}, the wallet in ${folder}. Move it away to begin a new machine, or start without --orderer.`,
  )
}
