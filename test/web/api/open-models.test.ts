import { expect, it } from 'vitest'
import { contentRoot, toModelFacts } from '#api/open-models.ts'
import { createChainReader } from '#chain/chain-reader.ts'
import type { Hex } from '#chain/hex.ts'
import type { ProvenModel } from '#chain/models/read-models.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { concat, fromHex } from '#core/bytes.ts'
import { encodeCid, parseDigest } from '#core/cid.ts'
import { hastyTimers } from '../../fakes/timers.ts'

const ROOT = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'
const ME: Hex = '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed'
const reader = createChainReader({
  endpoints: createEndpoints(['http://node/']),
  timers: hastyTimers,
  now: Date.now,
})

it('[CH6] takes a content for a file when it is a CID, whatever bytes its author minted', () => {
  const v0 = encodeCid(parseDigest(ROOT))
  expect(contentRoot(v0)).toBe(ROOT)
  expect(contentRoot(concat(fromHex('0170'), v0))).toBe(ROOT)
  const raw = contentRoot(concat(fromHex('0155'), v0))
  expect(raw).toMatch(/^bafkrei/)
  for (const bytes of ['', '00', '1220ab', 'ff'.repeat(72)])
    expect(contentRoot(fromHex(bytes))).toBeUndefined()
})

it('[CH6] tells of a model in the words of a page, and leaves out what is none', () => {
  const model: ProvenModel = {
    ...{
      id: 7,
      holder: ME,
      author: ME,
      isAccepted: true,
      royalty: 250,
      content: encodeCid(parseDigest(ROOT)),
    },
    place: { on: 'planet', parcel: 3, pose: { x: 1_500, y: -250, z: 0, yaw: 90_000, scale: 500_000 } },
    access: '0x00000000000000000000000000000000000000aa',
    block: 9,
    blockTime: 1_760_000_000,
  }
  const facts = toModelFacts(model, { reader, me: ME })
  expect(facts).toMatchObject({
    ...{ id: 7, mine: true, royalty: 250, root: ROOT, isRestricted: true },
    holder: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    place: { on: 'planet', parcel: 3, placement: { x: 1.5, y: -0.25, z: 0, yawDegrees: 90, scale: 0.5 } },
    proof: { block: 9, at: 1_760_000_000_000 },
  })
  const { place: _, access: __, ...bare } = model
  const other = toModelFacts({ ...bare, content: fromHex('00') }, { reader, me: undefined })
  expect([other.mine, other.root, other.place, other.isRestricted]).toEqual([
    false,
    undefined,
    undefined,
    false,
  ])
})
