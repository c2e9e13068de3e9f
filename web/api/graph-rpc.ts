import { AppError, type ErrorDetails } from '#core/errors.ts'
import type { NetworkName } from '#core/network.ts'
import type { GraphService, GraphStatus } from '#graph/graph-types.ts'

/** What crosses between a page and its graph worker. All values are plain: they are cloned. */
export type GraphMethod = Exclude<keyof GraphService, 'watch'>

export type ToWorker =
  | { readonly kind: 'open'; readonly network: NetworkName }
  | {
      readonly kind: 'call'
      readonly id: number
      readonly method: GraphMethod
      readonly args: readonly unknown[]
    }

export type FromWorker =
  | { readonly kind: 'opened' }
  /** records will not survive this tab */
  | { readonly kind: 'not-durable'; readonly error: SentError }
  | { readonly kind: 'status'; readonly status: GraphStatus }
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: SentError }

/** A clone of an Error keeps neither code nor details. */
export interface SentError {
  readonly code: string | undefined
  readonly message: string
  readonly details: ErrorDetails
}

export function sendError(error: unknown): SentError {
  const { code, message, details } = error as Partial<AppError>
  return {
    code: typeof code === 'string' ? code : undefined,
    message: message ?? String(error),
    details: details ?? {},
  }
}

export function receiveError({ code, message, details }: SentError): Error {
  return code === undefined ? new Error(message) : new AppError(code, message, { details })
}
