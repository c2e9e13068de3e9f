import { AppError, type AppErrorOptions } from '#core/errors.ts'

export type SeedErrorCode =
  | 'SEED_ADD_BROKEN_OFF'
  | 'SEED_BLOCK_DAMAGED'
  | 'SEED_PINNED'
  | 'SEED_PINS_EXCEED_QUOTA'
  | 'SEED_SETTING'
  | 'SEED_TOO_MANY_PINS'
  | 'SEED_UNKNOWN'
  | 'SEED_WALLET_CAP'

export function seedError(
  code: SeedErrorCode,
  message: string,
  options: AppErrorOptions = {},
): AppError<SeedErrorCode> {
  return new AppError(code, message, options)
}
