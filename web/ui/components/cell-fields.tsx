import type { JSX } from 'preact'
import { GRID_MAX, GRID_MIN } from '#core/land.ts'
import { landTexts } from '../land-texts.ts'

export interface TypedCell {
  readonly x: string
  readonly y: string
}

export interface CellFieldsProps {
  readonly typed: TypedCell
  readonly onType: (typed: TypedCell) => void
}

/** The two numbers of a cell, east and north, as they are typed. */
export function CellFields({ typed, onType }: CellFieldsProps): JSX.Element {
  return (
    <>
      {(['x', 'y'] as const).map((axis) => (
        <label key={axis} class="labelled">
          <span class="caption">{landTexts[axis]}</span>
          <input
            class="field"
            type="number"
            step={1}
            min={GRID_MIN}
            max={GRID_MAX}
            value={typed[axis]}
            onInput={(event) => onType({ ...typed, [axis]: event.currentTarget.value })}
          />
        </label>
      ))}
    </>
  )
}
