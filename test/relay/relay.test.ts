import { once } from 'node:events'
import { get } from 'node:http'
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2'
import type { Connection, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { protocolsOf } from '#core/network.ts'
import { gossipOptions } from '#peer/options.ts'
import { decodeRelayNotice } from '#peer/protocols/relay-notice.ts'
import { createTransport } from '#peer/transport.ts'
import type { Relay } from '#relay/relay.ts'
import type { RelayServicesContext } from '#relay/relay-services.ts'
import { fakeIdentity } from '../fakes/identity.ts'
import { createFeed, link } from '../fakes/links.ts'
import { addressOf, circuitAddress, connect, createFixtures, type TestPeer } from './fixtures.ts'

const fixtures = createFixtures()
afterEach(() => fixtures.stop())

const ECHO = '/test/echo/1.0.0'

/** Sends back what it receives. */
async function handleEcho(peer: TestPeer): Promise<void> {
  await peer.handle(
    ECHO,
    (stream: Stream) => {
      stream.addEventListener('message', ({ data }) => void stream.send(data))
    },
    { runOnLimitedConnection: true },
  )
}

/** Resolves with the bytes echoed, or rejects when the stream ends before. */
async function echo(connection: Connection, bytes: number): Promise<number> {
  const stream = await connection.newStream(ECHO, { runOnLimitedConnection: true })
  return new Promise((resolve, reject) => {
    let received = 0
    stream.addEventListener('message', ({ data }) => {
      received += data.byteLength
      if (received >= bytes) resolve(received)
    })
    stream.addEventListener('close', ({ error }) => reject(error ?? new Error('closed')))
    stream.send(new Uint8Array(bytes))
  })
}

async function reserved(relay: Relay, count: number): Promise<void> {
  await expect.poll(() => relay.stats().reservations, { timeout: 10_000 }).toBe(count)
}

describe('[RE1] one process, one port', () => {
  it('serves peers, health, metrics and facts on one port', async () => {
    const { relay } = await fixtures.relay()
    expect(relay.httpUrl).toBe(`http://127.0.0.1:${relay.port}/`)
    expect(relay.addresses).toEqual([`/ip4/127.0.0.1/tcp/${relay.port}/ws/p2p/${relay.peerId}`])
    const peer = await fixtures.peer()
    await connect(peer, relay)
    const facts = await (await fetch(`${relay.httpUrl}tabland.json`)).json()
    expect(facts).toMatchObject({
      network: 'local',
      peerId: relay.peerId.toString(),
      stunPort: relay.port,
      relays: [],
    })
    const health = await fetch(`${relay.httpUrl}healthz`)
    expect([health.status, await health.json()]).toMatchObject([
      200,
      { ok: true, connections: 1, reservations: 0 },
    ])
    const metrics = await (await fetch(`${relay.httpUrl}metrics`)).text()
    expect(metrics).toMatch(/^tabland_relay_connections 1$/m)
    expect(metrics).toMatch(/^process_resident_memory_bytes \d+$/m)
    // Names and forms that Prometheus accepts, each series announced before its values.
    for (const line of metrics.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"\})? [\d.e+-]+)$/)
    }
  })

  it('sees the true address of a peer', async () => {
    const { relay } = await fixtures.relay()
    const peer = await fixtures.peer()
    await connect(peer, relay)
    const [connection] = await firstConnections(relay)
    expect(connection?.remoteAddr.toString()).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/[1-9]\d*\/ws/)
  })

  it('sees the true address of a peer behind a proxy, when it is told to believe that', async () => {
    const { relay } = await fixtures.relay(['--trusted-proxies', '127.0.0.0/8'])
    const proxy = await openProxy(relay.port, '198.51.100.7')
    try {
      const peer = await fixtures.peer()
      await peer.dial(multiaddr(`/ip4/127.0.0.1/tcp/${proxy.port}/ws/p2p/${relay.peerId}`))
      const [connection] = await firstConnections(relay)
      expect(connection?.remoteAddr.toString()).toMatch(/^\/ip4\/198\.51\.100\.7\/tcp\/0\/ws/)
    } finally {
      proxy.close()
    }
  })

  it('announces what it is told to, in the facts too', async () => {
    const announce = '/dns4/relay.example/tcp/443/tls/ws'
    const { relay } = await fixtures.relay(['--announce', announce, '--network', 'test'])
    const whole = `${announce}/p2p/${relay.peerId}`
    expect(relay.addresses).toEqual([whole])
    expect(await (await fetch(`${relay.httpUrl}tabland.json`)).json()).toMatchObject({
      network: 'test',
      addresses: [whole],
    })
  })

  it('listens on IPv6 and writes its address as a URL', async () => {
    const { relay } = await fixtures.relay(['--host', '::1'])
    expect(relay.httpUrl).toBe(`http://[::1]:${relay.port}/`)
    const peer = await fixtures.peer()
    await connect(peer, relay)
    expect(addressOf(relay)).toContain('/ip6/::1/tcp/')
  })

  it('is the same peer after a restart', async () => {
    const { relay, dataDir } = await fixtures.relay()
    await relay.stop()
    const { relay: again } = await fixtures.relay(['--data', dataDir])
    expect(again.peerId.equals(relay.peerId)).toBe(true)
  })

  it('says that a port is taken, and leaves nothing open', async () => {
    const other = createServer()
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    try {
      await expect(fixtures.relay(['--port', String(port)])).rejects.toMatchObject({
        code: 'PORT_TAKEN',
        message: `Port ${port} is taken: stop the other program or choose another with --port N.`,
      })
    } finally {
      other.close()
    }
  })

  it('says that an address is not of this machine', async () => {
    await expect(fixtures.relay(['--host', '192.0.2.1'])).rejects.toMatchObject({
      code: 'HOST_UNAVAILABLE',
      message: expect.stringContaining('--host ADDRESS'),
    })
  })

  it('has no port before it is started', async () => {
    const { relay } = await fixtures.relay()
    await relay.stop()
    expect(() => relay.port).toThrow(expect.objectContaining({ code: 'RELAY_STATE' }))
  })

  it('stops within 2 s with peers connected, and frees its port', async () => {
    const { relay } = await fixtures.relay()
    const { port } = relay
    const peers = await Promise.all([fixtures.peer([relay]), fixtures.peer([relay]), fixtures.peer()])
    await connect(peers[2] as TestPeer, relay)
    const startedAt = performance.now()
    await relay.stop()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    await fixtures.relay(['--port', String(port)])
  })

  it('runs services on its node before any peer is let in, and stops them', async () => {
    let context: RelayServicesContext | undefined
    let stopped = 0
    const { relay, dataDir } = await fixtures.relay(['--sample'], {
      async services(given) {
        context = given
        expect((await fetch(`http://127.0.0.1:${portOf(given)}/healthz`)).status).toBe(503)
        expect(await upgradeStatus(portOf(given))).toMatchObject({ status: 503 })
        return {
          async stop() {
            stopped++
          },
        }
      },
    })
    expect(context).toMatchObject({ dataDir, network: 'local', sample: 'world' })
    expect(relay.stats().connectionsRefused.starting).toBe(1)
    await relay.stop()
    expect(stopped).toBe(1)
  })

  it('closes everything when a service fails to start', async () => {
    let port = 0
    const failing = fixtures.relay([], {
      async services(given) {
        port = portOf(given)
        throw new Error('no sample')
      },
    })
    await expect(failing).rejects.toThrow('no sample')
    await fixtures.relay(['--port', String(port)])
  })
})

