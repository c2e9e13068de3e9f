import type { KeepRequest, SeedSettings } from '#core/seeding.ts'

export interface KeepInput {
  readonly settings: Pick<SeedSettings, 'friends' | 'keepForOthersBytes'>
  /** 0x…; undefined until the first key is made */
  readonly ownAddress: string | undefined
  /** bytes of what is kept for others already, without this content */
  readonly keptBytes: number
  /** it is pinned here already */
  readonly isPinned: boolean
  /** what pins leave of the quota */
  readonly freeBytes: number
}

/** [SE6] Only friends and one's own other devices may ask this peer to keep something, within what is set aside. */
export function decideKeep(
  { neuron, bytes }: Pick<KeepRequest, 'neuron' | 'bytes'>,
  { settings, ownAddress, keptBytes, isPinned, freeBytes }: KeepInput,
): true | { readonly refused: string } {
  const same = (address: string | undefined) => address?.toLowerCase() === neuron.toLowerCase()
  if (!same(ownAddress) && !settings.friends.some(same)) {
    return { refused: 'This peer keeps things for its owner and their friends only.' }
  }
  if (isPinned) return true
  const left = Math.max(0, settings.keepForOthersBytes - keptBytes)
  if (bytes > left) {
    return {
      refused: `This peer has ${left} bytes left of what it sets aside for others; ${bytes} are asked for.`,
    }
  }
  if (bytes > freeBytes) {
    return {
      refused: `This peer's store has room for ${Math.max(0, freeBytes)} more bytes; ${bytes} are asked for.`,
    }
  }
  return true
}
