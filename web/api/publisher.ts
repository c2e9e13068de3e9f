import type { Signal } from '@preact/signals'
import type { Bytes } from '#core/bytes.ts'
import { formatAddress } from '#core/delegation.ts'
import { normaliseFolder } from '#core/folder-path.ts'
import type { Address, Identity } from '#core/identity.ts'
import type { RecordStore } from '#core/record-store.ts'
import { formatCyfsLink } from '#objects/cyfs-link.ts'
import { type Author, authorOf, signDir, signFile } from '#objects/file-objects.ts'
import { encodeObject, type NamedObject, objectIdOf } from '#objects/object.ts'
import { formatObjectId, type ObjectId, parseObjectId } from '#objects/object-id.ts'
import type { ObjectKeyStore } from '#objects/object-key-store.ts'
import { layoutOfPlain } from '#objects/sealed-segments.ts'
import { assertFolder, type FolderFile, type SizedSource, sizedSource } from '#peer/add-source.ts'
import { apiError } from './errors.ts'
import { type HashedSource, hashedSource } from './hashed-source.ts'
import type { IdentityHolder } from './identity-holder.ts'
import type { FilesState, PublishedItem, PublishItem, Publishing, PublishOptions } from './object-types.ts'
import { forgetPublished, loadPublished, savePublished } from './published-records.ts'
import { parseReaders, type Sealing, sealSource } from './restricted-files.ts'
import { fileContent, folderContent, type SealedContent } from './sealed-content.ts'
import type { SeedAddOptions } from './seed-pins.ts'
import type { Seeder } from './seeder-types.ts'
import type { Failure } from './types.ts'

/** What is published, in the form in which it is read. */
export type PublishSource =
  | { readonly kind: 'file'; readonly name: string; readonly content: SizedSource }
  | { readonly kind: 'folder'; readonly name: string; readonly files: readonly FolderFile[] }

/** Objects of the profile's person. */
export interface OwnObjects {
  /** Keeps encoded objects and tells others of them, of the first one by its id in the DHT. */
  keep(objects: readonly Bytes[]): Promise<void>
  /** They are cache from now on. */
  letGo(ids: readonly ObjectId[]): Promise<void>
}

export interface PublisherComponents {
  readonly seeder: Pick<Seeder, 'add' | 'addFolder' | 'commands'>
  /** of what is restricted */
  readonly keys: ObjectKeyStore
  /** so many bytes from a secure source */
  readonly randomBytes: (length: number) => Bytes
  /** the profile's */
  readonly store: RecordStore
  readonly identity: Pick<IdentityHolder, 'get'>
  /** where the objects go that name what is published */
  readonly objects: OwnObjects
  /** what is published, and what is on its way: written here, read by everybody */
  readonly state: Signal<FilesState>
  /** unix ms */
  readonly now: () => number
}

export interface Publisher {
  publish(source: PublishSource, options?: PublishOptions): Promise<PublishedItem>
  unpublish(id: string): Promise<void>
  /** Reads what earlier pages published. */
  load(): Promise<void>
}

/** Broken-off ones stay in the list until they are published again, or so many came after them. */
const MAX_BROKEN_OFF = 16

