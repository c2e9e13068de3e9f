import type { FailureText } from './failure-text.ts'

/**
 * The part of the texts that turns codes into sentences. A code that is not here shows the error's own message,
 * which says what failed and what to do, in a developer's words. What only later parts can meet comes with them
 * (`wallet-failure-texts.ts`, `object-failure-texts.ts`).
 */
export const failureTexts: Readonly<Record<string, FailureText>> = {
  // joining and relays
  NETWORK_OFFLINE: {
    says: 'This device is offline. What is stored here works on, and joining goes on once the network is back.',
    action: 'retry',
  },
  RELAY_NONE: {
    says: 'No relay is known, so nobody can be met. What you make is kept here. Add the address of a relay, or open this page with #relay=ADDRESS after its name.',
    action: 'open-network',
  },
  RELAY_UNREACHABLE: {
    says: 'The relay does not answer. It is tried again by itself; peers that you have met stay connected.',
    action: 'retry',
  },
  RELAY_REFUSED: {
    says: 'The relay has no room for you now. It is asked again, and others are tried.',
    action: 'retry',
  },
  RELAY_OTHER_NETWORK: {
    says: 'This relay belongs to another Tabland network. Nothing was changed. Choose a relay of this one.',
    action: 'open-network',
  },
  SEARCH_OFF: {
    says: 'Search is switched off in this browser. Links are kept and ranked all the same. Switch it on with tabland.graph.setIndex(true) in the console.',
    action: 'retry',
  },
  RELAY_ADDRESS_INVALID: {
    says: 'This is not the address of a relay. Nothing was changed.',
    withDetail: true,
    action: 'open-network',
  },
  RELAY_TOO_MANY: {
    says: 'You know enough relays already. This one is not needed, and nothing was changed.',
    action: 'open-network',
  },
  RELAY_FACTS_INVALID: {
    says: 'The server of this page says nothing usable about its relay. Add a relay by its address.',
    action: 'open-network',
  },
  PEERS_UNREACHABLE: {
    says: 'Others are here, but no connection to them succeeds yet. A firewall may be in the way; they are tried again.',
    action: 'retry',
  },
  PEERS_SILENT: {
    says: 'The relay answers, but nobody else does yet. They are tried again by themselves; what you make is kept here.',
    action: 'retry',
  },
  WEBRTC_MISSING: {
    says: 'This browser has no WebRTC, so everything goes through the relay and is slower. Allow WebRTC, then reload.',
    action: 'reload',
  },

  // storage
  STORE_NOT_DURABLE: {
    says: 'This browser keeps nothing for this page, so what you make is gone when the tab closes. Leave private browsing or allow storage, then reload.',
    action: 'reload',
  },
  STORE_OPEN_FAILED: {
    says: 'The storage of this browser did not open. Leave private browsing or free some disk space, then reload.',
    action: 'reload',
  },
  STORE_QUOTA_EXCEEDED: {
    says: 'There is no more room in this browser’s storage. What is stored stays. Free some disk space, then try again.',
    action: 'retry',
  },
  STORE_WORKER_FAILED: {
    says: 'The part that keeps content stopped. What was stored stays. Reload the page.',
    action: 'reload',
  },
  STORE_IO_FAILED: {
    says: 'Reading or writing stored content failed. What was stored before stays. Try again.',
    action: 'retry',
  },
  RECORDS_NOT_SAVED: {
    says: 'This was not saved, so it was not published either. Allow storage or free some disk space, then try again.',
    action: 'retry',
  },

  // seeding
  SEED_ADD_BROKEN_OFF: {
    says: 'A file was not added to its end. Add the same file again, and it goes on from where it was.',
    withDetail: true,
    action: 'retry',
  },
  SEED_BLOCK_DAMAGED: {
    says: 'A part of what is stored here was damaged on the disk. It was thrown away and is fetched again from others.',
    withDetail: true,
    action: 'retry',
  },
  SEED_PINNED: {
    says: 'This is pinned, so it was not deleted. Unpin it first.',
    action: 'retry',
  },
  SEED_PINS_EXCEED_QUOTA: {
    says: 'What is pinned needs more room than you gave. Nothing is deleted: give more room, or choose what to let go.',
    withDetail: true,
    action: 'open-seed-settings',
  },
  SEED_SETTING: {
    says: 'This value is not possible here. The one before still holds.',
    withDetail: true,
    action: 'retry',
  },
  SEED_TOO_MANY_PINS: {
    says: 'You keep as many things as this page can list. Unpin some, or put several files into one.',
    action: 'retry',
  },
  SEED_UNKNOWN: {
    says: 'This is not kept here any more, so there is nothing to do.',
    action: 'retry',
  },
  SEED_WALLET_CAP: {
    says: 'Your tokens lead to more than is kept here by itself.',
    withDetail: true,
    action: 'open-seed-settings',
  },

  // keys
  IDENTITY_NONE: {
    says: 'There are no keys here to sign with. Looking around works; to link or build, allow storage and reload.',
    action: 'reload',
  },
  KEYS_PASSPHRASE_WRONG: {
    says: 'This passphrase does not open your keys. Nothing was changed. Try again, or go on with keys for this visit.',
    action: 'retry',
  },
  KEYS_PASSPHRASE_SHORT: {
    says: 'This passphrase is too easily guessed. Use 10 characters or more, such as a few words.',
    action: 'retry',
  },
  KEYS_REPLACED: {
    says: 'Another page replaced or deleted the keys that are stored here. Nothing was signed. Reload, then open yours or make new ones.',
    action: 'reload',
  },
  KEYS_CLOSED: {
    says: 'Your keys are closed. Open them in the wallet panel, then try again.',
    action: 'retry',
  },
  DEVICE_KEY_UNSUPPORTED: {
    says: 'This browser cannot keep a signing key. Looking around works; to link or build, use Chrome 137, Firefox 129, Safari 17 or newer, outside private windows.',
    action: 'reload',
  },
  ADDRESS_INVALID: {
    says: 'This is not the address of a wallet. An address is 0x and 40 digits; copy it again.',
    withDetail: true,
    action: 'retry',
  },
  DELEGATION_EXPIRED: {
    says: 'Your wallet’s permission for this browser has run out. Reload to give it again; nothing is lost.',
    action: 'reload',
  },
  FEED_FORKED: {
    says: 'This browser’s key signed two different things under one number, so its links no longer count. Use another browser profile: it makes a new key.',
    action: 'reload',
  },

  // content
  CONTENT_NOT_FOUND: {
    says: 'No peer that is here now has this. It comes back with the tab that holds it.',
    action: 'retry',
  },
  CONTENT_DAMAGED: {
    says: 'What arrived is not what its CID says, so it was thrown away. Someone else may send it whole.',
    action: 'retry',
  },
  CONTENT_DAG_BOMB: {
    says: 'This content claims to be larger than anything honest, so it was refused before it took memory.',
    action: 'open-search',
  },
  CONTENT_TOO_LARGE: {
    says: 'This is larger than what is read here. Nothing was stored.',
    withDetail: true,
    action: 'open-search',
  },
  CONTENT_TOO_MANY_FILES: {
    says: 'This folder has more files than one may have. Nothing was stored.',
    withDetail: true,
    action: 'open-search',
  },
  CONTENT_NOT_A_FILE: {
    says: 'This CID names something that is not a file, so there is nothing to show.',
    action: 'open-search',
  },
  CONTENT_CID_INVALID: {
    says: 'This is not a CID. A CID is 46 characters that begin with Qm.',
    action: 'open-search',
  },
  CID_INVALID: {
    says: 'This is not a CID. A CID is 46 characters that begin with Qm.',
    action: 'open-search',
  },
  CID_NOT_V0: {
    says: 'This CID has no version 0 form, which links need. Add the content here: that gives one.',
    action: 'open-search',
  },
  TEXT_TOO_LONG: {
    says: 'A word or sentence to search has at most 256 bytes. Shorten it; nothing was stored.',
    action: 'open-search',
  },
  TEXT_INVALID: { says: 'This is no readable text, so it cannot be searched.', action: 'open-search' },
  REQUEST_FAILED: {
    says: 'A peer did not answer. Others are asked; try again in a moment.',
    action: 'retry',
  },

  // links and rank
  LINKS_SELF: {
    says: 'A link leads from one thing to another. Choose two different ends.',
    action: 'open-search',
  },
  LINKS_FULL: {
    says: 'This tab holds as many links as it can. New ones are not taken; search goes on.',
    action: 'open-search',
  },
  LINKS_TIME: {
    says: 'This device’s clock is ahead, so others would not take your links. Set it right, then try again.',
    action: 'retry',
  },
  RANK_FAILED: {
    says: 'The rank could not be computed. Results keep the order of the last one.',
    action: 'reload',
  },
  RANK_MEMORY: {
    says: 'This device has too little memory to rank this many links. Results keep the order of the last rank.',
    action: 'reload',
  },

  // land
  PARCEL_UNKNOWN: { says: 'No plot is there: it is the square or the sea.', action: 'find-plot' },
  PARCEL_EMPTY: { says: 'Nothing stands on this plot any more.', action: 'find-plot' },
  PARCEL_NOT_MINE: {
    says: 'Someone else built this, so only they can take it down. You may build here instead.',
    action: 'find-plot',
  },
  PLACEMENT_LOST: {
    says: 'Someone built on this plot at the same moment, and theirs stands. Your model is stored here: publish it again or choose another plot.',
    action: 'find-plot',
  },
  PLACEMENT_POSE: {
    says: 'The model does not fit its plot like this. Move it back or make it smaller.',
    withDetail: true,
    action: 'choose-file',
  },
  PLACEMENT_TIME: {
    says: 'This device’s clock is ahead, so others would not take your record. Set it right, then try again.',
    action: 'retry',
  },

  // models
  GLB_NOT_GLB: {
    says: 'This is not a .glb file. Export the model as glTF 2.0 binary (.glb).',
    action: 'choose-file',
  },
  GLB_VERSION: {
    says: 'This .glb is of another version. Export the model as glTF 2.0.',
    action: 'choose-file',
  },
  GLB_TRUNCATED: {
    says: 'This .glb ends too early: part of it is missing. Copy or export it again.',
    action: 'choose-file',
  },
  GLB_CHUNK: {
    says: 'The parts of this .glb contradict each other. Export the model again.',
    action: 'choose-file',
  },
  GLB_JSON: {
    says: 'The description inside this .glb cannot be read. Export the model again.',
    action: 'choose-file',
  },
  GLB_STRUCTURE: {
    says: 'This .glb does not follow the glTF format. Export the model again.',
    withDetail: true,
    action: 'choose-file',
  },
  GLB_BOUNDS: {
    says: 'This model points outside its own file, so it was refused. Export it again.',
    withDetail: true,
    action: 'choose-file',
  },
  GLB_NUMBER: {
    says: 'This model has numbers that cannot be drawn.',
    withDetail: true,
    action: 'choose-file',
  },
  GLB_EXTERNAL: {
    says: 'This model needs files that are not inside it. Export it with everything embedded.',
    action: 'choose-file',
  },
  GLB_EXTENSION: {
    says: 'This model needs a glTF extension that is not drawn here. Export it without.',
    withDetail: true,
    action: 'choose-file',
  },
  GLB_CYCLE: { says: 'The parts of this model contain each other. Export it again.', action: 'choose-file' },
  GLB_IMAGE: {
    says: 'A picture in this model cannot be read. Export it with PNG or JPEG textures.',
    action: 'choose-file',
  },
  GLB_LIMIT: {
    says: 'This model is more than one plot takes.',
    withDetail: true,
    action: 'choose-file',
  },
  MODEL_TOO_LARGE: {
    says: 'This model is more than one plot takes.',
    withDetail: true,
    action: 'choose-file',
  },
  MODEL_FETCH: {
    says: 'Nobody who is here can send this model now. It is asked for again soon.',
    action: 'open-network',
  },
  MODEL_DRAW: {
    says: 'This model could not be drawn. The rest of the world goes on.',
    action: 'open-network',
  },
  MODEL_WORKER: {
    says: 'Reading this model took more than this device has. Try a smaller one.',
    action: 'choose-file',
  },

  // proofs of ranks
  MACHINE_NONE: {
    says: 'This browser believes no machine whose blocks prove ranks. Ranks are this tab’s own.',
    withDetail: true,
    action: 'open-network',
  },
  RANK_UNPROVEN: {
    says: 'Nobody who is connected proves this rank now. Try again after the next block.',
    action: 'retry',
  },

  // the page itself
  WORLD_NO_GRAPHICS: {
    says: 'This browser gives no 3D graphics (WebGPU or WebGL2). Search, land and building work without the world.',
    action: 'world-off',
  },
  UI_CODE_MISSING: {
    says: 'A part of the page could not be fetched. Check your connection, then try again; nothing is lost.',
    action: 'retry',
  },
  UI_CRASHED: {
    says: 'A part of the page stopped working. What you made is kept.',
    action: 'reload',
  },
}
