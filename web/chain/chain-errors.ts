import { AppError, type AppErrorOptions } from '#core/errors.ts'

export type ChainErrorCode =
  /** an endpoint did not answer, or not in time */
  | 'RPC_UNREACHABLE'
  /** an endpoint answered with an error of its own */
  | 'RPC_REFUSED'
  /** an endpoint's answer is too long, or has another form than asked for */
  | 'RPC_ANSWER_INVALID'
  /** an endpoint serves another chain than the configured one */
  | 'RPC_WRONG_CHAIN'
  /** a relay names another chain or other contracts than this browser knew first, to which it keeps */
  | 'CHAIN_CHANGED'
  /** the same of the local test chain, which is followed */
  | 'CHAIN_FOLLOWED'
  /** no endpoint is configured, or what is configured is none */
  | 'RPC_ENDPOINTS'
  /** fields of a header that do not hash to its hash */
  | 'HEADER_FORGED'
  /** the endpoints disagree about the newest header */
  | 'HEADER_DISPUTED'
  /** a proof that does not lead from the root to the value */
  | 'PROOF_INVALID'
  /** a value other than the one that its proof shows */
  | 'PROOF_MISMATCH'
  /** bytes of a land snapshot that are none */
  | 'SNAPSHOT_INVALID'
  /** a land snapshot whose trie has another root than the chain's */
  | 'SNAPSHOT_FORGED'
  /** stakes that do not add up to the storage that the chain proves */
  | 'STAKES_FORGED'
  /** more of stakes than any reader takes */
  | 'STAKES_TOO_MANY'
  /** stakes that the chain cannot be asked for now, or that it has not come to yet */
  | 'STAKES_UNKNOWN'
  /** a machine whose stakes are those of another chain, or another contract, than the known one */
  | 'STAKES_OTHER'
  /** the endpoints disagree about what no proof shows */
  | 'CALL_DISPUTED'
  /** nobody gave a land snapshot that holds */
  | 'LAND_UNAVAILABLE'

export function chainError(
  code: ChainErrorCode,
  message: string,
  options?: AppErrorOptions,
): AppError<ChainErrorCode> {
  return new AppError(code, message, options)
}
