import type { Connection, Stream } from '@libp2p/interface'
import { afterEach, describe, expect, it } from 'vitest'
import { joinCircuit } from '#relay/circuits/circuit-pipe.ts'
import { createFairScheduler } from '#relay/circuits/fair-scheduler.ts'
import type { Relay } from '#relay/relay.ts'
import { circuitAddress, connect, createFixtures, type TestPeer } from '../fixtures.ts'

const fixtures = createFixtures()
afterEach(() => fixtures.stop())

const SINK = '/test/sink/1.0.0'
const KIB = 1024
const LIMITED = { runOnLimitedConnection: true }

/** A peer that takes what comes by SINK. */
async function startCalled(relay: Relay) {
  const peer = await fixtures.peer([relay])
  const state = { peer, received: 0 }
  await peer.handle(
    SINK,
    (stream: Stream) => {
      stream.addEventListener('message', ({ data }) => {
        state.received += data.byteLength
      })
    },
    LIMITED,
  )
  return state
}

/** Sends as fast as the circuit takes it, until it ends. */
async function saturate(connection: Connection): Promise<void> {
  const stream = await connection.newStream(SINK, LIMITED)
  const chunk = new Uint8Array(64 * KIB)
  // `onDrain()` waits only once in the life of a stream: its promise is never made anew.
  return new Promise((_, reject) => {
    const fill = (): void => {
      if (stream.writeStatus === 'writable' && stream.send(chunk)) setImmediate(fill)
    }
    stream.addEventListener('drain', () => void setImmediate(fill))
    stream.addEventListener('close', ({ error }) => reject(error ?? new Error('closed')))
    fill()
  })
}

/** `count` circuits to peers of their own: a second one to the same peer would use the first's connection. */
async function openCircuits(relay: Relay, caller: TestPeer, count: number) {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const called = await startCalled(relay)
      saturate(await caller.dial(circuitAddress(relay, called.peer))).catch(() => {}) // ends with its circuit
      return called
    }),
  )
}

