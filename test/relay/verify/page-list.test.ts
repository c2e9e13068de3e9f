import { describe, expect, it } from 'vitest'
import { formatPageList, parsePageList, sha256Of } from '#relay/verify/page-list.ts'

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)

describe('[RE6a] the list of a page’s files', () => {
  it('is what sha256sum prints, in order, and has one hash', () => {
    const text = formatPageList([
      { path: 'sw.js', sha256: B },
      { path: 'assets/main-1.js', sha256: A },
    ])
    expect(text).toBe(`${A}  assets/main-1.js\n${B}  sw.js\n`)
    expect(parsePageList(text)).toEqual({
      files: [
        { path: 'assets/main-1.js', sha256: A },
        { path: 'sw.js', sha256: B },
      ],
      hash: sha256Of(text),
    })
  })

  it.each([
    ['nothing', ''],
    ['no end of line', `${A}  sw.js`],
    ['another order', `${A}  sw.js\n${A}  index.html\n`],
    ['a file twice', `${A}  sw.js\n${B}  sw.js\n`],
    ['a path out of the page', `${A}  ../secret\n`],
    ['an absolute path', `${A}  /etc/passwd\n`],
    ['an address', `${A}  //evil.example/x.js\n`],
    ['a hidden file', `${A}  .git/config\n`],
    ['a short hash', `${A.slice(1)}  sw.js\n`],
    ['capitals', `${A.toUpperCase()}  sw.js\n`],
    [
      'too many files',
      formatPageList(Array.from({ length: 1_001 }, (_, i) => ({ path: `${i}`, sha256: A }))),
    ],
    ['too many bytes', `${A}  ${'x'.repeat(128 * 1024)}\n`],
    ['a page', '<!doctype html>\n'],
  ])('is not %s', (_, text) => {
    expect(parsePageList(text)).toBeUndefined()
  })
})
