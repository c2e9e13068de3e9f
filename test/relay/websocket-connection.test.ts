import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { defaultLogger } from '@libp2p/logger'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createInboundRates } from '#relay/inbound-rates.ts'
import { MAX_WEBSOCKET_BUFFERED_BYTES } from '#relay/limits.ts'
import { WebSocketConnection } from '#relay/websocket-connection.ts'

/** bytes per second */
const RATE = 4 << 20

let server: WebSocketServer
let client: WebSocket
let socket: WebSocket
let connection: WebSocketConnection

beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  ;[[socket]] = (await Promise.all([once(server, 'connection'), once(client, 'open')])) as [
    [WebSocket],
    unknown,
  ]
  connection = new WebSocketConnection({
    webSocket: socket,
    rate: createInboundRates(RATE, () => performance.now()).enter('192.0.2.1'),
    remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1/ws'),
    log: defaultLogger().forComponent('test'),
  })
})
afterEach(async () => {
  client.terminate()
  socket.terminate()
  await new Promise((resolve) => server.close(resolve))
})

describe('WebSocketConnection', () => {
  it('[RE7] reads no more than its address may send, and loses nothing of it', async () => {
    let received = 0
    connection.addEventListener('message', ({ data }) => {
      received += data.byteLength
    })
    const startedAt = performance.now()
    for (let sent = 0; sent < RATE; sent += 64 * 1024) client.send(new Uint8Array(64 * 1024))
    await expect.poll(() => received, { timeout: 10_000 }).toBe(RATE)
    // A tenth of a second's worth may come at once, and its last message is not waited for.
    expect(performance.now() - startedAt).toBeGreaterThan(850)
  })

  it('makes a writer wait for a slow reader, and lets it go on', async () => {
    client.pause()
    const chunk = new Uint8Array(64 * 1024)
    let sent = 0
    while (connection.send(chunk)) sent += chunk.length
    sent += chunk.length
    // The system's own buffers take some before ours fill.
    expect(socket.bufferedAmount).toBeLessThan(2 * MAX_WEBSOCKET_BUFFERED_BYTES)
    let received = 0
    client.on('message', (data: Buffer) => {
      received += data.length
    })
    const drained = once(connection as unknown as EventTarget, 'drain')
    client.resume()
    await drained
    await expect.poll(() => received).toBe(sent)
    expect(connection.send(chunk)).toBe(true)
    await expect.poll(() => received).toBe(sent + chunk.length)
  })

  it('drains although a pong waits behind the last bytes', async () => {
    client.pause()
    while (connection.send(new Uint8Array(64 * 1024)));
    socket.pong(new Uint8Array(100))
    const drained = once(connection as unknown as EventTarget, 'drain')
    client.resume()
    await drained
  })

  it('holds the sender back while its own reader is paused', async () => {
    const received: number[] = []
    connection.addEventListener('message', ({ data }) => received.push(data.byteLength))
    connection.pause()
    expect(socket.isPaused).toBe(true)
    client.send(new Uint8Array(10))
    connection.resume()
    await expect.poll(() => received).toEqual([10])
  })

  it('is closed when the other side closes', async () => {
    const closed = once(connection as unknown as EventTarget, 'close')
    client.close()
    await closed
    expect(connection.status).toBe('closed')
  })

  it.each([
    ['vanishes', () => client.terminate(), 'reset'],
    ['sends text', () => client.send('hello'), 'aborted'],
  ])('ends at once when the other side %s', async (_, act, status) => {
    const closed = once(connection as unknown as EventTarget, 'close')
    act()
    await closed
    expect(connection.status).toBe(status)
    await expect.poll(() => socket.readyState).toBe(WebSocket.CLOSED)
  })

  it('closes from this side', async () => {
    const closed = once(client, 'close')
    await connection.close()
    await closed
    expect(connection.status).toBe('closed')
  })
})
