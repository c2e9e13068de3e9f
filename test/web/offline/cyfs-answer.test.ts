import { describe, expect, it, vi } from 'vitest'
import type { OpenedObject } from '#api/object-types.ts'
import { collectBytes, utf8 } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { formatCyfsLink, parseCyfsLink } from '#objects/cyfs-link.ts'
import { dataObjectId, formatObjectId } from '#objects/object-id.ts'
import { answerCyfs, type CyfsObjects } from '#offline/cyfs-answer.ts'
import { CYFS_REQUEST } from '#offline/cyfs-messages.ts'

const ID = formatObjectId(dataObjectId(utf8('an id for a test')))
const AT = `o/${ID}/${ID}`
const FILES: Readonly<Record<string, string>> = {
  'index.html': '<h1>home</h1>',
  'img/a.png': 'a picture',
  'docs/index.html': 'documents',
  'run.js': 'alert(1)',
  'a b&<i>.txt': 'ten bytes!',
}

/** A folder of FILES, or what the test says stands there. */
function fakeObjects(given: Partial<OpenedObject> = {}): CyfsObjects & { readonly reads: unknown[] } {
  const reads: unknown[] = []
  const base = { id: ID, trust: { level: 'owner' }, json: { id: ID } } as const
  return {
    reads,
    parse: parseCyfsLink,
    format: formatCyfsLink,
    async open(link) {
      const { inner } = parseCyfsLink(link)
      if (inner === '') {
        const entries = Object.keys(FILES).map((path) => ({ path }))
        return { ...base, type: 'Dir', name: 'site', entries, ...given }
      }
      const text = FILES[inner]
      if (text === undefined) throw new AppError('OBJECT_PATH_NOT_FOUND', `There is no <${inner}>.`)
      const name = inner.slice(inner.lastIndexOf('/') + 1)
      return { ...base, type: 'File', name, bytes: text.length, ...given }
    },
    async *read(link, { start = 0, end } = {}) {
      reads.push([link, start, end])
      yield utf8(FILES[parseCyfsLink(link).inner] ?? '').slice(start, end)
    },
    get: async () => utf8('encoded'),
  }
}

async function get(
  path: string,
  { objects = fakeObjects(), range }: { objects?: CyfsObjects; range?: string } = {},
) {
  const request = {
    kind: CYFS_REQUEST,
    path,
    method: 'GET',
    ...(range === undefined ? {} : { range }),
  } as const
  const { status, headers, body } = await answerCyfs(objects, request, new AbortController().signal)
  return { status, headers, text: new TextDecoder().decode(await collectBytes(body)) }
}

describe('[OB16] a link is answered by what it leads to', () => {
  it('a file by its bytes and type', async () => {
    expect(await get(`${AT}/img/a.png`)).toEqual({
      status: 200,
      text: 'a picture',
      headers: {
        'Content-Type': 'image/png',
        'Content-Length': '9',
        'Content-Disposition': "inline; filename*=UTF-8''a.png",
        'Accept-Ranges': 'bytes',
      },
    })
    const spaced = await get(`${AT}/a%20b&%3Ci%3E.txt`)
    expect(spaced.headers['Content-Type']).toBe('text/plain; charset=utf-8')
    expect(spaced.headers['Content-Disposition']).toContain('a%20b%26%3Ci%3E.txt')
  })

  it('a folder by its index.html, behind a slash so that its links lead into it', async () => {
    expect(await get(AT)).toMatchObject({ status: 302, headers: { Location: `./${ID}/` } })
    expect(await get(`${AT}/`)).toMatchObject({ status: 200, text: '<h1>home</h1>' })
    expect(await get(`${AT}/docs`)).toMatchObject({ status: 302, headers: { Location: './docs/' } })
    expect(await get(`${AT}/docs/`)).toMatchObject({ status: 200, text: 'documents' })
    expect(await get(`${AT}/docs/?v=2`)).toMatchObject({ status: 200, text: 'documents' })
  })

  it('a folder without one by a list', async () => {
    const entries = [{ path: 'a b&<i>.txt' }, { path: 'img/a.png' }]
    const { text, headers } = await get(`${AT}/`, { objects: fakeObjects({ entries }) })
    expect(headers['Content-Type']).toBe('text/html; charset=utf-8')
    expect(text).toContain('<a href="./a%20b%26%3Ci%3E.txt">a b&#38;&#60;i&#62;.txt</a>')
    expect(text).toContain('href="./img/a.png"')
  })

  it('others, or by mode=json, by their JSON, and by mode=object encoded', async () => {
    const note = { type: 'Text', json: { header: 'a note' } }
    for (const path of [AT, `${AT}?mode=json`]) {
      const { text, headers } = await get(path, { objects: fakeObjects(note) })
      expect(JSON.parse(text)).toEqual({ header: 'a note' })
      expect(headers['Content-Type']).toBe('application/json; charset=utf-8')
    }
    expect(await get(`${AT}?mode=object`)).toMatchObject({ text: 'encoded' })
  })
})

