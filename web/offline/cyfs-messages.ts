/** What the service worker and a page say to each other about one `/cyfs/…` request, over a port of its own. */

/** Pages of other builds take no request of this one, and the other way round. */
export const CYFS_REQUEST = 'tabland/cyfs-request/1'

/** From the service worker, with the port. */
export interface CyfsRequest {
  readonly kind: typeof CYFS_REQUEST
  /** behind `/cyfs/`, with its query, still encoded */
  readonly path: string
  readonly method: 'GET' | 'HEAD'
  /** the `Range` header */
  readonly range?: string
}

/** What an answer says before its bytes. */
export interface CyfsHead {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** From the page: `taken` at once, then `head`, then one `bytes` for each `pull`, then `end`. */
export type FromPage =
  | { readonly kind: 'taken' }
  | ({ readonly kind: 'head' } & CyfsHead)
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end' }
  /** after the head: the answer breaks off */
  | { readonly kind: 'failed'; readonly message: string }

/** From the service worker: the next bytes are wanted, or none any more. */
export type FromWorker = { readonly kind: 'pull' } | { readonly kind: 'stop' }

/** Is it a request that this build's pages answer? */
export function isCyfsRequest(data: unknown): data is CyfsRequest {
  if (typeof data !== 'object' || data === null) return false
  const { kind, path, method, range } = data as Partial<Record<keyof CyfsRequest, unknown>>
  return (
    kind === CYFS_REQUEST &&
    typeof path === 'string' &&
    (method === 'GET' || method === 'HEAD') &&
    (range === undefined || typeof range === 'string')
  )
}
