import type { NetworkName } from '#core/network.ts'

/** Names of a profile's stores: page and worker open the same ones, networks never mix ([NE9]). */
export function recordStoreName(network: NetworkName): string {
  return `tabland-${network}`
}

export function blockstoreName(network: NetworkName): string {
  return `tabland-${network}`
}
