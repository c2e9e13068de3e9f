import type { JSX } from 'preact'
import { texts } from '../texts.ts'

/** How to pin the tab, and what for; on devices without a pointer, how to keep it open. */
export function PinHintText(): JSX.Element {
  const { pointer, touch, why } = texts.seed.hint
  return (
    <div class="stack">
      <p class="for-pointer">{pointer}</p>
      <p class="for-touch">{touch}</p>
      <p class="caption">{why}</p>
    </div>
  )
}
