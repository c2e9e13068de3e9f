import { registerHooks } from 'node:module'
import type { PrivateKey } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'

/**
 * What fails without patches/@libp2p+webrtc: see docs/upstream.md. The two files are not exported by the package,
 * so they are imported by path; native WebRTC is replaced by fakes whose states the test sets.
 */
const SOURCE = '../../../node_modules/@libp2p/webrtc/dist/src'

class FakeChannel extends EventTarget {
  readyState: RTCDataChannelState = 'connecting'
  closes = 0

  close(): void {
    this.closes += 1
    if (this.readyState === 'closed') return
    this.readyState = 'closing'
    queueMicrotask(() => this.closeNow())
  }

  open(): void {
    this.readyState = 'open'
    this.dispatchEvent(new Event('open'))
  }

  closeNow(): void {
    if (this.readyState === 'closed') return
    this.readyState = 'closed'
    this.dispatchEvent(new Event('close'))
  }
}

class FakeConnection extends EventTarget {
  static last: FakeConnection
  connectionState: RTCPeerConnectionState = 'new'
  onconnectionstatechange: ((event?: Event) => void) | null = null
  readonly channel = new FakeChannel()

  constructor() {
    super()
    FakeConnection.last = this
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state
    this.onconnectionstatechange?.()
  }

  createDataChannel = () => this.channel
  createOffer = async () => ({ type: 'offer', sdp: 'offer' })
  setLocalDescription = async () => {}
  setRemoteDescription = async () => {}
  addIceCandidate = async () => {}
  close = () => this.become('closed')
}

// The package loads native WebRTC in Node.js; vitest leaves packages to Node.js, so Node.js is told of the fake.
Object.assign(globalThis, {
  fakeWebRtc: {
    RTCPeerConnection: FakeConnection,
    RTCSessionDescription: class {},
    RTCIceCandidate: class {
      candidate = ''
    },
  },
})
const FAKE = `data:text/javascript,export const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = fakeWebRtc`
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'node-datachannel/polyfill' ? { url: FAKE, shortCircuit: true } : next(specifier, context),
})

const logger = Object.assign(() => {}, { error() {}, trace() {}, newScope: () => logger })

interface Candidates {
  readCandidatesUntilConnected(pc: unknown, stream: unknown, options: unknown): Promise<void>
}

async function readCandidates(pc: FakeConnection, read: () => Promise<unknown>, signal?: AbortSignal) {
  const { readCandidatesUntilConnected }: Candidates = await import(`${SOURCE}/private-to-private/util.js`)
  return readCandidatesUntilConnected(pc, { read }, { direction: 'recipient', log: logger, signal })
}

function named(name: string): Error {
  return Object.assign(new Error(name), { name })
}

describe('patched @libp2p/webrtc: a signalling stream that ends', () => {
  it('is a failure when it is reset before the peer connection stands', async () => {
    const pc = new FakeConnection()
    const reading = readCandidates(pc, () => Promise.reject(named('StreamResetError')))
    await expect(reading).rejects.toThrow('StreamResetError')
  })

  it('is a failure when a message is malformed', async () => {
    const pc = new FakeConnection()
    const reading = readCandidates(pc, async () => ({ type: 'SDP_OFFER' }))
    await expect(reading).rejects.toThrow('ICE candidate message expected')
  })

  it('is no failure when the other side connected first and closed it', async () => {
    const pc = new FakeConnection()
    const reading = readCandidates(pc, () => Promise.reject(named('UnexpectedEOFError')))
    setTimeout(() => pc.become('connected'))
    await expect(reading).resolves.toBeUndefined()
  })

  it('is a failure when it is closed and the peer connection then fails', async () => {
    const pc = new FakeConnection()
    const reading = readCandidates(pc, () => Promise.reject(named('UnexpectedEOFError')))
    setTimeout(() => pc.become('failed'))
    await expect(reading).rejects.toThrow('failed')
  })

  it('is a failure when it is closed and the time is over', async () => {
    const pc = new FakeConnection()
    const reading = readCandidates(
      pc,
      () => Promise.reject(named('UnexpectedEOFError')),
      AbortSignal.timeout(20),
    )
    await expect(reading).rejects.toThrow()
  })

  it('does not matter once the peer connection stands', async () => {
    const pc = new FakeConnection()
    pc.connectionState = 'connected'
    await expect(readCandidates(pc, () => Promise.reject(named('StreamResetError')))).resolves.toBeUndefined()
  })
})

/** A signalling stream whose other side answers the offer, or says nothing more. */
async function dialWith(prepare: (pc: FakeConnection) => void): Promise<unknown> {
  const [{ initiateConnection }, { Message }, { multiaddr }, { generateKeyPair }, { peerIdFromPrivateKey }] =
    await Promise.all([
      import(`${SOURCE}/private-to-private/initiate-connection.js`),
      import(`${SOURCE}/private-to-private/pb/message.js`),
      import('@multiformats/multiaddr'),
      import('@libp2p/crypto/keys'),
      import('@libp2p/peer-id'),
    ])
  const key: PrivateKey = await generateKeyPair('Ed25519')
  const peer = peerIdFromPrivateKey(key)
  const encoded: Uint8Array = Message.encode({ type: Message.Type.SDP_ANSWER, data: 'answer' })
  const stream = fakeStream(new Uint8Array([encoded.length, ...encoded]), () => prepare(FakeConnection.last))
  return initiateConnection({
    multiaddr: multiaddr(`/ip4/127.0.0.1/tcp/1/ws/p2p/${peer}/p2p-circuit/webrtc/p2p/${peer}`),
    connectionManager: { getConnections: () => [{ newStream: async () => stream }] },
    transportManager: {},
    signal: AbortSignal.timeout(500),
    log: logger,
    logger: { forComponent: () => logger },
  })
}

function fakeStream(answer: Uint8Array, onOffer: () => void) {
  const stream = Object.assign(new EventTarget(), {
    log: logger,
    status: 'open',
    readStatus: 'readable',
    remoteWriteStatus: 'writable',
    readBufferLength: 0,
    push() {},
    send: () => {
      queueMicrotask(() => {
        onOffer()
        stream.dispatchEvent(Object.assign(new Event('message'), { data: answer }))
      })
      return true
    },
    onDrain: async () => {},
    close: async () => {},
    abort() {},
    pause() {},
    resume() {},
    unshift() {},
  })
  return stream
}

describe('patched @libp2p/webrtc: the initiator', () => {
  it('connects when the init channel opens and closes as usual', async () => {
    const result = dialWith((pc) => {
      pc.become('connected')
      pc.channel.open()
    })
    await expect(result).resolves.toHaveProperty('muxerFactory')
    expect(FakeConnection.last.channel.closes).toBe(1)
  })

  it('connects when the recipient has closed the init channel already', async () => {
    const result = dialWith((pc) => {
      pc.become('connected')
      pc.channel.open()
      pc.channel.closeNow()
    })
    await expect(result).resolves.toHaveProperty('muxerFactory')
  })

  it('connects when the recipient is closing the init channel', async () => {
    const result = dialWith((pc) => {
      pc.become('connected')
      pc.channel.readyState = 'closing'
      setTimeout(() => pc.channel.closeNow(), 10)
    })
    await expect(result).resolves.toHaveProperty('muxerFactory')
  })

  it('connects when the init channel closes without having told that it opened', async () => {
    const result = dialWith((pc) => {
      pc.become('connected')
      setTimeout(() => pc.channel.closeNow(), 10)
    })
    await expect(result).resolves.toHaveProperty('muxerFactory')
  })
})
