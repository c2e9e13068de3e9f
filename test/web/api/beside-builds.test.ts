import { expect, it } from 'vitest'
import { besideBuilds } from '#api/beside-builds.ts'
import type { ParcelBuild } from '#api/types.ts'
import { fromFixedPose, toFixedPose } from '#objects/placement-pose.ts'

it('[CH6] the token of a build, where that stands, is that build, and none beside it', () => {
  const placement = { x: 1.5, y: 0, z: -2.1, yawDegrees: 33.3, scale: 0.7 }
  const standing = { parcel: 7, cell: { x: 0, y: 31 }, root: 'QmA', placement, mine: false }
  const build: ParcelBuild = { ...standing, neuron: '0x0', time: 0 }
  // as the chain has it
  const token = { ...standing, id: 1, holder: '0x0', placement: fromFixedPose(toFixedPose(placement)) }
  const others = [
    { ...token, id: 2, root: 'QmB' },
    { ...token, id: 3, placement: { ...placement, yawDegrees: 90 } },
    { ...token, id: 4, parcel: 8 },
  ]
  expect(besideBuilds([token, ...others], new Map([[7, build]]))).toEqual(others)
  expect(besideBuilds([token], new Map())).toEqual([token])
})
