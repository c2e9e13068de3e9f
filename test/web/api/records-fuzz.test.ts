import { describe, expect, it } from 'vitest'
import { textCid } from '#core/cid.ts'
import { parcelAt } from '#core/land.ts'
import { SYNC_INTERVAL_MS } from '#peer/protocols/sync-loop.ts'
import { fakeIdentity } from '#test/fakes/identity.ts'
import { createFeed, link } from '#test/fakes/links.ts'
import { createFakeNetwork, createRandom } from '#test/fakes/network.ts'
import { createPeers, fingerprint, syncAll } from '#test/fakes/records.ts'

const POSE = { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 }

describe('peers that lag, lose and reorder messages, part and meet again', () => {
  const LAND = [parcelAt({ x: 40, y: 0 })!, parcelAt({ x: 41, y: 0 })!]
  const PEERS = 5

  it.each([1n, 2n, 3n, 4n, 5n, 6n])(
    '[KG1] hold the same links, placements and ranks in the end, seed %s',
    async (seed) => {
      const random = createRandom(seed)
      const below = (n: number): number => Math.floor(random() * n)
      const network = createFakeNetwork(seed + 100n)
      const peers = await createPeers(network, PEERS)
      const forker = createFeed(await fakeIdentity(99))
      const fork = [await forker.next([link('fork', 'a')]), await forker.next([link('fork', 'b')])] as const
      forker.rewind(fork[0])
      const other = await forker.next([link('fork', 'c')])
      for (let i = 1; i < PEERS; i++) network.connect(`p${i - 1}`, `p${i}`)
      for (let step = 0; step < 80; step++) {
        const peer = peers[below(PEERS)]!
        const action = below(12)
        if (action < 4) await peer.link(`word ${below(8)}`, `thing ${below(30)}`)
        else if (action < 6)
          await peer.records.place({
            parcel: LAND[below(2)]!,
            root: textCid(`model ${step}`),
            placement: POSE,
          })
        else if (action < 9) for (let i = below(6); i > 0; i--) await network.deliver()
        else if (action < 10) for (let i = below(4); i > 0; i--) network.drop()
        else if (action < 11) network.partition(['p0', `p${1 + below(2)}`], ['p3', 'p4'])
        else network.connect(`p${below(2)}`, `p${2 + below(3)}`)
        if (step === 20) await peers[0]!.graph.ingest([fork[0].envelope, fork[1].envelope])
        if (step === 40) await peers[4]!.graph.ingest([fork[0].envelope, other.envelope])
        if (below(10) === 0) peer.timers.advance(SYNC_INTERVAL_MS)
      }
      await network.settle()
      for (let i = 0; i < PEERS; i++) network.connect(`p${i}`, `p${(i + 1) % PEERS}`)
      await network.settle()
      await syncAll(network, peers, 2 * PEERS)
      const expected = await fingerprint(peers[0]!)
      for (const peer of peers) {
        expect(await fingerprint(peer), peer.id).toEqual(expected)
        expect(peer.misbehaved, peer.id).toEqual([])
      }
      const heads = await peers[2]!.graph.heads()
      expect(heads.filter(({ frozen }) => frozen)).toHaveLength(1)
      expect((await peers[2]!.graph.search('fork')).results.map(({ cid }) => cid)).toEqual([textCid('a')])
    },
  )
})
