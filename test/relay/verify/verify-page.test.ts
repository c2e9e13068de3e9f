import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { MAX_PAGE_FILE_BYTES } from '#relay/limits.ts'
import { formatPageList, type PageList, parsePageList, sha256Of } from '#relay/verify/page-list.ts'
import { type VerifyPageInit, verifyFile, verifyPage } from '#relay/verify/verify-page.ts'

const PAGE: Readonly<Record<string, string>> = {
  'index.html': '<!doctype html><script src="./assets/main-1.js"></script><link href="/tabland.json">',
  'assets/main-1.js': 'console.log("tabland")',
  'assets/worker-2.js': 'onmessage = () => {}',
  'assets/rank-3.wasm': '\0asm',
  'assets/index-4.css': 'body { margin: 0 }',
  'manifest.webmanifest': '{}',
  'sw.js': 'self.skipWaiting()',
}

function listOf(files: Readonly<Record<string, string>>): PageList & { readonly text: string } {
  const text = formatPageList(
    Object.entries(files).map(([path, content]) => ({ path, sha256: sha256Of(content) })),
  )
  return { ...(parsePageList(text) as PageList), text }
}

const own = listOf(PAGE)
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function listen(listener: RequestListener): Promise<URL> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

/** Serves files by path, the page at `/`. */
function serve(files: Readonly<Record<string, string>>, odd?: RequestListener): Promise<URL> {
  return listen((request, response) => {
    const path = request.url === '/' ? 'index.html' : (request.url ?? '').slice(1)
    const content = files[path]
    if (content !== undefined) response.end(content)
    else if (odd !== undefined) odd(request, response)
    else response.writeHead(404).end()
  })
}

interface Asked extends Partial<Omit<VerifyPageInit, 'accepted'>> {
  /** @default that of `own`, if there is one */
  readonly hash?: string
}

function verify(url: URL, { hash, ...init }: Asked = {}) {
  const all = { url, own, signal: new AbortController().signal, ...init }
  return verifyPage({
    ...all,
    accepted: new Set([hash ?? all.own?.hash].filter((each) => each !== undefined)),
  })
}

function without(path: string): Record<string, string> {
  return Object.fromEntries(Object.entries(PAGE).filter(([each]) => each !== path))
}

