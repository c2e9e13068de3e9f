import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { plotOn } from '#core/plots.ts'
import { droppedFiles } from '../chosen-files.ts'
import { Icon, type IconName } from '../components/icon.tsx'
import type { PanelId } from '../route.ts'
import { type Session, useSession } from '../session.ts'
import { texts } from '../texts.ts'

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') === true
}

/** The plot of the world that a file was dropped on, if it was one. */
function plotUnder({ world, state }: Session, event: DragEvent): number | undefined {
  if (!(event.target instanceof HTMLCanvasElement)) return undefined
  const cell = world.view.peek()?.cellAt(event.clientX, event.clientY)
  return cell === undefined
    ? undefined
    : plotOn(state.land.value, { x: Math.floor(cell.x), y: Math.floor(cell.y) })
}

/** What a drop would do while this panel is open. */
function messageFor(panel: PanelId | undefined): {
  readonly icon: IconName
  readonly now: string
  readonly how: string
} {
  switch (panel) {
    case 'seed':
      return { icon: 'seed', now: texts.seed.add.dropNow, how: texts.seed.add.dropHow }
    case 'files':
      return { icon: 'folder', now: texts.dropToPublish, how: texts.dropToPublishHow }
    default:
      return { icon: 'model', now: texts.dropToBuild, how: texts.dropToBuildHow }
  }
}

/** Takes files that are dropped anywhere on the page to the panel that is open, when it takes files; else to the build panel. */
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
      // and whoever looks at what is published, to publish it
      if (session.panel.peek() === 'files' && event.dataTransfer !== null) {
        session.files.close()
        droppedFiles(event.dataTransfer.items).then(session.files.publish, (error) =>
          session.files.refuse(file.name, error),
        )
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
  const { icon, now, how } = messageFor(session.panel.value)
  return (
    <div class="drop-overlay">
      <div class="drop-message">
        <Icon name={icon} size={40} />
        <p>{now}</p>
        <p class="caption">{how}</p>
      </div>
    </div>
  )
}
