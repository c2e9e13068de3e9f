import { afterEach, describe, expect, it } from 'vitest'
import { createFixtures } from '../../fixtures.ts'
import { runCli } from '../run-cli.ts'

const fixtures = createFixtures()
afterEach(() => fixtures.stop())

describe('tabland doctor', () => {
  it('says that everything works, and ends with 0', async () => {
    const { relay } = await fixtures.relay()
    const { code, stdout } = await runCli('doctor', relay.httpUrl, '--network', 'local')
    expect(stdout).toMatch(/✓ circuit .*\n[\s\S]*Everything that was looked at works\.\n$/)
    expect(code).toBe(0)
  })

  it('takes a multiaddr, prints JSON, and ends with 1 when something is broken', async () => {
    const { relay } = await fixtures.relay(['--network', 'test'])
    const { code, stdout } = await runCli(
      'doctor',
      relay.addresses[0] as string,
      '--json',
      '--network',
      'main',
    )
    const findings = JSON.parse(stdout) as { readonly code?: string }[]
    expect(findings.flatMap(({ code: cause }) => cause ?? [])).toEqual(['NETWORK_DIFFERS'])
    expect(code).toBe(1)
  })

  it('tells a relay’s own peer id from that of a tab', async () => {
    const { relay } = await fixtures.relay()
    const { code, stdout } = await runCli('doctor', relay.httpUrl, '--tab', relay.peerId.toString())
    expect(stdout).toMatch(/✗ here .*peer id of the relay itself/)
    expect(code).toBe(1)
  })

  it.each([
    [['not an address'], 'is no relay'],
    [['/ip4/127.0.0.1/udp/1/webrtc-direct'], 'is no WebSocket address of a relay; give its page'],
    [['--network', 'moon'], 'Unknown network "moon", expected one of main, test, local'],
    [['--tab', 'me'], 'is no peer id'],
    [['a', 'b'], 'Unexpected argument "b"'],
  ])('refuses %j with a sentence', async (args, sentence) => {
    const { code, stderr } = await runCli('doctor', ...args)
    expect(stderr).toContain(sentence)
    expect(code).toBe(2)
  })
})
