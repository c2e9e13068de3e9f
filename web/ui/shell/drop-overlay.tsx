import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { parcelAt } from '#core/land.ts'
import { Icon } from '../components/icon.tsx'
import { type Session, useSession } from '../session.ts'
import { texts } from '../texts.ts'

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') === true
}

/** The plot of the world that a file was dropped on, if it was one. */
function plotUnder({ world }: Session, event: DragEvent): number | undefined {
  if (!(event.target instanceof HTMLCanvasElement)) return undefined
  const cell = world.view.peek()?.cellAt(event.clientX, event.clientY)
  return cell === undefined ? undefined : parcelAt({ x: Math.floor(cell.x), y: Math.floor(cell.y) })
}

/** Takes a file that is dropped anywhere on the page to the build panel, or to the seeding panel when it is open. */
export function DropOverlay(): JSX.Element | null {
  const session = useSession()
  const [over, setOver] = useState(false)
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    const onDrag = (event: DragEvent): void => {
      if (!carriesFiles(event)) return
      // without this the browser would open the file instead of the page
      event.preventDefault()
      setOver(true)
    }
    const onLeave = (event: DragEvent): void => {
      // only when the pointer leaves the window, not an element inside it
      if (event.relatedTarget === null) setOver(false)
    }
    const onDrop = (event: DragEvent): void => {
      if (!carriesFiles(event)) return
      event.preventDefault()
      setOver(false)
      const files = [...(event.dataTransfer?.files ?? [])]
      const [file] = files
      if (file === undefined) return
      // whoever looks at what is seeded means to seed it
      if (session.panel.peek() === 'seed') {
        session.seed.show('items')
        session.seed.jobs.addFiles(files)
        return
      }
      session.open('build')
      void session.build.take(file, plotUnder(session, event))
    }
    window.addEventListener('dragenter', onDrag, { signal })
    window.addEventListener('dragover', onDrag, { signal })
    window.addEventListener('dragleave', onLeave, { signal })
    window.addEventListener('drop', onDrop, { signal })
    return () => controller.abort()
  }, [session])
  if (!over) return null
  const seeds = session.panel.value === 'seed'
  return (
    <div class="drop-overlay">
      <div class="drop-message">
        <Icon name={seeds ? 'seed' : 'model'} size={40} />
        <p>{seeds ? texts.seed.add.dropNow : texts.build.dropNow}</p>
        <p class="caption">{seeds ? texts.seed.add.dropHow : texts.build.limits}</p>
      </div>
    </div>
  )
}
