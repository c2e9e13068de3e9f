import { type Hex, hexOf } from '../hex.ts'
import { MAX_PROVEN_SLOTS, readZeroLeaves } from '../proofs/account-proof.ts'
import type { RpcEndpoint } from './json-rpc.ts'
import type { SlotsQuestion } from './read-slots.ts'

/**
 * Which of some slots of a contract, 32 bytes each, are leaves of zero below its storage root. A client that keeps to
 * the yellow paper, as geth, deletes a leaf that becomes zero; anvil 1.7.1 keeps a leaf for each slot that a transaction
 * wrote or read, so that its roots do not follow from what is stored alone.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_ANSWER_INVALID, PROOF_INVALID
 */
export async function readZeroSlots(
  endpoint: RpcEndpoint,
  { contract, blockHash, storageHash, signal }: SlotsQuestion & { readonly storageHash: Hex },
  slots: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = []
  for (let from = 0; from < slots.length; from += MAX_PROVEN_SLOTS) {
    const part = slots.slice(from, from + MAX_PROVEN_SLOTS)
    const answer = await endpoint.call('eth_getProof', [contract, part.map(hexOf), { blockHash }], { signal })
    found.push(...readZeroLeaves(answer, storageHash, part))
  }
  return found
}
