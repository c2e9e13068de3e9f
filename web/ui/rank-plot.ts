import type { RankSummary } from '#api/search-types.ts'
import { STOP_DELTA } from '#graph/rank-rules.ts'

/** Units of the plot's drawing; texts stand in the margins. */
export const PLOT = { width: 320, height: 150, left: 40, right: 8, top: 8, bottom: 22 } as const

/** δ at which the iteration ends ([KG10]), as a share of all rank. */
const STOP_SHARE = Number(STOP_DELTA) / 2 ** 62
/** Decades between two lines of the grid. */
const DECADES = 2

export interface RankPlot {
  readonly points: readonly { readonly x: number; readonly y: number; readonly iteration: number }[]
  /** `x,y x,y …` */
  readonly line: string
  readonly grid: readonly { readonly y: number; readonly exponent: number }[]
  /** y of the δ that ends it */
  readonly stopY: number
  readonly lastIteration: number
}

/** Places of δ by iteration on a logarithmic scale; a δ of 0 stands on the bottom. */
export function plotConvergence(convergence: RankSummary['convergence']): RankPlot {
  const { width, height, left, right, top, bottom } = PLOT
  const exponents = convergence.map(({ delta }) => Math.log10(Math.max(delta, Number.MIN_VALUE)))
  const highest = Math.max(...exponents.map(Math.ceil), -1)
  const lowest = Math.floor(Math.log10(STOP_SHARE)) - 1
  const span = Math.ceil((highest - lowest) / DECADES) * DECADES
  const last = convergence.at(-1)?.iteration ?? 0
  const yOf = (exponent: number): number =>
    top + ((highest - Math.max(exponent, highest - span)) / span) * (height - top - bottom)
  const xOf = (iteration: number): number =>
    left + (last === 0 ? 0 : iteration / last) * (width - left - right)
  const points = convergence.map(({ iteration }, place) => ({
    x: round(xOf(iteration)),
    y: round(yOf(exponents[place]!)),
    iteration,
  }))
  const grid = Array.from({ length: span / DECADES + 1 }, (_, step) => {
    const exponent = highest - step * DECADES
    return { y: round(yOf(exponent)), exponent }
  })
  return {
    points,
    line: points.map(({ x, y }) => `${x},${y}`).join(' '),
    grid,
    stopY: round(yOf(Math.log10(STOP_SHARE))),
    lastIteration: last,
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** `10⁻⁸` */
export function formatPower(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]).join('')
  return `10${exponent < 0 ? '⁻' : ''}${digits}`
}

/** Links that one iteration passes in a second. */
export function edgesPerSecond({
  links,
  iterations,
  iterateMs,
}: Pick<RankSummary, 'links' | 'iterations' | 'iterateMs'>): number | undefined {
  // clocks of browsers tick in whole milliseconds at worst
  return iterateMs < 1 ? undefined : (links * iterations * 1_000) / iterateMs
}

/** `4.2 million/s`, `310,000/s` */
export function formatRate(perSecond: number): string {
  if (perSecond >= 1e6) {
    const millions = perSecond / 1e6
    return `${millions >= 100 ? Math.round(millions).toLocaleString('en') : millions.toPrecision(2)} million/s`
  }
  return `${Number(perSecond.toPrecision(2)).toLocaleString('en')}/s`
}
