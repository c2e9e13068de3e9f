import type { CyfsLink } from '#objects/cyfs-link.ts'
import type { PathProofJson } from '#objects/map/map-json.ts'
import type { CallOptions, Failure } from './types.ts'

/** One entry of what is published: '' is the path of a single file; in a folder 'img/a.png'. */
export interface PublishItem {
  readonly path: string
  readonly content: Blob | Uint8Array<ArrayBuffer>
}

export interface PublishOptions extends CallOptions {
  /** @default the file's name, where it has one */
  readonly name?: string
  /**
   * Addresses of wallets (0x…) that may read it, besides the own one: its bytes and name are encrypted, and the key is
   * given to those alone, while this profile is online or a relay has it (`giveKeyToRelay`). So are paths, number and
   * sizes of a folder's files.
   * @default everybody may
   */
  readonly readers?: readonly string[]
  readonly onProgress?: (progress: PublishProgress) => void
}

export interface PublishProgress {
  readonly bytes: number
  readonly total: number
  readonly files: number
  readonly totalFiles: number
}

/** Something published from this profile. */
export interface PublishedItem {
  /** base58 */
  readonly id: string
  /** cyfs://o/<owner>/<id> */
  readonly link: string
  readonly kind: 'file' | 'dir'
  readonly name: string
  readonly bytes: number
  readonly files: number
  /** CIDv0 of its bytes, or of the folder's UnixFS directory: what is pinned, counted and provided */
  readonly root: string
  /** of what is restricted: addresses of the wallets that may read it, the own one among them */
  readonly readers?: readonly string[]
  /** unix ms */
  readonly publishedAt: number
}

export interface Publishing {
  readonly name: string
  readonly progress: PublishProgress
  /** why it broke off; it goes on when the same is published again */
  readonly failure?: Failure
}

/** The key of something restricted that a relay was given, to hand it out while this profile is away. */
export interface HandedKey {
  /** of what is published, base58 */
  readonly id: string
  /** peer id of the relay, which can read it */
  readonly relay: string
  /** unix ms: then it ends by itself; this profile tells the relay anew once a day while both are online */
  readonly until: number
  /** does the relay know a chain, and give the key to who has paid too? */
  readonly payers: boolean
  /** taken back, or given without an answer, but the relay was not met since */
  readonly leaving?: true
  /** changed or renewed since, but the relay did not answer since */
  readonly stale?: true
}

export interface FilesState {
  /** newest first */
  readonly published: readonly PublishedItem[]
  readonly publishing: readonly Publishing[]
  readonly handed: readonly HandedKey[]
}

/** How far an object is to be believed ([OB10]). */
export type ObjectTrust =
  /** its owner signed it: a wallet (0x…), by a device (its key in hex), or a key of the object's own */
  | { readonly level: 'owner'; readonly people?: string; readonly device?: string }
  /** its desc is the one that was asked for; its body, if it has one, is nobody's */
  | { readonly level: 'id' }
  | { readonly level: 'untrusted'; readonly why: string }

/** A file of a folder. */
export interface OpenedEntry {
  /** as 'img/a.png' */
  readonly path: string
  /**
   * base58, of a File, a Dir or a chunk; absent for a part of a chunk that did not come with the folder, and in a
   * restricted folder, which is one object
   */
  readonly id?: string
  /** absent where its File did not come with the folder */
  readonly bytes?: number
  /** by the ending of its name; in a restricted folder as its owner says */
  readonly mime?: string
}

/** An object, found and checked. */
export interface OpenedObject {
  /** base58 */
  readonly id: string
  /** the type's name, as 'File', or 'type 32900'; a restricted folder is a Dir to its readers, and a File to others */
  readonly type: string
  readonly trust: ObjectTrust
  readonly name?: string
  /** id of its owner, base58 */
  readonly owner?: string
  /** unix ms of the body's update */
  readonly updatedAt?: number
  /** of a File, or of a file in a restricted folder: what its bytes are, and how many */
  readonly mime?: string
  readonly bytes?: number
  /** CIDv0 that a File's bytes, or all of a Dir's, are fetched by */
  readonly root?: string
  /** of a File that not everybody may read: may this profile, and if not, why? */
  readonly restricted?: { readonly readable: true } | { readonly readable: false; readonly failure: Failure }
  /** addresses of the wallets that may, where this profile may too */
  readonly readers?: readonly string[]
  /** of a Dir, in the order of their paths; absent where the list did not come with it */
  readonly entries?: readonly OpenedEntry[]
  /** the whole object as `tabland object decode` prints it */
  readonly json: unknown
}

