import type { Timers } from '#core/timers.ts'
import type { ObjectsApi } from './object-types.ts'

/** What an object is to this profile: open to everybody, sealed and opened for it, or closed. */
export type ObjectSight = 'open' | 'unsealed' | 'closed'

export interface ObjectSights {
  /** Of an object by its id, base58; undefined while it is asked for, and where nobody has it. */
  of(object: string): ObjectSight | undefined
}

export interface ObjectSightsInit {
  readonly objects: Pick<ObjectsApi, 'open'>
  readonly timers: Timers
  /** one of them is known now, or no longer */
  readonly onKnown: () => void
}

/** Who stays closed, or is not here, is asked again after this: owners come and name readers. */
const AGAIN_MS = 5 * 60_000
/** Objects that are remembered: many times what stands around one. */
const MAX_KNOWN = 1_024

/** Remembers what objects are to this profile: a token tells of what it shows only that it is an object. */
export function createObjectSights({ objects, timers, onKnown }: ObjectSightsInit): ObjectSights {
  const known = new Map<string, ObjectSight | undefined>()

  async function ask(object: string): Promise<void> {
    const sight = await objects.open(object).then(
      ({ restricted }) => (restricted === undefined ? 'open' : restricted.readable ? 'unsealed' : 'closed'),
      () => undefined,
    )
    known.set(object, sight)
    if (sight === undefined || sight === 'closed') timers.after(AGAIN_MS, () => forget(object))
    onKnown()
  }

  function forget(object: string): void {
    known.delete(object)
    onKnown()
  }

  return {
    of(object) {
      if (known.has(object)) return known.get(object)
      for (const oldest of known.keys()) {
        if (known.size < MAX_KNOWN) break
        known.delete(oldest)
      }
      known.set(object, undefined)
      void ask(object)
      return undefined
    },
  }
}
