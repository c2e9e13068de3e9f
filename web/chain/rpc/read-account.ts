import { type Hex, hexOf, wordBytes } from '../hex.ts'
import { MAX_PROVEN_SLOTS, type ProvenAccount, readAccountProof } from '../proofs/account-proof.ts'
import type { Header } from '../proofs/header.ts'
import type { EndpointPool } from './endpoint-pool.ts'

export interface AccountOptions {
  readonly slots?: readonly bigint[]
  readonly signal?: AbortSignal | undefined
}

/**
 * An account and slots of its storage as an accepted header has them, proved: the first endpoint whose proof holds.
 *
 * @throws RPC_UNREACHABLE when none has one
 */
export async function readAccount(
  pool: EndpointPool,
  { hash, stateRoot }: Header,
  address: Hex,
  { slots = [], signal }: AccountOptions = {},
): Promise<ProvenAccount> {
  const parts: bigint[][] = []
  for (let from = 0; from === 0 || from < slots.length; from += MAX_PROVEN_SLOTS) {
    parts.push(slots.slice(from, from + MAX_PROVEN_SLOTS))
  }
  const proven: ProvenAccount[] = []
  for (const part of parts) {
    // by hash: at the same number, after a reorganisation, an honest node would prove something else
    const params = [address, part.map((slot) => hexOf(wordBytes(slot))), { blockHash: hash }]
    proven.push(
      await pool.first(
        async (endpoint) =>
          readAccountProof(await endpoint.call('eth_getProof', params, { signal }), {
            address,
            slots: part,
            stateRoot,
          }),
        signal,
      ),
    )
  }
  return { account: proven[0]!.account, slots: proven.flatMap((part) => part.slots) }
}
