import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { VerifiedRank } from '#api/machine-types.ts'
import { BOX_HEIGHT, BOX_WIDTH, layoutPath } from '../proof-layout.ts'
import { proofTexts } from '../proof-texts.ts'

/** Digits of a hash that fit its box. */
const SHOWN_DIGITS = 10

/** The hashes from a rank to its root, drawn: ours, those that the proof brings, and the root on top. */
export function ProofPath({ verified }: { readonly verified: VerifiedRank }): JSX.Element {
  const title = useId()
  const { width, height, hashes, lines } = layoutPath(verified)
  return (
    <svg
      class="proof-path"
      role="img"
      aria-labelledby={title}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
    >
      <title id={title}>{proofTexts.path(verified.path.length)}</title>
      {lines.map(([x1, y1, x2, y2]) => (
        <line key={`${x1} ${y1}`} x1={x1} y1={y1} x2={x2} y2={y2} />
      ))}
      {hashes.map(({ kind, hash, x, y }) => (
        <g key={`${x} ${y}`} class={`proof-path-${kind}`}>
          <title>{kind === 'leaf' || kind === 'root' ? `${proofTexts.ends[kind]}: ${hash}` : hash}</title>
          <rect x={x - BOX_WIDTH / 2} y={y - BOX_HEIGHT / 2} width={BOX_WIDTH} height={BOX_HEIGHT} rx={5} />
          <text x={x} y={y}>
            {`${hash.slice(0, SHOWN_DIGITS)}…`}
          </text>
        </g>
      ))}
    </svg>
  )
}