/** Publishes files and folders of this profile ([OB12]). */
export function createPublisher(components: PublisherComponents): Publisher {
  const { seeder, store, keys, randomBytes, identity, objects, state, now } = components

  async function load(): Promise<void> {
    const published = await loadPublished(store)
    state.value = { ...state.value, published }
  }

  /** One entry of `publishing`, from its beginning to its end. */
  function begin(name: string, totalFiles: number, total: number) {
    let entry: Publishing = { name, progress: { bytes: 0, total, files: 0, totalFiles } }
    const write = (publishing: readonly Publishing[]) => {
      state.value = { ...state.value, publishing }
    }
    const others = () => state.value.publishing.filter((other) => other !== entry)
    // the same again goes on: it takes the place of the one that broke off
    const fresh = others().filter((other) => other.name !== name || other.failure === undefined)
    write([entry, ...fresh.slice(0, MAX_BROKEN_OFF)])
    const replace = (next: Publishing) => {
      write(state.value.publishing.map((other) => (other === entry ? next : other)))
      entry = next
    }
    return {
      progress: (bytes: number, files: number) =>
        replace({ ...entry, progress: { bytes, total, files, totalFiles } }),
      current: () => entry.progress,
      end: () => write(others()),
      fail: (failure: Failure) => replace({ ...entry, failure }),
    }
  }

  /** Reads what is to be sealed once, before it is stored. */
  async function sealFor(
    restricted: Restricted | undefined,
    { name }: PublishSource,
    signal: AbortSignal | undefined,
  ): Promise<Sealing | undefined> {
    if (restricted === undefined) return undefined
    const { content, readers } = restricted
    return sealSource(content, { name, readers, secret: await keys.secret(), randomBytes, signal })
  }

  async function add(
    source: PublishSource,
    sealing: Sealing | undefined,
    { signal, onProgress }: Pick<PublishOptions, 'signal'> & ProgressByFiles,
  ): Promise<Pick<Stored, 'files' | 'added' | 'sealing'>> {
    const files = hashedFiles(source, sealing)
    const ends = sealing?.ends ?? endsOf(files)
    const seeding = {
      name: source.name,
      isRestricted: sealing !== undefined,
      ...(signal === undefined ? {} : { signal }),
      onProgress: ({ bytes }: { readonly bytes: number }) => onProgress(bytes, wholeWithin(ends, bytes)),
    }
    const isOne = source.kind === 'file' || sealing !== undefined
    const added = isOne ? await addFile(seeder, files, seeding) : await seeder.addFolder(files, seeding)
    return { files, added, sealing }
  }

  async function publish(source: PublishSource, options: PublishOptions): Promise<PublishedItem> {
    const { signal, readers } = options
    assertFolder(filesOf(source))
    const signer = await identity.get()
    signal?.throwIfAborted()
    const restricted = restrictedOf(source, readers, signer)
    const shown = begin(source.name, filesOf(source).length, storedBytes(source, restricted))
    const onProgress = (bytes: number, files: number) => {
      shown.progress(bytes, files)
      options.onProgress?.(shown.current())
    }
    try {
      const sealing = await sealFor(restricted, source, signal)
      const stored = await add(source, sealing, { onProgress, ...(signal === undefined ? {} : { signal }) })
      const item = await describe(source, { ...stored, author: authorOf(signer, now()) })
      if (sealing !== undefined) await keys.put(parseObjectId(item.published.id), sealing)
      await objects.keep([...item.objects.values()])
      await savePublished(store, item.published, [...item.objects.keys()])
      await load()
      shown.end()
      return item.published
    } catch (error) {
      if (signal?.aborted) shown.end()
      else shown.fail(failureOf(error))
      throw error
    }
  }

  return {
    load,
    publish: (source, options = {}) => publish(source, options),
    async unpublish(id) {
      const item = (await loadPublished(store)).find((other) => other.id === id)
      if (item === undefined) throw notPublished(id)
      const made = await forgetPublished(store, id)
      await objects.letGo(made)
      await keys.forget(made)
      await load()
      const isShared = state.value.published.some(({ root }) => root === item.root)
      if (!isShared) await seeder.commands.unpin(item.root)
    },
  }
}

function notPublished(id: string): Error {
  return apiError(
    'OBJECT_NOT_PUBLISHED',
    `Nothing with the id ${String(id).slice(0, 60)} was published from here. See tabland.state.files.value.`,
  )
}

/**
 * What the page hands over, in the form in which it is read.
 *
 * @throws PUBLISH_EXPECTED, PUBLISH_EMPTY, FOLDER_PATH_INVALID, FOLDER_PATH_TWICE
 */
export function publishSourceOf(items: readonly PublishItem[] | Blob, name?: string): PublishSource {
  if (items instanceof Blob) return { kind: 'file', name: name ?? nameOf(items), content: sizedSource(items) }
  if (!Array.isArray(items) || !items.every(isPublishItem)) {
    throw apiError(
      'PUBLISH_EXPECTED',
      "publish takes a Blob (such as a file), or a folder as [{ path: 'a.txt', content: blob }].",
    )
  }
  const [first]: readonly PublishItem[] = items
  if (first === undefined)
    throw apiError('PUBLISH_EMPTY', 'There is nothing to publish: give a file or a folder.')
  if (items.length === 1 && first.path === '')
    return { kind: 'file', name: name ?? nameOf(first.content), content: sizedSource(first.content) }
  const files = normaliseFolder(items.map(({ path, content }) => ({ path, content: sizedSource(content) })))
  return { kind: 'folder', name: name ?? 'folder', files }
}

function isPublishItem(item: Partial<PublishItem> | undefined): boolean {
  const content = item?.content
  return typeof item?.path === 'string' && (content instanceof Blob || content instanceof Uint8Array)
}

function nameOf(content: Blob | Uint8Array): string {
  return typeof File !== 'undefined' && content instanceof File ? content.name : 'file'
}

