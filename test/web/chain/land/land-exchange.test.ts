import { describe, expect, it } from 'vitest'
import { hexOf } from '#chain/hex.ts'
import { peerLandSource, serveLand } from '#chain/land/land-exchange.ts'
import { landRoot } from '#chain/land/land-root.ts'
import { createLandVerifier } from '#chain/land/land-verifier.ts'
import { createSnapshots } from '#chain/land/snapshots.ts'
import { createTsKeccak } from '#core/keccak.ts'
import { MAX_FRAME_BYTES } from '#core/limits.ts'
import type { RequestHandler, Requests } from '#core/transport.ts'
import { GRID, makeLand } from '../../../fakes/land.ts'

const PROTOCOL = '/tabland/test/land/1.0.0'
const keccak = createTsKeccak()
const landOf = (owner: bigint) => makeLand(new Map([[1, { owner }]]))
const proven = (owner: bigint) => ({
  root: hexOf(landRoot(keccak, landOf(owner))),
  table: landOf(owner),
  block: 3,
})
const header = { hash: '0x00', parentHash: '0x00', number: 3, timestamp: 1, stateRoot: '0x00' } as const

/** Requests that reach the handlers of the same side. */
function loopback(): Requests {
  const handlers = new Map<string, RequestHandler>()
  return {
    handle(protocol, handler) {
      handlers.set(protocol, handler)
      return () => handlers.delete(protocol)
    },
    async *request(_, protocol, request) {
      const handler = handlers.get(protocol)
      if (handler === undefined) throw new Error('nobody answers')
      for await (const frame of handler(new Uint8Array(request), 'asker')) {
        expect(frame.length).toBeLessThanOrEqual(MAX_FRAME_BYTES)
        yield new Uint8Array(frame)
      }
    },
  }
}

describe('[CH14] the land between peers', () => {
  it('is handed on whole, or as what changed, and checked by who asked', async () => {
    const requests = loopback()
    const snapshots = createSnapshots({ chainId: 1, grid: GRID })
    snapshots.add(proven(1n))
    snapshots.add(proven(2n))
    const end = serveLand(requests, PROTOCOL, snapshots)
    const source = peerLandSource({ requests, protocol: PROTOCOL, peer: 'peer' })
    const { signal } = new AbortController()
    const verifier = createLandVerifier(keccak)
    for (const base of [undefined, proven(1n)]) {
      const { root } = proven(2n)
      const offer = await source.offer({ header, root, base }, signal)
      expect((await verifier.verify(offer, root, base)).table).toEqual(landOf(2n))
    }
    const missing = { header, root: proven(9n).root, base: undefined }
    await expect(source.offer(missing, signal)).rejects.toMatchObject({ code: 'LAND_UNAVAILABLE' })
    end()
    await expect(source.offer(missing, signal)).rejects.toThrow(/nobody answers/)
  })

  it('is kept for those who are some changes behind, and no longer', async () => {
    const snapshots = createSnapshots({ chainId: 1, grid: GRID })
    for (let owner = 1n; owner <= 9n; owner++) snapshots.add(proven(owner))
    expect(await snapshots.get(proven(1n).root)).toBeUndefined()
    const whole = await snapshots.get(proven(9n).root)
    // from what is not known any more, all of it
    expect(await snapshots.get(proven(9n).root, proven(1n).root)).toEqual(whole)
    expect(await snapshots.get(proven(9n).root, proven(8n).root)).not.toEqual(whole)
  })

  it('of a request that is none is nothing', async () => {
    const requests = loopback()
    serveLand(requests, PROTOCOL, createSnapshots({ chainId: 1, grid: GRID }))
    const frames: number[] = []
    for await (const frame of requests.request('peer', PROTOCOL, new Uint8Array(5))) frames.push(frame.length)
    expect(frames).toEqual([4])
  })
})
