import { createServer } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import type { NetworkState } from '#api/network-types.ts'
import { describeJoin, findRelay } from '#relay/node-join.ts'

const RELAY = 'http://relay.example'
const state = (
  phase: NetworkState['join']['phase'],
  join: Partial<NetworkState['join']> = {},
  relays: NetworkState['relays'] = [],
) => ({ join: { phase, progress: 0, ...join }, relays })

describe('what a peer that joins waits for', () => {
  it.each([
    ['relay', 'Waiting for the relay http://relay.example to answer.'],
    ['reservation', 'The relay http://relay.example answers. Waiting for it to give this peer a place.'],
    ['peers', 'Joined http://relay.example. Waiting for a peer to answer.'],
    ['ready', 'Joined http://relay.example. Waiting for the links and texts that others have.'],
    ['offline', 'Waiting for the network: this machine is offline.'],
  ] as const)('%s', (phase, line) => {
    expect(describeJoin(state(phase), RELAY)).toBe(line)
  })

  it('goes with the cause, where something fails', () => {
    const failure = { code: 'RELAY_REFUSED', message: 'The relay has no room.' }
    const told = 'Waiting for the relay http://relay.example to answer. The relay has no room.'
    expect(describeJoin(state('relay', { failure }), RELAY)).toBe(told)
    const relays = [{ address: '/ip4/…', status: 'refused', failure }] as const
    expect(describeJoin(state('relay', {}, relays), RELAY)).toBe(told)
  })
})

describe('a relay that is asked where it is', () => {
  const server = createServer((socket) => socket.on('error', () => {}))
  afterAll(() => new Promise((resolve) => server.close(resolve)))
  const ask = (relay: string) => findRelay({ relay, signal: new AbortController().signal, tell: () => {} })

  it('and where nothing listens is told with the cause', async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    await expect(ask(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: 'RELAY_UNREACHABLE',
      message: `No relay answers at http://127.0.0.1:${port} (the connection is refused: nothing listens there): start one with "npm start" or "tabland relay", or name another with --relay.`,
    })
  })

  it('and at a port that nobody may ask is told so too', async () => {
    await expect(ask('http://127.0.0.1:1')).rejects.toMatchObject({
      message: expect.stringContaining(
        '(neither a browser nor Node.js may fetch from this port: choose another)',
      ),
    })
  })
})
