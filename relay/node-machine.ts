import type { Bytes } from '#core/bytes.ts'
import type { Digest } from '#core/cid.ts'
import { isAppError } from '#core/errors.ts'
import type { Transport } from '#core/transport.ts'
import { createBlockVerifier, createOrdererRule } from '#graph/machine/block-rule.ts'
import { assertBlockStakes } from '#graph/machine/block-stakes.ts'
import { type MachineGenesis, machineOfGenesis } from '#graph/machine/genesis.ts'
import { createMachineStore } from '#graph/machine/machine-store.ts'
import { RelevanceMachine } from '#graph/machine/relevance-machine.ts'
import type { MachineSource } from '#graph/machine/resume-machine.ts'
import type { StakeSource } from '#graph/machine/stake-source.ts'
import { createRecordVerifier } from '#objects/signed-record.ts'
import { askAnswer, type CheckedAnswer } from '#peer/protocols/answers.ts'
import { pullBlocks, syncBlocks } from '#peer/protocols/blocks.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { createPause } from '#wasm/bindings/pause.ts'
import { openFileRecordStore } from './file-record-store.ts'
import { createNodeHasher } from './hashers.ts'
import { createNodeKernels } from './kernels.ts'

export interface NodeMachineInit {
  readonly genesis: MachineGenesis
  /** where its stakes are read */
  readonly stakes: StakeSource
  /** where its records are kept */
  readonly folder: string
  /** who gives damaged records anew @default nobody */
  readonly source?: MachineSource | undefined
  /** one line for each thing that went wrong */
  readonly warn: (line: string) => void
}

/** A machine and the store under it. */
export interface NodeMachine {
  /** 32 bytes */
  readonly id: Bytes
  readonly machine: RelevanceMachine
  close(): Promise<void>
}

/**
 * A machine in a Node.js process, as its folder has it.
 *
 * @throws STORE_FOLDER_LOCKED, STORE_IO_FAILED, MACHINE_DAMAGED
 */
export async function openNodeMachine({
  genesis,
  stakes,
  folder,
  source,
  warn,
}: NodeMachineInit): Promise<NodeMachine> {
  const id = machineOfGenesis(genesis)
  const hasher = await createNodeHasher(warn)
  const kernels = createNodeKernels(warn)
  const store = await openFileRecordStore({ folder })
  const verifierOf = (machine: Bytes) => createRecordVerifier({ machine, now: Date.now })
  const rule = createOrdererRule({ orderers: genesis.orderers, verifier: verifierOf(id) })
  try {
    const machine = await RelevanceMachine.open({
      machine: id,
      parameters: genesis.parameters,
      store: createMachineStore(store, id),
      stakes,
      ...(genesis.stakes.kind === 'chain' ? { lagSeconds: genesis.stakes.lagSeconds } : {}),
      hasher,
      kernel: () => kernels.kernel(),
      passes: kernels.passes,
      pause: createPause(),
      verifier: createBlockVerifier(rule, verifierOf(genesis.batches)),
      source,
      onDamaged: (key) => warn(`The record ${key} is damaged or missing. It is fetched, or made anew.`),
      onFailure: (error) => warn((error as Error).message),
    })
    return {
      id,
      machine,
      async close() {
        // a rank that is being computed is kept when it ends
        await machine.whenRanked().catch(() => {})
        await store.close()
      },
    }
  } catch (error) {
    await store.close() // whoever starts again must not find its own lock
    throw error
  }
}

export interface PeerMachineInit {
  readonly transport: Pick<Transport, 'requests' | 'neighbours'>
  /** id of the blocks' protocol */
  readonly protocol: string
  readonly signal: AbortSignal
}

/** Damaged blocks are asked of the neighbours, one after the other; ranks are computed again. */
export function createPeerSource(id: Bytes, { transport, protocol, signal }: PeerMachineInit): MachineSource {
  const init = { transport, protocol, signal, timers: systemTimers, machine: id }
  return {
    async block(height) {
      for (const peer of transport.neighbours.connected()) {
        try {
          for await (const { block } of pullBlocks(peer, height, init)) return block.bundle
        } catch (error) {
          signal.throwIfAborted()
          if (!isAppError(error)) continue // the connection; another neighbour may have it
        }
      }
      return undefined
    },
  }
}

export interface AskPeersInit extends PeerMachineInit {
  readonly genesis: MachineGenesis
  readonly stakes: StakeSource
  readonly warn: (line: string) => void
}

/** [KG16a] What a particle links to, by the word of the machine's orderer, of the first neighbour that can prove it. */
export async function askPeers(
  from: Digest,
  { genesis, stakes, transport, protocol, signal, warn }: AskPeersInit,
): Promise<CheckedAnswer | undefined> {
  const machine = machineOfGenesis(genesis)
  const verifier = createRecordVerifier({ machine, now: Date.now })
  const rule = createOrdererRule({ orderers: genesis.orderers, verifier })
  for (const peer of transport.neighbours.connected()) {
    try {
      const init = { transport, protocol, signal, timers: systemTimers, machine, rule }
      const checked = await askAnswer(peer, from, init)
      if (checked === undefined) continue
      await assertBlockStakes(checked.block, genesis.stakes, stakes)
      return checked
    } catch (error) {
      signal.throwIfAborted()
      if (!hasNoMachine(error)) warn((error as Error).message)
    }
  }
  return undefined
}

export interface PeerSyncInit extends PeerMachineInit {
  readonly onProgress: (progress: { readonly done: number; readonly total: number }) => void
  readonly warn: (line: string) => void
}

/** Brings a machine up to the last block that a neighbour has: whatever one of them does wrong, the next is asked. */
export async function syncFromPeers(
  { id, machine }: NodeMachine,
  { transport, protocol, signal, onProgress, warn }: PeerSyncInit,
): Promise<void> {
  for (const peer of transport.neighbours.connected()) {
    try {
      await syncBlocks(peer, { transport, protocol, signal, timers: systemTimers, machine, id, onProgress })
    } catch (error) {
      signal.throwIfAborted()
      if (!hasNoMachine(error)) warn((error as Error).message)
    }
  }
}

/** A peer without a machine serves no blocks: that is nothing to warn of. */
function hasNoMachine(error: unknown): boolean {
  return isAppError(error, 'REQUEST_FAILED') && (error.cause as Error)?.name === 'UnsupportedProtocolError'
}
