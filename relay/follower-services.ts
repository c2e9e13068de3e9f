import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { peerIdFromString } from '@libp2p/peer-id'
import { toHex } from '#core/bytes.ts'
import type { ChainFacts } from '#core/chain-facts.ts'
import { protocolsOf } from '#core/network.ts'
import { type MachineGenesis, machineOfGenesis, parseGenesis } from '#graph/machine/genesis.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { relayError } from './errors.ts'
import { createFollower } from './follower.ts'
import type { MachineServices } from './machine-services.ts'
import { openNodeStakes, withEndpoints } from './machine-stakes.ts'
import { findRelay } from './node-join.ts'
import { createPeerSource, openNodeMachine } from './node-machine.ts'
import type { RelayServicesContext } from './relay-services.ts'
import { serveMachine } from './serve-machine.ts'

interface Context
  extends Pick<RelayServicesContext, 'transport' | 'libp2p' | 'dataDir' | 'network' | 'chain' | 'log'> {
  /** URL of the relay whose machine it is */
  readonly of: string
  /** between two looks for new blocks */
  readonly blockMs: number
}

/** Until the relay that is followed answers for the first time, or a peer has a block that is damaged here. */
const RETRY_MS = 5_000

/**
 * Follows another relay's machine: takes each of its blocks from whoever has it, checks it by applying it and ranking
 * anew, keeps it, and serves all that the orderer serves but its signature. The genesis is read from that relay once and
 * kept in `machine/genesis.txt`; another one may be put there before. Whatever is missing at first is waited for.
 */
export function startFollowerServices(context: Context): MachineServices {
  const { log } = context
  const stopping = new AbortController()
  let following: Awaited<ReturnType<typeof follow>> | undefined
  const starting = (async () => {
    for (let told = ''; !stopping.signal.aborted; await pause(RETRY_MS, stopping.signal)) {
      try {
        following = await follow(context, stopping.signal)
        return
      } catch (error) {
        const { message } = error as Error
        if (message !== told && !stopping.signal.aborted) log(`Warning: ${message}`)
        told = message
      }
    }
  })()
  return {
    served: () => following?.serving,
    async stop() {
      stopping.abort()
      await starting
      await following?.stop()
    },
  }
}

/** @throws GENESIS_INVALID, RELAY_STATE, RELAY_UNREACHABLE, STAKES_…, and what openNodeMachine throws */
async function follow(
  { transport, libp2p, dataDir, network, chain, of, blockMs, log }: Context,
  signal: AbortSignal,
) {
  const folder = join(dataDir, 'machine')
  const genesis = await openGenesis(folder, of, signal)
  if (genesis.network !== network) {
    throw relayError(
      'RELAY_STATE',
      `The machine to follow is of the network ${genesis.network}, this relay of ${network}: choose another --follow or --network, and move ${folder} away.`,
    )
  }
  const warn = (line: string) => log(`Warning: ${line}`)
  const { blocks: protocol } = protocolsOf(network)
  const source = createPeerSource(machineOfGenesis(genesis), { transport, protocol, signal })
  const known =
    genesis.stakes.kind === 'chain' ? ((await chain?.()) ?? (await toldChain(of, signal))) : undefined
  const stakes = await openNodeStakes(genesis.stakes, known, warn)
  const opened = await openNodeMachine({ genesis, stakes, folder: join(folder, 'records'), source, warn })
  const serving = serveMachine(opened, { genesis, transport, network })
  const follower = createFollower({
    ...{ ...opened, transport, protocol, timers: systemTimers, pollMs: blockMs, now: Date.now },
    // most neighbours are tabs, which have no blocks
    async hasBlocks(peer) {
      const { protocols } = await libp2p.peerStore.get(peerIdFromString(peer))
      return protocols.includes(protocol)
    },
    onFailure: (error) => warn(error.message),
  })
  follower.start()
  log(`Follows machine ${toHex(opened.id)}, from block ${opened.machine.tip.height} on.`)
  return {
    serving,
    async stop() {
      serving.end()
      await follower.stop()
      await opened.close()
    },
  }
}

/** The chain that the relay which is followed tells of: its endpoints count as one. */
async function toldChain(of: string, signal: AbortSignal): Promise<ChainFacts | undefined> {
  const { chain } = await findRelay({ relay: of, signal, tell: () => {} })
  return withEndpoints(chain)
}

async function openGenesis(folder: string, of: string, signal: AbortSignal): Promise<MachineGenesis> {
  const path = join(folder, 'genesis.txt')
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (kept !== undefined) return parseGenesis(kept)
  const { genesis: told } = await findRelay({ relay: of, signal, tell: () => {} })
  if (told === undefined) {
    throw relayError(
      'RELAY_STATE',
      `The relay ${of} has no machine to follow: start it with --orderer, or name another by --follow.`,
    )
  }
  const genesis = parseGenesis(told)
  await mkdir(folder, { recursive: true })
  await writeFile(path, told)
  return genesis
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) return Promise.resolve()
  const timer = setTimeout(resolve, ms)
  signal.addEventListener('abort', () => {
    clearTimeout(timer)
    resolve()
  })
  return promise
}