/** The dialling side is done a little before the other one knows of the connection. */
async function firstConnections(relay: Relay): Promise<readonly Connection[]> {
  await expect.poll(() => relay.libp2p.getConnections().length).toBeGreaterThan(0)
  return relay.libp2p.getConnections()
}

/** Forwards bytes to `target` and adds whom they came from to the first request's head. */
async function openProxy(target: number, client: string): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer((inbound) => {
    const outbound = connectSocket(target, '127.0.0.1')
    for (const socket of [inbound, outbound]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    inbound.once('data', (head: Buffer) => {
      outbound.write(head.toString('latin1').replace('\r\n', `\r\nX-Forwarded-For: ${client}\r\n`), 'latin1')
      inbound.pipe(outbound).pipe(inbound)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function portOf({ libp2p }: RelayServicesContext): number {
  return Number(/\/tcp\/(\d+)\//.exec(String(libp2p.getMultiaddrs()[0]))?.[1])
}

interface UpgradeAnswer {
  readonly status: number
  readonly body: string
}

/** What an upgrade is answered by; 101 when it is accepted. */
async function upgradeStatus(
  port: number,
  headers: Record<string, string> = {},
  path = '/',
): Promise<UpgradeAnswer> {
  return new Promise((resolve, reject) => {
    const request = get({
      host: '127.0.0.1',
      port,
      path,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        ...headers,
      },
    })
    request.on('upgrade', (_, socket) => {
      socket.destroy()
      resolve({ status: 101, body: '' })
    })
    request.on('response', async (response) => {
      resolve({ status: response.statusCode ?? 0, body: await text(response) })
    })
    request.on('error', reject)
  })
}

/** Holds open sockets that never speak. */
async function openSockets(
  port: number,
  count: number,
  headers: Record<string, string> = {},
): Promise<WebSocket[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers })
      socket.on('error', () => {})
      await once(socket, 'open')
      return socket
    }),
  )
}

