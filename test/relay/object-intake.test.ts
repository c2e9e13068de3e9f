import { beforeEach, describe, expect, it } from 'vitest'
import type { ObjectId } from '#objects/object-id.ts'
import { OBJECT_BYTES_PER_ADDRESS, OBJECTS_PER_ADDRESS, OBJECTS_PER_SECOND } from '#relay/limits.ts'
import { createObjectIntake, type ObjectIntake } from '#relay/object-intake.ts'

let now: number
let intake: ObjectIntake

beforeEach(() => {
  now = 0
  // peers are named by their address and a number
  intake = createObjectIntake({ addressOf: (peer) => peer.split('/')[0] as string, now: () => now })
})

const offer = (bytes: number) => ({ id: new Uint8Array(32) as ObjectId, updated: 0n, bytes })

/** How many of so many offers of one size are wanted, each from another peer of the address. */
function wanted(address: string, count: number, bytes = 100): number {
  let taken = 0
  for (let i = 0; i < count; i++) if (intake.wants(offer(bytes), `${address}/${i}`)) taken++
  return taken
}

describe('[RE7] objects of clients', () => {
  it('are taken up to a number of one address, whatever its peers, and then at a rate', () => {
    expect(wanted('a', 2 * OBJECTS_PER_ADDRESS.burst)).toBe(OBJECTS_PER_ADDRESS.burst)
    expect(intake.refused).toBe(OBJECTS_PER_ADDRESS.burst)
    now += 10_000
    expect(wanted('a', 100)).toBe(10 * OBJECTS_PER_ADDRESS.perSecond)
    expect(wanted('b', 100)).toBe(100)
  })

  it('are taken up to a number of bytes', () => {
    const large = 2 * 1024 * 1024
    const most = OBJECT_BYTES_PER_ADDRESS.burst / large
    expect(wanted('a', 2 * most, large)).toBe(most)
    expect(wanted('a', 10)).toBe(0)
    now += 1_000
    expect(wanted('a', 1, OBJECT_BYTES_PER_ADDRESS.perSecond)).toBe(1)
  })

  it('cost nothing when another bound refuses them', () => {
    expect(wanted('a', OBJECTS_PER_ADDRESS.burst, OBJECT_BYTES_PER_ADDRESS.burst + 1)).toBe(0)
    expect(wanted('a', OBJECTS_PER_ADDRESS.burst)).toBe(OBJECTS_PER_ADDRESS.burst)
    for (let i = 0; intake.wants(offer(1), `other ${i}`); i++);
    expect(wanted('b', OBJECTS_PER_ADDRESS.burst, OBJECT_BYTES_PER_ADDRESS.perSecond)).toBe(0)
    now += 1_000
    const large = OBJECT_BYTES_PER_ADDRESS.burst / 2
    expect(wanted('b', 3, large)).toBe(2)
  })

  it('are taken at a rate of all addresses together', () => {
    const addresses = 2 * Math.ceil(OBJECTS_PER_SECOND.burst / OBJECTS_PER_ADDRESS.burst)
    let taken = 0
    for (let i = 0; i < addresses; i++) taken += wanted(String(i), OBJECTS_PER_ADDRESS.burst)
    expect(taken).toBe(OBJECTS_PER_SECOND.burst)
    now += 1_000
    expect(wanted('another', 100)).toBe(OBJECTS_PER_SECOND.perSecond)
  })
})
