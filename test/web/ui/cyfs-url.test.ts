import { expect, it } from 'vitest'
import type { OpenedObject } from '#api/object-types.ts'
import { utf8 } from '#core/bytes.ts'
import { dataObjectId, formatObjectId } from '#objects/object-id.ts'
import { cyfsUrl, folderOfLink, linkInFolder, previewKind, wholeLink } from '#ui/cyfs-url.ts'

const ID = formatObjectId(dataObjectId(utf8('an id for a test')))
const LINK = `cyfs://o/${ID}/${ID}`

it.each([
  ['File', 'image/png', 'image'],
  ['File', 'video/webm', 'video'],
  ['File', 'audio/ogg', 'audio'],
  ['File', 'text/html', 'page'],
  ['File', 'text/plain', 'text'],
  ['File', 'application/json', 'text'],
  ['Chunk', 'text/csv', 'text'],
  ['File', 'application/zip', undefined],
  ['File', undefined, undefined],
  ['Text', 'text/plain', undefined],
])('a %s of type %s is shown as %s', (type, mime, expected) => {
  expect(previewKind({ type, ...(mime === undefined ? {} : { mime }) } as OpenedObject)).toBe(expected)
})

it('a folder is shown by its page, where it has one', () => {
  const dir = (...paths: string[]) =>
    ({ type: 'Dir', entries: paths.map((path) => ({ path })) }) as unknown as OpenedObject
  expect(previewKind(dir('a.png', 'index.html'))).toBe('page')
  expect(previewKind(dir('docs/index.html'))).toBeUndefined()
  expect(previewKind({ type: 'Dir' } as OpenedObject)).toBeUndefined()
})

it('leads into folders and out again, whatever the names are', () => {
  const inner = linkInFolder(LINK, 'a b/ü?.png')
  expect(inner).toBe(`${LINK}/a%20b/%C3%BC%3F.png`)
  expect(folderOfLink(inner)).toBe(LINK)
  expect(folderOfLink(LINK)).toBeUndefined()
  expect(folderOfLink(ID)).toBeUndefined()
  expect(cyfsUrl(inner, false)).toBe(`./cyfs/o/${ID}/${ID}/a%20b/%C3%BC%3F.png`)
  expect(cyfsUrl(`${LINK}?mime=txt`, false)).toBe(`./cyfs/o/${ID}/${ID}?mime=txt`)
  expect(cyfsUrl(LINK, true)).toBe(`./cyfs/o/${ID}/${ID}/`)
})

it.each([
  'hello',
  'cyfs://',
  'cyfs://r/x/y',
  `${LINK}/../../x`,
  `${LINK}/index.html?x=1#y`,
  'http://127.0.0.1/cyfs/o/a/b',
])('finds no folder in what is no link to an object: %s', (text) => {
  expect(folderOfLink(text)).toBeUndefined()
})

it('makes a link of an id', () => {
  expect(wholeLink(` ${LINK} `, { id: ID })).toBe(LINK)
  expect(wholeLink(ID, { id: ID })).toBe(LINK)
})
