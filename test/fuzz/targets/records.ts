import { machineOf } from '#core/machine.ts'
import { readLinkBatch } from '#graph/link-batch.ts'
import { readPlacement, signPlacement } from '#objects/placement.ts'
import { earlierRecords } from '#test/fakes/earlier-records.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFeed, digestOf, link } from '#test/fakes/links.ts'
import type { FuzzTarget } from '../fuzz.ts'

/** [KG1] Link batches, as objects and as they were before. */
export async function linkBatchTarget(): Promise<FuzzTarget> {
  const feed = createFeed(await fakeIdentity(1))
  const batches = [
    await feed.next([link('moon', 'night')]),
    await feed.next([link('moon', 'sea'), link('sea', 'salt')]),
  ]
  return {
    name: 'link-batch',
    seeds: [...batches, ...earlierRecords().links].map(({ envelope }) => envelope),
    maxInputBytes: 20_000,
    codes: ['LINKS_INVALID', 'LINKS_SELF'],
    run: readLinkBatch,
  }
}

/** Placements, as objects and as they were before. */
export async function placementTarget(): Promise<FuzzTarget> {
  const identity = await fakeIdentity(1)
  const fields = { machine: machineOf('test'), parcel: 7, timeUs: TEST_NOW * 1_000, sequence: 1 }
  const pose = { x: 1, y: 2, z: 3, yawDegrees: 4, scale: 5 }
  const placements = [
    await signPlacement({ ...fields, root: digestOf('fox'), pose }, identity),
    await signPlacement({ ...fields, root: undefined }, identity),
  ]
  return {
    name: 'placement',
    seeds: [...placements, ...earlierRecords().placements].map(({ envelope }) => envelope),
    maxInputBytes: 4_096,
    codes: ['PLACEMENT_INVALID'],
    run: readPlacement,
  }
}
