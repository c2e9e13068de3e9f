/** Texts around keys that a person keeps closed: on pages from disk. */
export const keyTexts = {
  titles: { make: 'Keys for this page', unlock: 'Open your keys' },
  why: 'To sign what you link and build, this page needs keys. It was opened from disk, and every other page from disk can read what it stores. So your keys are stored only under a passphrase.',
  phraseTitle: 'Open your wallet',
  phraseHow: 'Its recovery phrase is stored under the passphrase that you chose. It is needed to sign this.',
  unlockHow: 'Your keys are stored here under the passphrase that you chose.',
  passphrase: 'Passphrase',
  repeat: 'The same again',
  makeHow:
    'Use a few words, 10 characters or more. Nobody can reset it: write down the recovery phrase in the wallet panel.',
  differs: 'The two are not the same yet.',
  keep: 'Keep my keys here',
  open: 'Open',
  visit: 'Only for this visit',
  visitHow: 'Keys for this visit are kept nowhere and are gone when you close or reload the page.',
  busy: 'Turning the passphrase into a key. This takes a second or two on purpose.',
  closed: 'Your keys are closed. They are asked for when you first link or build something.',
  openNow: 'Open my keys',
  kept: 'Stored in this browser under your passphrase.',
  visitOnly: 'For this visit only: write down the recovery phrase if you want to stay who you are.',
} as const
