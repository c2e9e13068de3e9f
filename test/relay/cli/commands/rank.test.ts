import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankInput } from '#graph/rank-input.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { findNodeGpu } from '../../../fakes/node-gpu.ts'
import { readGoldenCases, readTinyGraphs } from '../../../web/graph/rank-graphs.ts'
import { finishCli, runCli, startCli } from '../run-cli.ts'

const WORDNET = fileURLToPath(new URL('../../../vectors/rank/wordnet.csr', import.meta.url))
const GO_CYBER = new URL('../../../vectors/rank/go-cyber.json', import.meta.url)
const SENTENCE = /^[^\n]+\.\n$/

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-rank-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function writeGraph(name: string, { particles, links, stakes }: RankInput): Promise<string> {
  const triples = Array.from({ length: links.length / 3 }, (_, i) => [...links.subarray(3 * i, 3 * i + 3)])
  return writeText(name, JSON.stringify({ particles, links: triples, stakes: stakes.map(String) }))
}

async function writeText(name: string, text: string): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, text)
  return file
}

describe('tabland rank', () => {
  const graph = readTinyGraphs().find(({ name }) => name === 'floor-to-zero')!

  it.each(['ts', 'wasm'])('--links on the %s kernel', async (kernel) => {
    const file = await writeGraph(`${kernel}.json`, graph.input)
    const expected = graph.snapshots.find(({ iterations }) => iterations === 64)!
    const result = await runCli('rank', '--links', file, '--kernel', kernel, '--iterations', '64', '--ranks')
    expect(result).toMatchObject({ code: 0, stderr: '' })
    const printed = JSON.parse(result.stdout) as Record<string, unknown>
    expect(printed).toEqual({
      particles: 3,
      links: 4,
      iterations: 64,
      delta: expected.delta.toString(),
      kernel,
      ms: expect.any(Number),
      ranksSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      ranksRoot: expect.stringMatching(/^[0-9a-f]{64}$/),
      ranks: expected.ranks.map(String),
    })
    expect(Object.keys(printed)).toEqual([
      'particles',
      'links',
      'iterations',
      'delta',
      'kernel',
      'ms',
      'ranksSha256',
      'ranksRoot',
      'ranks',
    ])
  })

  it('--kernel webgpu gives the same ranks, or says what is missing', async () => {
    const { reason } = await findNodeGpu()
    const file = await writeGraph('webgpu.json', graph.input)
    const { code, stdout, stderr } = await runCli('rank', '--links', file, '--kernel', 'webgpu', '--ranks')
    // the driver has its own say on stderr
    if (reason !== undefined)
      return expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/WebGPU .*\.\n$/) })
    const { ranks } = await createTsKernel().rank(buildRankGraph(graph.input))
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 0,
      kernel: 'webgpu',
      ranks: Array.from(ranks, String),
    })
  })

  it('--graph ranks to the stop rule, by wasm unless told otherwise', async () => {
    const golden = readGoldenCases().find(({ mode }) => mode === 'unit')!
    const { code, stdout } = await runCli('rank', '--graph', WORDNET)
    expect(code).toBe(0)
    const printed = JSON.parse(stdout) as Record<string, unknown>
    expect(printed).toMatchObject({
      particles: 117_659,
      links: 361_638,
      iterations: golden.stop_rule.iterations,
      kernel: 'wasm',
      ranksSha256: golden.stop_rule.sha256_u64le,
    })
    expect(printed).not.toHaveProperty('ranks')
  })

  it('[KG8] --damping takes a fraction', async () => {
    const file = await writeText('two.json', '{"particles":2,"links":[[0,1,0]],"stakes":["1"]}')
    const options = ['--damping', '1/2', '--iterations', '1', '--ranks']
    const { stdout } = await runCli('rank', '--links', file, ...options)
    // half of r⁰ = 2⁶¹ goes along the link, and what is left of 2⁶² to both
    expect(JSON.parse(stdout).ranks).toEqual([`${3n * 2n ** 59n}`, `${5n * 2n ** 59n}`])
    const spelled = await runCli('rank', '--graph', WORDNET, '--damping', '17/20', '--iterations', '2')
    const golden = readGoldenCases().find(({ mode }) => mode === 'unit')!.snap['2']!
    expect(JSON.parse(spelled.stdout)).toMatchObject({ ranksSha256: golden.sha256_u64le })
  })

  it('--iterations gives the golden root', async () => {
    const golden = readGoldenCases().find(({ mode }) => mode === 'unit')!.snap['2']!
    const { stdout } = await runCli('rank', '--graph', WORDNET, '--iterations', '2', '--kernel', 'ts')
    expect(JSON.parse(stdout)).toMatchObject({
      iterations: 2,
      delta: golden.l1_delta,
      kernel: 'ts',
      ranksSha256: golden.sha256_u64le,
      ranksRoot: golden.rfc6962_root,
    })
  })

  it('[KG15] --context ranks as seen from particles, by number or name', async () => {
    const input = { particles: 4, links: Uint32Array.of(0, 1, 0, 2, 3, 0), stakes: [2n] }
    const file = await writeGraph('seen.json', input)
    const context = await writeText('context.txt', 'moon\n3\n3\n')
    const names = await writeText('names.txt', 'sun\nsea\nmoon\ntide\n')
    const seen = ['--context', context, '--names', names, '--ranks', '--iterations', '1']
    const { code, stdout } = await runCli('rank', '--links', file, ...seen)
    expect(code).toBe(0)
    // r⁰ = M/3 for moon, 2M/3 for tide; 17/20 of moon's goes to tide, the rest again a third and two thirds
    const mass = 2n ** 62n
    const unit = mass / 3n
    const flowed = (unit * ((17n * 2n ** 64n) / 20n)) / 2n ** 64n
    const rest = (mass - flowed) / 3n
    expect(JSON.parse(stdout)).toMatchObject({
      kernel: 'wasm',
      context: 2,
      ranks: ['0', '0', `${rest}`, `${flowed + 2n * rest}`],
    })
  })

  it("[KG14] --compat go-cyber adds go-cyber's root, for its ranks", async () => {
    const [vector] = (
      JSON.parse(await readFile(GO_CYBER, 'utf8')) as {
        readonly cases: readonly { readonly ranks: readonly string[]; readonly goCyberTreeRoot: string }[]
      }
    ).cases
    const file = await writeText('a.json', JSON.stringify(vector))
    const compat = ['--compat', 'go-cyber', '--damping', '0.85', '--tolerance', '0.001']
    const { code, stdout } = await runCli('rank', '--links', file, ...compat, '--ranks')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      particles: 8,
      links: 11,
      kernel: 'go-cyber',
      goCyberRoot: vector!.goCyberTreeRoot,
      ranks: vector!.ranks,
    })
  })

  it('ranks a graph without particles', async () => {
    const file = await writeGraph('none.json', { particles: 0, links: new Uint32Array(0), stakes: [] })
    const { code, stdout } = await runCli('rank', '--links', file, '--ranks')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ particles: 0, links: 0, iterations: 0, delta: '0', ranks: [] })
  })

  it('ends at SIGINT with exit code 130', async () => {
    // A named pipe opens when the command reads it: from then on it hears signals.
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const links = Array.from({ length: 20_000 }, (_, i) => [i, (i * i) % 20_000, 0])
    const child = startCli(['rank', '--links', pipe, '--kernel', 'ts', '--iterations', '100000'])
    const finished = finishCli(child)
    await writeFile(pipe, JSON.stringify({ particles: 20_000, links, stakes: ['20000'] }))
    child.kill('SIGINT')
    expect(await finished).toEqual({ code: 130, stdout: '', stderr: '' })
  })

  // What else is wrong in a file is for test/web/graph: each of these starts a process.
  it.each([
    ['a file that is not there', '--links', undefined],
    ['a folder', '--graph', ''],
    ['broken lines of JSON', '--links', '{"particles":3,\n"links":\n[[0,1,0],\n'],
    ['a stake beyond u64', '--links', '{"particles":2,"links":[[0,1,0]],"stakes":["18446744073709551616"]}'],
    ['no .csr', '--graph', 'moon'],
  ])('answers %s with one sentence and exit code 1', async (_, option, content) => {
    const file =
      content === undefined ? join(folder, 'missing') : content && (await writeText('bad', content))
    const { code, stdout, stderr } = await runCli('rank', option, file === '' ? folder : file)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(SENTENCE)
  })

  it.each([
    ['--compat bitcoin', 2],
    ['--tolerance 0.5 --context no', 2],
    ['--damping 0.85', 2],
    ['--damping 2/4', 2],
    ['--damping 1', 1],
    ['--damping 3/2', 1],
    ['--compat go-cyber --damping 1', 1],
  ])('[KG14] answers %s with one sentence and exit code %i', async (options, exitCode) => {
    const file = await writeText('none.json', '{"particles":1,"links":[],"stakes":[]}')
    const { code, stdout, stderr } = await runCli('rank', '--links', file, ...options.split(' '))
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
    expect(stderr).toMatch(SENTENCE)
  })
})
