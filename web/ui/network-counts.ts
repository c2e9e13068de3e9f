import type { NetworkState } from '#api/network-types.ts'

/** Peers but relays: those stand in their own list. */
export function peersOf(network: NetworkState): number {
  return network.peers.filter(({ kind }) => kind !== 'relay').length
}

/** Peers that are tabs of people. */
export function tabsOf(network: NetworkState): number {
  return network.peers.filter(({ kind }) => kind === 'tab').length
}

/** Can newcomers be met, and this tab be reached? */
export function hasRelay(network: NetworkState): boolean {
  return network.relays.some(({ status }) => status === 'connected' || status === 'reserved')
}
