/** The page's service worker, `sw.js` beside it: the browser runs it, nothing imports it. */
import { createPageCache, type PageBuild } from './page-cache.ts'

/** Written in by the build. */
declare const PAGE_BUILD: PageBuild

/** The parts of https://w3c.github.io/ServiceWorker/ that are used; TypeScript's DOM library has none of them. */
interface ServiceWorkerScope {
  readonly caches: CacheStorage
  readonly registration: { readonly scope: string; readonly navigationPreload?: NavigationPreloadManager }
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: PageRequest) => void): void
}

interface LifeEvent {
  waitUntil(work: Promise<unknown>): void
}

interface PageRequest {
  readonly request: Request
  readonly preloadResponse: Promise<Response | undefined>
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

// A new build takes over at once: a tab that is always open would keep it waiting for ever.
scope.addEventListener('install', (event) => event.waitUntil(page.install().then(() => scope.skipWaiting())))

scope.addEventListener('activate', (event) => {
  const { navigationPreload } = scope.registration
  event.waitUntil(Promise.all([page.clean(), navigationPreload?.enable(), scope.clients.claim()]))
})

scope.addEventListener('fetch', (event) => {
  const answer = page.answer(event.request, event.preloadResponse)
  if (answer !== undefined) event.respondWith(answer)
})
