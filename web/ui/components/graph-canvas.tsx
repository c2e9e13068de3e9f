import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Neighbourhood } from '#graph/neighbourhood.ts'
import { createGraphPicture, type GraphPicture } from '../graph-picture.ts'
import { graphTexts } from '../graph-texts.ts'
import { useSession } from '../session.ts'
import { IconButton } from './button.tsx'

export interface GraphCanvasProps {
  readonly neighbourhood: Neighbourhood
  /** node to mark (CIDv0) */
  readonly marked: string | undefined
  readonly onChoose: (cid: string) => void
}

const STILL = '(prefers-reduced-motion: reduce)'
const DARK = '(prefers-color-scheme: dark)'

/** The picture with its buttons; everything that it shows is in the list beside it too. */
export function GraphCanvas({ neighbourhood, marked, onChoose }: GraphCanvasProps): JSX.Element {
  const { theme } = useSession()
  const container = useRef<HTMLDivElement>(null)
  const picture = useRef<GraphPicture | undefined>(undefined)
  const choose = useRef(onChoose)
  const [canDraw, setCanDraw] = useState(true)
  choose.current = onChoose
  useEffect(() => {
    if (container.current === null) return
    try {
      picture.current = createGraphPicture({
        container: container.current,
        onChoose: (cid) => choose.current(cid),
        isStill: () => matchMedia(STILL).matches,
      })
    } catch {
      setCanDraw(false) // no WebGL here: the list says the same
    }
    return () => {
      picture.current?.stop()
      picture.current = undefined
    }
  }, [])
  useEffect(() => picture.current?.update(neighbourhood), [neighbourhood])
  useEffect(() => picture.current?.highlight(marked), [marked])
  const chosen = theme.theme.value
  useEffect(() => {
    const scheme = matchMedia(DARK)
    const recolour = (): void => picture.current?.recolour()
    if (chosen !== undefined) recolour()
    scheme.addEventListener('change', recolour)
    return () => scheme.removeEventListener('change', recolour)
  }, [chosen])
  if (!canDraw) return <p class="caption">{graphTexts.noCanvas}</p>
  return (
    <div class="graph-picture">
      <div ref={container} class="graph-canvas" role="img" aria-label={graphTexts.canvas} />
      <div class="graph-zoom">
        <IconButton icon="plus" label={graphTexts.zoomIn} onClick={() => picture.current?.zoomIn()} />
        <IconButton icon="minus" label={graphTexts.zoomOut} onClick={() => picture.current?.zoomOut()} />
        <IconButton icon="here" label={graphTexts.whole} onClick={() => picture.current?.whole()} />
      </div>
    </div>
  )
}
