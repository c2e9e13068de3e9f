import Sigma from 'sigma'
import { createEdgeArrowProgram } from 'sigma/rendering'
import type { Settings } from 'sigma/settings'
import type { Neighbourhood } from '#graph/neighbourhood.ts'
import { type LabelSpot, placeLabels, sidesOf } from './graph-labels.ts'
import { createGraphLayout, crowdingOf, type DrawnNode } from './graph-layout.ts'

export interface GraphPictureInit {
  /** what it fills; its colours are read from there */
  readonly container: HTMLElement
  /** A node was chosen (CIDv0). */
  readonly onChoose: (cid: string) => void
  /** is movement unwelcome? */
  readonly isStill: () => boolean
}

export interface GraphPicture {
  update(neighbourhood: Neighbourhood): void
  /** Marks a node and its links, or none. */
  highlight(cid: string | undefined): void
  /** Reads the theme's colours again. */
  recolour(): void
  zoomIn(): void
  zoomOut(): void
  whole(): void
  stop(): void
}

/** Colours as the renderer takes them: it knows no custom properties. */
interface Colours {
  /** by distance from the particle in the middle */
  readonly nodes: readonly string[]
  readonly edge: string
  readonly marked: string
  readonly faded: string
  readonly label: string
  readonly paper: string
}

type Drawing = Settings<DrawnNode>

/** A head of seven pixels on a line of one. */
const ARROW = createEdgeArrowProgram<DrawnNode>({ lengthToThicknessRatio: 6, widenessToThicknessRatio: 4 })
const EDGE_SIZE = 1.2
const LABEL_SIZE = 12
const LABEL_FONT = '"Inter Variable", system-ui, sans-serif'
/** with the space between two that lie one above the other */
const LABEL_HEIGHT = 16
/** Smaller dots get theirs as one zooms in; CSS pixels, radius. */
const MIN_LABELLED = 4
const ZOOM_MS = 200
const PADDING = 4

/**
 * Draws a neighbourhood with sigma.js on WebGL.
 *
 * @throws when the browser gives no WebGL
 */
export function createGraphPicture({ container, onChoose, isStill }: GraphPictureInit): GraphPicture {
  const layout = createGraphLayout()
  let colours = readColours(container)
  let marked: string | undefined
  let frame: number | undefined
  /** of the frame that is being drawn */
  const labels: Label[] = []
  const sigma = new Sigma<DrawnNode>(layout.graph, container, {
    defaultEdgeType: 'arrow',
    edgeProgramClasses: { arrow: ARROW },
    labelFont: LABEL_FONT,
    labelSize: LABEL_SIZE,
    labelRenderedSizeThreshold: MIN_LABELLED,
    labelDensity: Number.POSITIVE_INFINITY, // placeLabels chooses among all
    minEdgeThickness: EDGE_SIZE / 2,
    stagePadding: 36,
    zIndex: true,
    allowInvalidContainer: true,
    doubleClickZoomingRatio: 1, // the first click has gone elsewhere
    minCameraRatio: 0.05,
    maxCameraRatio: 4,
    nodeReducer: (cid, node) => ({
      ...node,
      color: colours.nodes[node.distance] ?? colours.edge,
      highlighted: cid === marked,
      zIndex: node.distance === 0 ? 1 : 0,
    }),
    edgeReducer: (edge) => {
      const touches = marked !== undefined && layout.graph.hasExtremity(edge, marked)
      const color = touches ? colours.marked : marked === undefined ? colours.edge : colours.faded
      return { color, size: EDGE_SIZE * crowdingOf(layout.graph.order), zIndex: touches ? 1 : 0 }
    },
    defaultDrawNodeLabel: (_, { label, x, y, size, highlighted, zIndex }) => {
      if (label) labels.push({ text: label, x, y, size, weight: weightOf(size, highlighted, zIndex) })
    },
    defaultDrawNodeHover: (context, node, settings) =>
      drawHover(context, node, settings, { ...colours, pictureWidthPx: sigma.getDimensions().width }),
  })

  sigma.on('afterRender', () => {
    const context = sigma.getCanvases().labels?.getContext('2d')
    if (context) drawLabels(context, labels, colours, sigma.getDimensions().width)
    labels.length = 0
  })

  const redraw = (): void => {
    sigma.refresh({ skipIndexation: true })
  }
  const mark = (cid: string | undefined): void => {
    const next = cid !== undefined && layout.graph.hasNode(cid) ? cid : undefined
    if (marked === next) return
    marked = next
    redraw()
  }
  sigma.on('clickNode', ({ node }) => onChoose(node))
  sigma.on('enterNode', ({ node }) => {
    container.style.cursor = 'pointer'
    mark(node)
  })
  sigma.on('leaveNode', () => {
    container.style.cursor = ''
    mark(undefined)
  })

  const settle = (): void => {
    frame = undefined
    if (layout.step()) frame = requestAnimationFrame(settle)
  }
  const animate = { duration: ZOOM_MS }
  return {
    update(neighbourhood) {
      if (marked !== undefined && !neighbourhood.nodes.some(({ cid }) => cid === marked)) marked = undefined
      layout.update(neighbourhood)
      if (isStill()) while (layout.step());
      else if (frame === undefined) settle()
    },
    highlight: mark,
    recolour() {
      colours = readColours(container)
      redraw()
    },
    zoomIn: () => void sigma.getCamera().animatedZoom(animate),
    zoomOut: () => void sigma.getCamera().animatedUnzoom(animate),
    whole: () => void sigma.getCamera().animatedReset(animate),
    stop() {
      if (frame !== undefined) cancelAnimationFrame(frame)
      sigma.kill()
    },
  }
}

