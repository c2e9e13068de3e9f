import type { ScrubState, SeedItem, SeedState, SeedTransfer, ServingState } from '#api/seed-types.ts'
import type { ParcelBuild } from '#api/types.ts'
import type { PinReason } from '#core/seeding.ts'
import { formatAgo, formatBytes, formatCell, formatDuration, formatShare, shorten } from './format.ts'
import { heldShare, isWhole } from './seed-list.ts'
import { seedTexts } from './seed-texts.ts'

/** What the seeding panel says of numbers, in words. Pure. */

/** The one line: can others fetch what is mine at this moment, and do they? */
export function servingLine(serving: ServingState): string {
  const { items, wholeItems, reachablePeers, takingPeers } = serving
  const words = seedTexts.serving
  const connected = `${words.connected(reachablePeers)}, ${words.taking(takingPeers)}`
  switch (serving.status) {
    case 'served':
      return words.served(items, connected)
    case 'partly':
      return `${words.partly(wholeItems, items)}; ${connected}`
    case 'alone':
      return words.alone(wholeItems, items)
    case 'offline':
      return words.offline
    case 'nothing':
      return words.nothing
  }
}

/** The same for the status chip; nothing where the chip says it already, or there is nothing to say. */
export function servingShort({ status, items, wholeItems }: ServingState): string | undefined {
  if (status === 'served') return seedTexts.chip.served(items)
  if (status === 'partly') return seedTexts.chip.partly(wholeItems, items)
  return status === 'alone' ? seedTexts.chip.alone : undefined
}

export type Mood = 'on' | 'wait' | 'off'

export function servingMood({ status }: ServingState): Mood {
  if (status === 'served') return 'on'
  return status === 'offline' ? 'off' : 'wait'
}

/** What an item is called: its name, the plot that it stands on, or its CID. */
export function itemName(item: Pick<SeedItem, 'cid' | 'name'>, build: ParcelBuild | undefined): string {
  if (item.name !== undefined && item.name.trim() !== '') return item.name
  return build === undefined ? shorten(item.cid) : seedTexts.item.model(formatCell(build.cell))
}

export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

/** `published, pinned` or `cached`. */
export function reasonsShort(reasons: readonly PinReason[]): string {
  if (reasons.length === 0) return seedTexts.item.cached
  return reasons.map((reason) => seedTexts.item.reasonWords[reason]).join(', ')
}

/** Why it is here, in sentences. */
export function reasonsLong(reasons: readonly PinReason[]): string {
  if (reasons.length === 0) return seedTexts.item.cachedWhy
  const sentences = reasons.map((reason) => seedTexts.item.reasons[reason])
  return [...sentences, seedTexts.item.neverEvicted].join(' ')
}

/** Size, reason and copies in one line: `12 MB · published · 2 of 3 copies`. */
export function itemFacts(item: SeedItem, wantedCopies: number): string {
  const { bytes, heldBytes, reasons, copies } = item
  const size = bytes === undefined ? seedTexts.item.sizeUnknown : formatBytes(bytes)
  const held =
    bytes === undefined || isWhole(item) ? size : seedTexts.item.heldOf(formatBytes(heldBytes), size)
  const parts = [held, reasonsShort(reasons)]
  if (copies !== undefined) parts.push(seedTexts.item.copiesOf(copies, wantedCopies))
  return parts.join(' · ')
}

/** How a transfer goes: `Fetching · 40 % here · from 2 sources · 1.2 MB/s · 12 s left`. */
export function transferLine(item: Pick<SeedItem, 'bytes' | 'heldBytes'>, transfer: SeedTransfer): string {
  const { kind, sources, bytesPerSecond, secondsLeft, bytes, total } = transfer
  const share = total === undefined || total === 0 ? heldShare(item) : Math.min(1, bytes / total)
  const parts: string[] = [kind === 'add' ? seedTexts.item.adding : seedTexts.item.fetching]
  if (share > 0) parts.push(kind === 'add' ? formatShare(share) : seedTexts.item.here(formatShare(share)))
  if (kind === 'fetch') parts.push(seedTexts.item.sources(sources))
  if (bytesPerSecond > 0) parts.push(formatRate(bytesPerSecond))
  if (secondsLeft !== undefined && bytesPerSecond > 0)
    parts.push(seedTexts.add.left(formatDuration(secondsLeft * 1000)))
  return parts.join(' · ')
}

/** What the check of copies found, labelled as what it proves ([SE6]). */
export function copiesLine(
  { copies, copiesCheckedAt, falseProofs = 0 }: Pick<SeedItem, 'copies' | 'copiesCheckedAt' | 'falseProofs'>,
  wantedCopies: number,
  now: number,
): string {
  if (copies === undefined) return seedTexts.item.notChecked(wantedCopies)
  const asked = copiesCheckedAt === undefined ? [] : [seedTexts.item.asked(formatAgo(copiesCheckedAt, now))]
  const lied = falseProofs === 0 ? [] : [seedTexts.item.falseProofs(falseProofs)]
  return [seedTexts.item.proved(copies, wantedCopies), ...asked, ...lied].join(' ')
}

/** [SE2] How far what is pinned was read again, and what was found. */
export function scrubLine(
  { status, checkedBytes, totalBytes, finishedAt, damagedBlocks }: ScrubState,
  now: number,
): string {
  const { totals } = seedTexts
  const share = formatShare(totalBytes === 0 ? 0 : checkedBytes / totalBytes)
  const isUnderWay = checkedBytes > 0 && status !== 'resting'
  const progress =
    status === 'reading'
      ? totals.scrubReading(share)
      : isUnderWay && checkedBytes < totalBytes
        ? totals.scrubPaused(share)
        : finishedAt === undefined
          ? totals.scrubNever
          : totals.scrubDone(formatAgo(finishedAt, now))
  const isKnown = finishedAt !== undefined || damagedBlocks > 0
  return isKnown ? `${progress} ${totals.scrubDamaged(damagedBlocks)}` : progress
}

/** A twentieth is what records and their headers take. */
const DISK_OVERHEAD = 1.05

/** What the files of the store take, with what is not freed yet where that is much. */
export function diskLine({
  diskBytes,
  pinnedBytes,
  cachedBytes,
}: Pick<SeedState, 'diskBytes' | 'pinnedBytes' | 'cachedBytes'>): string {
  const all = formatBytes(diskBytes)
  const live = pinnedBytes + cachedBytes
  if (diskBytes <= live * DISK_OVERHEAD) return all
  return seedTexts.totals.diskOf(all, formatBytes(diskBytes - live))
}

/** Worth spans many powers of ten: `3.2·10⁻¹²`. */
export function formatWorth(worth: number): string {
  if (!(worth > 0)) return '0'
  const [mantissa = '0', exponent = '0'] = worth.toExponential(1).split('e')
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹'
  const power = [...exponent.replace('+', '')].map((sign) => (sign === '-' ? '⁻' : digits[Number(sign)]))
  return `${mantissa}·10${power.join('')}`
}
