import type { CallOptions, Failure } from './types.ts'

/** One entry of what is published: '' is the path of a single file; in a folder 'img/a.png'. */
export interface PublishItem {
  readonly path: string
  readonly content: Blob | Uint8Array<ArrayBuffer>
}

export interface PublishOptions extends CallOptions {
  /** @default the file's name, where it has one */
  readonly name?: string
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
  /** unix ms */
  readonly publishedAt: number
}

export interface Publishing {
  readonly name: string
  readonly progress: PublishProgress
  /** why it broke off; it goes on when the same is published again */
  readonly failure?: Failure
}

export interface FilesState {
  /** newest first */
  readonly published: readonly PublishedItem[]
  readonly publishing: readonly Publishing[]
}

export interface ObjectsApi {
  /**
   * Stores a file or a folder, keeps it as published, and signs the File or Dir that names it.
   *
   * @throws FOLDER_PATH_INVALID, FOLDER_PATH_TWICE, CONTENT_TOO_LARGE, SEED_PINS_EXCEED_QUOTA before anything is stored
   */
  publish(items: readonly PublishItem[] | Blob, options?: PublishOptions): Promise<PublishedItem>
  /** The encoded File or Dir of this id (base58), of those that were published here. @throws OBJECT_NOT_PUBLISHED */
  get(id: string): Promise<Uint8Array<ArrayBuffer>>
  /** Its record is taken off; its bytes become cache. @throws OBJECT_NOT_PUBLISHED */
  unpublish(id: string): Promise<void>
}