/** Custom properties may hold functions (`light-dark`): only a property that is a colour tells what they mean. */
function readColours(container: HTMLElement): Colours {
  const probe = document.createElement('span')
  container.append(probe)
  const read = (name: string): string => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  const colours = {
    nodes: [read('clay'), read('accent'), read('good'), read('ink-soft')],
    edge: read('line-strong'),
    marked: read('accent'),
    faded: read('line'),
    label: read('ink'),
    paper: read('paper-raised'),
  }
  probe.remove()
  return colours
}

interface Label extends Omit<LabelSpot, 'width'> {
  readonly text: string
}

/** What is marked lies over all others on paper of its own; then comes what the picture is drawn around, then the ranks. */
function weightOf(size: number, isMarked: boolean | undefined, zIndex: number | undefined): number {
  return size + (isMarked === true ? 2e6 : 0) + (zIndex === 1 ? 1e6 : 0)
}

/** Draws those labels that overlap none of more weight, each with an edge of paper: they are read over dots and lines. */
function drawLabels(
  context: CanvasRenderingContext2D,
  labels: readonly Label[],
  { label, paper }: Pick<Colours, 'label' | 'paper'>,
  pictureWidthPx: number,
): void {
  context.font = `${LABEL_SIZE}px ${LABEL_FONT}`
  context.fillStyle = label
  context.strokeStyle = paper
  context.lineWidth = 3
  context.lineJoin = 'round'
  const spots = labels.map((label) => ({ ...label, width: context.measureText(label.text).width }))
  for (const { text, y, left } of placeLabels(spots, { heightPx: LABEL_HEIGHT, pictureWidthPx })) {
    const base = y + LABEL_SIZE / 3
    context.strokeText(text, left, base)
    context.fillText(text, left, base)
  }
}

/** The label of a marked node on paper, so that it is read over everything else. */
function drawHover(
  context: CanvasRenderingContext2D,
  {
    x,
    y,
    size,
    label,
  }: { readonly x: number; readonly y: number; readonly size: number; readonly label: string | null },
  { labelSize, labelFont, labelWeight }: Drawing,
  { pictureWidthPx, ...colours }: Colours & { readonly pictureWidthPx: number },
): void {
  context.beginPath()
  context.arc(x, y, size + 2, 0, 2 * Math.PI)
  context.strokeStyle = colours.label
  context.lineWidth = 1.5
  context.stroke()
  if (!label) return
  context.font = `${labelWeight} ${labelSize}px ${labelFont}`
  const { width } = context.measureText(label)
  const left = sidesOf({ x, size, width }, pictureWidthPx)[0]! - PADDING
  const height = labelSize + 2 * PADDING
  context.fillStyle = colours.paper
  context.beginPath()
  context.roundRect(left, y - height / 2, width + 2 * PADDING, height, PADDING)
  context.fill()
  context.fillStyle = colours.label
  context.fillText(label, left + PADDING, y + labelSize / 3)
}
