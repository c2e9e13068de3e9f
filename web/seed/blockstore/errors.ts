import { AppError, isAppError } from '#core/errors.ts'

export type StoreErrorCode =
  | 'STORE_BATCH_TOO_LARGE'
  | 'STORE_BLOCK_MISMATCH'
  | 'STORE_BLOCK_TOO_LARGE'
  | 'STORE_CLOSED'
  | 'STORE_FOLDER_LOCKED'
  | 'STORE_HASH_UNSUPPORTED'
  | 'STORE_IO_FAILED'
  | 'STORE_NOT_DURABLE'
  | 'STORE_OPEN_FAILED'
  | 'STORE_QUOTA_EXCEEDED'
  | 'STORE_WORKER_FAILED'

/**
 * A block that is not here. Helia and bitswap recognise it by this `name` (they never look at a class), so it
 * is not an AppError, whose name is fixed.
 */
export class BlockNotFoundError extends Error {
  override readonly name = 'NotFoundError'
  readonly code = 'STORE_NOT_FOUND'

  constructor(cid: string) {
    super(`Block ${cid} is not stored here; fetch it from peers.`)
  }
}

/** Error names and codes by which browsers (DOMException) and Node.js (errno) say that the disk or quota is full. */
const FULL = new Set(['QuotaExceededError', 'NS_ERROR_DOM_QUOTA_REACHED', 'ENOSPC', 'EDQUOT'])

function isFull(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { name, code } = error as { name?: unknown; code?: unknown }
  return FULL.has(String(name)) || FULL.has(String(code))
}

/** The typed error of a storage that failed: a full disk or quota is told apart from everything else. */
export function toStoreError(error: unknown): AppError<StoreErrorCode> {
  if (isAppError<StoreErrorCode>(error)) return error
  if (isFull(error)) {
    return new AppError(
      'STORE_QUOTA_EXCEEDED',
      'The browser or disk gives Tabland no more room. What is stored stays; delete content or free disk space, then try again.',
      { cause: error },
    )
  }
  return new AppError(
    'STORE_IO_FAILED',
    `Reading or writing stored content failed: ${error instanceof Error ? error.message : String(error)}. What was acknowledged stays; try again, or reload the page.`,
    { cause: error },
  )
}

export function storeClosed(): AppError<StoreErrorCode> {
  return new AppError('STORE_CLOSED', 'The store is closed; open it again before use.')
}