interface ProgressByFiles {
  readonly onProgress: (bytes: number, files: number) => void
}

/** What is to be sealed, and for whom. */
interface Restricted {
  readonly content: SealedContent
  readonly readers: readonly Address[]
}

/** Undefined for what everybody may read. @throws ADDRESS_INVALID, PUBLISH_READERS */
function restrictedOf(
  source: PublishSource,
  readers: readonly string[] | undefined,
  author: Identity,
): Restricted | undefined {
  if (readers === undefined) return undefined
  return {
    readers: parseReaders(readers, author.neuron),
    content: source.kind === 'file' ? fileContent(source.content) : folderContent(source.files),
  }
}

/** @throws CONTENT_TOO_LARGE */
function storedBytes(source: PublishSource, restricted: Restricted | undefined): number {
  if (restricted === undefined) return assertFolder(filesOf(source))
  const { content } = restricted.content
  return assertFolder([{ path: '', content: { ...content, size: layoutOfPlain(content.size).sealedBytes } }])
}

interface HashedFile {
  readonly path: string
  readonly content: HashedSource
}

function filesOf(source: PublishSource): readonly FolderFile[] {
  return source.kind === 'file' ? [{ path: '', content: source.content }] : source.files
}

/** What is stored, hashed while it is: each file, or one sealed content. */
function hashedFiles(source: PublishSource, sealing: Sealing | undefined): readonly HashedFile[] {
  const stored = sealing === undefined ? filesOf(source) : [{ path: '', content: sealing.source }]
  return stored.map(({ path, content }) => ({ path, content: hashedSource(content) }))
}

async function addFile(seeder: Pick<Seeder, 'add'>, [file]: readonly HashedFile[], options: SeedAddOptions) {
  if (file === undefined) throw new Error('A file is one file.')
  const added = await seeder.add(file.content, options)
  return { ...added, files: [{ path: '', cid: added.cid, bytes: added.bytes }] }
}

/** Bytes behind which each file is whole, when they are stored one after the other. */
function endsOf(files: readonly HashedFile[]): readonly number[] {
  let end = 0
  return files.map(({ content }) => {
    end += content.size
    return end
  })
}

/** How many files lie whole within the first `bytes`. */
function wholeWithin(ends: readonly number[], bytes: number): number {
  const at = ends.findIndex((end) => end > bytes)
  return at === -1 ? ends.length : at
}

interface Stored {
  readonly files: readonly HashedFile[]
  readonly added: Awaited<ReturnType<Seeder['addFolder']>>
  readonly sealing: Sealing | undefined
  readonly author: Author
}

/** The objects of what was added, signed, and its place in the list. */
async function describe(
  source: PublishSource,
  { files, added, sealing, author }: Stored,
): Promise<{ published: PublishedItem; objects: ReadonlyMap<string, Uint8Array<ArrayBuffer>> }> {
  const signed: { path: string; object: NamedObject }[] = []
  for (const [at, { path, content }] of files.entries()) {
    const name = path === '' ? source.name : path.slice(path.lastIndexOf('/') + 1)
    const root = added.files[at]?.cid as string
    const facts = { ...content.facts(), length: content.size, root }
    const shown = sealing === undefined ? { name } : { cipher: sealing.cipher }
    signed.push({ path, object: await signFile({ ...facts, ...shown }, author) })
  }
  const [first] = signed
  const isOne = (source.kind === 'file' || sealing !== undefined) && first !== undefined
  const object = isOne
    ? first.object
    : await signDir({ root: added.cid, name: source.name, files: signed }, author)
  const id = formatObjectId(objectIdOf(object))
  const zone = formatObjectId(author.owner)
  const all = isOne ? [object] : [object, ...signed.map((each) => each.object)]
  return {
    objects: new Map(all.map((each) => [formatObjectId(objectIdOf(each)), encodeObject(each)])),
    published: {
      id,
      link: formatCyfsLink({ type: 'o', zone, id, inner: '' }),
      kind: source.kind === 'file' ? 'file' : 'dir',
      name: source.name,
      bytes: assertFolder(filesOf(source)),
      files: filesOf(source).length,
      root: added.cid,
      ...(sealing === undefined ? {} : { readers: sealing.readers.map(formatAddress) }),
      publishedAt: author.now,
    },
  }
}

function failureOf(error: unknown): Failure {
  const { code = 'UNKNOWN', message } = error as { readonly code?: string; readonly message: string }
  return { code, message }
}
