import type { FailureText } from './failure-text.ts'

/** What a person may meet when named objects are published, opened or read, which comes with the parts that show it. */
export const objectFailureTexts: Readonly<Record<string, FailureText>> = {
  OBJECT_INVALID: {
    says: 'This is no object that can be read. Nothing of it was used.',
    withDetail: true,
    action: 'retry',
  },
  OBJECT_WRONG_ID: {
    says: 'A peer sent another object than the one you asked for. It was thrown away; try again to ask others.',
    action: 'retry',
  },
  OBJECT_FORGED: {
    says: 'This object was changed after it was signed. Nothing of it was kept; try again to ask other peers.',
    action: 'retry',
  },
  OBJECT_STRANGER: {
    says: 'Somebody else signed this object than its owner. Nothing of it was kept; try again to ask other peers.',
    action: 'retry',
  },
  OBJECT_UNBOUND: {
    says: 'The content of this object belongs to another one. Nothing of it was kept; try again to ask other peers.',
    action: 'retry',
  },
  OBJECT_OLD_BODY: {
    says: 'A peer sent an older version of this object than the one you know. Yours stays as it is.',
    action: 'retry',
  },
  OBJECT_EARLY: {
    says: 'This object says it is from the future. Check this device’s clock, then try again.',
    action: 'retry',
  },
  OBJECT_PATH_NOT_FOUND: {
    says: 'The folder has no such file. Open the folder to see what is in it.',
    action: 'retry',
  },
  OBJECT_NO_BYTES: {
    says: 'This object has no bytes to show or to save.',
    withDetail: true,
    action: 'retry',
  },
  OBJECT_RANGE_UNSIGNED: {
    says: 'Nobody signed where the bytes of this file are, so it can only be fetched as a whole.',
    action: 'retry',
  },
  OBJECT_BYTES_WRONG: {
    says: 'What came is not what this file names. It was thrown away; ask its owner to publish it again.',
    action: 'retry',
  },
  DELEGATION_SCOPE: {
    says: 'The wallet of whoever signed this has not allowed that browser to do so. Nothing was kept.',
    action: 'retry',
  },
  OBJECT_NOT_FOUND: {
    says: 'No peer that is here now has this object. It comes back with the tab of its owner; try again later.',
    action: 'retry',
  },
  OBJECT_SOURCE_LIED: {
    says: 'A peer sent something else than what you asked for. Nothing of it was kept, and it is not asked again. Try again to ask others.',
    action: 'retry',
  },
  OBJECT_LINK_NONE: {
    says: 'This is no cyfs link, and no id of an object. A link looks like cyfs://o/OWNER/ID; an id has 43 or 44 letters and digits.',
    action: 'retry',
  },
  OBJECT_LINK_OTHER: {
    says: 'This link does not name one object. Paste a link of the form cyfs://o/OWNER/ID, or an id alone.',
    action: 'retry',
  },
  CYFS_LINK_INVALID: {
    says: 'This is not a link that can be opened.',
    withDetail: true,
    action: 'retry',
  },
  PUBLISH_EMPTY: { says: 'There is nothing in this to publish. Choose a file or a folder.', action: 'retry' },
  OBJECT_NOT_PUBLISHED: {
    says: 'This is not published from here any more, so there is nothing to do.',
    action: 'retry',
  },
  FOLDER_PATH_INVALID: {
    says: 'A file in this folder has a name that cannot be published. Nothing was stored.',
    withDetail: true,
    action: 'retry',
  },
  FOLDER_PATH_TWICE: {
    says: 'Two files of this folder have the same path. Rename one; nothing was stored.',
    withDetail: true,
    action: 'retry',
  },
  OBJECT_KEY_REFUSED: {
    says: 'This was published for other wallets than yours. Ask who published it to add the address of your wallet.',
    action: 'retry',
  },
  OBJECT_KEY_NOT_FOUND: {
    says: 'Only some may read this, and nobody who could give you its key is here now. Try again when its owner is online.',
    action: 'retry',
  },
  KEY_RELAY_NONE: {
    says: 'No relay that this page came with, or that you added, is connected. Add yours in the network panel.',
    action: 'open-network',
  },
  KEY_RELAY_REFUSED: {
    says: 'The relay did not do this. Try again later; a key that it has ends by itself 30 days after you were last here.',
    withDetail: true,
    action: 'retry',
  },
  SEAL_DAMAGED: {
    says: 'This was sealed for some, and what arrived does not open. Try again to ask others for it.',
    action: 'retry',
  },
  SEAL_CHANGED: {
    says: 'This file changed while it was read. Publish it again.',
    action: 'retry',
  },
  SEAL_LENGTH: {
    says: 'This was sealed for some, and is not whole. Who published it must publish it again.',
    withDetail: true,
    action: 'retry',
  },
  PUBLISH_READERS: {
    says: 'This cannot be published for some only. Nothing was stored.',
    withDetail: true,
    action: 'retry',
  },
}
