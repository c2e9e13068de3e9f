/** One file of the built page. */
export interface PageFile {
  /** from the page's folder; `''` is the page itself */
  readonly path: string
  /** as in the `integrity` attribute: `sha256-…` */
  readonly integrity: string
}

/** The files of one build. Names below `assets/` carry a hash of their content, so builds never mix there. */
export interface PageBuild {
  /** hash over all files */
  readonly version: string
  readonly files: readonly PageFile[]
}

export interface PageCacheComponents {
  readonly caches: Pick<CacheStorage, 'open' | 'keys' | 'delete'>
  readonly fetch: typeof fetch
}

export interface PageCacheInit {
  /** URL of the page's folder, with a slash at its end */
  readonly scope: string
  readonly build: PageBuild
  /** ends the wait for the network while a stored page is there; absent: it never does */
  readonly patience?: () => AbortSignal
}

export interface PageCache {
  /** Stores every file of this build, or nothing at all. */
  install(): Promise<void>
  /** Drops what earlier builds left; the one before this stays, for tabs that still run it. */
  clean(): Promise<void>
  /** The answer to one of the page's own files; undefined for everything else, which goes the usual way. */
  answer(request: Pick<Request, 'method' | 'mode' | 'url'>): Promise<Response> | undefined
}

const ASSETS = 'assets/'
/** Files that are stored at the same time: a browser's cache storage that gets them all at once may stand still. */
const AT_ONCE = 6
/** Stands in the page's HTML, and not in what a hotel's portal or a proxy's error page sends instead of it. */
const MARK = 'id="app"'

/**
 * The page without its relay ([NE8]). The page itself comes from the network while that works, so that a new
 * build is taken at once; the files that it names never change and come from the cache. A build's cache counts
 * from the moment when the page is stored in it, which is last: a download that broke off changes nothing.
 */
export function createPageCache(
  { caches, fetch }: PageCacheComponents,
  { scope, build, patience }: PageCacheInit,
): PageCache {
  const prefix = `tabland-page ${scope} `
  const name = prefix + build.version
  const files = new Map(build.files.map((file) => [file.path, file]))

  /** Caches of the other builds of this page, the newest first. */
  async function others(): Promise<string[]> {
    return (await caches.keys()).filter((other) => other.startsWith(prefix) && other !== name).reverse()
  }

  async function find(path: string): Promise<Response | undefined> {
    for (const each of [name, ...(await others())]) {
      const cache = await caches.open(each)
      // a broken download has no page yet: what it holds belongs to nothing
      if ((await match(cache, scope)) === undefined) continue
      const response = await match(cache, scope + path)
      if (response !== undefined) return response
    }
    return undefined
  }

  async function store(cache: Cache, { path, integrity }: PageFile): Promise<void> {
    const url = scope + path
    if ((await match(cache, url)) !== undefined) return
    const known = path.startsWith(ASSETS) ? await find(path) : undefined
    // the browser compares the bytes with the hash: whatever else was sent is an error here
    const response = known ?? (await fetch(url, { integrity, cache: 'no-cache' }))
    if (!response.ok) throw new Error(`${url} was answered by ${response.status}.`)
    await cache.put(url, response)
  }

  async function install(): Promise<void> {
    const cache = await caches.open(name)
    const wasWhole = (await match(cache, scope)) !== undefined
    // one iterator, from which all take
    const left = [...files.values()].filter(({ path }) => path !== '').values()
    try {
      const storeRest = async () => {
        for (const file of left) await store(cache, file)
      }
      await Promise.all(Array.from({ length: AT_ONCE }, storeRest))
      await store(cache, files.get('') ?? missingPage())
    } catch (error) {
      for (const _ of left); // nothing is left to the others
      if (!wasWhole) await caches.delete(name)
      throw error
    }
  }

  async function answerPage(request: Parameters<PageCache['answer']>[0]): Promise<Response> {
    const asked = fetch(request as Request)
    const [good, kept] = [goodPage(asked, patience?.()), find('')]
    kept.catch(() => {}) // nothing is needed of the cache while the network is good
    return (await good) ?? (await kept) ?? asked
  }

  async function answerFile(path: string, request: Parameters<PageCache['answer']>[0]): Promise<Response> {
    return (await find(path)) ?? fetch(request as Request)
  }

  return {
    install,
    async clean() {
      await Promise.all((await others()).slice(1).map((other) => caches.delete(other)))
    },
    answer(request) {
      const url = request.url.split(/[?#]/, 1)[0] as string
      if (request.method !== 'GET' || !url.startsWith(scope)) return undefined
      const path = url.slice(scope.length)
      if (request.mode === 'navigate') {
        return path === '' || path === 'index.html' ? answerPage(request) : undefined
      }
      return path.startsWith(ASSETS) || (path !== '' && files.has(path))
        ? answerFile(path, request)
        : undefined
    },
  }
}

/** Vary names what the relay compresses by; each URL has one stored form. */
function match(cache: Cache, url: string): Promise<Response | undefined> {
  return cache.match(url, { ignoreVary: true })
}

/** The answer when it is Tabland's page, received whole and in time. */
async function goodPage(asked: Promise<Response>, patience?: AbortSignal): Promise<Response | undefined> {
  try {
    return await Promise.race([whole(asked), rejectOn(patience)])
  } catch {
    return undefined // no network, cut off in the middle, or too slow
  }
}

async function whole(asked: Promise<Response>): Promise<Response | undefined> {
  const response = await asked
  if (!response.ok) return undefined
  return (await response.clone().text()).includes(MARK) ? response : undefined
}

function rejectOn(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function missingPage(): never {
  throw new Error('The build names no page.')
}
