import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../run-cli.ts'

const CASES = fileURLToPath(new URL('../../../vectors/rfc6962-verifier-cases.json', import.meta.url))
/** Leaves and roots of rfc6962.json. */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const ROOT = '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'
const ROOT_OF_6 = '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'
const KEY = '0a'.repeat(32)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-merkle-'))
  await writeFile(join(folder, 'leaves.json'), JSON.stringify(LEAVES))
  await writeFile(join(folder, 'entries.json'), JSON.stringify({ [KEY]: '0b'.repeat(32) }))
  const accepted = { leafIdx: 0, treeSize: 1, root: 'AAAA', leafHash: 'AAAA', proof: null, wantErr: false }
  await writeFile(join(folder, 'wrong.json'), JSON.stringify({ inclusion: [{ ...accepted, file: 'short' }] }))
  await writeFile(join(folder, 'none.json'), JSON.stringify({ inclusion: 5 }))
})
afterAll(() => rm(folder, { recursive: true }))

async function merkle(action: string, file: string, ...args: readonly string[]) {
  return runCli('merkle', action, file.startsWith('/') ? file : join(folder, file), ...args)
}

describe('tabland merkle', () => {
  it('[KG20] check runs the cases of a file', async () => {
    const result = await merkle('check', CASES)
    expect(result).toEqual({ code: 0, stdout: '{"checked":98,"wrong":[]}\n', stderr: '' })
  })

  it('check ends with 1 and the names of those that turned out otherwise', async () => {
    const result = await merkle('check', 'wrong.json')
    expect(result).toEqual({ code: 1, stdout: '{"checked":1,"wrong":["short"]}\n', stderr: '' })
  })

  it('[KG17] tree prints root, short tree and proofs', async () => {
    const { code, stdout } = await merkle('tree', 'leaves.json', '--index', '5', '--since', '6')
    expect(code).toBe(0)
    const result = JSON.parse(stdout) as Record<string, unknown>
    expect(result).toMatchObject({ size: 8, root: ROOT, shortTree: `${ROOT}0300000000000000`, index: 5 })
    expect(result).toMatchObject({ since: 6, sinceRoot: ROOT_OF_6 })
    expect(result.proof).toHaveLength(3)
    expect(result.consistencyProof).toHaveLength(3)
  })

  it('[KG16a] map prints its root, and what stands under a key', async () => {
    const { stdout } = await merkle('map', 'entries.json', '--key', KEY)
    expect(JSON.parse(stdout)).toMatchObject({ size: 1, key: KEY, value: '0b'.repeat(32) })
    const other = await merkle('map', 'entries.json', '--key', '0c'.repeat(32))
    expect(JSON.parse(other.stdout)).toMatchObject({ size: 1, value: null })
  })

  it.each([
    ['a file that is not there', 1, ['check', 'absent.json']],
    ['a file of another shape', 1, ['check', 'none.json']],
    ['leaves that are none', 1, ['tree', 'none.json']],
    ['an index beyond the leaves', 1, ['tree', 'leaves.json', '--index', '8']],
    ['an index that is none', 2, ['tree', 'leaves.json', '--index', '-1']],
    ['a key that is none', 2, ['map', 'entries.json', '--key', '0a']],
    ['an option of another action', 2, ['check', 'none.json', '--key', KEY]],
  ])('answers %s with one sentence', async (_, expected, [action = '', file = '', ...args]) => {
    const { code, stdout, stderr } = await merkle(action, file, ...args)
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' })
    expect(stderr).toMatch(/^[^\n]+\.\n$/)
  })
})
