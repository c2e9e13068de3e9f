import type { Bytes } from '#core/bytes.ts'
import type { ErrorDetails } from '#core/errors.ts'
import type { ReadResult, StoredBlock, StoreStats } from './block-engine.ts'
import type { BlockKey } from './block-key.ts'

/** What the page asks of its store's worker. Each call is answered once, in any order. */
export type StoreCall =
  | { readonly type: 'open'; readonly name: string }
  | { readonly type: 'put'; readonly key: BlockKey; readonly bytes: Bytes }
  | { readonly type: 'get'; readonly key: BlockKey }
  | { readonly type: 'has'; readonly key: BlockKey }
  | { readonly type: 'delete'; readonly key: BlockKey }
  | { readonly type: 'list' }
  | { readonly type: 'limitDisk'; readonly bytes: number }
  | { readonly type: 'close' }

export type StoreRequest = StoreCall & { readonly id: number }

export type StoreValue = undefined | boolean | ReadResult | readonly StoredBlock[]

/** An error as it crosses to the page: a class does not survive the way. */
export interface PlainError {
  readonly code: string
  readonly message: string
  readonly details: ErrorDetails
}

/** `stats` ride along with every answer, so that the page knows them without asking. */
export type StoreResponse =
  | { readonly type: 'value'; readonly id: number; readonly value: StoreValue; readonly stats: StoreStats }
  | { readonly type: 'error'; readonly id: number; readonly error: PlainError; readonly stats: StoreStats }
  | { readonly type: 'stats'; readonly stats: StoreStats }
