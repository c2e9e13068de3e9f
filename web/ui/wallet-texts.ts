/** Texts of the wallet panel: part of `texts`. */
export const walletTexts = {
  title: 'Wallet',
  noneYet:
    'Your wallet is made in this tab when you first link, build or buy something. You can make it now, to be paid or to write down its recovery phrase.',
  make: 'Make my wallet',
  none: 'Your keys are being made in this tab.',
  noneSlow:
    'Making keys needs your browser’s storage. If this page runs in a private window, allow storage and reload.',
  address: 'Your address',
  addressHow: 'It signs for what you link and build. It is shown beside your work.',
  device: 'This browser’s key',
  deviceHow: 'It never leaves this browser. Your wallet has allowed it to sign for you.',
  deviceSealed: 'Your wallet has allowed it to sign for you.',
  burner: 'Made in this tab',
  burnerHow:
    'A burner: there is no account and no password. Whoever has the recovery phrase is you; without it, clearing this browser’s data loses this wallet.',
  injected: (name: string) => `From ${name}`,
  injectedUnnamed: 'From your wallet extension',
  injectedHow: 'It keeps your key and asks you before it signs. This page never sees its recovery phrase.',
  phrase: 'Recovery phrase',
  showPhrase: 'Show recovery phrase',
  phraseWarning:
    'Anyone who sees these words can sign as you. Make sure that no one looks on, then write them down on paper.',
  phraseConfirm: 'I am alone: show it',
  phraseLoading: 'Reading the phrase',
  hidePhrase: 'Hide',
  protect: {
    title: 'Passphrase',
    how: 'Until you set one, whoever can read this browser’s storage has your wallet. It is asked for when money moves; linking and building go on without it.',
    set: 'Set a passphrase',
    field: 'New passphrase',
    save: 'Set it',
    busy: 'Turning the passphrase into a key. This takes a second or two on purpose.',
    done: 'Your recovery phrase is encrypted under your passphrase.',
    change: 'Change the passphrase',
  },
  connect: {
    title: 'Use another wallet',
    how: 'Your wallet will ask you twice: to show its address, and to allow this browser to sign links, builds and objects for it for a year. That moves no money. From then on you are that address here.',
    none: 'No wallet extension tells of itself in this browser.',
    use: (name: string) => `Use ${name}`,
    waiting: (name: string) => `Answer in ${name}`,
    waitingSlow: 'Its window may be hidden behind this one, or it may be locked.',
    leave: 'Use the wallet made in this tab',
    leaveHow: 'What you linked and built with this one stays its own.',
  },
} as const
