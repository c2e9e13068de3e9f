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
}

/** `/tabland.json`, `/healthz`, `/metrics`; everything else is a file of the page. */
export function createRoutes({ files, facts, health, metrics, metricsType }: RoutesInit): Route {
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
        return page(request)
    }
  }
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
