import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Below this a wait is not noticed; above it, it is named ([UI4]). */
export const SHOW_AFTER_MS = 300
/** After this, what may be wrong is said. */
export const SLOW_AFTER_MS = 10_000

export type Patience = 'quiet' | 'shown' | 'slow'

/** How long something has been going on; starts over whenever `active` or `key` changes. */
export function usePatience(active: boolean, key: string | number = ''): Patience {
  const [patience, setPatience] = useState<Patience>('quiet')
  useEffect(() => {
    setPatience('quiet')
    if (!active) return
    const timers = [
      setTimeout(() => setPatience('shown'), SHOW_AFTER_MS),
      setTimeout(() => setPatience('slow'), SLOW_AFTER_MS),
    ]
    return () => {
      for (const timer of timers) clearTimeout(timer)
    }
  }, [active, key])
  return patience
}

export interface BarProps {
  /** 0..1; left out when it is not known how far it is */
  readonly value?: number
  readonly label: string
}

/** A progress bar; without a value it shows that work goes on. */
export function Bar({ value, label }: BarProps): JSX.Element {
  const share = value === undefined ? undefined : Math.min(1, Math.max(0, value))
  return (
    <div
      class={share === undefined ? 'bar bar-open' : 'bar'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(share === undefined ? {} : { 'aria-valuenow': Math.round(share * 100) })}
    >
      <div class="bar-fill" style={share === undefined ? {} : { transform: `scaleX(${share})` }} />
    </div>
  )
}

export interface WaitingProps {
  /** what is being done */
  readonly what: string
  /** what may be wrong, and what one can do */
  readonly slow: string
  readonly value?: number
}

/** Says what is being waited for: nothing at first, then what, then why it may take so long. */
export function Waiting({ what, slow, value }: WaitingProps): JSX.Element | null {
  const patience = usePatience(true, what)
  if (patience === 'quiet') return null
  return (
    <div class="waiting" role="status">
      <p>{what}</p>
      <Bar label={what} {...(value === undefined ? {} : { value })} />
      {patience === 'slow' ? <p class="caption">{slow}</p> : null}
    </div>
  )
}

/** Lines of a text that is on its way. */
export function Skeleton({ lines = 2 }: { readonly lines?: number }): JSX.Element {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} class="skeleton-line" />
      ))}
    </div>
  )
}
