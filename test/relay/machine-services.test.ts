import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from 'vitest'
import { toHex, utf8 } from '#core/bytes.ts'
import { textCid } from '#core/cid.ts'
import { sha256 } from '#core/hash.ts'
import type { Command } from '#relay/cli/command.ts'
import * as link from '#relay/cli/commands/link.ts'
import * as machine from '#relay/cli/commands/machine.ts'
import { startRecordServices } from '#relay/record-services.ts'
import type { Relay } from '#relay/relay.ts'
import { addressOf, createFixtures } from '#test/relay/fixtures.ts'

const fixtures = createFixtures()
const folder = await mkdtemp(join(tmpdir(), 'tabland-machine-'))

afterAll(async () => {
  await fixtures.stop()
  await rm(folder, { recursive: true })
})

/** What a command in this process prints. */
async function run(command: Command, args: readonly string[]): Promise<string> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  stderr.resume()
  const done = command.run([...args, '--profile', join(folder, 'profile')], {
    signal: new AbortController().signal,
    stdout,
    stderr,
  })
  const printed = text(stdout)
  await done.finally(() => stdout.end())
  return printed
}

async function standOf({ httpUrl }: Relay): Promise<unknown> {
  return ((await (await fetch(`${httpUrl}healthz`)).json()) as { machine?: unknown }).machine
}

const ORDERER = ['--network', 'test', '--orderer', '--block-time', '100ms']

describe('tabland relay --orderer', { timeout: 120_000 }, () => {
  it('[KG3] orders what peers link, and a peer checks each of its blocks', async () => {
    const { relay, dataDir } = await fixtures.relay(ORDERER, { services: startRecordServices })
    const { genesis } = (await (await fetch(`${relay.httpUrl}tabland.json`)).json()) as { genesis: string }
    expect(genesis).toBe(await readFile(join(dataDir, 'orderer', 'genesis.txt'), 'utf8'))
    await run(link, ['moon', 'night', '--relay', relay.httpUrl])
    await expect.poll(() => standOf(relay), { timeout: 60_000 }).toEqual({ height: 5, links: 1, rankedAt: 1 })
    expect(JSON.parse(await run(machine, ['--relay', relay.httpUrl]))).toMatchObject({
      machine: toHex(sha256(utf8(genesis))),
      height: 5,
      links: 1,
      particles: 2,
      neurons: 1,
      rankedAt: 1,
      forks: [],
    })
    const answer = JSON.parse(await run(machine, ['--ask', 'moon', '--relay', relay.httpUrl]))
    expect(answer).toMatchObject({ height: 5, results: [{ cid: textCid('night'), index: 1, treeSize: 2 }] })
    // a relay that starts again goes on with the same machine
    await relay.stop()
    const { relay: again } = await fixtures.relay([...ORDERER, '--data', dataDir], {
      services: startRecordServices,
    })
    expect(await standOf(again)).toEqual({ height: 5, links: 1, rankedAt: 1 })
  })

  it('[KG16a] is followed by another, which checks each block, hands all of it on, and starts again from it', async () => {
    const { relay } = await fixtures.relay(ORDERER, { services: startRecordServices })
    const flags = ['--network', 'test', '--follow', relay.httpUrl, '--block-time', '100ms']
    const joined = [...flags, '--relays', addressOf(relay)]
    const { relay: follower, dataDir } = await fixtures.relay(joined, { services: startRecordServices })
    await run(link, ['moon', 'night', '--relay', relay.httpUrl])
    const whole = { height: 5, links: 1, rankedAt: 1 }
    await expect.poll(() => standOf(follower), { timeout: 60_000 }).toEqual(whole)
    await relay.stop()
    const facts = await (await fetch(`${follower.httpUrl}tabland.json`)).json()
    expect(facts).toHaveProperty('genesis')
    const answer = JSON.parse(await run(machine, ['--ask', 'moon', '--relay', follower.httpUrl]))
    expect(answer).toMatchObject({ height: 5, results: [{ cid: textCid('night') }] })
    // the relay that it follows is gone for good
    await follower.stop()
    const { relay: again } = await fixtures.relay([...flags, '--data', dataDir], {
      services: startRecordServices,
    })
    await expect.poll(() => standOf(again), { timeout: 60_000 }).toEqual(whole)
  })

  it('[KG1] refuses a genesis that names another orderer', async () => {
    const { relay, dataDir } = await fixtures.relay(ORDERER, { services: startRecordServices })
    await relay.stop()
    const path = join(dataDir, 'orderer', 'genesis.txt')
    await writeFile(
      path,
      (await readFile(path, 'utf8')).replace(/^orderer .*$/m, `orderer ${'11'.repeat(20)}`),
    )
    const again = fixtures.relay([...ORDERER, '--data', dataDir], { services: startRecordServices })
    await expect(again).rejects.toMatchObject({ code: 'RELAY_STATE' })
  })

  it('a relay without an orderer has no machine', async () => {
    const { relay } = await fixtures.relay(['--network', 'test'], { services: startRecordServices })
    expect(await (await fetch(`${relay.httpUrl}tabland.json`)).json()).not.toHaveProperty('genesis')
    await expect(run(machine, ['--relay', relay.httpUrl])).rejects.toMatchObject({ code: 'COMMAND_USAGE' })
  })
})
