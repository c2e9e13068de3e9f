import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createHandshakes } from '#relay/handshakes.ts'
import { connect, createFixtures } from './fixtures.ts'

const fixtures = createFixtures()
afterEach(() => fixtures.stop())

/** mulberry32: the same bytes in each run */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

describe('[RE7] handshakes', () => {
  it('the one that has taken longest makes room, so that newcomers come in', async () => {
    let time = 0
    const handshakes = createHandshakes({ maxPending: 2, timeoutMs: 1_000, now: () => time })
    const aborted: string[] = []
    const rejects: ((error: Error) => void)[] = []
    const follow = (name: string) =>
      handshakes.follow(
        {
          abort(error) {
            aborted.push(name)
            rejects[Number(name)]?.(error)
          },
        },
        () => new Promise((_, reject) => rejects.push(reject)),
      )
    for (const name of ['0', '1', '2']) follow(name)
    expect(aborted).toEqual(['0'])
    expect(handshakes.pending).toBe(2)
    await expect.poll(() => handshakes.failed.crowded).toBe(1)
    rejects[1]?.(new Error('no Noise'))
    await expect.poll(() => handshakes.failed).toEqual({ timeout: 0, crowded: 1, invalid: 1 })
    time = 1_000
    rejects[2]?.(new Error('no Noise either'))
    await expect.poll(() => handshakes.failed).toEqual({ timeout: 1, crowded: 1, invalid: 1 })
    expect(handshakes.pending).toBe(0)
  })

  it('random bytes at each stage end that socket and nothing else', async () => {
    const { relay } = await fixtures.relay(['--connections-per-address', '1000'])
    const honest = await fixtures.peer([relay])
    const random = createRandom(7)
    const noise = (length: number) => Uint8Array.from({ length }, () => random() * 256)
    const select = Buffer.from('\x13/multistream/1.0.0\n\x07/noise\n')
    const raw = Array.from({ length: 40 }, async () => {
      const socket = connectSocket(relay.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      const closed = once(socket, 'close')
      socket.write(noise(1 + random() * 300))
      socket.end('\r\n\r\n')
      await closed
    })
    const framed = Array.from({ length: 60 }, async (_, i) => {
      const socket = new WebSocket(`ws://127.0.0.1:${relay.port}/`, { perMessageDeflate: false })
      socket.on('error', () => {})
      await once(socket, 'open')
      const closed = once(socket, 'close')
      if (i % 3 > 0) socket.send(select)
      // A Noise message has its length first; every third one is of the length it says.
      const message = noise(3 + random() * 2_000)
      if (i % 3 === 2) new DataView(message.buffer).setUint16(0, message.length - 2)
      socket.send(message)
      if (i % 2 === 0) socket.close()
      await closed
    })
    await Promise.all([...raw, ...framed])
    expect(relay.stats().handshakesFailed.invalid + relay.stats().handshakesFailed.timeout).toBeGreaterThan(
      50,
    )
    expect(relay.stats().httpAnswers.get(400)).toBeGreaterThan(30)
    expect(relay.libp2p.getConnections(honest.peerId)).toHaveLength(1)
    await honest.services.ping.ping(relay.libp2p.peerId)
    await connect(await fixtures.peer(), relay)
  }, 40_000)

  it('random bytes and lengths by every protocol end that stream and nothing else', async () => {
    const { relay } = await fixtures.relay()
    const [honest, hostile] = [await fixtures.peer([relay]), await fixtures.peer()]
    await connect(hostile, relay)
    const [connection] = hostile.getConnections(relay.libp2p.peerId)
    const random = createRandom(11)
    const protocols = relay.libp2p.getProtocols()
    expect(protocols.length).toBeGreaterThan(5)
    for (const protocol of protocols) {
      for (let i = 0; i < 6; i++) {
        const stream = await connection?.newStream(protocol).catch(() => undefined)
        const bytes = Uint8Array.from({ length: 8 + random() * 5_000 }, () => random() * 256)
        // A length of 2 GB, as varint and as u32, and of a message that is whole and wrong.
        if (i === 0) bytes.set([0xff, 0xff, 0xff, 0xff, 0x07])
        if (i === 1) bytes.set([0x20])
        if (stream?.writeStatus === 'writable') stream.send(bytes)
        if (i % 2 === 0) void stream?.close().catch(() => {}) // it may be ended already, which is what is wanted
      }
    }
    await honest.services.ping.ping(relay.libp2p.peerId)
    const stranger = await fixtures.peer([relay])
    await stranger.services.ping.ping(relay.libp2p.peerId)
    await expect.poll(() => relay.stats().reservations).toBe(2)
  })

  it('a client that says nothing after the upgrade is ended and counted', async () => {
    const { relay } = await fixtures.relay()
    const socket = new WebSocket(`ws://127.0.0.1:${relay.port}/`)
    const [code] = (await once(socket, 'close')) as [number]
    expect(code).toBeGreaterThan(0)
    await expect.poll(() => relay.stats().handshakesFailed.timeout).toBe(1)
    expect(await (await fetch(`${relay.httpUrl}metrics`)).text()).toContain(
      'tabland_relay_handshakes_failed_total{reason="timeout"} 1',
    )
  })

  it('a request whose head does not come is answered 408 and counted', async () => {
    const { relay } = await fixtures.relay()
    const socket = connectSocket(relay.port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nX-Slow')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(String(answer)).toMatch(/^HTTP\/1\.1 408 /)
    expect(relay.stats().httpAnswers.get(408)).toBe(1)
    socket.destroy()
  })
})
