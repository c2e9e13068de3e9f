import { toHex } from '#core/bytes.ts'
import type { SignedGraphBlock } from './graph-block.ts'

/** Two blocks of one height that the same rule certifies: an orderer's fault that everybody can check ([KG3]). */
export interface SeenFork {
  readonly height: number
  /** the one that was seen first, first */
  readonly blocks: readonly [SignedGraphBlock, SignedGraphBlock]
}

/** What a peer saw of a machine's blocks that keeps no chain. */
export interface ForkWatch {
  /** Takes a certified block; the fork when it is the second of its height. */
  see(block: SignedGraphBlock): SeenFork | undefined
  /** of the greatest height; of two the one that was seen first */
  readonly newest: SignedGraphBlock | undefined
  /** the ones kept, latest last */
  readonly forks: readonly SeenFork[]
}

/** A thousand blocks of a kilobyte each: half an hour of blocks of 2 s. */
const MAX_SEEN = 1_024
/** More tell nobody more of such an orderer. */
const MAX_FORKS = 16

/** Remembers the certified blocks that were seen lately, and which of them have one height. */
export function createForkWatch(): ForkWatch {
  const seen = new Map<number, SignedGraphBlock>()
  const forks = new Map<string, SeenFork>()
  let newest: SignedGraphBlock | undefined

  return {
    see(block) {
      const { height } = block.desc
      const first = seen.get(height)
      if (first === undefined) {
        seen.set(height, block)
        if (seen.size > MAX_SEEN) seen.delete(Math.min(...seen.keys()))
        if (newest === undefined || height > newest.desc.height) newest = block
        return undefined
      }
      const hash = toHex(block.hash)
      if (hash === toHex(first.hash)) return undefined
      const known = forks.get(hash)
      if (known !== undefined) return known
      const fork = { height, blocks: [first, block] as const }
      if (forks.size < MAX_FORKS) forks.set(hash, fork)
      return fork
    },
    get newest() {
      return newest
    },
    get forks() {
      return [...forks.values()]
    },
  }
}
