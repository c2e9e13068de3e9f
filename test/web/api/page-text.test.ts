import { describe, expect, it } from 'vitest'
import { isPage, readPageText } from '#api/page-text.ts'

describe('the words of a page', () => {
  it('are its title and what stands between tags; scripts, styles and comments are left out', () => {
    const html = `<!doctype html><html><head><title> The &quot;moon&quot;
      &amp; tides</title><style>p { color: red }</style></head>
      <body onload="go()"><!-- <p>hidden</p> --><h1>Moon</h1><script>document.write('<p>run</p>')</script>
      <p>It pulls&nbsp;the sea &#8211; twice a day.</p><svg><text>drawn</text></svg></body></html>`
    expect(readPageText(html)).toEqual({
      title: 'The "moon" & tides',
      text: 'Moon It pulls the sea – twice a day.',
    })
  })

  it('end where the bytes that were fetched end, inside whatever', () => {
    const html = '<html><title>A</title><p>one <b>two</b> <script>three</script> four<p class="five'
    for (let length = 0; length <= html.length; length++) {
      const { text } = readPageText(html.slice(0, length))
      expect(text).not.toMatch(/[<>]|three|five/)
    }
    expect(readPageText('<p>&#0;&#xd800;&#x110000;&bogus;</p>').text).toBe('&bogus;')
  })

  it.each([
    ['<!DOCTYPE html>', true],
    ['  <html lang="en">', true],
    ['<p>a piece</p>', false],
    ['the <html> tag', false],
  ])('%j begins a page: %j', (text, expected) => {
    expect(isPage(text)).toBe(expected)
  })
})
