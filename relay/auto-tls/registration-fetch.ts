import { setTimeout as delay } from 'node:timers/promises'
import type { AutoTLSComponents } from '@ipshipyard/libp2p-auto-tls'
import type { PrivateKey } from '@libp2p/interface'
import { createBackoff } from '#peer/backoff.ts'
import { AUTO_TLS_REQUEST_MS, AUTO_TLS_RETRY_FIRST_MS, AUTO_TLS_RETRY_MAX_MS } from '../limits.ts'
import { quoteResponse } from './said.ts'

type FetchInit = NonNullable<Parameters<AutoTLSComponents['http']['fetch']>[1]>
type Middleware = ReturnType<NonNullable<FetchInit['middleware']>[number]>
type Fetch = (url: string | URL, init?: FetchInit) => Promise<Response>

/**
 * The requests of `@ipshipyard/libp2p-auto-tls` to its registration, signed by its middleware with the relay's key
 * (`@libp2p/http` does the same for libp2p streams too). A refusal becomes an error that quotes it, and after each
 * failure the next request waits longer: by itself the library asks every 5 s for ever.
 */
export function createRegistrationFetch(privateKey: PrivateKey): Fetch {
  const backoff = createBackoff({ firstMs: AUTO_TLS_RETRY_FIRST_MS, maxMs: AUTO_TLS_RETRY_MAX_MS })
  let waitMs = 0
  const send: Fetch = async (resource, { middleware = [], headers, signal, ...init } = {}) => {
    const url = new URL(resource)
    const both = AbortSignal.any([signal ?? [], AbortSignal.timeout(AUTO_TLS_REQUEST_MS)].flat())
    const made: Middleware[] = middleware.map((make) => make({ privateKey, http: { fetch: send } }))
    const options = { method: init.method ?? 'GET', headers: new Headers(headers), middleware: made }
    for (const { prepareRequest } of made.map(bound))
      await prepareRequest?.(url, { ...options, signal: both })
    return fetch(url, { ...init, headers: options.headers, signal: both })
  }
  return async (url, init) => {
    await delay(waitMs, undefined, init?.signal == null ? {} : { signal: init.signal })
    try {
      const response = await send(url, init)
      if (!response.ok) throw new Error(await refusalOf(response))
      waitMs = 0
      backoff.reset()
      return response
    } catch (error) {
      waitMs = backoff.next()
      throw error
    }
  }
}

/** The handshake of the middleware keeps its state in `this`. */
function bound(middleware: Middleware): Pick<Middleware, 'prepareRequest'> {
  const prepareRequest = middleware.prepareRequest?.bind(middleware)
  return prepareRequest === undefined ? {} : { prepareRequest }
}

async function refusalOf(response: Response): Promise<string> {
  const said = await quoteResponse(response)
  return `${new URL(response.url).host} answers ${response.status}${said === '' ? '' : `: ${said}`}`
}
