import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { RankSummary } from '#api/search-types.ts'
import { formatPower, PLOT, plotConvergence } from '../rank-plot.ts'
import { rankTexts } from '../rank-texts.ts'

const RIGHT = PLOT.width - PLOT.right
const BASE = PLOT.height - PLOT.bottom

/** δ by iteration, logarithmic. */
export function ConvergencePlot({ rank }: { readonly rank: RankSummary }): JSX.Element {
  const title = useId()
  const { points, line, grid, stopY, lastIteration } = plotConvergence(rank.convergence)
  return (
    <svg class="convergence" viewBox={`0 0 ${PLOT.width} ${PLOT.height}`} role="img" aria-labelledby={title}>
      <title id={title}>{rankTexts.plot(lastIteration)}</title>
      {grid.map(({ y, exponent }) => (
        <g key={exponent}>
          <line class="convergence-grid" x1={PLOT.left} x2={RIGHT} y1={y} y2={y} />
          <text x={PLOT.left - 6} y={y + 4} text-anchor="end">
            {formatPower(exponent)}
          </text>
        </g>
      ))}
      <line class="convergence-stop" x1={PLOT.left} x2={RIGHT} y1={stopY} y2={stopY} />
      <polyline class="convergence-line" points={line} />
      {points.map(({ x, y, iteration }) => (
        <circle key={iteration} class="convergence-dot" cx={x} cy={y} r={2.5} />
      ))}
      <text x={PLOT.left} y={BASE + 18}>
        0
      </text>
      <text x={RIGHT} y={BASE + 18} text-anchor="end">
        {lastIteration}
      </text>
    </svg>
  )
}
