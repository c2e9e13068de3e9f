import { LAND_PATH } from '#chain/land/land-sources.ts'
import { type HttpRequest, type Reply, type Route, text } from './front-server.ts'
import { PUBLIC_FACT_HEADERS } from './security-headers.ts'
import type { StaticFiles } from './static-files.ts'

export interface RoutesInit {
  readonly files: StaticFiles
  /** for tabs: how to reach this relay's node */
  readonly facts: () => Promise<object>
  readonly health: () => { readonly ok: boolean } & object
  /** Prometheus text */
  readonly metrics: () => string
  readonly metricsType: string
  /** the land in bulk, at paths below LAND_PATH @default there is none */
  readonly findLand?: (path: string) => Promise<Buffer | undefined>
}

/** `/tabland.json`, `/healthz`, `/metrics`; everything else is a file of the page. */
export function createRoutes(init: RoutesInit): Route {
  const { files, facts, health, metrics, metricsType, findLand } = init
  const page = pageRoute(files)
  return async (request) => {
    switch (request.path) {
      case '/tabland.json':
        return json(200, await facts(), PUBLIC_FACT_HEADERS)
      case '/healthz': {
        const state = health()
        return json(state.ok ? 200 : 503, state, PUBLIC_FACT_HEADERS)
      }
      case '/metrics':
        return {
          status: 200,
          headers: { 'Content-Type': metricsType, 'Cache-Control': 'no-store' },
          body: metrics,
        }
      default:
        return request.path.startsWith(`${LAND_PATH}/`) ? land(await findLand?.(request.path)) : page(request)
    }
  }
}

/** What stands at a path is of one storage root, and never becomes anything else. */
function land(snapshot: Buffer | undefined): Reply | undefined {
  if (snapshot === undefined) return undefined
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Cache-Control': 'public, max-age=86400, immutable',
    ...PUBLIC_FACT_HEADERS,
  }
  return { status: 200, headers, length: snapshot.length, body: () => snapshot }
}

function pageRoute(files: StaticFiles): Route {
  return async ({ path, headers }: HttpRequest): Promise<Reply | undefined> => {
    const file = await files.find(path, String(headers['accept-encoding'] ?? ''))
    if (file === undefined) {
      return path === '/'
        ? text(
            503,
            'This relay works, but has no page to show: build it with "npm run build", or name its folder with --page DIR.',
          )
        : undefined
    }
    const headersOfFile = { ...file.headers, ETag: file.etag }
    if (isUnchanged(headers['if-none-match'], file.etag)) return { status: 304, headers: headersOfFile }
    return { status: 200, headers: headersOfFile, length: file.length, body: file.open }
  }
}

/** RFC 9110 §13.1.2: a list of tags, weak ones compare alike here; `*` is any. */
function isUnchanged(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()))
}

function json(status: number, value: object, headers: Readonly<Record<string, string>>): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store', ...headers },
    body: () => `${JSON.stringify(value)}\n`,
  }
}
