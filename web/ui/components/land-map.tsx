import type { JSX } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { ParcelBuild } from '#api/types.ts'
import { LAND_RADIUS } from '#core/land.ts'
import { createLandCanvas, LAND_IMAGE_SIDE, paintLand } from '../land-image.ts'
import { landTexts } from '../land-texts.ts'
import {
  cellUnder,
  edgePoint,
  type MapPoint,
  type MapView,
  panBy,
  pointOf,
  wholeView,
  zoomAt,
} from '../map-view.ts'
import { ownershipTexts } from '../ownership-texts.ts'
import { tryCellOf } from '../parcels.ts'
import { useSession } from '../session.ts'
import { IconButton } from './button.tsx'
import { useOnSale } from './use-on-sale.ts'

/** CSS pixels that a pointer may move and still have clicked. */
const CLICK_SLACK = 5
/** One step of a button or an arrow key. */
const ZOOM_STEP = 1.6
const PAN_STEP = 40
/** CSS pixels */
const BUILD_PX = 5
/** CSS pixels, radius */
const HERE_PX = 6

interface Scene {
  readonly land: HTMLCanvasElement
  readonly builds: Iterable<ParcelBuild>
  readonly view: MapView
  /** CSS pixels */
  readonly side: number
  readonly here: MapPoint
  readonly selected: MapPoint | undefined
}

/** A build is seen from any height: a dot of at least BUILD_PX with an edge, its plot's square from near. */
function drawBuild(
  context: CanvasRenderingContext2D,
  { cell, mine }: ParcelBuild,
  view: MapView,
  side: number,
): void {
  const { x, y } = pointOf(view, { x: cell.x + 0.5, y: cell.y + 0.5 }, side)
  const size = Math.max(view.scale, BUILD_PX)
  context.fillStyle = mine ? '#e2b23a' : '#c8714a'
  context.fillRect(x - size / 2, y - size / 2, size, size)
  context.lineWidth = 1
  context.strokeStyle = 'rgb(22 32 42 / 0.55)'
  context.strokeRect(x - size / 2, y - size / 2, size, size)
}

function drawScene(canvas: HTMLCanvasElement, { land, builds, view, side, here, selected }: Scene): void {
  const ratio = window.devicePixelRatio
  const pixels = Math.round(side * ratio)
  if (canvas.width !== pixels) {
    canvas.width = pixels
    canvas.height = pixels
  }
  const context = canvas.getContext('2d')
  if (context === null) return
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, side, side)
  // shrunk plots blend, enlarged ones keep their edges
  context.imageSmoothingEnabled = view.scale < 2
  const corner = pointOf(view, { x: -LAND_RADIUS, y: LAND_RADIUS }, side)
  const size = LAND_IMAGE_SIDE * view.scale
  context.drawImage(land, corner.x, corner.y, size, size)
  for (const build of builds) drawBuild(context, build, view, side)
  if (selected !== undefined) {
    const at = pointOf(view, { x: selected.x, y: selected.y + 1 }, side)
    const edge = Math.max(view.scale, 6)
    context.lineWidth = 2
    context.strokeStyle = '#ffffff'
    context.strokeRect(at.x, at.y, edge, edge)
  }
  drawHere(context, pointOf(view, here, side), side)
}

/** A dot where the visitor is; at the edge a tip that points there. */
function drawHere(context: CanvasRenderingContext2D, at: MapPoint, side: number): void {
  const off = edgePoint(at, side, HERE_PX + 2)
  context.beginPath()
  if (off === undefined) context.arc(at.x, at.y, HERE_PX, 0, 2 * Math.PI)
  else {
    const { x, y, angle } = off
    for (const turn of [0, 2.4, -2.4]) {
      context.lineTo(x + HERE_PX * Math.cos(angle + turn), y + HERE_PX * Math.sin(angle + turn))
    }
    context.closePath()
  }
  context.fillStyle = '#16202a'
  context.strokeStyle = '#ffffff'
  context.lineWidth = 2
  context.fill()
  context.stroke()
}