describe('[RE8] a relay that drains', () => {
  it('takes no reservation any more, says so at /healthz, and waits for those it has', async () => {
    const { relay } = await fixtures.relay(['--drain-time', '1h'])
    const peer = await fixtures.peer([relay])
    await reserved(relay, 1)
    const drained = relay.drain()
    const health = await fetch(`${relay.httpUrl}healthz`)
    expect([health.status, await health.json()]).toMatchObject([503, { ok: false, draining: true }])
    const late = await fixtures.peer()
    await connect(late, relay)
    const { status } = await askToReserve(late, relay)
    expect(status).toBe('PERMISSION_DENIED')
    const caller = await fixtures.peer()
    await handleEcho(peer)
    expect(await echo(await caller.dial(circuitAddress(relay, peer)), 10)).toBe(10)
    await peer.stop()
    await drained
  })

  it('waits no longer than --drain-time, and not at all for nobody', async () => {
    const { relay } = await fixtures.relay(['--drain-time', '50ms'])
    await fixtures.peer([relay])
    await reserved(relay, 1)
    await relay.drain()
    expect(relay.stats().reservations).toBe(1)
    const { relay: lonely } = await fixtures.relay(['--drain-time', '1h'])
    await lonely.drain()
  })

  it('tells clients that understand it, once they come and again when it begins', async () => {
    const { relay } = await fixtures.relay(['--drain-time', '50ms'])
    const { relayNotice } = protocolsOf('local')
    const told: boolean[] = []
    const client = await fixtures.peer([relay])
    const { requests } = createTransport(client, { network: 'local' })
    const heard = Promise.withResolvers<void>()
    requests.handle(relayNotice, async function* (bytes) {
      told.push(decodeRelayNotice(bytes).draining)
      heard.resolve()
      yield Uint8Array.of(1)
    })
    await reserved(relay, 1)
    await relay.libp2p.services.identify.identify((await firstConnections(relay))[0] as Connection)
    void relay.drain()
    await heard.promise
    expect(told).toEqual([true])
  })
})

/** The answer's name, as the protocol has it (circuit relay v2, enum Status). */
async function askToReserve(peer: TestPeer, relay: Relay): Promise<{ status: string }> {
  const stream = await peer.dialProtocol(multiaddr(addressOf(relay)), RELAY_V2_HOP_CODEC)
  const answered = new Promise<Uint8Array>((resolve) => {
    stream.addEventListener('message', ({ data }) => resolve(data.subarray()))
  })
  stream.send(Uint8Array.of(2, 8, 0)) // 2 bytes: field 1, type RESERVE
  const status = protobufVarint((await answered).subarray(1), 5)
  return {
    status: { 100: 'OK', 200: 'RESERVATION_REFUSED', 202: 'PERMISSION_DENIED' }[status] ?? String(status),
  }
}

/** The value of a field of two bytes in a message that has no other kind of field. */
function protobufVarint(message: Uint8Array, field: number): number {
  const at = message.indexOf(field << 3)
  const [low = 0, high = 0] = message.subarray(at + 1)
  return low < 0x80 ? low : (low & 0x7f) | (high << 7)
}

