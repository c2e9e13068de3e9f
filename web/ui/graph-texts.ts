import { formatCount, plural } from './format.ts'

/** Texts of the graph panel. */
export const graphTexts = {
  title: 'Graph',
  around: (name: string) => `What is linked with “${name}”`,
  loading: 'Looking around it',
  loadingSlow: 'The graph is still arriving or being ranked. It is drawn as soon as that is done.',
  empty: 'Nothing is linked yet. Search for a word and link something to it.',
  nothing: (name: string) => `Nothing that this tab knows of is linked with “${name}”.`,
  depth: 'Steps',
  depths: { 1: '1 step', 2: '2 steps', 3: '3 steps' },
  shown: (nodes: number, links: number) =>
    `${plural(nodes, 'particle')} and ${plural(links, 'link')} are drawn.`,
  leftOut: (count: number, isComplete: boolean) =>
    `${isComplete ? '' : 'At least '}${formatCount(count)} of lower rank ${count === 1 ? 'is' : 'are'} left out.`,
  allShown: 'None is left out.',
  more: 'Draw more',
  how: 'Size is rank. An arrow is a link that somebody signed. Choose a thing to go on from there.',
  canvas: 'Picture of the list below. Drag to move, wheel or pinch to zoom.',
  noCanvas: 'This browser cannot draw the picture. The list below says the same.',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  whole: 'Show all',
  search: 'Search from here',
  details: 'Details',
  copyLink: 'Copy link',
  linkCopied: 'The link to this picture is copied.',
  rank: 'How ranks are computed',
  steps: ['Here', 'One step away', 'Two steps away', 'Three steps away'],
  directions: {
    to: 'linked from here',
    from: 'leads here',
    both: 'linked both ways',
    none: '',
  },
  goOn: (name: string) => `Go on from ${name}`,
  hidden: (count: number) => `${formatCount(count)} more`,
} as const
