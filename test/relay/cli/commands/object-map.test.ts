import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../run-cli.ts'

const ID = '5aSixgLnhrKFTs4TPU4hgurJdSTyTng5ZR9xDWuQ3HKc'
const OTHER = '5aSixgPDCmbij7JRy2mbBDYZbEcrLB8fMVpXhhCWrnrv'
const PEOPLE = '5r4MYfFUT9H4pBnWgbqiegv7ogkwoWwSTe9P8whF5Sa8'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-map-'))
  const tree = { a: ID, dir: { b: OTHER, c: ID }, set: [PEOPLE, ID] }
  await writeFile(join(folder, 'tree.json'), JSON.stringify(tree))
  await writeFile(
    join(folder, 'turned.json'),
    JSON.stringify({ set: [ID, PEOPLE], dir: { c: ID, b: OTHER }, a: ID }),
  )
  await writeFile(join(folder, 'new.json'), JSON.stringify({ ...tree, a: OTHER, d: ID }))
  await writeFile(join(folder, 'wrong.json'), JSON.stringify({ dir: { b: 7 } }))
  await writeFile(join(folder, 'slash.json'), JSON.stringify({ 'a/b': ID }))
  await writeFile(join(folder, 'text.json'), 'no json')
})
afterAll(() => rm(folder, { recursive: true }))

async function map(...args: readonly string[]): Promise<string> {
  const files = args.map((arg) => (arg.endsWith('.json') ? join(folder, arg) : arg))
  const { code, stdout, stderr } = await runCli('object', 'map', ...files)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

describe('tabland object map', () => {
  it('[OB5] build prints the id of the root, whatever the order in the file', async () => {
    const id = await map('build', 'tree.json')
    expect(id).toMatch(/^\w{43,44}\n$/)
    expect(await map('build', 'turned.json')).toBe(id)
    expect(await map('build', 'new.json')).not.toBe(id)
  })

  it('[OB14] get prints the id at a path', async () => {
    expect(await map('get', 'tree.json', '/dir/b')).toBe(`${OTHER}\n`)
    const { code, stdout, stderr } = await runCli('object', 'map', 'get', join(folder, 'tree.json'), '/dir/z')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^There is nothing at \/dir\/z\. [^\n]*\n$/)
  })

  it('[OB15] verify checks what prove printed', async () => {
    const root = (await map('build', 'tree.json')).trim()
    const proof = join(folder, 'proof.json')
    await writeFile(proof, await map('prove', 'tree.json', '/dir/b'))
    const statement = { root, path: '/dir/b', value: OTHER }
    expect(JSON.parse(await map('verify', 'proof.json'))).toEqual(statement)
    expect(JSON.parse(await map('verify', 'proof.json', '--root', root))).toEqual(statement)

    const forged = (await readFile(proof, 'utf8')).replace(`"value":"${OTHER}"`, `"value":"${ID}"`)
    await writeFile(join(folder, 'forged.json'), forged)
    for (const args of [['forged.json'], ['proof.json', '--root', ID]]) {
      const { code, stdout, stderr } = await runCli(
        'object',
        'map',
        'verify',
        join(folder, args[0]!),
        ...args.slice(1),
      )
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/^The proof of \/dir\/b does not hold: [^\n]+\n$/)
    }
  })

  it('[OB15] prove shows that there is nothing', async () => {
    await writeFile(join(folder, 'absence.json'), await map('prove', 'tree.json', '/dir/z'))
    expect(JSON.parse(await map('verify', 'absence.json'))).toMatchObject({ path: '/dir/z', value: null })
  })

  it('[OB13] diff prints what differs', async () => {
    const lines = (await map('diff', 'tree.json', 'new.json')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { key: 'a', previous: ID, next: OTHER },
      { key: 'd', next: ID },
    ])
    expect(await map('diff', 'tree.json', 'turned.json')).toBe('')
  })

  it.each([
    ['wrong.json', 'at a value that is no id', /\/dir\/b: expected an id/],
    ['slash.json', 'at a key with a slash', /got a slash/],
    ['text.json', 'that it is no JSON', /is no JSON/],
    ['none.json', 'that there is no file', /there is no such file/],
  ])('build says of %s %s', async (file, _, message) => {
    const { code, stdout, stderr } = await runCli('object', 'map', 'build', join(folder, file))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^[^\n]+\n$/)
  })

  it.each([[[]], [['fold']], [['build']], [['get', 'x.json']], [['build', 'x.json', '--root', ID]]])(
    'answers %j with exit code 2',
    async (args) => {
      const { code, stdout, stderr } = await runCli('object', 'map', ...args)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(/^[^\n]+\.\n$/)
    },
  )
})
