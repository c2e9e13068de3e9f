/** `node hostile-worker.ts ADDRESS COUNT`: attacks one relay by COUNT connections at once until it is killed. */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { protocolsOf } from '#core/network.ts'
import { createLoadPeer } from './load-peer.ts'
import { dialFrom, loopbackAddress } from './source-addresses.ts'
import type { Report } from './workers.ts'

const [address = '', countText = '0'] = process.argv.slice(2)
const port = Number(/\/tcp\/(\d+)/.exec(address)?.[1])
const count = Number(countText)
/** Every second attacker comes from one of these few, and is over the limit of an address; the others are below. */
const FEW_ADDRESSES = 4
const PER_ADDRESS = 10
const OVERSIZED_BYTES = 2 << 20
/** "/multistream/1.0.0\n" with its length */
const MULTISTREAM = Buffer.from('\x13/multistream/1.0.0\n')

let attackers = 0
const done: Record<string, number> = {}

function nextAddress(): string {
  const index = attackers++
  return index % 2 === 0
    ? loopbackAddress(200, (index / 2) % FEW_ADDRESSES)
    : loopbackAddress(201, Math.floor(index / 2 / PER_ADDRESS))
}

/** Does one thing again and again; a connection that is cut comes back after a while, as attackers do. */
async function repeat(name: string, attack: () => Promise<unknown>): Promise<never> {
  for (;;) {
    await attack().catch(() => {})
    done[name] = (done[name] ?? 0) + 1
    await wait(500 + Math.random() * 1_000)
  }
}

function untilClosed(socket: Socket | WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => {})
    socket.on('close', () => resolve())
  })
}

/** A request's head, one byte every two seconds. */
async function slowHttp(): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: nextAddress() })
  const timer = setInterval(() => socket.write('X'), 2_000)
  socket.write('GET / HTTP/1.1\r\nX-')
  await untilClosed(socket)
  clearInterval(timer)
}

async function openWebSocket(attack: (socket: WebSocket) => void): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
    localAddress: nextAddress(),
    perMessageDeflate: false,
  })
  socket.on('open', () => attack(socket))
  await untilClosed(socket)
}

const silent = () => openWebSocket(() => {})
const slowHandshake = () =>
  openWebSocket((socket) => {
    let at = 0
    const timer = setInterval(() => {
      if (socket.readyState !== WebSocket.OPEN) clearInterval(timer)
      else socket.send(MULTISTREAM.subarray(at % MULTISTREAM.length, (at++ % MULTISTREAM.length) + 1))
    }, 1_000)
  })
const malformed = () =>
  openWebSocket((socket) => {
    socket.send(MULTISTREAM)
    socket.send(randomBytes(1 + Math.floor(Math.random() * 4_096)))
  })
const oversized = () => openWebSocket((socket) => socket.send(Buffer.alloc(OVERSIZED_BYTES)))

/** A reservation for each new peer id, held for half a minute. */
async function hog(): Promise<void> {
  const peer = await createLoadPeer({ relay: address })
  await wait(30_000)
  await peer.stop()
}

/** Ten messages a second that no honest peer would send. */
async function spam(): Promise<void> {
  const peer = await createLoadPeer({ relay: address, gossip: true })
  const { linksTopic, presenceTopic } = protocolsOf('local')
  for (const topic of [linksTopic, presenceTopic]) peer.services.pubsub?.subscribe(topic)
  for (let i = 0; i < 300 && peer.getConnections().length > 0; i++) {
    const topic = i % 2 === 0 ? linksTopic : presenceTopic
    await peer.services.pubsub?.publish(topic, randomBytes(256)).catch(() => {})
    await wait(100)
  }
  await peer.stop()
}

/** Shares of the attackers; libp2p peers cost this machine most. */
const ATTACKS = [
  [0.3, 'slow HTTP', slowHttp],
  [0.2, 'silent WebSocket', silent],
  [0.2, 'slow handshake', slowHandshake],
  [0.15, 'malformed', malformed],
  [0.05, 'oversized', oversized],
  [0.05, 'reservation hog', hog],
  [0.05, 'gossip spam', spam],
] as const

process.on('uncaughtException', () => {})
process.on('unhandledRejection', () => {})
process.on('message', () => process.send?.(done satisfies Report))

dialFrom(nextAddress)
for (const [share, name, attack] of ATTACKS) {
  for (let i = 0; i < Math.round(count * share); i++) {
    void repeat(name, attack)
    if (i % 20 === 19) await wait(20)
  }
}
