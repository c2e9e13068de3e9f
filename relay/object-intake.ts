import { createRateLimit } from '#core/rate-limit.ts'
import type { ObjectOffer } from '#peer/protocols/objects.ts'
import {
  MAX_OBJECT_ADDRESSES,
  OBJECT_BYTES_PER_ADDRESS,
  OBJECTS_PER_ADDRESS,
  OBJECTS_PER_SECOND,
} from './limits.ts'

export interface ObjectIntakeInit {
  /** what a peer counts for: peer ids cost nothing, addresses do */
  readonly addressOf: (peer: string) => string
  /** ms, never set back */
  readonly now: () => number
}

export interface ObjectIntake {
  /** Is this taken of the peer now? Counts against its address, and against all. */
  wants(offer: ObjectOffer, peer: string): boolean
  /** offers that were not wanted since start */
  readonly refused: number
}

const ALL = 'all'

/** How many named objects a relay takes from its clients: nobody can push out what others published, or keep it busy. */
export function createObjectIntake({ addressOf, now }: ObjectIntakeInit): ObjectIntake {
  const objects = createRateLimit({ ...OBJECTS_PER_ADDRESS, maxKeys: MAX_OBJECT_ADDRESSES, now })
  const bytes = createRateLimit({ ...OBJECT_BYTES_PER_ADDRESS, maxKeys: MAX_OBJECT_ADDRESSES, now })
  const all = createRateLimit({ ...OBJECTS_PER_SECOND, maxKeys: 1, now })
  let refused = 0
  return {
    wants(offer, peer) {
      const address = addressOf(peer)
      // what one bound refuses costs nothing of the others
      const isWanted = objects.allows(address) && bytes.allows(address, offer.bytes) && all.take(ALL)
      if (!isWanted) {
        refused++
        return false
      }
      objects.take(address)
      bytes.take(address, offer.bytes)
      return true
    },
    get refused() {
      return refused
    },
  }
}
