import { CID } from 'multiformats/cid'
import { expect, it } from 'vitest'
import { createMarker, isMarker } from '#peer/blocks/marker.ts'

it('a marker is told from every content, and from every other marker', () => {
  const [one, two] = [createMarker(), createMarker()]
  expect(isMarker(one) && isMarker(CID.parse(two.toString()))).toBe(true)
  expect(one.equals(two)).toBe(false)
  expect(isMarker(CID.parse('QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o'))).toBe(false)
})
