import { peerIdFromString } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { ByteWriter, utf8 } from '#core/bytes.ts'
import { MAX_HEARTBEAT_BYTES } from '#core/limits.ts'
import { decodeWhoIsHere, encodeWhoIsHere, MAX_TOLD_PEERS } from '#peer/protocols/who-is-here.ts'

const PEER = '12D3KooWHqU6wYjeuGU3DpwbM3voAuXjs3WYzZKbSGaSGA4kX8eC'
const told = { peerId: PEER, heartbeat: new Uint8Array([1, 2, 3]) }

describe('who is here', () => {
  it('is read as it was written', () => {
    expect(decodeWhoIsHere(encodeWhoIsHere([]))).toEqual([])
    expect(decodeWhoIsHere(encodeWhoIsHere([told, told]))).toEqual([told, told])
    expect(decodeWhoIsHere(encodeWhoIsHere(Array(100).fill(told)))).toHaveLength(MAX_TOLD_PEERS)
  })

  it.each([
    ['base58 that is no peer id', 'abc'],
    ['too short a hash', 'QmFoo'],
    ['ones alone', '11'],
    ['another form of an id', peerIdFromString(PEER).toCID().toString()],
    ['no base58', '0OIl'],
    ['nothing', ''],
  ])('[NE4] with %s for a peer id is refused', (_, peerId) => {
    expect(() => decodeWhoIsHere(encodeWhoIsHere([told, { ...told, peerId }]))).toThrow(
      expect.objectContaining({ code: 'WHO_IS_HERE_INVALID' }),
    )
  })

  it.each([
    ['too many peers', new ByteWriter().u8(MAX_TOLD_PEERS + 1).finish()],
    ['an end too early', encodeWhoIsHere([told]).slice(0, -1)],
    ['more than was counted', new Uint8Array([...encodeWhoIsHere([told]), 0])],
    [
      'a heartbeat too long',
      new ByteWriter()
        .u8(1)
        .u8(PEER.length)
        .bytes(utf8(PEER))
        .u16(MAX_HEARTBEAT_BYTES + 1)
        .finish(),
    ],
  ])('with %s is refused', (_, bytes) => {
    expect(() => decodeWhoIsHere(bytes)).toThrow(expect.objectContaining({ code: 'WHO_IS_HERE_INVALID' }))
  })
})
