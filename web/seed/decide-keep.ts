import { formatBytes } from '#core/format-bytes.ts'
import type { KeepRequest, SeedSettings } from '#core/seeding.ts'

/** Who asks to keep something names the bytes of its content; the tree above them makes a two-thousandth of it. */
const TOLERANCE = 1.01
/** And of a small one, the root. */
const MAX_NODE_BYTES = 16 * 1024

type Answer = true | { readonly refused: string }

/** [SE6] Only friends and one's own other devices may ask this peer to keep something. */
export function mayAskToKeep(
  { neuron }: Pick<KeepRequest, 'neuron'>,
  { friends }: Pick<SeedSettings, 'friends'>,
  ownAddress: string | undefined,
): Answer {
  const same = (address: string | undefined) => address?.toLowerCase() === neuron.toLowerCase()
  if (same(ownAddress) || friends.some(same)) return true
  return { refused: 'This peer keeps things for its owner and their friends only.' }
}

export interface KeepInput {
  readonly settings: Pick<SeedSettings, 'keepForOthersBytes'>
  /** bytes of what is kept for others already, without this content */
  readonly keptBytes: number
  /** it is pinned here already */
  readonly isPinned: boolean
  /** what pins leave of the quota */
  readonly freeBytes: number
}

/** [SE6] Is there room for it within what is set aside? */
export function decideKeep(
  { bytes }: Pick<KeepRequest, 'bytes'>,
  { settings, keptBytes, isPinned, freeBytes }: KeepInput,
): Answer {
  if (isPinned) return true
  const left = Math.max(0, settings.keepForOthersBytes - keptBytes)
  if (bytes > left) {
    return {
      refused: `This peer has ${formatBytes(left, 'down')} left of what it sets aside for others; ${formatBytes(bytes)} are asked for.`,
    }
  }
  if (bytes > freeBytes) {
    return {
      refused: `This peer's store has room for ${formatBytes(freeBytes, 'down')} more; ${formatBytes(bytes)} are asked for.`,
    }
  }
  return true
}

/** Is a content of `bytes` larger than who asked to keep it said? */
export function exceedsClaim(bytes: number, claimedBytes: number): boolean {
  return bytes > claimedBytes * TOLERANCE + MAX_NODE_BYTES
}
