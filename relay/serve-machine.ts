import { type NetworkName, protocolsOf } from '#core/network.ts'
import type { Transport } from '#core/transport.ts'
import { formatGenesis, type MachineGenesis } from '#graph/machine/genesis.ts'
import { createAnswersHandler } from '#peer/protocols/answers.ts'
import { createBandwidthHandler } from '#peer/protocols/bandwidth.ts'
import { createBlocksHandler } from '#peer/protocols/blocks.ts'
import type { NodeMachine } from './node-machine.ts'
import type { ServedMachine } from './relay-services.ts'

export interface ServeMachineInit {
  readonly genesis: MachineGenesis
  readonly transport: Pick<Transport, 'requests'>
  readonly network: NetworkName
}

/** Gives peers a machine's blocks, its answers with proofs, and what neurons may still link. */
export function serveMachine(
  { id, machine }: Pick<NodeMachine, 'id' | 'machine'>,
  { genesis, transport, network }: ServeMachineInit,
): ServedMachine & { end(): void } {
  const { blocks, answers, bandwidth } = protocolsOf(network)
  const unhandle = [
    transport.requests.handle(blocks, createBlocksHandler(id, machine)),
    transport.requests.handle(answers, createAnswersHandler(id, machine)),
    transport.requests.handle(bandwidth, createBandwidthHandler(id, machine)),
  ]
  return {
    genesis: formatGenesis(genesis),
    status() {
      const { height, links, rankedAt } = machine.status()
      return { height, links, rankedAt }
    },
    end() {
      for (const end of unhandle) end()
    },
  }
}