describe('[OB19] ranges', () => {
  it('gives the part that is asked for, and reads no more', async () => {
    const objects = fakeObjects()
    expect(await get(`${AT}/img/a.png`, { objects, range: 'bytes=2-4' })).toMatchObject({
      status: 206,
      text: 'pic',
      headers: { 'Content-Range': 'bytes 2-4/9', 'Content-Length': '3' },
    })
    expect(objects.reads).toEqual([[expect.stringContaining('/img/a.png'), 2, 5]])
    expect(await get(`${AT}/img/a.png`, { range: 'bytes=-4' })).toMatchObject({ status: 206, text: 'ture' })
  })

  it('refuses what lies behind the end', async () => {
    expect(await get(`${AT}/img/a.png`, { range: 'bytes=9-' })).toMatchObject({
      status: 416,
      headers: { 'Content-Range': 'bytes */9' },
      text: '',
    })
  })

  it('gives all of what nobody signed, for only that can be checked', async () => {
    const objects = fakeObjects({ trust: { level: 'id' } })
    const { status, headers, text } = await get(`${AT}/img/a.png`, { objects, range: 'bytes=2-4' })
    expect({ status, text }).toEqual({ status: 200, text: 'a picture' })
    expect(headers['Accept-Ranges']).toBeUndefined()
  })
})

describe('[OB19] what must not run', () => {
  it.each([
    ['text/javascript', 'text/plain; charset=utf-8'],
    ['application/javascript', 'application/octet-stream'],
    ['application/wasm', 'application/octet-stream'],
    ['multipart/x-mixed-replace', 'application/octet-stream'],
    ['text/html\r\nX: y', 'application/octet-stream'],
    ['no type', 'application/octet-stream'],
    ['text/html', 'text/html'],
  ])('%j of an owner is sent as %s', async (mime, sent) => {
    const { headers } = await get(`${AT}/img/a.png`, { objects: fakeObjects({ mime }) })
    expect(headers['Content-Type']).toBe(sent)
  })

  it('a link says the type before the owner does', async () => {
    expect((await get(`${AT}/img/a.png?mime=txt`)).headers['Content-Type']).toBe('text/plain; charset=utf-8')
    expect((await get(`${AT}/run.js`)).headers['Content-Type']).toBe('text/plain; charset=utf-8')
  })
})

it('[OB11] tells who may not read what is restricted, and gives nothing of it', async () => {
  const failure = { code: 'OBJECT_KEY_REFUSED', message: 'Not for this wallet.' }
  const objects = fakeObjects({ restricted: { readable: false, failure } })
  const { status, text } = await get(`${AT}/img/a.png`, { objects })
  expect(status).toBe(403)
  expect(text).toContain('Not for this wallet.')
  expect(objects.reads).toEqual([])
})

it.each([
  [`${AT}/none`, 404],
  ['o/nothing', 400],
  ['name/a', 400],
])('tells why %s cannot be shown', async (path, status) => {
  const objects = fakeObjects()
  const open: CyfsObjects['open'] = (link) =>
    link.includes('/o/') ? objects.open(link) : Promise.reject(new AppError('OBJECT_LINK_OTHER', 'No id.'))
  const answered = await get(path, { objects: path.startsWith('name') ? { ...objects, open } : objects })
  expect(answered.status).toBe(status)
  expect(answered.text).toContain('This cannot be shown')
  expect(answered.text).not.toContain('<none>')
})

it('tells that it failed even when what was thrown says nothing', async () => {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
  for (const thrown of [undefined, null, 'a text', {}]) {
    const objects = { ...fakeObjects(), open: () => Promise.reject(thrown) }
    const { status, text } = await get(`${AT}/img/a.png`, { objects })
    expect(status).toBe(502)
    expect(text).toContain('Reading it failed, and nothing says why.')
  }
  expect(warned).toHaveBeenCalledTimes(4)
  warned.mockRestore()
})