describe('[RE3] limits of connections', () => {
  it('32 connections of one address are held, the others are told why', async () => {
    const { relay } = await fixtures.relay()
    const sockets = await openSockets(relay.port, 32)
    const refusals = await Promise.all(Array.from({ length: 8 }, () => upgradeStatus(relay.port)))
    for (const { status, body } of refusals) {
      expect([status, body]).toEqual([
        429,
        'This relay holds 32 connections from your address, which is its limit. Close some tabs, or use another relay.\n',
      ])
    }
    expect(relay.stats().connectionsRefused.address).toBe(8)
    expect(await (await fetch(`${relay.httpUrl}metrics`)).text()).toContain(
      'tabland_relay_connections_refused_total{reason="address"} 8',
    )
    // One that leaves makes room.
    sockets[0]?.terminate()
    await expect.poll(async () => (await upgradeStatus(relay.port)).status).toBe(101)
    for (const socket of sockets) socket.terminate()
  })

  it('counts the clients of a trusted proxy each for itself', async () => {
    const { relay } = await fixtures.relay([
      '--trusted-proxies',
      '127.0.0.1',
      '--connections-per-address',
      '1',
    ])
    const first = await openSockets(relay.port, 1, { 'X-Forwarded-For': '198.51.100.1' })
    expect((await upgradeStatus(relay.port, { 'X-Forwarded-For': '198.51.100.1' })).status).toBe(429)
    expect((await upgradeStatus(relay.port, { 'X-Forwarded-For': '198.51.100.2' })).status).toBe(101)
    first[0]?.terminate()
  })

  it('is full at its limit in all, and says so', async () => {
    const { relay } = await fixtures.relay(['--max-connections', '2'])
    const sockets = await openSockets(relay.port, 2)
    const { status, body } = await upgradeStatus(relay.port)
    expect([status, body]).toEqual([
      503,
      'This relay is full: it holds 2 connections. Use another relay, or try again later.\n',
    ])
    for (const socket of sockets) socket.terminate()
  })

  it('takes peers at / only', async () => {
    const { relay } = await fixtures.relay()
    expect((await upgradeStatus(relay.port, {}, '/x')).status).toBe(404)
    expect((await upgradeStatus(relay.port, {}, '/?x=1')).status).toBe(101)
  })

  it('[RE7] 20 peers behind one address are all served, each with a circuit to another', async () => {
    const { relay } = await fixtures.relay()
    const peers = await Promise.all(Array.from({ length: 20 }, () => fixtures.peer([relay])))
    await reserved(relay, 20)
    for (const peer of peers) await handleEcho(peer)
    const echoed = peers.map(async (peer, i) =>
      echo(await peer.dial(circuitAddress(relay, peers[(i + 1) % 20] as TestPeer)), 10_000),
    )
    expect(await Promise.all(echoed)).toEqual(Array(20).fill(10_000))
    expect(relay.stats()).toMatchObject({ reservations: 20, reservationsRefused: 0 })
  })

  it('ends a connection that sends text or a message that is too large, and goes on', async () => {
    const { relay } = await fixtures.relay()
    for (const message of ['hello', new Uint8Array(2 << 20)]) {
      const [socket] = await openSockets(relay.port, 1)
      const closed = once(socket as WebSocket, 'close')
      socket?.send(message)
      await closed
    }
    const peer = await fixtures.peer()
    await connect(peer, relay)
  })
})

