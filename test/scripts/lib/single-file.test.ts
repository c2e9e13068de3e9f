import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { composeSingleFile, readSingleFileDefaults } from '../../../scripts/lib/single-file.ts'

const RELAY = '/ip4/127.0.0.1/tcp/8080/ws/p2p/12D3KooWGRUVh9kQ5nPzFgtYhsTbvLXeBVjVYJFxJ3nSiuBGzL7y'
const PARTS = {
  html: `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Tabland</title>
    <link rel="icon" type="image/svg+xml" href="./assets/favicon.svg">
    <link rel="manifest" href="./manifest.webmanifest">
    <script type="module" crossorigin src="./assets/index.js"></script>
    <link rel="stylesheet" crossorigin href="./assets/style.css">
  </head>
  <body><div id="app"></div></body>
</html>`,
  script: 'const end = "</script>"; const tag = /<SCRIPT/; const dollars = "$& $1"',
  style: 'body { color: red }',
  icon: '<svg/>',
}

/** What a browser takes for the text of the first `name` element. */
function inlined(html: string, name: string): string {
  return new RegExp(`<${name}[^>]*>([\\s\\S]*?)</${name}>`, 'i').exec(html)?.[1] ?? ''
}

describe('[NE8] the page in one file', () => {
  it('names no other file', () => {
    const html = composeSingleFile(PARTS, { relays: [] })
    expect(html).not.toMatch(/(?:href|src)="(?!data:)/)
    expect(html).toContain('<title>Tabland</title>')
    expect(html).toContain('<div id="app"></div>')
    expect(html).not.toContain('tabland-relay')
  })

  it('carries its script unharmed, and allows that script and style alone', () => {
    const html = composeSingleFile(PARTS, { relays: [] })
    const script = inlined(html, 'script')
    expect(new Function(`${script}; return [end, tag.source, dollars]`)()).toEqual([
      '</script>',
      '\\x3cSCRIPT',
      '$& $1',
    ])
    for (const text of [script, inlined(html, 'style')])
      expect(html).toContain(`'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    expect(html).not.toContain('unsafe-inline')
    expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<script'))
  })

  it('comes with the relays and the network of its build', () => {
    const defaults = readSingleFileDefaults({ relay: [RELAY, 'https://a.example/?"<'], network: 'test' })
    const html = composeSingleFile(PARTS, defaults)
    expect(html).toContain(`<meta name="tabland-relay" content="${RELAY}">`)
    expect(html).toContain('<meta name="tabland-relay" content="https://a.example/?&quot;&lt;">')
    expect(html).toContain('<meta name="tabland-network" content="test">')
  })

  it.each([
    [{ relay: ['nonsense'] }, 'RELAY_ADDRESS_INVALID'],
    [{ relay: ['http://'] }, 'RELAY_ADDRESS_INVALID'],
    [{ relay: [], network: 'moon' }, 'NETWORK_UNKNOWN'],
  ])('is not built with %j', (options, code) => {
    expect(() => readSingleFileDefaults(options)).toThrow(expect.objectContaining({ code }))
  })
})
