import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseAddress } from '#core/delegation.ts'
import { runCli } from '../run-cli.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-wallet-'))
})
afterAll(() => rm(folder, { recursive: true }))

it('tabland wallet prints one address for a profile, each time the same', async () => {
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  const { code, stdout, stderr } = await runCli('wallet', '--profile', one)
  expect([code, stderr]).toEqual([0, ''])
  expect(parseAddress(stdout)).toHaveLength(20)
  expect((await runCli('wallet', '--profile', one)).stdout).toBe(stdout)
  expect((await runCli('wallet', '--profile', two)).stdout).not.toBe(stdout)
  expect((await runCli('wallet', 'moon')).code).toBe(2)
})
