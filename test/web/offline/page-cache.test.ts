import { describe, expect, it } from 'vitest'
import { createPageCache, type PageBuild, type PageCache } from '#offline/page-cache.ts'
import { createFakeCaches } from '#test/fakes/cache-storage.ts'

const SCOPE = 'https://relay.example/land/'

/** A server of one build; `integrity` is the file's text here. */
function createSite() {
  const files = new Map<string, string>()
  const asked: string[] = []
  const site = {
    asked,
    down: false,
    status: 200,
    deploy(build: string): PageBuild {
      files.clear()
      files.set('', `<div id="app">${build}</div>`)
      files.set(`assets/main-${build}.js`, `main of ${build}`)
      files.set('assets/wasm-same.wasm', 'the same in all builds')
      files.set('icon.png', `icon of ${build}`)
      return {
        version: build,
        files: [...files].map(([path, text]) => ({ path, integrity: text })),
      }
    },
    spoil: (path: string, text: string) => void files.set(path, text),
    fetch: (async (input: string | Pick<Request, 'url'>, init: RequestInit = {}) => {
      const url = typeof input === 'string' ? input : input.url
      asked.push(url.slice(SCOPE.length))
      if (site.down) throw new TypeError('Failed to fetch')
      const text = files.get(url.split(/[?#]/, 1)[0]?.slice(SCOPE.length) as string)
      if (init.integrity !== undefined && text !== init.integrity)
        throw new TypeError('Failed integrity check')
      return text === undefined
        ? new Response('', { status: 404 })
        : new Response(text, { status: site.status })
    }) as typeof fetch,
  }
  return site
}

const visit = (path = '') => ({ method: 'GET', mode: 'navigate' as const, url: SCOPE + path })
const part = (path: string) => ({ method: 'GET', mode: 'cors' as const, url: SCOPE + path })

async function textOf(answer: ReturnType<PageCache['answer']>): Promise<string | undefined> {
  return (await answer)?.text()
}

describe('[NE8] the page without its server', () => {
  it('opens with everything that it names, whatever its address says', async () => {
    const site = createSite()
    const page = createPageCache(
      { caches: createFakeCaches(), fetch: site.fetch },
      { scope: SCOPE, build: site.deploy('one') },
    )
    await page.install()
    site.down = true
    for (const path of ['', '?world=off', '#/3,4', 'index.html'])
      expect(await textOf(page.answer(visit(path)))).toContain('one')
    expect(await textOf(page.answer(part('assets/main-one.js')))).toBe('main of one')
    expect(await textOf(page.answer(part('icon.png')))).toBe('icon of one')
  })

  it.each([
    visit('tabland.json'),
    visit('healthz'),
    visit('tabland.html'),
    part('tabland.json'),
    part('healthz'),
    part('metrics'),
    part('sw.js'),
    part(''),
    { ...visit(), url: 'https://relay.example/tabland.json' },
    { ...part('assets/main-one.js'), method: 'POST' },
  ])('leaves $method $mode $url alone', async (request) => {
    const site = createSite()
    const page = createPageCache(
      { caches: createFakeCaches(), fetch: site.fetch },
      { scope: SCOPE, build: site.deploy('one') },
    )
    await page.install()
    expect(page.answer(request)).toBeUndefined()
  })

  it('comes from the network before anything is stored', async () => {
    const site = createSite()
    const page = createPageCache(
      { caches: createFakeCaches(), fetch: site.fetch },
      { scope: SCOPE, build: site.deploy('one') },
    )
    expect(await textOf(page.answer(visit()))).toContain('one')
    site.down = true
    await expect(page.answer(visit())).rejects.toThrow('Failed to fetch')
  })
})

describe('[NE8] a new build', () => {
  it('is taken at the next load; tabs of the one before keep their files; earlier ones go', async () => {
    const [site, caches] = [createSite(), createFakeCaches()]
    const components = { caches, fetch: site.fetch }
    const one = createPageCache(components, { scope: SCOPE, build: site.deploy('one') })
    await one.install()
    const two = createPageCache(components, { scope: SCOPE, build: site.deploy('two') })
    // the worker of the old build still answers
    expect(await textOf(one.answer(visit()))).toContain('two')
    expect(await textOf(one.answer(part('assets/main-two.js')))).toBe('main of two')
    await two.install()
    await two.clean()
    site.down = true
    expect(await textOf(two.answer(visit()))).toContain('two')
    expect(await textOf(two.answer(part('assets/main-one.js')))).toBe('main of one')
    expect(await textOf(two.answer(part('assets/main-two.js')))).toBe('main of two')
    site.down = false
    const three = createPageCache(components, { scope: SCOPE, build: site.deploy('three') })
    await three.install()
    await three.clean()
    expect([...caches.kept.keys()]).toEqual(['two', 'three'].map((build) => `tabland-page ${SCOPE} ${build}`))
  })

  it('may be an old one again', async () => {
    const [site, caches] = [createSite(), createFakeCaches()]
    const components = { caches, fetch: site.fetch }
    const first = { scope: SCOPE, build: site.deploy('one') }
    await createPageCache(components, first).install()
    await createPageCache(components, { scope: SCOPE, build: site.deploy('two') }).install()
    site.deploy('one')
    const again = createPageCache(components, first)
    await again.install()
    site.down = true
    expect(await textOf(again.answer(visit()))).toContain('one')
  })

  it('takes files that did not change from the build before', async () => {
    const [site, caches] = [createSite(), createFakeCaches()]
    const components = { caches, fetch: site.fetch }
    await createPageCache(components, { scope: SCOPE, build: site.deploy('one') }).install()
    site.asked.length = 0
    await createPageCache(components, { scope: SCOPE, build: site.deploy('two') }).install()
    expect(site.asked.sort()).toEqual(['', 'assets/main-two.js', 'icon.png'])
  })

  it('stores few files at the same time, and none after one that failed', async () => {
    const site = createSite()
    const build = site.deploy('one')
    const names = Array.from({ length: 50 }, (_, i) => `assets/part-${i}.js`)
    const files = [...build.files, ...names.map((path) => ({ path, integrity: path }))]
    for (const path of names) site.spoil(path, path)
    let [started, now, most, broken] = [0, 0, 0, false]
    const slowly: typeof fetch = async (...args) => {
      started++
      most = Math.max(most, ++now)
      await new Promise(setImmediate)
      now--
      if (broken) throw new TypeError('Failed to fetch')
      return site.fetch(...args)
    }
    const install = (version: string) =>
      createPageCache(
        { caches: createFakeCaches(), fetch: slowly },
        { scope: SCOPE, build: { version, files } },
      ).install()
    await install('one')
    expect([most > 1, most <= 6]).toEqual([true, true])
    broken = true
    started = 0
    await expect(install('two')).rejects.toThrow('Failed to fetch')
    await new Promise(setImmediate)
    expect(started).toBeLessThanOrEqual(6)
  })

  it.each([
    ['is cut off', (site: ReturnType<typeof createSite>) => site.spoil('assets/main-two.js', 'main o')],
    [
      'names a page that is another',
      (site: ReturnType<typeof createSite>) => site.spoil('', 'Log in to the Wi-Fi'),
    ],
    ['is answered by errors', (site: ReturnType<typeof createSite>) => Object.assign(site, { status: 503 })],
    ['finds no network', (site: ReturnType<typeof createSite>) => Object.assign(site, { down: true })],
  ])('that %s leaves the good one in place', async (_, spoil) => {
    const [site, caches] = [createSite(), createFakeCaches()]
    const components = { caches, fetch: site.fetch }
    const one = createPageCache(components, { scope: SCOPE, build: site.deploy('one') })
    await one.install()
    const two = createPageCache(components, { scope: SCOPE, build: site.deploy('two') })
    spoil(site)
    await expect(two.install()).rejects.toThrow()
    site.down = true
    expect(await textOf(one.answer(visit()))).toContain('one')
    expect([...caches.kept.keys()]).toEqual([`tabland-page ${SCOPE} one`])
  })

  it('that is installed again and fails keeps what it had', async () => {
    const [site, caches] = [createSite(), createFakeCaches()]
    const build = site.deploy('one')
    await createPageCache({ caches, fetch: site.fetch }, { scope: SCOPE, build }).install()
    site.down = true
    const again = createPageCache(
      { caches, fetch: site.fetch },
      { scope: SCOPE, build: { ...build, files: [...build.files, { path: 'more', integrity: 'x' }] } },
    )
    await expect(again.install()).rejects.toThrow()
    expect(await textOf(again.answer(visit()))).toContain('one')
  })

  it('belongs to its folder: another copy on the same origin is left alone', async () => {
    const [site, caches] = [createSite(), createFakeCaches()]
    await caches.open('tabland-page https://relay.example/other/ zero')
    const page = createPageCache({ caches, fetch: site.fetch }, { scope: SCOPE, build: site.deploy('one') })
    await page.install()
    await page.clean()
    expect([...caches.kept.keys()]).toContain('tabland-page https://relay.example/other/ zero')
  })
})

describe('[NE8] what arrives instead of the page', () => {
  it.each([
    ['a portal that wants a login', 200],
    ['an error of the proxy in front', 502],
  ])('%s is left aside', async (text, status) => {
    const site = createSite()
    const page = createPageCache(
      { caches: createFakeCaches(), fetch: site.fetch },
      { scope: SCOPE, build: site.deploy('one') },
    )
    await page.install()
    Object.assign(site, { status })
    site.spoil('', text)
    expect(await textOf(page.answer(visit()))).toContain('one')
  })

  it('a cache that does not answer is not waited for while the network is there', async () => {
    const site = createSite()
    const page = createPageCache(
      { caches: { ...createFakeCaches(), keys: () => new Promise(() => {}) }, fetch: site.fetch },
      { scope: SCOPE, build: site.deploy('one') },
    )
    expect(await textOf(page.answer(visit()))).toContain('one')
  })

  it('a network that is too slow is not waited for', async () => {
    const site = createSite()
    const patience = new AbortController()
    let slow = false
    const page = createPageCache(
      {
        caches: createFakeCaches(),
        fetch: (...args) => (slow ? new Promise(() => {}) : site.fetch(...args)),
      },
      { scope: SCOPE, build: site.deploy('one'), patience: () => patience.signal },
    )
    await page.install()
    slow = true
    const answer = page.answer(visit())
    patience.abort()
    expect(await textOf(answer)).toContain('one')
  })
})
