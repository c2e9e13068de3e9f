import { agreeingOn, type ChainReader } from '#chain/chain-reader.ts'
import type { Header } from '#chain/proofs/header.ts'
import type { ChainProof } from './chain-types.ts'

/** How far what was proved against a header may be believed. */
export function proofAt(
  { number, timestamp }: Pick<Header, 'number' | 'timestamp'>,
  { state }: Pick<ChainReader, 'state'>,
): ChainProof {
  const { head, sources } = state.peek()
  return { block: number, at: timestamp * 1_000, agreeing: agreeingOn(head), sources }
}

/** The same of a value that tells its block. */
export function proofOf(
  { block, blockTime }: { readonly block: number; readonly blockTime: number },
  reader: Pick<ChainReader, 'state'>,
): ChainProof {
  return proofAt({ number: block, timestamp: blockTime }, reader)
}
