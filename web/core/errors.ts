/** Context of an error: plain values a person or a test may read. Never secrets. */
export type ErrorDetails = Readonly<Record<string, string | number | bigint | boolean | undefined>>

export interface AppErrorOptions {
  readonly cause?: unknown
  readonly details?: ErrorDetails
}

/**
 * The one error class of Tabland. Each folder narrows `Code` to its own union of literals and
 * writes messages that say what failed, what was got and expected, and what to do.
 */
export class AppError<Code extends string = string> extends Error {
  override readonly name = 'AppError'
  readonly code: Code
  readonly details: ErrorDetails

  constructor(code: Code, message: string, { cause, details = {} }: AppErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }
}

/** Is `error` an AppError (with `code`, when given)? Works for errors that crossed a worker as plain objects. */
export function isAppError<Code extends string>(error: unknown, code?: Code): error is AppError<Code> {
  if (typeof error !== 'object' || error === null) return false
  const { name, code: actual } = error as { name?: unknown; code?: unknown }
  return name === 'AppError' && typeof actual === 'string' && (code === undefined || actual === code)
}