describe('[RE3] circuits', () => {
  it.each([
    [1, 1],
    [1, 3],
  ])('two clients that saturate with %i and %i circuits get half each, ± 10 percent', async (a, b) => {
    const { relay } = await fixtures.relay(['--total-rate', '1MiB'])
    const callers = [await fixtures.peer(), await fixtures.peer()] as const
    const sinks = [await openCircuits(relay, callers[0], a), await openCircuits(relay, callers[1], b)]
    const sums = () => sinks.map((circuits) => circuits.reduce((sum, { received }) => sum + received, 0))
    // Until both are under way, one has all.
    await expect.poll(() => Math.min(...sums()), { timeout: 10_000 }).toBeGreaterThan(512 * KIB)
    const before = sums()
    const gained = () => sums().map((sum, i) => sum - (before[i] ?? 0))
    await expect
      .poll(() => gained().reduce((x, y) => x + y), { timeout: 20_000 })
      .toBeGreaterThan(4_000 * KIB)
    const [first = 0, second = 0] = gained()
    const share = first / (first + second)
    console.log(
      `${a} and ${b} circuits: ${(100 * share).toFixed(1)} % and ${(100 - 100 * share).toFixed(1)} %`,
    )
    expect(share).toBeGreaterThan(0.45)
    expect(share).toBeLessThan(0.55)
  })

  it('tells the limits that it keeps: bytes and time as told, no less and no more', async () => {
    const { relay } = await fixtures.relay(['--circuit-bytes', '256KiB', '--circuit-time', '90s'])
    const called = await startCalled(relay)
    const caller = await fixtures.peer()
    const connection = await caller.dial(circuitAddress(relay, called.peer))
    // What the handshake of the inner connection took is known to both sides.
    expect(Number(connection.limits?.bytes)).toBeGreaterThan(250 * KIB)
    expect(connection.limits?.seconds).toBeGreaterThan(80)
    expect(connection.limits?.seconds).toBeLessThanOrEqual(90)
    const told = Number(connection.limits?.bytes)
    await saturate(connection).catch(() => {})
    // Noise and yamux take the rest: 18 bytes of a frame of up to 64 KiB, 12 of a header.
    expect(called.received).toBeLessThanOrEqual(told)
    await expect.poll(() => relay.stats().circuitsOpen).toBe(0)
    const { circuitBytesToDestinations: to, circuitBytesFromDestinations: from } = relay.stats()
    expect(to + from).toBeGreaterThan(256 * KIB)
    expect(to + from).toBeLessThanOrEqual(272 * KIB)
  })

  it('holds a sender back whose receiver does not read, instead of keeping what it sends; passes its end on', async () => {
    const { relay } = await fixtures.relay()
    const [sender, receiver] = [await fixtures.peer(), await fixtures.peer()]
    const inbound = Promise.withResolvers<Stream>()
    const arrived = Promise.withResolvers<Stream>()
    await relay.libp2p.handle('/test/in', (stream) => inbound.resolve(stream))
    await receiver.handle('/test/out', (stream) => arrived.resolve(stream))
    for (const peer of [sender, receiver]) await connect(peer, relay)
    await expect.poll(() => relay.libp2p.getConnections(receiver.peerId)).toHaveLength(1)
    const sent = await sender.dialProtocol(relay.libp2p.peerId, '/test/in')
    const outbound = await relay.libp2p.getConnections(receiver.peerId)[0]?.newStream('/test/out')
    if (outbound === undefined) throw new Error('The receiver has no connection.')
    const [source, received] = [await inbound.promise, await arrived.promise]
    let bytes = 0
    const ends: string[] = []
    received.addEventListener('message', ({ data }) => {
      bytes += data.byteLength
    })
    received.addEventListener('remoteCloseWrite', () => ends.push(`end after ${bytes}`))
    received.pause()
    const pipe = joinCircuit({
      source,
      destination: outbound,
      scheduler: createFairScheduler({
        rates: { peer: 1e9, address: 1e9, total: 1e9 },
        now: () => performance.now(),
        setTimer: (task, ms) => {
          const timer = setTimeout(task, ms)
          return () => clearTimeout(timer)
        },
      }),
      peer: 'peer',
      address: 'address',
      signals: [],
      onCarried: () => undefined,
      onEnd: () => ends.push('over'),
    })
    sent.send(new Uint8Array(4_096 * KIB))
    await expect.poll(() => source.readStatus, { timeout: 10_000 }).toBe('paused')
    await expect.poll(() => outbound.writableNeedsDrain, { timeout: 10_000 }).toBe(true)
    await relay.libp2p.services.ping.ping(sender.peerId) // all that was on its way is here now
    expect(pipe.bufferedBytes).toBeGreaterThan(64 * KIB)
    expect(pipe.bufferedBytes).toBeLessThan(700 * KIB)
    const closed = sent.close()
    received.resume()
    await expect.poll(() => bytes, { timeout: 10_000 }).toBe(4_096 * KIB)
    await closed
    await expect.poll(() => ends).toEqual([`end after ${4_096 * KIB}`])
    await received.close()
    await expect.poll(() => ends).toHaveLength(2)
  })

  it.each([
    ['peer', '--peer-bytes'],
    ['address', '--address-bytes'],
    ['relay', '--total-bytes'],
  ])(
    'carries no more once the bytes of its %s are used up, until the quota time is over',
    async (_, flag) => {
      const { relay } = await fixtures.relay([flag, '200KiB', '--quota-time', '2s'])
      const called = await startCalled(relay)
      const caller = await fixtures.peer()
      await saturate(await caller.dial(circuitAddress(relay, called.peer))).catch(() => {})
      expect(relay.stats().circuitsRefused.bytes).toBe(1)
      expect(called.received).toBeLessThanOrEqual(216 * KIB)
      await expect(caller.dial(circuitAddress(relay, called.peer))).rejects.toThrow()
      expect(relay.stats().circuitsRefused.bytes).toBe(2)
      await expect
        .poll(() => caller.dial(circuitAddress(relay, called.peer)).then(() => 'carried', String), {
          timeout: 10_000,
        })
        .toBe('carried')
    },
  )

  it.each([['--peer-rate'], ['--address-rate']])('%s holds a circuit at its rate', async (flag) => {
    const { relay } = await fixtures.relay([flag, '1MiB'])
    const caller = await fixtures.peer()
    const [called] = await openCircuits(relay, caller, 1)
    await expect.poll(() => called?.received, { timeout: 10_000 }).toBeGreaterThan(256 * KIB)
    const [before, startedAt] = [called?.received ?? 0, performance.now()]
    await expect.poll(() => called?.received, { timeout: 20_000 }).toBeGreaterThan(before + 2_048 * KIB)
    const rate = ((called?.received ?? 0) - before) / ((performance.now() - startedAt) / 1_000)
    expect(rate).toBeLessThan(1.1 * 1_024 * KIB)
  })

  it('ends at both sides when either leaves, and passes a half close on', async () => {
    const { relay } = await fixtures.relay()
    const called = await startCalled(relay)
    const [first, second] = [await fixtures.peer(), await fixtures.peer()]
    for (const caller of [first, second]) await caller.dial(circuitAddress(relay, called.peer))
    await expect.poll(() => relay.stats().circuitsOpen).toBe(2)
    await first.stop()
    await expect.poll(() => relay.stats().circuitsOpen).toBe(1)
    await called.peer.stop()
    await expect.poll(() => relay.stats().circuitsOpen).toBe(0)
    await expect.poll(() => second.getConnections(called.peer.peerId)).toHaveLength(0)
  })
})
