import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/**
 * A small part of what is shown whose code comes later: nothing stands there until then, nor when the code cannot be
 * had, as the rest is complete without it.
 */
export function late<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => JSX.Element | null {
  let loaded: ComponentType<Props> | undefined
  return function Late(props) {
    const [, setReady] = useState(loaded !== undefined)
    useEffect(() => {
      if (loaded !== undefined) return
      let gone = false
      load().then(
        (component) => {
          loaded = component
          if (!gone) setReady(true)
        },
        () => {}, // offline for a moment, perhaps: the next one that is shown tries again
      )
      return () => {
        gone = true
      }
    }, [])
    const Loaded = loaded
    return Loaded === undefined ? null : <Loaded {...props} />
  }
}
