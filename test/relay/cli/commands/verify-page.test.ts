import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PAGE_LIST, sha256Of } from '#relay/verify/page-list.ts'
import { formatRelease } from '#relay/verify/release-list.ts'
import { listPage } from '../../../../scripts/lib/build-page.ts'
import { createFixtures } from '../../fixtures.ts'
import { runCli } from '../run-cli.ts'

const fixtures = createFixtures()
let page = ''

beforeEach(async () => {
  page = await mkdtemp(join(tmpdir(), 'tabland-page-'))
  await writeFile(join(page, 'index.html'), '<!doctype html>')
  await writeFile(join(page, 'sw.js'), '1')
  await writeFile(join(page, PAGE_LIST), await listPage(page))
})

afterEach(async () => {
  await fixtures.stop()
  await rm(page, { recursive: true, force: true })
})

describe('tabland verify-page', () => {
  it('[RE6a] ends with 0 for the right page, with 1 for another, and a relay states its hash', async () => {
    const { relay } = await fixtures.relay(['--page', page])
    const { pageHash } = (await (await fetch(new URL('/tabland.json', relay.httpUrl))).json()) as {
      readonly pageHash: string
    }
    expect(pageHash).toBe(sha256Of(await listPage(page)))
    const right = await runCli('verify-page', relay.httpUrl, '--hash', pageHash.toUpperCase())
    expect(right.stdout).toBe(
      `${relay.httpUrl}: 2 files, 16 bytes\nhash ${pageHash}\nThis is the one with that hash.\n`,
    )
    expect(right.code).toBe(0)

    await writeFile(join(page, 'sw.js'), '2')
    const wrong = await runCli('verify-page', relay.httpUrl, '--hash', pageHash)
    expect(wrong.stdout).toMatch(
      /hash [0-9a-f]{64}\n✗ sw\.js differs\nThis is not the one with that hash\.\n$/,
    )
    expect(wrong.code).toBe(1)

    // the relay takes a new build's list without a restart
    await writeFile(join(page, PAGE_LIST), await listPage(page))
    expect(await (await fetch(new URL('/tabland.json', relay.httpUrl))).json()).toMatchObject({
      pageHash: sha256Of(await listPage(page)),
    })
  })

  it('[RE6a] looks at the page in one file, from a relay and on disk', async () => {
    const { relay } = await fixtures.relay(['--page', page])
    const path = join(page, 'tabland.html')
    await writeFile(path, 'one')
    for (const each of [`${relay.httpUrl}tabland.html`, path]) {
      expect(await runCli('verify-page', each, '--hash', sha256Of('one'))).toMatchObject({
        code: 0,
        stdout: `${each}: 1 file, 3 bytes\nhash ${sha256Of('one')}\nThis is the one with that hash.\n`,
      })
      const wrong = await runCli('verify-page', each, '--hash', sha256Of('two'))
      expect(wrong.stdout).toContain('✗ tabland.html differs\n')
      expect(wrong.code).toBe(1)
    }
  })

  it('[RE6a] names the release of a list, from a file and from an address, and what is none', async () => {
    const { relay } = await fixtures.relay(['--page', page])
    const single = join(page, 'tabland.html')
    await writeFile(single, 'one')
    const list = join(page, 'releases.sha256')
    const text = [
      '# The releases of a test.',
      formatRelease({ version: '0.9.0', kind: 'page', hash: 'a'.repeat(64) }),
      formatRelease({ version: '1.0.0', kind: 'page', hash: sha256Of(await listPage(page)) }),
      formatRelease({ version: '1.0.0-rc.1', kind: 'file', hash: sha256Of('one') }),
    ].join('\n')
    // served beside the page, but no file of its list
    for (const releases of [list, `${relay.httpUrl}releases.sha256`]) {
      await writeFile(list, text)
      const whole = await runCli('verify-page', relay.httpUrl, '--releases', releases)
      expect(whole.stdout, whole.stderr).toMatch(/\nThis is release 1\.0\.0\.\n$/)
      const one = await runCli('verify-page', single, '--releases', releases)
      expect(one.stdout, one.stderr).toMatch(/\nThis is release 1\.0\.0-rc\.1\.\n$/)
    }
    await writeFile(join(page, 'sw.js'), '2')
    const changed = await runCli('verify-page', relay.httpUrl, '--releases', list)
    expect(changed).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/✗ sw\.js differs\nThis is not a release of .*\/releases\.sha256\.\n$/),
    })
    await writeFile(single, 'two')
    expect((await runCli('verify-page', single, '--releases', list)).stdout).toContain(
      '✗ tabland.html differs\n',
    )
    await writeFile(list, `${text}\nnonsense\n`)
    expect(await runCli('verify-page', relay.httpUrl, '--releases', list)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Line \d+ of .* is no release, such as /),
    })
  })

  it.each([
    [['http://127.0.0.1:1/', '--releases', 'no-such-list'], 1, 'name a file that is there'],
    [['http://127.0.0.1:1/', '--releases', 'http://relay.example/list'], 1, 'comes by http, where anybody'],
    [['--releases', 'a', '--hash', 'a'.repeat(64)], 2, 'leave one of them out'],
    [['http://127.0.0.1:1/', '--hash', 'a'.repeat(64)], 1, 'check the address, or ask `tabland doctor`'],
    [['no-such.html', '--hash', 'a'.repeat(64)], 1, 'name a file that is there'],
    [['relay.example'], 2, 'is no page, such as https://relay.example/'],
    [['ftp://relay.example/tabland.html'], 2, 'is no page, such as https://relay.example/'],
    [['--hash', 'abc'], 2, '"abc" is no hash'],
    [['http://a/', 'b'], 2, 'Unexpected argument "b"'],
  ])('refuses %j with a sentence', async (args, code, sentence) => {
    const result = await runCli('verify-page', ...args)
    expect(result.stderr).toContain(sentence)
    expect(result.code).toBe(code)
  })
})
