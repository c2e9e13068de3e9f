const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** A bound is never told as more ('up' for the least) or less ('down' for the most) than it is. */
export type Rounding = 'nearest' | 'up' | 'down'

const ROUND = { nearest: Math.round, up: Math.ceil, down: Math.floor }
/** 4.1 · 100 is a little less than 410 in binary. */
const SLACK = 1e-12

/** Decimal units, three significant digits: `0 B`, `479 kB`, `12.3 MB`. */
export function formatBytes(bytes: number, rounding: Rounding = 'nearest'): string {
  const round = ROUND[rounding]
  const slack = rounding === 'up' ? -SLACK : rounding === 'down' ? SLACK : 0
  let value = Math.max(0, bytes)
  for (let unit = 0; ; unit++) {
    const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
    const scale = 10 ** digits
    const shown = round(value * scale * (1 + slack)) / scale
    if (shown < 1000 || unit === UNITS.length - 1) return `${shown} ${UNITS[unit]}`
    value /= 1000
  }
}
