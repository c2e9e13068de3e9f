import { createHmac, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webRTCDirect } from '@libp2p/webrtc'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'
import { NEW_DIRECT_BURST } from '#relay/limits.ts'
import { freeUdpPort } from '#test/fakes/free-udp-port.ts'
import { createFixtures } from '../fixtures.ts'

const fixtures = createFixtures()
const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
  await fixtures.stop()
})

async function start() {
  const udp = await freeUdpPort()
  const { relay } = await fixtures.relay(['--webrtc-port', String(udp)])
  const address = relay.addresses.find((address) => address.includes('/webrtc-direct/')) ?? ''
  return { relay, udp, address }
}

async function call(address: string) {
  const node = await createLibp2p({
    transports: [webRTCDirect({ rtcConfiguration: { iceServers: [] } })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping() },
  })
  stops.push(async () => node.stop())
  const { remotePeer } = await node.dial(multiaddr(address))
  return { node, remotePeer }
}

/** What a browser sends first (RFC 8445 §7.2.2), with a name and a password of the sender's own. */
function firstDatagram(): Buffer {
  const name = `libp2p+webrtc+v1/${randomBytes(16).toString('hex')}`
  const username = attribute(0x0006, Buffer.from(`${name}:${name}`))
  const head = Buffer.alloc(20)
  head.writeUInt16BE(0x0001, 0)
  head.writeUInt16BE(username.length + 24, 2)
  head.writeUInt32BE(0x2112a442, 4)
  randomBytes(12).copy(head, 8)
  const integrity = createHmac('sha1', name).update(head).update(username).digest()
  return Buffer.concat([head, username, attribute(0x0008, integrity)])
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)])
}

describe('[RE2] a relay with --webrtc-port', () => {
  it('is reached there without a certificate, and tells the address', async () => {
    const { relay, udp, address } = await start()
    expect(address).toMatch(
      new RegExp(`^/ip4/127\\.0\\.0\\.1/udp/${udp}/webrtc-direct/certhash/u[\\w-]+/p2p/${relay.peerId}$`),
    )
    const { node, remotePeer } = await call(address)
    expect(await node.services.ping.ping(remotePeer)).toBeGreaterThanOrEqual(0)
    expect(relay.stats().connections).toBe(1)
  })

  it('[RE7] begins few connections for datagrams that may be forged, and counts what it refuses', async () => {
    const { relay, udp } = await start()
    const socket = createSocket('udp4')
    const count = 3 * NEW_DIRECT_BURST
    for (let i = 0; i < count; i++)
      await new Promise((resolve) => socket.send(firstDatagram(), udp, '127.0.0.1', resolve))
    await expect
      .poll(() => relay.stats().connectionsRefused.direct, { timeout: 10_000 })
      .toBeGreaterThan(count - NEW_DIRECT_BURST - 40)
    socket.close()
    expect(relay.stats().connections).toBe(0)
  })

  it('does not start when its port is taken', async () => {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    const port = String(socket.address().port)
    await expect(fixtures.relay(['--webrtc-port', port])).rejects.toMatchObject({ code: 'PORT_TAKEN' })
    socket.close()
  })
})
