import { AppError } from '#core/errors.ts'

/** Why an operation on maps left everything as it was, though its arguments were well-formed. */
export type MapErrorCode =
  /** something else stands where it was to be changed */
  | 'OBJECT_CONFLICT'
  /** there is no map at the path, or nothing at all */
  | 'MAP_NOT_FOUND'
  /** the transaction was committed before */
  | 'TRANSACTION_CLOSED'

/** The value that was to be changed is not the one that the change began with. */
export function conflict(where: string, got: string, expected: string): AppError<MapErrorCode> {
  return new AppError<MapErrorCode>(
    'OBJECT_CONFLICT',
    `${where} has changed meanwhile: expected ${expected}, got ${got}. Nothing was changed; read it again and decide anew.`,
    { details: { where, got, expected } },
  )
}

/** There is nothing at the path, or something that is no map. */
export function mapNotFound(path: string, got: string): AppError<MapErrorCode> {
  return new AppError<MapErrorCode>(
    'MAP_NOT_FOUND',
    `There is no map at ${path.slice(0, 200)}: got ${got}. Look at what is above it.`,
    { details: { path: path.slice(0, 200), got } },
  )
}

/** There is nothing at the path. */
export function valueNotFound(path: string): AppError<MapErrorCode> {
  return new AppError<MapErrorCode>(
    'MAP_NOT_FOUND',
    `There is nothing at ${path.slice(0, 200)}. Look at what is above it.`,
    { details: { path: path.slice(0, 200) } },
  )
}

/** Committed, with or without success: a transaction begins and ends once. */
export function transactionClosed(): AppError<MapErrorCode> {
  return new AppError<MapErrorCode>(
    'TRANSACTION_CLOSED',
    'This transaction was committed already. Nothing was changed; begin another one.',
  )
}