/** Width of an element in CSS pixels, as it changes; 0 before it is laid out. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const { current } = element
    if (current === null) return
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)))
    observer.observe(current)
    return () => observer.disconnect()
  }, [element])
  return width
}

interface Drag {
  readonly startX: number
  readonly startY: number
  readonly lastX: number
  readonly lastY: number
}

function pointIn(event: MouseEvent, canvas: HTMLElement): MapPoint {
  const box = canvas.getBoundingClientRect()
  return { x: event.clientX - box.left, y: event.clientY - box.top }
}

/** The map of the mainland: what is built and what is sold, where the visitor is; drag, zoom, click to go there. */
export function LandMap(): JSX.Element {
  const session = useSession()
  const canvas = useRef<HTMLCanvasElement>(null)
  const drag = useRef<Drag>(undefined)
  const side = useWidth(canvas)
  const [moved, setMoved] = useState<MapView>()
  const builds = session.state.land.value.builds
  const sold = useOnSale()
  const land = useMemo(() => createLandCanvas(paintLand(builds, sold)), [builds, sold])
  const view = moved ?? wholeView(side)
  const here = session.position.value
  const selected = tryCellOf(session.selected.value)

  useEffect(() => {
    if (canvas.current === null || side === 0) return
    drawScene(canvas.current, { land, builds: builds.values(), view, side, here, selected })
  }, [land, builds, view, side, here, selected])

  const middle: MapPoint = { x: side / 2, y: side / 2 }
  const onPointerMove = (event: PointerEvent): void => {
    const from = drag.current
    if (from === undefined) return
    drag.current = { ...from, lastX: event.clientX, lastY: event.clientY }
    setMoved(panBy(view, event.clientX - from.lastX, event.clientY - from.lastY, side))
  }
  const onPointerUp = (event: PointerEvent): void => {
    const from = drag.current
    drag.current = undefined
    if (from === undefined || canvas.current === null) return
    const distance = Math.hypot(event.clientX - from.startX, event.clientY - from.startY)
    if (distance <= CLICK_SLACK) session.goTo(cellUnder(view, pointIn(event, canvas.current), side))
  }
  const onWheel = (event: WheelEvent): void => {
    event.preventDefault()
    if (canvas.current === null) return
    setMoved(zoomAt(view, Math.exp(-event.deltaY / 400), pointIn(event, canvas.current), side))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = keyView(event.key, view, side)
    if (next === undefined) return
    event.preventDefault()
    setMoved(next)
  }

  return (
    <>
      <div class="map">
        <canvas
          ref={canvas}
          role="img"
          tabIndex={0}
          aria-label={landTexts.map}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            const { clientX: x, clientY: y } = event
            drag.current = { startX: x, startY: y, lastX: x, lastY: y }
          }}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={() => {
            drag.current = undefined
          }}
          onWheel={onWheel}
          onKeyDown={onKeyDown}
        />
        <div class="map-buttons">
          <IconButton
            icon="plus"
            label={landTexts.zoomIn}
            onClick={() => setMoved(zoomAt(view, ZOOM_STEP, middle, side))}
          />
          <IconButton
            icon="minus"
            label={landTexts.zoomOut}
            onClick={() => setMoved(zoomAt(view, 1 / ZOOM_STEP, middle, side))}
          />
          <IconButton icon="land" label={landTexts.whole} onClick={() => setMoved(undefined)} />
        </div>
      </div>
      {sold === undefined || sold.size === 0 ? null : (
        <p class="caption legend">
          <span>
            <span class="swatch swatch-on-sale" />
            {ownershipTexts.onSale}
          </span>
        </p>
      )}
    </>
  )
}

function keyView(key: string, view: MapView, side: number): MapView | undefined {
  const middle: MapPoint = { x: side / 2, y: side / 2 }
  switch (key) {
    case 'ArrowLeft':
      return panBy(view, PAN_STEP, 0, side)
    case 'ArrowRight':
      return panBy(view, -PAN_STEP, 0, side)
    case 'ArrowUp':
      return panBy(view, 0, PAN_STEP, side)
    case 'ArrowDown':
      return panBy(view, 0, -PAN_STEP, side)
    case '+':
      return zoomAt(view, ZOOM_STEP, middle, side)
    case '-':
      return zoomAt(view, 1 / ZOOM_STEP, middle, side)
    default:
      return undefined
  }
}
