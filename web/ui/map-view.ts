import { type Cell, LAND_RADIUS } from '#core/land.ts'

/** A map's window on the land: its middle in cells (fractional, y north) and how many pixels a cell takes. */
export interface MapView {
  readonly x: number
  readonly y: number
  readonly scale: number
}

/** CSS pixels, from the canvas's top left. */
export interface MapPoint {
  readonly x: number
  readonly y: number
}

/** A plot as large as a fingertip: no one needs to be closer. */
export const MAX_SCALE = 40
/** Sea shown around the land when all of it is, in cells. */
const MARGIN = 6

/** The scale that shows the whole land on a square canvas. */
export function wholeScale(sidePx: number): number {
  return sidePx / (2 * (LAND_RADIUS + MARGIN))
}

export function wholeView(sidePx: number): MapView {
  return { x: 0, y: 0, scale: wholeScale(sidePx) }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value))
}

/** Keeps the middle on the land and the scale between "all of it" and MAX_SCALE. */
export function clampView({ x, y, scale }: MapView, sidePx: number): MapView {
  const clamped = clamp(scale, wholeScale(sidePx), MAX_SCALE)
  // how far the middle may leave the centre before only sea would come in
  const reach = Math.max(0, LAND_RADIUS + MARGIN - sidePx / 2 / clamped)
  return { x: clamp(x, -reach, reach), y: clamp(y, -reach, reach), scale: clamped }
}

/** Where on the land a point of the canvas is, in fractional cells. */
export function landAt(view: MapView, point: MapPoint, sidePx: number): MapPoint {
  return {
    x: view.x + (point.x - sidePx / 2) / view.scale,
    y: view.y - (point.y - sidePx / 2) / view.scale,
  }
}

/** The cell under a point of the canvas. */
export function cellUnder(view: MapView, point: MapPoint, sidePx: number): Cell {
  const { x, y } = landAt(view, point, sidePx)
  return { x: Math.floor(x), y: Math.floor(y) }
}

/** Where on the canvas a place on the land is drawn. */
export function pointOf(view: MapView, place: MapPoint, sidePx: number): MapPoint {
  return {
    x: sidePx / 2 + (place.x - view.x) * view.scale,
    y: sidePx / 2 - (place.y - view.y) * view.scale,
  }
}

/** Zooms by a factor; what is under `point` stays there. */
export function zoomAt(view: MapView, factor: number, point: MapPoint, sidePx: number): MapView {
  const before = landAt(view, point, sidePx)
  const zoomed = clampView({ ...view, scale: view.scale * factor }, sidePx)
  const after = landAt(zoomed, point, sidePx)
  return clampView({ ...zoomed, x: zoomed.x + before.x - after.x, y: zoomed.y + before.y - after.y }, sidePx)
}

/** Moves the land with the pointer, in CSS pixels. */
export function panBy(view: MapView, dx: number, dy: number, sidePx: number): MapView {
  return clampView({ ...view, x: view.x - dx / view.scale, y: view.y + dy / view.scale }, sidePx)
}

/** A place off the canvas, as it is told of at the edge. */
export interface EdgePoint extends MapPoint {
  /** where the place lies from here; radians, clockwise from the right */
  readonly angle: number
}

/** Where at the edge one is told of a point that lies off the canvas; undefined for one that is on it. */
export function edgePoint(point: MapPoint, sidePx: number, insetPx: number): EdgePoint | undefined {
  const middle = sidePx / 2
  const [x, y] = [point.x - middle, point.y - middle]
  const farthest = Math.max(Math.abs(x), Math.abs(y))
  if (farthest <= middle) return undefined
  const part = (middle - insetPx) / farthest
  return { x: middle + x * part, y: middle + y * part, angle: Math.atan2(y, x) }
}