describe('[RE6a] verifyPage', () => {
  it('knows the page of the build that is here', async () => {
    const verdict = await verify(await serve(PAGE))
    expect(verdict).toEqual({
      hash: own.hash,
      files: 7,
      bytes: Object.values(PAGE).join('').length,
      problems: [],
    })
  })

  it('knows the page of a hash by the list that the server gives', async () => {
    const url = await serve({ ...PAGE, 'page.sha256': own.text })
    expect((await verify(url, { hash: own.hash, own: undefined })).problems).toEqual([])
  })

  it('believes no other list: that of a changed page has another hash', async () => {
    const changed = { ...PAGE, 'assets/main-1.js': 'steal()' }
    const list = listOf(changed)
    const url = await serve({ ...changed, 'page.sha256': list.text })
    expect(await verify(url, { hash: own.hash, own: undefined })).toMatchObject({
      hash: undefined,
      problems: [`page.sha256 names the files of a page with the hash ${list.hash}`],
    })
    // with the right list at hand the file is named
    expect((await verify(url, { hash: own.hash })).problems).toEqual([
      'assets/main-1.js differs',
      `page.sha256 says that this is another build, with the hash ${list.hash}`,
    ])
  })

  it.each(Object.keys(PAGE))('names %s when one byte of it differs', async (path) => {
    const changed = { ...PAGE, [path]: `${PAGE[path]?.slice(0, -1)}~` }
    const verdict = await verify(await serve(changed))
    expect(verdict.problems).toEqual([`${path} differs`])
    expect(verdict.hash).toBe(listOf(changed).hash)
  })

  it('knows each page of several, here or not', async () => {
    const other = { ...PAGE, 'sw.js': 'another release' }
    const list = listOf(other)
    const accepted = new Set(['0'.repeat(64), list.hash, own.hash])
    const { signal } = new AbortController()
    for (const [files, text, hash] of [
      [other, list.text, list.hash],
      [PAGE, own.text, own.hash],
    ] as const) {
      const url = await serve({ ...files, 'page.sha256': text })
      expect(await verifyPage({ url, own, accepted, signal })).toMatchObject({ hash, problems: [] })
    }
    const url = await serve({ ...other, 'sw.js': 'steal()', 'page.sha256': list.text })
    expect((await verifyPage({ url, own, accepted, signal })).problems).toEqual(['sw.js differs'])
  })

  it('names what was added to the page', async () => {
    const html = `${PAGE['index.html']}<script>steal()</script><script src="https://evil.example/x.js"></script>`
    const verdict = await verify(await serve({ ...PAGE, 'index.html': html }))
    expect(verdict.problems).toEqual([
      'index.html differs',
      'index.html holds a script of its own',
      'index.html names https://evil.example/x.js, which is no file of the page',
    ])
  })

  it('names a file that is missing, and has no hash then', async () => {
    expect(await verify(await serve(without('assets/rank-3.wasm')))).toMatchObject({
      hash: undefined,
      files: 6,
      problems: ['assets/rank-3.wasm is missing'],
    })
  })

  it.each<[string, RequestListener, string]>([
    ['an error', (_, response) => response.writeHead(500).end(), 'is answered by 500'],
    [
      'a redirect',
      (_, response) => response.writeHead(302, { Location: 'https://evil.example/' }).end(),
      'leads elsewhere (302 to https://evil.example/)',
    ],
    ['a broken line', (_, response) => response.destroy(), 'does not come (UND_ERR_SOCKET)'],
    [
      'the right bytes and a header that leads away',
      (_, response) =>
        response.writeHead(200, { Refresh: '0; url=https://evil.example/' }).end(PAGE['sw.js']),
      'comes with a header "refresh", by which a browser loads something else',
    ],
  ])('names a file that is answered by %s', async (_, odd, clause) => {
    // the list is asked for first: nobody has one here
    const url = await serve(without('sw.js'), (request, response) =>
      request.url === '/sw.js' ? odd(request, response) : response.writeHead(404).end(),
    )
    expect((await verify(url)).problems).toEqual([`sw.js ${clause}`])
  })

  it('reads no more of a gigantic file than its bound', async () => {
    let sent = 0
    const url = await serve(without('sw.js'), (request, response) => {
      if (request.url !== '/sw.js') return response.writeHead(404).end()
      const part = Buffer.alloc(1024 * 1024)
      const more = (): void => {
        sent += part.length
        if (response.destroyed) return
        response.write(part, () => setImmediate(more))
      }
      return more()
    })
    expect((await verify(url)).problems).toEqual([`sw.js has more than ${MAX_PAGE_FILE_BYTES} bytes`])
    expect(sent).toBeLessThan(2 * MAX_PAGE_FILE_BYTES)
  })

  it('waits for no file longer than for the page', async () => {
    const url = await serve(without('sw.js'), (request, response) => {
      if (request.url !== '/sw.js') response.writeHead(404).end()
    })
    expect((await verify(url, { timeoutMs: 300 })).problems).toEqual([
      'sw.js does not come (no answer in time)',
    ])
  })

  it('says so when there is nothing to compare with', async () => {
    const url = await serve(PAGE)
    await expect(verify(url, { own: undefined })).rejects.toMatchObject({ code: 'PAGE_UNKNOWN' })
    await expect(verify(url, { own: undefined, hash: own.hash })).rejects.toMatchObject({
      code: 'PAGE_UNKNOWN',
    })
  })

  it('says so when nobody answers', async () => {
    const url = await serve(PAGE)
    for (const server of servers.splice(0)) server.close().closeAllConnections()
    await expect(verify(url)).rejects.toMatchObject({ code: 'PAGE_UNREACHABLE' })
  })

  it('ends when it is told to', async () => {
    const controller = new AbortController()
    const url = await listen(() => controller.abort())
    await expect(verify(url, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('[RE6a] verifyFile', () => {
  it('knows the page in one file', async () => {
    const url = new URL('tabland.html', await serve({ 'tabland.html': 'one' }))
    const { signal } = new AbortController()
    expect(await verifyFile(url, { accepted: new Set([sha256Of('two'), sha256Of('one')]), signal })).toEqual({
      hash: sha256Of('one'),
      files: 1,
      bytes: 3,
      problems: [],
    })
    expect((await verifyFile(url, { accepted: new Set([sha256Of('two')]), signal })).problems).toEqual([
      'tabland.html differs',
    ])
  })
})
