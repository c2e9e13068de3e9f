import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Failure } from '#api/types.ts'
import { failureOf } from '../failure.ts'
import { FailureNote } from './failure-note.tsx'
import { Skeleton } from './waiting.tsx'

type Load = () => Promise<ComponentType>

export interface LazyComponent {
  (): JSX.Element
  /** Fetches the code ahead of need. A failure is not told: showing the component tries again, and says so. */
  preload(): Promise<void>
}

/** A component whose code is fetched when it is first shown; a fetch that fails says so and can be tried again. */
export function lazy(load: Load): LazyComponent {
  let loaded: ComponentType | undefined

  function Lazy(): JSX.Element {
    const [, setReady] = useState(loaded !== undefined)
    const [failure, setFailure] = useState<Failure>()
    const [attempt, setAttempt] = useState(0)
    useEffect(() => {
      // it may have come by `preload` since it was drawn
      if (loaded !== undefined) return setReady(true)
      let gone = false
      load().then(
        (component) => {
          loaded = component
          if (!gone) setReady(true)
        },
        (error: unknown) => {
          if (!gone) setFailure({ code: 'UI_CODE_MISSING', message: failureOf(error).message })
        },
      )
      return () => {
        gone = true
      }
    }, [attempt])
    if (loaded !== undefined) {
      const Loaded = loaded
      return <Loaded />
    }
    return (
      <div class="sheet panel" aria-busy={failure === undefined}>
        <div class="sheet-body">
          {failure === undefined ? (
            <Skeleton lines={4} />
          ) : (
            <FailureNote
              failure={failure}
              onRetry={() => {
                setFailure(undefined)
                setAttempt(attempt + 1)
              }}
            />
          )}
        </div>
      </div>
    )
  }

  Lazy.preload = async (): Promise<void> => {
    try {
      loaded ??= await load()
    } catch {
      // offline for a moment, perhaps: there is another chance when it is shown
    }
  }
  return Lazy
}
