import { MemoryBlockstore } from 'blockstore-core'
import { describe, expect, it } from 'vitest'
import { readSnippet, sniffMime } from '#api/snippet.ts'
import { utf8 } from '#core/bytes.ts'
import { MAX_SNIPPET_BYTES } from '#core/limits.ts'
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
