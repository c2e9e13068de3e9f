import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { FaultTolerance, type Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'

const RELAY_ID = '12D3KooWGzBXWNvHpLALvz3jhwdkNPfEAhDSE1nZmQ1QFDEcHnFq'
/** below the 5 s that a listener waits whatever it was told, without patches/@libp2p+circuit-relay-v2 */
const LISTEN_WITHIN_MS = 4_000

let node: Libp2p | undefined
let server: Server | WebSocketServer | undefined

afterEach(async () => {
  await node?.stop()
  server?.close()
  if (server instanceof WebSocketServer) for (const socket of server.clients) socket.terminate()
})

async function start(listen: readonly string[] = []): Promise<Libp2p> {
  node = await createLibp2p({
    addresses: { listen: [...listen] },
    transports: [webSockets(), circuitRelayTransport({ reservationCompletionTimeout: 50 })],
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })
  return node
}

/** A server that takes TCP connections and never answers; what comes in. */
async function startSilent(): Promise<{ readonly address: string; readonly socket: Promise<Socket> }> {
  const silent = createServer().listen(0, '127.0.0.1')
  server = silent
  const socket = once(silent, 'connection').then(([incoming]) => (incoming as Socket).resume())
  await once(silent, 'listening')
  return { address: `/ip4/127.0.0.1/tcp/${(silent.address() as AddressInfo).port}/ws`, socket }
}

/** What fails without patches/@libp2p+websockets and patches/@libp2p+circuit-relay-v2: see docs/upstream.md. */
describe('patched WebSocket dials', () => {
  it('leave no socket behind when they are given up before it opens', async () => {
    const { address, socket } = await startSilent()
    const dial = (await start()).dial(multiaddr(address), { signal: AbortSignal.timeout(50) })
    await expect(dial).rejects.toThrow()
    const incoming = await socket
    if (!incoming.closed) await once(incoming, 'close')
    expect(incoming.closed).toBe(true)
  })

  it('leave no socket behind when they are given up in the middle of a handshake', async () => {
    const open = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    server = open
    const closed = new Promise((resolve) => {
      open.once('connection', (socket: WebSocket) => socket.once('close', resolve))
    })
    await once(open, 'listening')
    const address = multiaddr(`/ip4/127.0.0.1/tcp/${(open.address() as AddressInfo).port}/ws`)
    const dial = (await start()).dial(address, { signal: AbortSignal.timeout(200) })
    await expect(dial).rejects.toThrow()
    await closed
  })

  it('for a reservation take as long as they were told', { timeout: LISTEN_WITHIN_MS }, async () => {
    const { address } = await startSilent()
    const listening = await start([`${address}/p2p/${RELAY_ID}/p2p-circuit`])
    expect(listening.getMultiaddrs()).toEqual([])
  })
})