describe('[RE3] reservations and circuits', () => {
  it('a reserved peer is reached through the relay, and the bytes are counted', async () => {
    const { relay } = await fixtures.relay()
    const [called, caller] = [await fixtures.peer([relay]), await fixtures.peer()]
    await handleEcho(called)
    await reserved(relay, 1)
    const connection = await caller.dial(circuitAddress(relay, called))
    expect(connection.limits?.bytes).toBeGreaterThan(0n)
    const bytes = 300_000
    await echo(connection, bytes)
    expect(relay.circuits()).toEqual([
      {
        destination: called.peerId.toString(),
        bytesToDestination: expect.any(Number),
        bytesFromDestination: expect.any(Number),
      },
    ])
    const { circuitBytesToDestinations, circuitBytesFromDestinations, circuitsOpen, circuitsOpened } =
      relay.stats()
    expect([circuitsOpen, circuitsOpened]).toEqual([1, 1])
    // Noise, yamux and the handshake add a little.
    for (const counted of [circuitBytesToDestinations, circuitBytesFromDestinations]) {
      expect(counted).toBeGreaterThan(bytes)
      expect(counted).toBeLessThan(1.05 * bytes)
    }
    await connection.close()
    await expect.poll(() => relay.stats().circuitsOpen).toBe(0)
    expect(await (await fetch(`${relay.httpUrl}metrics`)).text()).toContain(
      `tabland_relay_circuit_bytes_total{direction="to_destination"} ${relay.stats().circuitBytesToDestinations}`,
    )
    expect(relay.stats().circuitOutcomes).toEqual({ closed: 1, limit: 0, broken: 0, unanswered: 0 })
  })

  it('holds as many reservations of one address as it may, whatever their peer ids', async () => {
    const { relay } = await fixtures.relay(['--reservations-per-address', '2'])
    const first = await fixtures.peer([relay])
    await fixtures.peer([relay])
    await expect(fixtures.peer([relay])).rejects.toThrow()
    expect(relay.stats()).toMatchObject({ reservations: 2, reservationsRefused: 1 })
    expect(await (await fetch(`${relay.httpUrl}metrics`)).text()).toContain(
      'tabland_relay_reservations_refused_total 1',
    )
    await first.stop()
    await reserved(relay, 1)
    await fixtures.peer([relay])
    await reserved(relay, 2)
  })

  it('frees the slot as soon as the connection ends (js-libp2p#2833)', async () => {
    const { relay } = await fixtures.relay(['--max-reservations', '1'])
    const first = await fixtures.peer([relay])
    await reserved(relay, 1)
    await expect(fixtures.peer([relay])).rejects.toThrow()
    await first.stop()
    await reserved(relay, 0)
    await fixtures.peer([relay])
    await reserved(relay, 1)
  })

  it('keeps the reservation of a peer that came back, when the first one would have ended', async () => {
    const { relay } = await fixtures.relay(['--reservation-ttl', '1s'])
    const peer = await fixtures.peer([relay])
    const { reservations } = relay.libp2p.services.circuitRelay
    const signal = reservations.get(peer.peerId)?.signal
    await peer.stop()
    await reserved(relay, 0)
    await new Promise((resolve) => setTimeout(resolve, 1_200)) // the reservation's own time is what is tested
    expect(signal?.aborted).toBe(false)
  })

  it('ends a reservation after its time', async () => {
    const { relay } = await fixtures.relay(['--reservation-ttl', '1s'])
    const peer = await fixtures.peer([relay])
    await reserved(relay, 1)
    await reserved(relay, 0)
    expect(relay.libp2p.getConnections(peer.peerId)).toHaveLength(1)
  })

  it('ends a circuit at its bytes', async () => {
    const { relay } = await fixtures.relay(['--circuit-bytes', '64KiB'])
    const [called, caller] = [await fixtures.peer([relay]), await fixtures.peer()]
    await handleEcho(called)
    const connection = await caller.dial(circuitAddress(relay, called))
    expect(await echo(connection, 10_000)).toBe(10_000)
    await expect(echo(connection, 100_000)).rejects.toThrow()
    await expect.poll(() => relay.stats().circuitsOpen).toBe(0)
    // The limit is the circuit's, not the peer's.
    expect(await echo(await caller.dial(circuitAddress(relay, called)), 10_000)).toBe(10_000)
  })

  it('ends a circuit at its time, which it told in seconds', async () => {
    const { relay } = await fixtures.relay(['--circuit-time', '2s'])
    const [called, caller] = [await fixtures.peer([relay]), await fixtures.peer()]
    await reserved(relay, 1)
    const openedAt = performance.now()
    const connection = await caller.dial(circuitAddress(relay, called))
    expect(connection.limits?.seconds).toBeLessThanOrEqual(2)
    await expect.poll(() => relay.stats().circuitsOpen, { timeout: 5_000 }).toBe(0)
    expect(performance.now() - openedAt).toBeGreaterThan(1_900)
  })

  it('carries any number of bytes without limits', async () => {
    const { relay } = await fixtures.relay(['--no-circuit-limits', '--circuit-bytes', '1'])
    const [called, caller] = [await fixtures.peer([relay]), await fixtures.peer()]
    await handleEcho(called)
    const connection = await caller.dial(circuitAddress(relay, called))
    expect(connection.limits).toBeUndefined()
    expect(await echo(connection, 100_000)).toBe(100_000)
  })

  it.each([
    ['all', ['--max-circuits', '1']],
    ['peer', ['--circuits-per-peer', '1']],
    ['address', ['--circuits-per-address', '1']],
  ])('refuses more circuits than its limit for each: %s', async (limit, flags) => {
    const { relay } = await fixtures.relay(flags)
    const called = await fixtures.peer([relay])
    const [first, second] = [await fixtures.peer(), await fixtures.peer()]
    const connection = await first.dial(circuitAddress(relay, called))
    await expect(second.dial(circuitAddress(relay, called))).rejects.toThrow()
    expect(relay.stats().circuitsRefused).toMatchObject({ [limit]: 1 })
    await connection.close()
    await expect.poll(() => relay.stats().circuitsOpen).toBe(0)
    await second.dial(circuitAddress(relay, called))
  })

  it('refuses more circuits than its limit of one calling peer', async () => {
    const { relay } = await fixtures.relay(['--circuits-per-peer', '1'])
    const called = await Promise.all([fixtures.peer([relay]), fixtures.peer([relay])])
    const caller = await fixtures.peer()
    await caller.dial(circuitAddress(relay, called[0]))
    await expect(caller.dial(circuitAddress(relay, called[1]))).rejects.toThrow()
    expect(relay.stats().circuitsRefused).toMatchObject({ peer: 1 })
  })
})

