import type { Connection, Libp2p, Stream, StreamMiddleware } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { MAX_KNOWN_PEERS } from '#core/limits.ts'
import { createServedMeter } from '#peer/served-meter.ts'

function start() {
  const sent: number[] = []
  let middleware: StreamMiddleware | undefined
  const meter = createServedMeter({
    use: (_: string, added: StreamMiddleware) => {
      middleware = added
    },
    unuse: () => {
      middleware = undefined
    },
  } as unknown as Pick<Libp2p, 'use' | 'unuse'>)
  const send = (peer: string, bytes: number) => {
    const stream = { send: ({ byteLength }: Uint8Array) => sent.push(byteLength) > 0 } as unknown as Stream
    const connection = { remotePeer: { toString: () => peer } } as Connection
    void middleware?.(stream, connection, () => {})
    stream.send(new Uint8Array(bytes))
  }
  return { meter, send, sent }
}

describe('served meter', () => {
  it('counts the bytes of messages with blocks, and the peers that they went to', () => {
    const { meter, send, sent } = start()
    for (const bytes of [4_095, 4_096, 5_000]) send('A', bytes)
    send('B', 10_000)
    send('C', 100)
    expect(meter.read()).toEqual({ bytes: 19_096, peers: 2 })
    expect(sent).toEqual([4_095, 4_096, 5_000, 10_000, 100])
  })

  it('remembers a bounded number of peers, and loses no byte', () => {
    const { meter, send } = start()
    for (let i = 0; i < MAX_KNOWN_PEERS + 10; i++) send(`peer${i}`, 4_096)
    expect(meter.read()).toEqual({ bytes: (MAX_KNOWN_PEERS + 10) * 4_096, peers: MAX_KNOWN_PEERS + 10 })
    send(`peer${MAX_KNOWN_PEERS}`, 4_096)
    expect(meter.read().peers).toBe(MAX_KNOWN_PEERS + 10)
    send('peer0', 4_096) // was forgotten: memory is bounded
    expect(meter.read().peers).toBe(MAX_KNOWN_PEERS + 11)
  })
})
