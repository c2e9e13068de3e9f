import { type Bytes, utf8 } from './bytes.ts'
import { sha256 } from './hash.ts'
import type { NetworkName } from './network.ts'

/**
 * The machine that records belong to ([KG1]): its id is the hash of its genesis, so that nothing signed for
 * one network can be replayed into another. Until there is a chain a genesis names no orderer, and every neuron
 * has the same stake.
 */

/** Stake of every neuron until there is a chain, in millionths of a CYBR: enough that no division by links gives 0. */
export const GENESIS_STAKE = 2n ** 32n

/** The canonical genesis: one line a field, in this order. */
export function genesisOf(network: NetworkName): string {
  return [
    'tabland/genesis/1',
    `network ${network}`,
    'damping 17/20',
    'orderers none',
    `stake each ${GENESIS_STAKE}`,
    '',
  ].join('\n')
}

/** Machine id, 32 bytes. */
export function machineOf(network: NetworkName): Bytes {
  return sha256(utf8(genesisOf(network)))
}