describe('[RE7] gossip', () => {
  const { linksTopic, placementsTopic, presenceTopic } = protocolsOf('local')

  it('has the topics and bounds of the tabs, so that neither side sends what the other cuts off', async () => {
    const { relay } = await fixtures.relay()
    const { scoreParams, ...opts } = gossipOptions('local')
    expect(relay.libp2p.services.pubsub).toMatchObject({
      opts: { ...opts, scoreParams: { topics: scoreParams?.topics }, gossipFactor: 1 },
    })
  })

  async function subscribed(peer: TestPeer, topic: string): Promise<void> {
    await expect
      .poll(() => peer.services.pubsub.getSubscribers(topic).length, { timeout: 10_000 })
      .toBeGreaterThan(0)
  }

  it('joins the topics of its network and forwards between peers that know only it', async () => {
    const { relay } = await fixtures.relay()
    expect(new Set(relay.libp2p.services.pubsub.getTopics())).toEqual(
      new Set([linksTopic, placementsTopic, presenceTopic]),
    )
    const [a, b] = [await fixtures.peer([relay]), await fixtures.peer([relay])]
    for (const peer of [a, b]) peer.services.pubsub.subscribe(linksTopic)
    for (const peer of [a, b]) await subscribed(peer, linksTopic)
    await expect.poll(() => relay.libp2p.services.pubsub.getSubscribers(linksTopic).length).toBe(2)
    const heard = once(b.services.pubsub as unknown as EventTarget, 'message')
    const { envelope } = await createFeed(await fakeIdentity(1)).next([link('a', 'b')])
    await a.services.pubsub.publish(linksTopic, envelope)
    const [event] = (await heard) as [CustomEvent<{ data: Uint8Array }>]
    expect([...event.detail.data]).toEqual([...envelope])
    expect(relay.stats().gossipMessages.get(linksTopic)).toBe(1)
  })

  it.each([
    ['over MAX_GOSSIP_BYTES', 70_000],
    ['of 10 MB', 10_000_000],
  ])('a message %s is not forwarded, and the relay lives', async (_, size) => {
    const { relay } = await fixtures.relay()
    const [a, b] = [await fixtures.peer([relay]), await fixtures.peer([relay])]
    for (const peer of [a, b]) peer.services.pubsub.subscribe(linksTopic)
    for (const peer of [a, b]) await subscribed(peer, linksTopic)
    const heard: number[] = []
    b.services.pubsub.addEventListener('message', ({ detail }) => heard.push(detail.data.length))
    await a.services.pubsub.publish(linksTopic, new Uint8Array(size))
    const c = await fixtures.peer([relay])
    c.services.pubsub.subscribe(linksTopic)
    await subscribed(c, linksTopic)
    const { envelope } = await createFeed(await fakeIdentity(1)).next([link('a', 'b')])
    await expect
      .poll(
        async () => {
          await c.services.pubsub.publish(linksTopic, envelope)
          return heard.length
        },
        { timeout: 10_000, interval: 300 },
      )
      .toBeGreaterThan(0)
    expect(Math.max(...heard)).toBe(envelope.length)
  })

  it('[NE9] networks never mix: names differ in every id', async () => {
    const { relay } = await fixtures.relay(['--network', 'test'])
    expect(
      relay.libp2p.services.pubsub.getTopics().every((topic) => topic.startsWith('/tabland/test/')),
    ).toBe(true)
    const ours = relay.libp2p
      .getProtocols()
      .filter((protocol) => protocol.includes('tabland') || protocol.includes('kad'))
    expect(ours).toEqual(expect.arrayContaining([protocolsOf('test').dht, protocolsOf('test').whoIsHere]))
    expect(ours.filter((protocol) => !protocol.startsWith('/tabland/test/'))).toEqual([])
  })
})
