import { afterEach, describe, expect, it } from 'vitest'
import { examineTab } from '#relay/doctor/examine-tab.ts'
import type { Finding } from '#relay/doctor/finding.ts'
import { addressOf, createPeerFixtures, isReserved, until } from '../../web/peer/peer-fixtures.ts'

const fixtures = createPeerFixtures()
afterEach(() => fixtures.stop())

async function examine(
  peerId: string,
  relays: readonly string[],
  patienceMs?: number,
): Promise<readonly Finding[]> {
  return examineTab({
    peerId,
    network: 'test',
    relays,
    onFinding: () => {},
    signal: new AbortController().signal,
    ...(patienceMs === undefined ? {} : { patienceMs }),
  })
}

const codesOf = (findings: readonly Finding[]) =>
  findings.flatMap((finding) => ('code' in finding ? [finding.code] : []))

describe('a tab, looked at from outside', () => {
  it('is here, is reached through its relay, and is said to have no direct connections when it has none', async () => {
    const { relay } = await fixtures.relay()
    const peer = await fixtures.join({ relays: [addressOf(relay)] })
    await until(peer.state, isReserved)
    const findings = await examine(peer.libp2p.peerId.toString(), [addressOf(relay)])
    expect(findings.map(({ step, status }) => [step, status])).toEqual([
      ['here', 'ok'],
      ['reach', 'ok'],
      ['direct', 'doubtful'],
    ])
    expect(codesOf(findings)).toEqual(['TAB_INDIRECT'])
  })

  it('is said not to be here when no relay hears it', async () => {
    const { relay } = await fixtures.relay()
    const stranger = await fixtures.make()
    const findings = await examine(stranger.libp2p.peerId.toString(), [addressOf(relay)], 1_000)
    expect(codesOf(findings)).toEqual(['TAB_UNSEEN'])
  })

  it('is said to be here and out of reach when its relay carries no circuits', async () => {
    const { relay } = await fixtures.relay(['--max-circuits', '0'])
    const peer = await fixtures.join({ relays: [addressOf(relay)] })
    await until(peer.state, isReserved)
    const findings = await examine(peer.libp2p.peerId.toString(), [addressOf(relay)])
    expect(codesOf(findings)).toContain('TAB_UNREACHABLE')
  })
})