export interface ReadObjectOptions extends CallOptions {
  /** the first byte @default 0 */
  readonly start?: number
  /** the byte after the last one; what lies behind the end is left out @default all that follow */
  readonly end?: number
}

/** Trees of object maps ([OB13] to [OB15]), whose nodes are objects of the profile or of peers. Ids are base58. */
export interface ObjectMapsApi {
  /**
   * Makes `{"key": "id", "folder": {…}, "set": ["id", …]}`, stores its nodes and offers them. @returns the root's id
   *
   * @throws OBJECT_INVALID saying at which path; nothing is stored then
   */
  build(tree: unknown, options?: CallOptions): Promise<string>
  /** The id at a path as `/folder/key`, undefined where there is none. @throws OBJECT_NOT_FOUND */
  get(root: string, path: string, options?: CallOptions): Promise<string | undefined>
  /** What stands at a path, or that nothing does, with the nodes that show it. @throws OBJECT_NOT_FOUND */
  prove(root: string, path: string, options?: CallOptions): Promise<PathProofJson>
  /**
   * What a proof shows, under its own root or the one that is trusted. Needs neither store nor peers.
   *
   * @throws PATH_PROOF_INVALID, OBJECT_INVALID
   */
  verify(proof: unknown, root?: string): Promise<Omit<PathProofJson, 'nodes'>>
}

export interface ObjectsApi {
  /**
   * Stores a file or a folder, keeps it as published, and signs the File or Dir that names it.
   *
   * @throws FOLDER_PATH_INVALID, FOLDER_PATH_TWICE, CONTENT_TOO_LARGE, SEED_PINS_EXCEED_QUOTA, ADDRESS_INVALID,
   * PUBLISH_READERS, PUBLISH_EXPECTED, PUBLISH_EMPTY before anything is stored
   */
  publish(items: readonly PublishItem[] | Blob, options?: PublishOptions): Promise<PublishedItem>
  /** Its record is taken off, and its key from relays; its bytes become cache. @throws OBJECT_NOT_PUBLISHED */
  unpublish(id: string): Promise<void>
  /**
   * Gives a relay the key of something restricted that was published from here: the relay can read it then, and hands
   * the key to its readers, and to who has paid where it knows the chain, while this profile is away. Ends after 30
   * days without this profile.
   *
   * @param relay its peer id @default the first connected one that the page came with or its person added
   * @throws OBJECT_INVALID, OBJECT_NOT_PUBLISHED, KEY_RELAY_NONE, KEY_RELAY_REFUSED
   */
  giveKeyToRelay(id: string, relay?: string): Promise<HandedKey>
  /**
   * The relay deletes the key, at once or when it is met again; what somebody has read stays read.
   *
   * @param relay its peer id @default all that were given it
   * @throws OBJECT_INVALID, KEY_RELAY_REFUSED
   */
  takeKeyFromRelay(id: string, relay?: string): Promise<void>
  /**
   * By `cyfs://o/…` link or id, from here or from peers; a link's inner path leads into a folder.
   *
   * @throws CYFS_LINK_INVALID, OBJECT_LINK_NONE, OBJECT_LINK_OTHER, OBJECT_NOT_FOUND, OBJECT_PATH_NOT_FOUND, why what was found is not to
   * be believed, or why the list of a restricted folder cannot be read
   */
  open(link: string, options?: CallOptions): Promise<OpenedObject>
  /**
   * Bytes of a file, or of a file in a folder by the link's inner path: only the blocks of the range are fetched. The
   * whole is held against the File's hash before its last piece is given.
   *
   * @throws as `open`, OBJECT_NO_BYTES, OBJECT_RANGE_INVALID, OBJECT_RANGE_UNSIGNED, OBJECT_BYTES_WRONG,
   * OBJECT_KEY_REFUSED and OBJECT_KEY_NOT_FOUND for what is restricted, and what `cat` throws
   */
  read(link: string, options?: ReadObjectOptions): AsyncIterable<Uint8Array<ArrayBuffer>>
  /** The encoded object. @throws as `open` */
  get(link: string, options?: CallOptions): Promise<Uint8Array<ArrayBuffer>>
  /**
   * Takes an encoded object, checks, stores and announces it. @returns its id
   *
   * @throws OBJECT_INVALID, or why it is not to be believed; nothing is stored then
   */
  put(object: Uint8Array, options?: CallOptions): Promise<string>
  /** Trees of object maps, and proofs of what they hold. */
  readonly map: ObjectMapsApi
  /** @throws CYFS_LINK_INVALID */
  parse(link: string): CyfsLink
  /** @throws CYFS_LINK_INVALID */
  format(link: CyfsLink): string
}
