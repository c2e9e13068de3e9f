import type { NetworkName } from '#core/network.ts'
import type { KeyValue } from './relay-memory.ts'

/** Where a profile keeps the genesis that it pinned, by network. */
export function genesisKey(network: NetworkName): string {
  return `tabland/genesis/${network}`
}

/**
 * What is known of a network's machine before any code that reads a genesis is here: is there one, and does the relay
 * name one that this profile has not pinned?
 */
export function glanceAtGenesis(
  store: KeyValue | undefined,
  network: NetworkName,
  told: string | undefined,
): { readonly isNamed: boolean; readonly isNews: boolean } {
  let kept: string | null = null
  try {
    kept = store?.getItem(genesisKey(network)) ?? null
  } catch {
    // forbidden: as in a profile that is new
  }
  return {
    isNamed: told !== undefined || kept !== null,
    isNews: told !== undefined && told !== kept,
  }
}
