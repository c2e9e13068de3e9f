import { describe, expect, it } from 'vitest'
import { PeerError } from '#peer/errors.ts'
import { type PeerSyncInit, syncFromPeers } from '#relay/node-machine.ts'

async function warningsOf(cause: Error): Promise<readonly string[]> {
  const warnings: string[] = []
  const transport = {
    neighbours: { connected: () => ['a peer'] },
    requests: {
      // biome-ignore lint/correctness/useYield: it fails before it answers
      async *request() {
        throw new PeerError('REQUEST_FAILED', `Peer … did not answer: ${cause.message}`, { cause })
      },
    },
  }
  const machine = { tip: { height: 0 } }
  await syncFromPeers(
    { id: new Uint8Array(32), machine, close: async () => {} } as never,
    {
      transport,
      protocol: '/blocks',
      signal: new AbortController().signal,
      onProgress: () => {},
      warn: (line: string) => warnings.push(line),
    } as unknown as PeerSyncInit,
  )
  return warnings
}

describe('a machine that asks its neighbours for blocks', () => {
  it('is silent of those that have no machine', async () => {
    const cause = Object.assign(new Error('Protocol selection failed'), { name: 'UnsupportedProtocolError' })
    expect(await warningsOf(cause)).toEqual([])
  })

  it('tells of those that fail otherwise', async () => {
    expect(await warningsOf(new Error('reset'))).toEqual([expect.stringContaining('reset')])
  })
})
