import { describe, expect, it } from 'vitest'
import { MAX_RELEASES } from '#relay/limits.ts'
import { formatRelease, parseReleaseList, type Release } from '#relay/verify/release-list.ts'

const RELEASES: readonly Release[] = [
  { version: '0.1.0', kind: 'page', hash: '1'.repeat(64) },
  { version: '0.1.0', kind: 'file', hash: '2'.repeat(64) },
  { version: '1.0.0-rc.1', kind: 'page', hash: 'abcdef01'.repeat(8) },
]

describe('[RE6a] a list of releases', () => {
  it('reads what it writes, between comments and empty lines, from any editor', () => {
    const text = `# all of them\n\n${RELEASES.map(formatRelease).join('\n')}`
    expect(parseReleaseList(text, 'it')).toEqual(RELEASES)
    expect(parseReleaseList(text.replaceAll('\n', '\r\n'), 'it')).toEqual(RELEASES)
    expect(parseReleaseList('', 'it')).toEqual([])
  })

  it.each([
    ['a short hash', `${'1'.repeat(63)}  0.1.0/page.sha256`],
    ['capitals', `${'A'.repeat(64)}  0.1.0/page.sha256`],
    ['one space', `${'1'.repeat(64)} 0.1.0/page.sha256`],
    ['no release', `${'1'.repeat(64)}  page.sha256`],
    ['another file', `${'1'.repeat(64)}  0.1.0/index.html`],
    ['a path', `${'1'.repeat(64)}  ../0.1.0/page.sha256`],
  ])('refuses a line with %s, by its number', (_, line) => {
    expect(() => parseReleaseList(`# first\n${line}\n`, 'list.txt')).toThrow(
      expect.objectContaining({
        code: 'RELEASE_LIST',
        message: expect.stringMatching(/^Line 2 of list\.txt is no release/),
      }),
    )
  })

  it('has a bound', () => {
    const text = formatRelease(RELEASES[0] as Release).repeat(MAX_RELEASES + 1)
    expect(() => parseReleaseList(text, 'it')).toThrow(`more than ${MAX_RELEASES} releases`)
  })
})
