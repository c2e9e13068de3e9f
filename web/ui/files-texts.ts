import { plural } from './format.ts'

/** Texts of the files panel. */
export const filesTexts = {
  title: 'Files',
  subtitle: 'Published under your name, and opened by links that prove what they lead to.',

  publish: {
    files: 'Publish files',
    folder: 'Publish a folder',
    drop: 'You can also drop them on the page while this panel is open; they are published at once.',
    forAll: 'Everybody who has the link can fetch them.',
    forSome: 'Only the wallets below can read them.',
    some: 'Only for some wallets',
    readers: 'Addresses of wallets that may read it',
    readersPlaceholder: '0x…, several with spaces between them',
    readersHow:
      'What you publish next, files and folders, is encrypted, and so are the names; your open tab gives the key to these wallets and to nobody else, or a relay does for you. Empty: everybody.',
    progress: (done: string, total: string) => `Storing and signing, ${done} of ${total}`,
    progressFiles: (done: number, total: number) => `${done} of ${plural(total, 'file')}`,
    stop: (name: string) => `Stop publishing ${name}`,
    resumes: 'Publish the same again and it goes on from where it was.',
    brokenOff: (name: string, bytes: string) =>
      `“${name}” was not published whole: ${bytes} of it are stored. Publish the same again and it goes on from there.`,
  },

  link: {
    label: 'Link to open',
    placeholder: 'cyfs://o/… or an id',
    open: 'Open',
    opening: 'Looking for it here and at your peers',
    openingSlow: 'Nobody has answered yet. Whoever has it may be away; it is asked for until you close this.',
  },

  mine: {
    title: 'Published by you',
    empty: 'You have published nothing yet.',
    files: (count: number) => plural(count, 'file'),
    id: 'Id',
    link: 'Link',
    copyLink: 'Copy link',
    linkCopied: 'Link copied. It opens in every Tabland.',
    copyPage: 'Copy address',
    pageCopied: 'Address copied. It opens this page and the file.',
    open: 'Open',
    unpublish: 'Take off',
    confirm:
      'Others who have it may keep it, but nobody is told of it any more, and it is not kept here for good.',
    confirmYes: 'Take it off',
    notPinned: 'not kept',
    onlyHere: 'only on this device yet',
    forWallets: (count: number) => `for ${plural(count, 'wallet')} only`,
  },

  relay: {
    title: 'While you are away',
    give: 'Let my relay hand out the key while I am away',
    how: (relay: string, address: string) =>
      `That is the relay …${relay}, ${address}. It can then read it, too. It gives the key to your readers, and to who has paid where it knows the chain, for 30 days after you were last here.`,
    none: 'No relay that this page came with, or that you added, is connected. Add yours in the network panel.',
    given: (relay: string, until: string) => `The relay …${relay} has the key, and can read this, ${until}.`,
    bytesAsked:
      'It was asked to keep a copy of the encrypted file as well; a relay without a cache (--cache 0) keeps none.',
    bytesNowhere:
      'Nobody else has a copy of the encrypted file: while you are away the key opens nothing. The relay keeps a copy if its cache has room for it; if it has none (--cache 0), ask somebody to pin the file.',
    readersOnly: 'It knows no chain: who pays waits until you are here.',
    stale: 'It has not heard yet of your last change, and is told when you meet it.',
    leaving: (relay: string, at: string) =>
      `The relay …${relay} is told to delete the key when you meet it. It ends by itself on ${at}.`,
    take: 'Take the key back',
  },

  object: {
    back: 'Back to the folder',
    closeLink: 'Close this link',
    type: 'What it is',
    readers: 'Readers',
    types: (type: string, mime: string | undefined) => (mime === undefined ? type : `${type}, ${mime}`),
    size: 'Size',
    owner: 'Owner',
    trust: 'Trust',
    trustYours: 'You signed it.',
    trustOwner: (address: string) => `Signed by the wallet ${address}, and unchanged since.`,
    trustKey: 'Signed by its own key, and unchanged since.',
    trustId: 'It is what the link names. Who made it is not proved.',
    trustNobody: 'Nobody vouches for this: take it as a stranger’s word.',
    updated: 'Signed',
    bytes: 'CID of its bytes',
    copies: 'Copies',
    entries: (count: number) => plural(count, 'file'),
    noEntries: 'The list of this folder did not come with it.',
    json: 'The whole object as JSON',
    save: 'Save',
    saving: 'Fetching all of it',
    preview: 'Preview',
    noPreview: 'This kind of file cannot be shown here. Save it to open it with another program.',
    previewFailed: 'This browser cannot show it. Save it to open it with another program.',
    textCut: (bytes: string) => `Only the first ${bytes} are shown.`,
    page: 'Published page. Its scripts do not run.',
    needsWorker:
      'Pages, and films larger than a few megabytes, are shown once this page has been kept for times without network: that takes a moment after the first visit. Save works at once.',
  },
} as const
