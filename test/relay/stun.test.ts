import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { fromHex, toHex } from '#core/bytes.ts'
import {
  encodeBindingRequest,
  encodeBindingResponse,
  encodeUnknownAttributes,
  parseBindingRequest,
  parseBindingResponse,
} from '#relay/stun.ts'
import { createStunServer, type StunServer } from '#relay/stun-server.ts'

/** RFC 5769 §2.1: a request with SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME, MESSAGE-INTEGRITY, FINGERPRINT. */
const RFC_REQUEST = fromHex(
  '000100582112a442b7e7a701bc34d686fa87dfae' +
    '802200105354554e207465737420636c69656e74' +
    '002400046e0001ff' +
    '80290008932ff9b151263b36' +
    '000600096576746a3a68367659202020' +
    '000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2' +
    '80280004e57a3bcf',
)
const TRANSACTION = fromHex('b7e7a701bc34d686fa87dfae')
/** What browsers send: the header alone. */
const PLAIN_REQUEST = fromHex('000100002112a442b7e7a701bc34d686fa87dfae')

function request(attributes: string): Uint8Array {
  const body = fromHex(attributes)
  return fromHex(
    `0001${body.length.toString(16).padStart(4, '0')}2112a442b7e7a701bc34d686fa87dfae${attributes}`,
  )
}

describe('[NE1a] STUN messages', () => {
  it('reads a bare request', () => {
    expect(parseBindingRequest(PLAIN_REQUEST)).toEqual({ transactionId: TRANSACTION, unknownAttributes: [] })
  })

  it('reads the request of RFC 5769 §2.1, whose PRIORITY is for ICE agents', () => {
    expect(parseBindingRequest(RFC_REQUEST)).toEqual({
      transactionId: TRANSACTION,
      unknownAttributes: [0x24],
    })
  })

  it('writes XOR-MAPPED-ADDRESS of RFC 5769 §2.2 (IPv4)', () => {
    expect(toHex(encodeBindingResponse(TRANSACTION, '192.0.2.1', 32_853))).toBe(
      '0101000c2112a442b7e7a701bc34d686fa87dfae' + '002000080001a147e112a643',
    )
  })

  it('writes XOR-MAPPED-ADDRESS of RFC 5769 §2.3 (IPv6)', () => {
    expect(toHex(encodeBindingResponse(TRANSACTION, '2001:db8:1234:5678:11:2233:4455:6677', 32_853))).toBe(
      '010100182112a442b7e7a701bc34d686fa87dfae' + '002000140002a147' + '0113a9faa5d3f179bc25f4b5bed2b9d9',
    )
  })

  it('writes an IPv6 address with its zeros left out', () => {
    // ::1 ⊕ (cookie ‖ transaction id)
    expect(toHex(encodeBindingResponse(TRANSACTION, '::1', 1).subarray(28))).toBe(
      '2112a442b7e7a701bc34d686fa87dfaf',
    )
  })

  it('writes the bare request that browsers send', () => {
    expect(encodeBindingRequest(TRANSACTION)).toEqual(PLAIN_REQUEST)
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1234:5678:11:2233:4455:6677', '2001:db8:1234:5678:11:2233:4455:6677'],
    ['::1', '0:0:0:0:0:0:0:1'],
  ])('reads the answer that tells %s', (address, told) => {
    const answer = encodeBindingResponse(TRANSACTION, address, 32_853)
    expect(parseBindingResponse(answer, TRANSACTION)).toEqual({ address: told, port: 32_853 })
  })

  it('takes no answer to another request, cut off or of another kind', () => {
    const answer = encodeBindingResponse(TRANSACTION, '192.0.2.1', 32_853)
    expect(parseBindingResponse(answer, new Uint8Array(12))).toBeUndefined()
    expect(parseBindingResponse(PLAIN_REQUEST, TRANSACTION)).toBeUndefined()
    for (let length = 0; length < answer.length; length++) {
      expect(parseBindingResponse(answer.subarray(0, length), TRANSACTION)).toBeUndefined()
    }
  })

  it('answers required attributes that it does not know by error 420 (RFC 5389 §7.3.1)', () => {
    expect(toHex(encodeUnknownAttributes(TRANSACTION, [0x24, 0x03]))).toBe(
      '011100182112a442b7e7a701bc34d686fa87dfae' + '0009000b00000414556e6b6e6f776e00' + '000a000400240003',
    )
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['less than a header', PLAIN_REQUEST.subarray(0, 19)],
    ['a response', fromHex('010100002112a442b7e7a701bc34d686fa87dfae')],
    ['an indication', fromHex('001100002112a442b7e7a701bc34d686fa87dfae')],
    ['RFC 3489 without the cookie', fromHex('0001000011111111b7e7a701bc34d686fa87dfae')],
    ['a length beyond its end', fromHex('000100042112a442b7e7a701bc34d686fa87dfae')],
    ['a length before its end', Uint8Array.from([...PLAIN_REQUEST, 0, 0, 0, 0])],
    ['an attribute beyond the end', request('802200085354554e')],
    ['a length that is no multiple of 4', request('8022')],
    ['more than 548 bytes', request(`80220214${'00'.repeat(532)}`)],
    ['DTLS', fromHex('16feff000000000000000000360100002a000000000000002a')],
  ])('is silent on %s', (_, bytes) => {
    expect(parseBindingRequest(bytes)).toBeUndefined()
  })

  it('never throws on a corrupted request', () => {
    for (let at = 0; at < RFC_REQUEST.length; at++) {
      for (const value of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
        const bytes = RFC_REQUEST.slice()
        bytes[at] = value
        expect(() => parseBindingRequest(bytes)).not.toThrow()
      }
    }
  })
})

