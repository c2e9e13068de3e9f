import { MemoryBlockstore } from 'blockstore-core'
import { describe, expect, it } from 'vitest'
import { readSnippet, sniffMime } from '#api/snippet.ts'
import { utf8 } from '#core/bytes.ts'
import { MAX_SNIPPET_BYTES } from '#core/limits.ts'
import { sizedSource } from '#peer/add-source.ts'
import { createContent } from '#peer/content.ts'

function setup() {
  const helia = { blockstore: new MemoryBlockstore() } as unknown as Parameters<
    typeof createContent
  >[0]['helia']
  return createContent({ helia, provide: async () => {} })
}

describe('snippets', () => {
  it('[UI2] shows a text whole', async () => {
    const content = setup()
    const { cid } = await content.add(utf8('the moon'))
    expect(await readSnippet(content, cid)).toMatchObject({ kind: 'text', text: 'the moon', size: 8 })
  })

  it('cuts a long text between characters', async () => {
    const content = setup()
    const { cid } = await content.add(utf8(`x${'é'.repeat(MAX_SNIPPET_BYTES)}`))
    const snippet = await readSnippet(content, cid)
    expect(snippet.kind).toBe('text')
    expect(snippet.text).toMatch(/^xé+$/)
  })

  it('gives an image all its bytes and a model only its head', async () => {
    const content = setup()
    const png = new Uint8Array(9000)
    png.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    const image = await content.add(png)
    expect(await readSnippet(content, image.cid)).toMatchObject({
      kind: 'image',
      mime: 'image/png',
      bytes: png,
    })
    const glb = new Uint8Array(9000)
    glb.set(utf8('glTF'))
    const model = await readSnippet(content, (await content.add(glb)).cid)
    expect(model).toMatchObject({ kind: 'model', size: 9000 })
    expect(model.bytes).toHaveLength(MAX_SNIPPET_BYTES)
  })

  it('shows a folder by its page, or by its names', async () => {
    const content = setup()
    const page = utf8('<!doctype html><title>Tides</title><p>The sea rises.</p><script>rise()</script>')
    const at = (path: string, bytes: Uint8Array<ArrayBuffer>) => ({ path, content: sizedSource(bytes) })
    const site = await content.addFolder([at('index.html', page), at('img/a.png', utf8('picture'))])
    const snippet = await readSnippet(content, site.cid)
    expect(snippet).toMatchObject({ kind: 'page', title: 'Tides', text: 'The sea rises.', fileCount: 2 })
    expect(snippet.files?.map(({ name }) => name)).toEqual(['img', 'index.html'])
    const notes = Array.from({ length: 20 }, (_, i) => at(`${100 + i}.txt`, utf8(`note ${i}`)))
    const folder = await readSnippet(content, (await content.addFolder(notes)).cid)
    expect(folder).toMatchObject({ kind: 'folder', fileCount: 20 })
    expect(folder.files).toHaveLength(12)
    const alone = await content.add(page)
    expect(await readSnippet(content, alone.cid)).toMatchObject({ kind: 'page', title: 'Tides' })
    // a name says nothing: a page that is no text has no words
    const odd = await content.addFolder([at('index.html', new Uint8Array([0xff, 0xfe, 0]))])
    expect(await readSnippet(content, odd.cid)).toMatchObject({ kind: 'page', title: '', text: '' })
  })

  it('gives a film no more than its beginning', async () => {
    const content = setup()
    const film = new Uint8Array(9000)
    film.set(utf8('\0\0\0\u0020ftypisom'))
    const snippet = await readSnippet(content, (await content.add(film)).cid)
    expect(snippet).toMatchObject({ kind: 'video', mime: 'video/mp4', size: 9000 })
    expect(snippet.bytes).toHaveLength(MAX_SNIPPET_BYTES)
    expect(sniffMime(new Uint8Array([0x1a, 0x45, 0xdf, 0xa3]))).toBe('video/webm')
    expect(sniffMime(utf8('\0\0\0\u0020ftypheic'))).toBeUndefined()
  })

  it('calls what it cannot read bytes', async () => {
    const content = setup()
    const { cid } = await content.add(new Uint8Array([0, 1, 2, 255]))
    expect(await readSnippet(content, cid)).toMatchObject({ kind: 'bytes', size: 4 })
  })

  it.each([
    ['GIF89a', 'image/gif'],
    ['RIFF0000WEBPVP8 ', 'image/webp'],
    ['\0\0\0\u001cftypavif', 'image/avif'],
    ['plain words', undefined],
  ])('reads the type of %j from its bytes', (head, mime) => {
    expect(sniffMime(utf8(head))).toBe(mime)
  })
})
