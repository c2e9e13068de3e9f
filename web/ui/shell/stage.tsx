import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../components/button.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { usePatience } from '../components/waiting.tsx'
import { drawQuilt, paintLand } from '../land-image.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

/** Runs `task` after the browser has painted the frame that is being made. */
function afterPaint(task: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(task, 0)
  })
  return () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
}

function WorldNotice(): JSX.Element | null {
  const { world } = useSession()
  const status = world.status.value
  const patience = usePatience(status.kind === 'loading' || status.kind === 'waiting')
  if (status.kind === 'failed') {
    return (
      <div class="world-notice">
        <FailureNote failure={status.failure} onRetry={() => location.reload()} />
      </div>
    )
  }
  if (status.kind === 'loading' && patience !== 'quiet') {
    return (
      <p class="world-notice caption" role="status">
        {patience === 'slow' ? texts.world.slow : texts.world.loading}
      </p>
    )
  }
  return null
}

function MovementToggle(): JSX.Element | null {
  const { world } = useSession()
  const view = world.view.value
  if (view === undefined) return null
  const flying = view.movement.value === 'fly'
  return (
    <div class="movement">
      <Button icon={flying ? 'walk' : 'fly'} onClick={() => view.setMovement(flying ? 'walk' : 'fly')}>
        {flying ? texts.world.walk : texts.world.fly}
      </Button>
    </div>
  )
}

/** Pixels of a plot on the still island: enough to see the seams of the quilt. */
const PLOT_PIXELS = 4

/** Painting 50,000 plots takes the thread that joins for a tenth of a second: joining comes first, for this long. */
const JOIN_FIRST_MS = 1_500

/** The real land, as it is now, drawn once for each change while no world is there to show it. */
function StillLand(): JSX.Element {
  const session = useSession()
  const canvas = useRef<HTMLCanvasElement>(null)
  const builds = session.state.land.value.builds
  const joined = session.state.network.value.join.phase === 'ready'
  useEffect(() => {
    const draw = (): void => {
      if (canvas.current !== null) drawQuilt(canvas.current, paintLand(builds), PLOT_PIXELS)
    }
    if (joined) return afterPaint(draw)
    const timer = setTimeout(draw, JOIN_FIRST_MS)
    return () => clearTimeout(timer)
  }, [builds, joined])
  return <canvas ref={canvas} class="stage-land" />
}

/** The world behind everything: a still island at once, the living one as soon as it is drawn. */
export function Stage(): JSX.Element {
  const session = useSession()
  const canvas = useRef<HTMLCanvasElement>(null)
  const status = session.world.status.value
  const drawn = status.kind === 'on'
  // the still island goes once the world has faded in over it
  const covered = usePatience(drawn) !== 'quiet'

  useEffect(
    () =>
      afterPaint(() => {
        const cell = session.navigation.route.peek().cell
        if (canvas.current !== null) void session.world.start(canvas.current, cell)
      }),
    [session],
  )

  return (
    <>
      <div class="stage" aria-hidden="true">
        {covered ? null : (
          <div class="stage-island">
            <StillLand />
          </div>
        )}
      </div>
      {status.kind === 'off' || status.kind === 'failed' ? null : (
        // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the world takes keys of its own, which this role announces
        <canvas
          ref={canvas}
          class={drawn ? 'world world-drawn' : 'world'}
          tabIndex={drawn ? 0 : -1}
          role="application"
          aria-label={texts.world.label}
        />
      )}
      <WorldNotice />
      <MovementToggle />
    </>
  )
}