describe('[NE1a] STUN server', () => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  async function open(host: string, now?: () => number): Promise<{ server: StunServer; port: number }> {
    // The relay gives UDP the number that TCP got, so the server takes no 0: ask the system for a free one.
    const probe = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    probe.bind(0, host)
    await once(probe, 'listening')
    const { port } = probe.address()
    await new Promise<void>((resolve) => probe.close(() => resolve()))
    const server = createStunServer(now)
    await server.listen(host, port)
    closing.push(() => server.close())
    return { server, port }
  }

  async function client(host: string): Promise<Socket> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.bind(0, host)
    await once(socket, 'listening')
    closing.push(() => new Promise((resolve) => socket.close(() => resolve())))
    return socket
  }

  it.each([['127.0.0.1'], ['::1']])('tells a client on %s its address', async (host) => {
    const { server, port } = await open(host)
    const socket = await client(host)
    socket.send(PLAIN_REQUEST, port, host)
    const [answer] = (await once(socket, 'message')) as [Buffer]
    expect(toHex(answer)).toBe(toHex(encodeBindingResponse(TRANSACTION, host, socket.address().port)))
    expect(server.answered).toBe(1)
  })

  it('answers at most the burst of one address, and again after a while', async () => {
    let time = 0
    const { server, port } = await open('127.0.0.1', () => time)
    const socket = await client('127.0.0.1')
    const ask = async () => {
      socket.send(PLAIN_REQUEST, port, '127.0.0.1')
      await once(socket, 'message')
    }
    for (let i = 0; i < 50; i++) await ask()
    socket.send(PLAIN_REQUEST, port, '127.0.0.1')
    // Datagrams of one socket over loopback arrive in order: the garbage is seen after the request.
    socket.send(new Uint8Array(4), port, '127.0.0.1')
    await expect.poll(() => server.dropped).toBe(2)
    expect(server.answered).toBe(50)
    time += 1_000
    await ask()
    expect(server.answered).toBe(51)
  })

  it('says so when the port is taken', async () => {
    const { port } = await open('127.0.0.1')
    await expect(createStunServer().listen('127.0.0.1', port)).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `Port ${port} is taken: stop the other program or choose another with --port N.`,
    })
  })
})
