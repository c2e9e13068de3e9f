import type { Failure } from '#api/types.ts'
import type { FailureAction, FailureText } from './failure-text.ts'
import { texts } from './texts.ts'

/** Longest message of an unknown error shown: two or three sentences. */
const MAX_MESSAGE_LENGTH = 400

/** Was this rejection only a cancelled call? Those are not failures: nobody is told. */
export function isAbort(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { name?: unknown }).name === 'AbortError'
}

/** Whatever was thrown, as a code and a message. */
export function failureOf(error: unknown): Failure {
  if (typeof error === 'object' && error !== null) {
    const { code, message } = error as { code?: unknown; message?: unknown }
    const text = typeof message === 'string' && message !== '' ? message : String(error)
    return { code: typeof code === 'string' ? code : 'UNKNOWN', message: text.slice(0, MAX_MESSAGE_LENGTH) }
  }
  return { code: 'UNKNOWN', message: String(error).slice(0, MAX_MESSAGE_LENGTH) }
}

export interface DescribedFailure {
  readonly says: string
  /** the numbers behind it, from the error's own message */
  readonly detail: string | undefined
  readonly action: FailureAction
}

/**
 * The sentence and the button of a failure; an unknown code says its own message.
 *
 * @param more sentences of a part whose code comes later than the page's
 */
export function describeFailure(
  failure: Failure,
  more: Readonly<Record<string, FailureText>> = {},
): DescribedFailure {
  // own keys only: a code such as "constructor" must not find Object's
  const table = [texts.failures, more].find((each) => Object.hasOwn(each, failure.code))
  const known = table?.[failure.code]
  if (known === undefined) return { says: failure.message, detail: undefined, action: 'retry' }
  return {
    says: known.says,
    detail: known.withDetail === true ? failure.message : undefined,
    action: known.action,
  }
}
