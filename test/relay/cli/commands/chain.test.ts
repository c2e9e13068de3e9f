import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex as bytesToHex } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Anvil, describeMissingAnvil, findAnvil, startAnvil } from '#relay/local-chain/anvil.ts'
import { createTestChain } from '../../../contracts-abi/harness/anvil.ts'
import { runCli } from '../run-cli.ts'

const isMissing = findAnvil() === undefined
let folder: string
let anvil: Anvil | undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-chain-'))
  if (!isMissing) anvil = await startAnvil()
})
beforeEach((context) => {
  if (isMissing) context.skip(describeMissingAnvil())
})
afterAll(async () => {
  await anvil?.stop()
  await rm(folder, { recursive: true })
})

it('tabland chain deploy deploys once, and then finds all done', { timeout: 120_000 }, async () => {
  const url = anvil?.url ?? ''
  const chain = createTestChain(url)
  const signer = chain.signers[0]
  const key = join(folder, 'key')
  await writeFile(key, `${bytesToHex(signer?.getHdKey().privateKey ?? new Uint8Array())}\n`)
  const out = join(folder, 'addresses.json')
  const founders = chain.accounts[9] as string
  const args = ['chain', 'deploy', '--rpc', url, '--key', key, '--founders', founders, '--out', out]
  const first = await runCli(...args, '--parameters', 'test')
  expect([first.code, first.stderr.split('\n').length]).toEqual([0, 17])
  const { contracts } = JSON.parse(await readFile(out, 'utf8')) as { contracts: Record<string, string> }
  expect(JSON.parse(first.stdout)).toEqual(contracts)
  const again = await runCli(...args, '--parameters', 'test')
  expect(again).toEqual({ code: 0, stdout: first.stdout, stderr: '' })
  const other = await runCli(...args)
  expect(other.code).toBe(1)
  expect(other.stderr).toContain('was begun with other code, parameters, account or chain')
  expect(first.stdout + first.stderr).not.toContain((await readFile(key, 'utf8')).trim().slice(2))
})

it('says what is wrong with a command line', { timeout: 120_000 }, async () => {
  const bad = join(folder, 'bad')
  await writeFile(bad, 'no key')
  const good = join(folder, 'good')
  await writeFile(good, '11'.repeat(32))
  const founders = `0x${'22'.repeat(20)}`
  const base = { rpc: 'http://127.0.0.1:9', key: good, founders }
  const lineOf = (options: Record<string, string>) =>
    runCli(
      'chain',
      'deploy',
      ...Object.entries({ ...base, ...options }).map(([name, value]) => `--${name}=${value}`),
    )
  expect(await runCli('chain', 'deploy')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^Give the chain by --rpc URL, .*--key FILE, .*--founders ADDRESS: see/),
  })
  const cases = [
    [{ rpc: 'ftp://x' }, 2, '--rpc takes an http:// or https:// URL'],
    [{ founders: '0x12' }, 2, '--founders takes 0x and 40 hexadecimal digits'],
    [{ giveaway: '0x12' }, 2, '--giveaway takes 0x and 64 hexadecimal digits'],
    [{ parameters: 'moon' }, 2, '--parameters takes main, local or test'],
    [{ key: bad }, 1, 'holds no private key'],
    [{ key: join(folder, 'none') }, 1, 'cannot be read'],
    [{}, 1, 'No chain answers at http://127.0.0.1:9'],
  ] as const
  await Promise.all(
    cases.map(async ([options, code, sentence]) => {
      const result = await lineOf(options)
      expect(result.stderr).toContain(sentence)
      expect(result.code).toBe(code)
    }),
  )
})
