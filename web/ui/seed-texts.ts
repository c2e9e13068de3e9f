import type { PinReason } from '#core/seeding.ts'
import { plural } from './format.ts'
import type { SeedFilter, SeedSort } from './seed-list.ts'
import type { AmountMistake } from './seed-settings.ts'

const others = (count: number): string => plural(count, 'other device')

/** Texts of the seeding panel and of the hint to pin the tab. */
export const seedTexts = {
  title: 'Seed',
  views: { items: 'Items', traffic: 'Traffic', settings: 'Settings' },

  serving: {
    served: (items: number, connected: string) =>
      `${items === 1 ? 'What is yours' : `All ${items} of yours`} can be fetched right now; ${connected}`,
    partly: (whole: number, items: number) =>
      `${whole} of your ${items} can be fetched right now; what is missing of the rest is being looked for`,
    connected: (peers: number) => `${plural(peers, 'peer')} ${peers === 1 ? 'is' : 'are'} connected`,
    taking: (peers: number) =>
      `${peers === 0 ? 'none' : peers} ${peers > 1 ? 'are' : 'is'} taking something.`,
    alone: (whole: number, items: number) =>
      `${whole === items ? (items === 1 ? 'What is yours is' : `All ${items} of yours are`) : `${whole} of your ${items} are`} here, but nobody is connected to take anything now.`,
    offline: 'You are offline: nothing of yours can be fetched until you are back. It is kept here.',
    nothing: 'Nothing is yours yet. Publish a model, add a file or pin a CID, and this tab serves it.',
  },
  chip: {
    served: (items: number) => `seeding ${items}`,
    partly: (whole: number, items: number) => `seeding ${whole} of ${items}`,
    alone: 'nobody to seed to',
  },

  hint: {
    title: 'Pin this tab to keep serving',
    pointer: 'Right-click the tab at the top of your browser and choose Pin.',
    touch: 'Keep this page open in a tab of your browser; on a computer you can pin it.',
    why: 'While the tab is open, what is yours can be fetched from here. A pinned tab is small, is not closed by accident, and comes back with your browser.',
  },

  add: {
    file: 'Add files',
    drop: 'or drop files on the page while this panel is open.',
    dropNow: 'Drop the files to seed them',
    dropHow: 'They are stored in this browser and served to whoever asks.',
    cid: 'CID to pin',
    cidPlaceholder: 'Qm… to fetch and keep',
    pin: 'Pin',
    waiting: 'Waiting for the one before it',
    storing: (done: string, total: string) => `Storing, ${done} of ${total}`,
    fetching: (done: string) => `Fetching, ${done} so far`,
    fetchingOf: (done: string, total: string) => `Fetching, ${done} of ${total}`,
    left: (time: string) => `${time} left`,
    stop: (name: string) => `Stop ${name}`,
    added: (name: string) => `${name} is seeded from here now.`,
    unnamed: 'A file',
    brokenOff: (stored: string) =>
      `Adding it broke off; ${stored} of it are stored. Add the same file again, and it goes on from there.`,
    giveUp: 'Give it up',
    resumes: 'What is here already stays: it goes on from there.',
  },

  notices: {
    dismiss: 'Dismiss',
    raise: (quota: string) => `Raise the quota to ${quota}`,
    letGo: 'Choose what to let go',
  },

  totals: {
    pinned: 'Pinned',
    cached: 'Cached',
    quota: 'Quota',
    texts: (count: number, bytes: string) => `${plural(count, 'text')} of yours, ${bytes}`,
    browser: 'Your browser',
    granted: 'Grants this page',
    persisted: 'Kept for good',
    isPersisted: 'Yes: your browser does not clear it by itself.',
    notPersisted: 'Not promised: when the disk runs full, your browser may clear what is stored here.',
    persist: 'Ask the browser to keep it',
    disk: 'Takes on disk',
    diskOf: (all: string, garbage: string) =>
      `${all}, of which ${garbage} were deleted and are freed by and by`,
    scrub: 'Read again',
    scrubNever: 'Not yet. What is pinned is read again once nothing else is going on.',
    scrubReading: (share: string) => `${share} of what is pinned; bad parts are fetched again.`,
    scrubPaused: (share: string) => `${share} of what is pinned; it waits while other things go on.`,
    scrubDone: (ago: string) => `All that is pinned, ${ago}.`,
    scrubDamaged: (parts: number) =>
      parts === 0 ? 'Nothing was damaged.' : `${plural(parts, 'damaged part')} found, to be fetched again.`,
    refused:
      'Your browser did not promise it. It may, once this page is bookmarked, installed or often visited.',
  },

  list: {
    filter: 'Show',
    filters: { mine: 'Mine', cached: 'Cached', all: 'All' } satisfies Record<SeedFilter, string>,
    sort: 'Sort by',
    sorts: {
      used: 'Last used',
      worth: 'Worth',
      size: 'Size',
      copies: 'Copies',
      up: 'Sent',
      name: 'Name',
    } satisfies Record<SeedSort, string>,
    /** the least first, the most first */
    directions: {
      used: ['Oldest first', 'Newest first'],
      worth: ['Least first', 'Most first'],
      size: ['Smallest first', 'Largest first'],
      copies: ['Fewest first', 'Most first'],
      up: ['Least first', 'Most first'],
      name: ['A to Z', 'Z to A'],
    } satisfies Record<SeedSort, readonly [string, string]>,
    more: (count: number) => `Show ${count} more`,
    empty: {
      mine: 'Nothing is pinned. What you publish, add or pin stays here until you let it go.',
      cached: 'Nothing is cached. What you look at is kept while there is room, and served to others.',
      all: 'Nothing is kept here yet.',
    } satisfies Record<SeedFilter, string>,
  },

  item: {
    model: (cell: string) => `Model at ${cell}`,
    sizeUnknown: 'size not known yet',
    heldOf: (held: string, whole: string) => `${held} of ${whole}`,
    here: (share: string) => `${share} here`,
    sources: (count: number) => (count === 0 ? 'no source yet' : `from ${plural(count, 'source')}`),
    adding: 'Adding',
    fetching: 'Fetching',
    reasonWords: {
      published: 'published',
      pinned: 'pinned',
      kept: 'kept for others',
      land: 'your land',
      model: 'your model',
    } satisfies Record<PinReason, string>,
    cached: 'cached',
    copiesOf: (copies: number, wanted: number) =>
      copies > wanted ? plural(copies, 'copy', 'copies') : `${copies} of ${wanted} copies`,
    sent: 'sent',
    received: 'received',

    why: 'Why it is here',
    reasons: {
      published: 'You published it.',
      pinned: 'You pinned it.',
      kept: 'Someone whose requests you accept asked you to keep it.',
      land: 'It stands on your land.',
      model: 'A model token of yours shows it.',
    } satisfies Record<PinReason, string>,
    neverEvicted: 'It is never deleted to make room.',
    cachedWhy: 'It was fetched here once. It goes when room is needed and its worth is the least.',
    worth: 'Worth',
    place: (place: number, of: number) => `number ${place} of ${of} to go`,
    held: 'Here',
    used: 'Last used',
    traffic: 'Traffic',
    trafficLine: (sent: string, received: string) => `${sent} sent, ${received} received`,
    cid: 'CID',
    copies: 'Copies',
    notChecked: (wanted: number) => `Not asked yet; ${wanted} wanted.`,
    proved: (copies: number, wanted: number) =>
      copies === 0
        ? `No other device proved that it has access; ${wanted} wanted.`
        : `${others(copies)} proved to have access, of ${wanted} wanted.`,
    asked: (ago: string) => `Asked ${ago}.`,
    falseProofs: (peers: number) =>
      `${plural(peers, 'peer')} gave a false proof: ${peers === 1 ? 'it does' : 'they do'} not count and ${peers === 1 ? 'is' : 'are'} not asked again for an hour.`,
    provedHow:
      'Each gave a random block of it when asked. That shows access at that moment, and no more. A device with several tabs counts once.',
    privateHow:
      'You are private: others are asked through your relays alone, and nobody is asked to take a copy, as such a wish names your wallet. Others cannot count your copy either: it would name your device.',
    holders: 'Who proved it',
    holderKinds: { tab: 'Tab', relay: 'Relay', node: 'Node' },
    device: 'device key',

    pin: 'Pin',
    unpin: 'Unpin',
    drop: 'Delete here',
    check: 'Check copies',
    copyLink: 'Copy link',
    linkCopied: 'The link is copied. Whoever opens it gets this from the tabs that have it.',
    open: 'Open',
    goThere: 'Show in the world',
    resume: 'Go on fetching',
    unpinConfirm:
      'No other device has proved to have this. Once unpinned, it may be deleted when room is needed.',
    dropConfirm: 'No other device has proved to have this. Deleted here, it may be gone for good.',
    confirmUnpin: 'Unpin all the same',
    confirmDrop: 'Delete all the same',
    working: {
      pin: 'Fetching what is missing',
      unpin: 'Letting go',
      drop: 'Deleting',
      check: 'Asking others for proof that they have it',
    },
    workingSlow: 'Others are slow to answer. You can go on meanwhile.',
  },

  traffic: {
    title: 'The last seven days',
    chart: (sent: string, received: string) =>
      `Sent and received in each hour of the last seven days: ${sent} sent, ${received} received in all.`,
    peak: (bytes: string) => `${bytes} in the busiest hour`,
    none: 'Nothing was sent or received in the last seven days.',
    sent: 'Sent',
    received: 'Received',
    lastDay: 'Last 24 hours',
    week: 'Seven days',
    now: 'now',
    table: 'As a table',
    day: 'Day',
    weekdays: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
  },

  settings: {
    saved: 'Saved',
    noCap: 'no limit',
    quota: 'Room for all of it',
    quotaHow: 'Pinned and cached together. The cache makes room by itself; what is pinned is never deleted.',
    quotaMost: (most: string) => `Your browser allows up to ${most}.`,
    uploadCap: 'Upload, at most',
    uploadCapHow: 'While a tab of Tabland is in front of you.',
    hiddenUploadCap: 'Upload while hidden, at most',
    hiddenUploadCapHow: 'While every tab of Tabland is in the background. Empty: the same as in front.',
    downloadCap: 'Download, at most',
    downloadCapHow: 'Empty means no limit.',
    wantedCopies: 'Copies wanted',
    wantedCopiesHow:
      'When fewer other devices prove that they have something of yours, others are asked to take it.',
    keepForOthers: 'Room for others',
    keepForOthersHow:
      'What you keep for people who ask you to, as part of the room for all of it. 0 keeps nothing.',
    friends: 'Friends',
    friendsHow: 'Wallet addresses whose wish to keep something you grant, within the room for others.',
    noFriends: 'Nobody yet.',
    friend: 'Wallet address of a friend',
    friendPlaceholder: '0x…',
    addFriend: 'Add',
    removeFriend: (address: string) => `Remove ${address}`,
    friendAddress: 'the friend’s address',
    friendInvalid: 'A wallet address is 0x and 40 digits from 0 to f.',
    friendKnown: 'This address is in the list already.',
    units: { quota: 'GB', rate: 'MB/s', room: 'MB', devices: 'devices' },
    mistakes: {
      missing: 'Give a number.',
      number: 'This is no number, such as 10 or 0.5.',
      whole: 'Give a whole number, such as 3.',
      zero: 'Give a number above 0, or leave it empty for no limit.',
    } satisfies Record<AmountMistake, string>,
  },
} as const
