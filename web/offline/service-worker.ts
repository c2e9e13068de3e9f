/** The page's service worker, `sw.js` beside it: the browser runs it, nothing imports it. */
import { type CyfsClient, createCyfsRoute } from './cyfs-route.ts'
import { createPageCache, type PageBuild } from './page-cache.ts'

/** Written in by the build. */
declare const PAGE_BUILD: PageBuild

/** The parts of https://w3c.github.io/ServiceWorker/ that are used; TypeScript's DOM library has none of them. */
interface ServiceWorkerScope {
  readonly caches: CacheStorage
  readonly registration: { readonly scope: string; readonly navigationPreload?: NavigationPreloadManager }
  readonly clients: {
    claim(): Promise<void>
    matchAll(options: { readonly type: 'window' }): Promise<readonly CyfsClient[]>
    get(id: string): Promise<CyfsClient | undefined>
  }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: PageRequest) => void): void
}

interface LifeEvent {
  waitUntil(work: Promise<unknown>): void
}

interface PageRequest extends LifeEvent {
  readonly request: Request
  readonly clientId: string
  respondWith(response: Promise<Response>): void
}

/** A relay that is there sends 2 kB well within this, on a slow phone too. */
const PATIENCE_MS = 3_000

// the cast: this code runs as a service worker and nowhere else
const scope = self as unknown as ServiceWorkerScope

const page = createPageCache(
  { caches: scope.caches, fetch: (input, init) => fetch(input, init) },
  {
    scope: scope.registration.scope,
    build: PAGE_BUILD,
    patience: () => AbortSignal.timeout(PATIENCE_MS),
  },
)

const published = createCyfsRoute(
  {
    windows: () => scope.clients.matchAll({ type: 'window' }),
    isOpen: async (id) => (await scope.clients.get(id)) !== undefined,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  },
  { scope: scope.registration.scope },
)

// A new build takes over at once: a tab that is always open would keep it waiting for ever.
scope.addEventListener('install', (event) => event.waitUntil(page.install().then(() => scope.skipWaiting())))

scope.addEventListener('activate', (event) => {
  // what earlier builds turned on would tell the relay which links are opened
  const { navigationPreload } = scope.registration
  event.waitUntil(Promise.all([page.clean(), navigationPreload?.disable(), scope.clients.claim()]))
})

scope.addEventListener('fetch', (event) => {
  const found = published.answer(event)
  if (found !== undefined) {
    // until its last byte was taken, this worker is not stopped
    event.waitUntil(found.done)
    event.respondWith(found.response)
    return
  }
  const answer = page.answer(event.request)
  if (answer !== undefined) event.respondWith(answer)
})
