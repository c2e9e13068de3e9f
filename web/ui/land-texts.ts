import { GRID_MAX, GRID_MIN, LAND_RADIUS } from '#core/land.ts'
import type { CellMistake } from './parcels.ts'

/** Texts of the land panel and of all that names cells, which come with them. */
export const landTexts = {
  votes: 'Votes and districts',
  title: 'Land',
  map: 'Map of the mainland. Drag to move, wheel to zoom, click to go there.',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  whole: 'Show all',
  here: (cell: string) => `You are at ${cell}`,
  near: 'Built near you',
  none: 'Nothing is built yet. Drop a .glb model anywhere on this page to be the first.',
  away: (metres: number) => (metres < 1000 ? `${metres} m away` : `${(metres / 1000).toFixed(1)} km away`),
  builtBy: (who: string, when: string) => `${who}, ${when}`,
  token: (id: number, holder: string | undefined) =>
    `Model No. ${id.toLocaleString('en')}, ${holder === undefined ? 'yours' : `held by ${holder}`}`,
  mine: 'yours',
  you: 'You',
  go: 'Go',
  goLabel: 'Go to a cell',
  x: 'East (x)',
  y: 'North (y)',
  cellMistakes: {
    missing: 'Give both numbers: the cell east (x) and the cell north (y).',
    fractional: 'Cells are whole numbers, such as 12 or −7.',
    beyond: `Cells run from −${-GRID_MIN} to ${GRID_MAX}, both ways.`,
    far: `No plot lies there. The city reaches from −${LAND_RADIUS} to ${LAND_RADIUS - 1}, both ways.`,
  } satisfies Record<CellMistake, string>,
} as const

/** Texts of a plot's card, which come with it. */
export const parcelTexts = {
  title: (cell: string) => `Plot ${cell}`,
  serial: (id: number) => `No. ${id.toLocaleString('en')} of 50,000`,
  free: 'Free',
  empty: 'Nothing built',
  token: 'Model tokens stand here',
  built: 'Built on',
  mine: 'Built by you',
  freeHow: 'Nobody has built here. Drop a .glb model on the page to be the first.',
  builder: 'Built by',
  builderAddress: 'the builder’s address',
  when: 'Built',
  model: 'Model',
  sizeUnknown: 'size not known yet',
  words: 'Known as',
  copyLink: 'Copy link',
  linkCopied: 'The link to this plot is copied.',
  buildHere: 'Build here',
  replace: 'Build here instead',
  clear: 'Take it down',
  clearConfirm:
    'Take your model off this plot? It stays stored here, but no one sees it on the land any more.',
  clearYes: 'Take it down',
  clearing: 'Signing and announcing it',
  cleared: 'Your model is off the plot.',
  notShown: 'This model is not shown:',
} as const
