/** Numbers and names as a person reads them. Pure: the clock comes as an argument. */

export { formatBytes } from '#core/format-bytes.ts'

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** `1 peer`, `3 peers`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** Grouped digits: `50,000`. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** A share of 1 as percent with two significant digits: `12 %`, `0.42 %`, `less than 0.01 %`. */
export function formatShare(share: number): string {
  const percent = share * 100
  if (percent < 0.01) return 'less than 0.01 %'
  if (percent >= 10) return `${Math.round(percent)} %`
  // two significant digits, in plain notation: percent is in [0.01, 10)
  const digits = Math.max(0, 1 - Math.floor(Math.log10(percent)))
  return `${trimZeros(percent.toFixed(digits))} %`
}

/**
 * Shortens a CID, peer id, address or link in its middle: `QmYwAP…nBDG`, `cyfs://o/5aSix…3vSx`. Short texts stay whole,
 * and so does a link's scheme.
 */
export function shorten(text: string, { head = 6, tail = 4 } = {}): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0].length ?? 0
  const from = scheme + head
  return text.length <= from + tail + 1 ? text : `${text.slice(0, from)}…${text.slice(-tail)}`
}

/** Longest query or text shown inside a sentence, a title or a button. */
export const MAX_SHOWN_QUERY = 80

/** A query or text as it is named in a sentence: cut in its middle when long, between characters. */
export function shortenQuery(text: string): string {
  const characters = [...text]
  if (characters.length <= MAX_SHOWN_QUERY) return text
  const tail = 19
  return `${characters.slice(0, MAX_SHOWN_QUERY - tail - 1).join('')}…${characters.slice(-tail).join('')}`
}

/** A multiaddr whose peer ids are shortened: `/ip4/127.0.0.1/tcp/8080/ws/p2p/12D3Ko…XYZa`. */
export function shortenAddress(multiaddr: string): string {
  return multiaddr.replaceAll(/(?<=\/p2p\/)[^/]+/g, (peerId) => shorten(peerId))
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago: `now`, `40 s ago`, `2 min ago`, `3 h ago`, `5 d ago`, then the date. Times ahead of the clock are `now`. */
export function formatAgo(timeMs: number, nowMs: number): string {
  const age = nowMs - timeMs
  if (age < 5 * SECOND) return 'now'
  if (age < MINUTE) return `${Math.floor(age / SECOND)} s ago`
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`
  if (age < DAY) return `${Math.floor(age / HOUR)} h ago`
  if (age < 30 * DAY) return `${Math.floor(age / DAY)} d ago`
  return new Date(timeMs).toISOString().slice(0, 10)
}

/** A span of time: `840 ms`, `1.4 s`, `13 min`, `2 h`, `21 d`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 9.95 * SECOND) return `${trimZeros((ms / SECOND).toFixed(1))} s`
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`
  if (ms < 2 * DAY) return `${Math.round(ms / HOUR)} h`
  return `${Math.round(ms / DAY)} d`
}

/** `1,200 of 4,000`. */
export function formatOutOf(done: number, total: number): string {
  return `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`
}

/** `12, −7` with a true minus sign. */
export function formatCell({ x, y }: { readonly x: number; readonly y: number }): string {
  return `${x}, ${y}`.replaceAll('-', '−')
}
