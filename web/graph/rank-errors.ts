import { AppError, type ErrorDetails } from '#core/errors.ts'

export type RankErrorCode =
  | 'RANK_PARTICLES'
  | 'RANK_LINKS'
  | 'RANK_ENDPOINT'
  | 'RANK_NEURON'
  | 'RANK_STAKE'
  | 'RANK_DAMPING'
  | 'RANK_ITERATIONS'
  | 'RANK_MEMORY'
  | 'RANK_CSR'
  | 'RANK_JSON'
  | 'RANK_COMPAT'
  | 'RANK_CONTEXT'
  | 'RANK_NO_KERNEL'
  | 'RANK_DIFFERS'

/** The typed error of everything about rank: what was got, what is accepted. */
export function rankError(
  code: RankErrorCode,
  message: string,
  options: { readonly cause?: unknown; readonly details?: ErrorDetails } = {},
): AppError<RankErrorCode> {
  return new AppError<RankErrorCode>(code, message, options)
}
