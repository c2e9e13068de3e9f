import type { JoinPhase, NetworkMode } from '#api/network-types.ts'
import { GRID_MAX, GRID_MIN } from '#core/land.ts'
import type { FailureAction } from './failure-text.ts'
import { failureTexts } from './failure-texts.ts'
import { formatOutOf, plural } from './format.ts'
import { keyTexts } from './key-texts.ts'
import { seedTexts } from './seed-texts.ts'

/**
 * Every text that the page shows at once, but for the table of failures; what panels and cards say comes with them,
 * from next door. A translation is an object of type `Texts`. Plain, short, in the second person; what happened, what is kept, what to do.
 */
export const texts = {
  name: 'Tabland',
  claim: 'A world held up by open tabs. Yours is now one of them.',
  claimJoining: 'A world held up by open tabs. Yours is becoming one of them.',
  toSquare: 'To the square in the middle',
  published: (name: string) => `${name} is published. Copy its link in the files panel.`,
  publishedAlone: (name: string) =>
    `${name} is published. Nobody is connected to fetch it yet, so only this device holds it: keep this tab open.`,
  dropToBuild: 'Drop the model to build with it',
  dropToBuildHow: 'One file, glTF 2.0 binary (.glb), at most 15 MB and 10,000 triangles.',
  dropToPublish: 'Drop files and folders to publish them',
  dropToPublishHow: 'Everybody who has the link can fetch them.',
  chainChanged: 'The relay names another chain than this browser knew first. Your wallet panel tells more.',
  badAddress: `This address leads to no place. One that does ends in #/12,-7: whole cells east and north, each from −${-GRID_MIN} to ${GRID_MAX}.`,
  mode: {
    direct: 'Direct: peers you meet can see your network address.',
    relayed:
      'Private: everything goes through relays, and only your relays see your network address. What you sign still names you.',
  } satisfies Record<NetworkMode, string>,
  modeSwitch: {
    from: { direct: 'Go private', relayed: 'Go direct' } satisfies Record<NetworkMode, string>,
    switching: 'Dropping every connection',
    draft: 'Your model is kept nowhere until it is published. Switch now and lose it?',
  },

  rail: {
    label: 'Panels',
    search: 'Search',
    land: 'Land',
    build: 'Build',
    files: 'Files',
    seed: 'Seed',
    network: 'Network',
    graph: 'Graph',
    wallet: 'Wallet',
    more: 'More',
  },

  common: {
    close: 'Close',
    cancel: 'Cancel',
    retry: 'Try again',
    copied: 'Copied',
    copyOf: (what: string) => `Copy ${what}`,
    goThere: 'Go there',
    dismiss: 'Dismiss',
    copyFailed: 'Your browser did not allow copying. Select the text and copy it by hand.',
  },

  join: {
    phases: {
      starting: 'Starting your peer',
      relay: 'Calling a relay',
      reservation: 'Reserving a place to be reached at',
      peers: 'Looking for others',
      ready: 'Joined',
      offline: 'No relay answers',
    } satisfies Record<JoinPhase, string>,
    progress: 'Joining',
    slow: {
      starting:
        'This takes longer than usual: the code of the peer is still on its way. A slow network does that.',
      relay: 'The relay does not answer. It may be down, or this network may block WebSockets.',
      reservation: 'The relay is slow to answer. It may be full; others are tried meanwhile.',
      peers: 'Nobody has answered yet. You may be the first one here.',
      ready: '',
      offline:
        'What you made is kept here. Your peer goes on trying, and joins by itself once a relay answers.',
    } satisfies Record<JoinPhase, string>,
    readyAfter: (duration: string) => `Joined in ${duration}`,
    addRelay: 'Add a relay',
    look: 'Look around',
    trySearching: 'Search for',
    builds: (count: number) =>
      count === 0
        ? 'No one has built here yet. 50,000 plots are free.'
        : `${plural(count, 'plot')} built on, of 50,000.`,
    particles: (count: number) =>
      count === 0
        ? 'Nothing is linked yet. Link the first word.'
        : `${count.toLocaleString('en')} words and things to find.`,
    peers: (count: number) =>
      count === 0
        ? 'You are the first one here. Open a second tab to see.'
        : `${plural(count, 'other tab')} here.`,
    seePeers: 'See who',
    land: 'Land',
    things: 'Search',
    people: 'Peers',
  },

  chip: {
    label: 'State of your peer; opens the network panel',
    joining: 'Joining',
    joined: 'Joined',
    offline: 'Offline',
    peers: (count: number) => plural(count, 'peer'),
    serving: (bytes: string, peers: number) => `served ${bytes} to ${peers}`,
    noRelay: 'no relay',
    landOf: (ago: string) => `land as of ${ago}`,
    direct: 'direct',
    relayed: 'private',
  },

  world: {
    label: 'The world. Arrow keys or W A S D walk, Shift runs, Space jumps, F flies.',
    loading: 'Drawing the world',
    off: 'The world is off. Search, land and building work all the same.',
    turnOn: 'Turn the world on',
    slow: 'The world takes long to draw. You can go on without it.',
    fly: 'Fly',
    walk: 'Walk',
  },

  search: {
    title: 'Search',
    label: 'Search words and things',
    placeholder: 'Search words and things',
    suggestions: 'Suggestions',
    clear: 'Clear the search',
    intro:
      'What people linked to your words comes first, ranked by what links to it. The rank is computed in this tab.',
    examples: 'Try',
    exampleWords: ['moon', 'lantern', 'fox'],
    searching: (query: string) => `Looking up “${query}” in the links that this tab holds`,
    searchingSlow: 'The graph is still arriving or being ranked. Results come as soon as that is done.',
    syncing: (done: number, total: number) =>
      `Fetching links from others: ${formatOutOf(done, total)} batches. Results may grow.`,
    reading: (done: number, total: number) =>
      `Checking the links kept in this browser: ${formatOutOf(done, total)} batches. Results may grow.`,
    indexing: (done: number, total: number) =>
      `Indexing: ${formatOutOf(done, total)} links. Results may grow.`,
    indexOff:
      'Search is switched off in this browser. Switch it on with tabland.graph.setIndex(true) in the console.',
    shown: (query: string, shown: string) => `Nothing is linked from “${query}”, so “${shown}” is shown.`,
    found: (total: number) => plural(total, 'result'),
    nothing: (query: string) => `Nothing is linked from “${query}” yet.`,
    nothingMore: 'You can be the first to link something to it.',
    nearest: 'Near it',
    more: 'Show more',
    moreLoading: 'Fetching more',
    shareOf: (share: string) => `${share} of all rank`,
    linkedBy: (who: string, when: string) => `linked by ${who}, ${when}`,
    linkedByMe: (when: string) => `linked by you, ${when}`,
    andOthers: (count: number) => ` and ${plural(count, 'other')}`,
    snippetLoading: 'Fetching the content from peers',
    snippetSlow: 'No peer that is here has sent it yet. It may be held by someone who is away.',
    model: '3D model',
    noPicture: 'It cannot be shown here.',
    image: 'Image',
    file: 'File',
    showInWorld: 'Show in the world',
    standsAt: (cell: string) => `Stands at ${cell}`,
    standsNowhere: 'Stands on no plot yet',
    save: 'Save file',
    saving: (bytes: string) => `Fetching, ${bytes} so far`,
    open: 'Details',
    openOf: (what: string) => `Details of ${what}`,
    graph: 'Graph',
    graphOf: (what: string) => `Show ${what} in the graph`,
    verified: 'Verified',
    checking: 'Being checked',
    verifiedHow:
      'Your tab hashed these bytes and got exactly this CID. Whoever sent them could not have changed one bit.',
    rankHow: 'The rank was computed in this tab from signed links alone. No one was asked for it.',
    linkTitle: (query: string) => `Link something to “${query}”`,
    linkLabel: 'A text or a CID',
    linkPlaceholder: 'A word, a sentence or a CID',
    linkFile: 'Choose a file',
    link: 'Link',
    linking: 'Signing and publishing the link',
    linkingFile: (done: string, total: string) => `Storing ${done} of ${total}`,
    linked: (from: string, to: string) => `“${from}” now leads to ${to}.`,
    linkSlow: 'The link is kept here and reaches others once you are joined.',
  },

  result: {
    title: 'Result',
    cid: 'CID',
    size: 'Size',
    kind: 'Kind',
    rank: 'Rank',
    links: 'Linked by',
    linkerAddress: 'the address of who linked it',
    backlinks: 'What leads here',
    backlinksLoading: 'Looking up what leads here',
    noBacklinks: 'Nothing that this tab knows of leads here.',
    follow: 'Search from here',
    graph: 'Show in the graph',
    kinds: {
      ...{ text: 'Text', image: 'Image', video: 'Film', model: '3D model' },
      ...{ page: 'Page', folder: 'Folder', bytes: 'File' },
    },
  },

  seed: seedTexts,

  keys: keyTexts,

  failures: failureTexts,
  failureTitle: 'This did not work',
  actions: {
    retry: 'Try again',
    reload: 'Reload the page',
    'choose-file': 'Choose another file',
    'open-network': 'Open network',
    'open-search': 'Search',
    'world-off': 'Go on without the world',
    'find-plot': 'Find a free plot',
    'open-seed-settings': 'Change the room for it',
  } satisfies Record<FailureAction, string>,
} as const

export type Texts = typeof texts
