import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { ModelPlacement } from '#api/types.ts'
import { MAX_MODEL_HEIGHT_M } from '#core/limits.ts'
import { buildTexts } from '../build-texts.ts'
import { Button } from '../components/button.tsx'
import { Section } from '../components/panel.tsx'
import { MAX_OFFSET_M, MAX_SCALE, MIN_SCALE, scaleToSlider, sliderToScale } from '../placement.ts'
import { useSession } from '../session.ts'

interface Control {
  readonly key: keyof ModelPlacement
  readonly name: string
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly step: number
  /** shown with its sign turned: north is the model's −z */
  readonly turned?: true
  /** a slider that runs by factors instead of steps */
  readonly byFactors?: true
}

const CONTROLS: readonly Control[] = [
  { key: 'x', name: buildTexts.x, unit: 'm', min: -MAX_OFFSET_M, max: MAX_OFFSET_M, step: 0.1 },
  {
    key: 'z',
    name: buildTexts.north,
    unit: 'm',
    min: -MAX_OFFSET_M,
    max: MAX_OFFSET_M,
    step: 0.1,
    turned: true,
  },
  { key: 'y', name: buildTexts.y, unit: 'm', min: -MAX_OFFSET_M, max: MAX_MODEL_HEIGHT_M, step: 0.1 },
  { key: 'yawDegrees', name: buildTexts.yaw, unit: '°', min: -180, max: 180, step: 1 },
  {
    key: 'scale',
    name: buildTexts.scale,
    unit: '×',
    min: MIN_SCALE,
    max: MAX_SCALE,
    step: 0.01,
    byFactors: true,
  },
]

function PlacementControl({ control }: { readonly control: Control }): JSX.Element {
  const { build } = useSession()
  const { key, name, unit, min, max, step, byFactors, turned } = control
  const sign = turned ? -1 : 1
  // + 0 turns −0 into 0
  const value = sign * build.placement.value[key] + 0
  const id = useId()
  const set = (next: number): void => {
    if (Number.isFinite(next) && next >= min && next <= max) build.place({ [key]: sign * next + 0 })
  }
  return (
    <div class="placement">
      <label for={id}>{name}</label>
      <input
        id={id}
        type="range"
        min={byFactors ? scaleToSlider(min) : min}
        max={byFactors ? scaleToSlider(max) : max}
        step={step}
        value={byFactors ? scaleToSlider(value) : value}
        onInput={(event) => {
          const position = event.currentTarget.valueAsNumber
          set(byFactors ? sliderToScale(position) : position)
        }}
      />
      <input
        type="number"
        class="field field-number"
        aria-label={`${name}, ${unit}`}
        min={min}
        max={max}
        step="any"
        value={value}
        onChange={({ currentTarget: field }) => {
          const typed = field.valueAsNumber
          const next = Number.isFinite(typed) ? Math.min(max, Math.max(min, typed)) : value
          set(next)
          field.value = String(next) // what stands there is what is built
        }}
      />
      <span class="caption" aria-hidden="true">
        {unit}
      </span>
    </div>
  )
}

/** Place, turn and size of the draft; the world shows each change at once. */
export function PlacementControls(): JSX.Element {
  const { build } = useSession()
  return (
    <Section title={buildTexts.place}>
      {CONTROLS.map((control) => (
        <PlacementControl key={control.key} control={control} />
      ))}
      <Button kind="quiet" icon="retry" onClick={build.resetPlacement}>
        {buildTexts.reset}
      </Button>
    </Section>
  )
}
