import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { finishCli, runCli, startCli } from './run-cli.ts'

const COMMANDS = ['relay', 'add', 'cat', 'link', 'search', 'cid', 'url', 'rank', 'land']
const SENTENCE = /^[^\n]+\.\n$/

describe('tabland', () => {
  it.each([['--help'], ['-h'], ['help']])('%s lists the commands', async (flag) => {
    const { code, stdout, stderr } = await runCli(flag)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} +\\S`, 'm'))
  })

  it.each(COMMANDS)('%s --help prints its usage', async (command) => {
    const { code, stdout, stderr } = await runCli(command, '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.startsWith(`tabland ${command}`)).toBe(true)
  })

  it.each([
    ['no command', []],
    ['an unknown command', ['moon']],
    ['a name that objects have', ['constructor']],
    ['an unknown option', ['rank', '--fast']],
    ['an unknown option of the relay', ['relay', '--fast']],
    ['a missing value', ['rank', '--links']],
    ['a missing argument', ['cid']],
    ['one argument too many', ['cid', 'a', 'b']],
    ['a land command that is none', ['land', 'sea']],
    ['a url command that is none', ['url', 'format', 'cyfs://eips']],
    ['no url', ['url', 'parse']],
    ['two graphs', ['rank', '--links', 'a', '--graph', 'b']],
    ['no graph', ['rank']],
    ['a kernel that is none', ['rank', '--links', 'a', '--kernel', 'gpu']],
    ['a kernel without contexts', ['rank', '--links', 'a', '--context', 'b', '--kernel', 'webgpu']],
    ['iterations that are no number', ['rank', '--links', 'a', '--iterations', '1e3']],
    ['too many iterations', ['rank', '--links', 'a', '--iterations', '100001']],
    ['an argument that rank has no use for', ['rank', '--links', 'a', 'b']],
  ])('answers %s with one sentence and exit code 2', async (_, args) => {
    const { code, stdout, stderr } = await runCli(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(SENTENCE)
  })

  it.each([
    [['serach'], 'Unknown command "serach" (did you mean tabland search?): see `tabland --help`.\n'],
    [['moon'], 'Unknown command "moon": see `tabland --help`.\n'],
    [
      ['stake', 'moon'],
      'Expected an address, 0x and 40 hexadecimal digits, got "moon": see `tabland stake --help`.\n',
    ],
    [
      ['search', '--relai', 'x', '--prifile=y', '--zz', 'moon'],
      'Unknown options --relai (did you mean --relay?), --prifile (did you mean --profile?), --zz: see `tabland search --help`.\n',
    ],
    [
      ['object', 'decod'],
      'Unknown `tabland object` command "decod" (did you mean tabland object decode?): see `tabland object --help`.\n',
    ],
    [
      ['object'],
      'Expected `tabland object` and one of id, decode, encode, sign, verify, get, put, map: see `tabland object --help`.\n',
    ],
    [
      ['object', 'map', 'biuld', 'x'],
      'Unknown `tabland object map` command "biuld" (did you mean tabland object map build?): see `tabland object --help`.\n',
    ],
  ])('%j: says what may be meant', async (args, sentence) => {
    const { code, stderr } = await runCli(...args)
    expect({ code, stderr }).toEqual({ code: 2, stderr: sentence })
  })

  it('tells every mistake of a relay’s configuration, each on its line', async () => {
    const { code, stderr } = await runCli('relay', '--prot', '1', '--host', 'x')
    expect(code).toBe(2)
    expect(stderr.split('\n')).toHaveLength(4)
  })

  it('ends without complaint when its reader has enough', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tabland-cli-'))
    try {
      const file = join(folder, 'graph.json')
      await writeFile(file, JSON.stringify({ particles: 200_000, links: [], stakes: [] }))
      const child = startCli(['rank', '--links', file, '--ranks'])
      child.stdout?.once('data', () => child.stdout?.destroy())
      const { code, stderr } = await finishCli(child)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('tabland cid', () => {
  it('prints the CID alone', async () => {
    expect(await runCli('cid', 'hello world')).toEqual({
      code: 0,
      stdout: 'Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD\n',
      stderr: '',
    })
  })

  it('takes what looks like an option after --', async () => {
    const { code, stdout } = await runCli('cid', '--', '--help')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Qm\w{44}\n$/)
  })
})

describe('tabland url parse', () => {
  it('[OB16] prints the parts of a link', async () => {
    const { code, stdout, stderr } = await runCli(
      'url',
      'parse',
      'cyfs://alice.r/wiki/a%20page?mode=json&mime=txt',
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      type: 'r',
      zone: 'alice',
      dec: 'wiki',
      inner: 'a page',
      mode: 'json',
      mime: 'txt',
    })
  })

  it('[OB16] says where a link is wrong', async () => {
    const { code, stdout, stderr } = await runCli('url', 'parse', 'cyfs://alice.r/wiki/../keys')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe('Link, inner at character 20: expected a path without . and .., got "..".\n')
  })
})

describe('tabland land rule', () => {
  it('prints the number of parcels, the hash of the rule and the shares', async () => {
    const { code, stdout } = await runCli('land', 'rule')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      cells: 50_000,
      sha256: '77df1862f2708a4c3b754757478434b9a1c758402b83a448e3d2957a08791828',
      shares: { public: 15_000, giveaway: 15_000, auction: 20_000 },
    })
  })
})
