import type { PublishItem } from '#api/object-types.ts'
import { MAX_FOLDER_FILES } from '#core/limits.ts'
import type { Publication } from './files-store.ts'

/** Files of a file chooser: each on its own, or all of a folder that was chosen. */
export function chosenFiles(files: readonly File[]): readonly Publication[] {
  const folders = new Map<string, PublishItem[]>()
  const publications: Publication[] = []
  for (const file of files) {
    const [folder = '', ...rest] = file.webkitRelativePath.split('/')
    if (rest.length === 0) publications.push({ name: file.name, items: [{ path: '', content: file }] })
    else {
      const items = folders.get(folder) ?? []
      if (items.length === 0) publications.push({ name: folder, items })
      folders.set(folder, items)
      items.push({ path: rest.join('/'), content: file })
    }
  }
  return publications
}

/** What is dropped on the page: each file on its own, each folder as a whole. To be called while the drop is handled. */
export function droppedFiles(items: Iterable<DataTransferItem>): Promise<readonly Publication[]> {
  // the browser empties the list when the handler returns
  const entries = [...items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry() : null))
  return Promise.all(entries.filter((entry) => entry !== null).map(readDropped))
}

async function readDropped(entry: FileSystemEntry): Promise<Publication> {
  if (isFile(entry)) return { name: entry.name, items: [{ path: '', content: await fileOf(entry) }] }
  const items: PublishItem[] = []
  await collect(entry as FileSystemDirectoryEntry, '', items)
  return { name: entry.name, items }
}

/** One more than may be published is enough to be refused. */
async function collect(folder: FileSystemDirectoryEntry, path: string, items: PublishItem[]): Promise<void> {
  const reader = folder.createReader()
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (entries.length === 0) return
    for (const entry of entries) {
      if (items.length > MAX_FOLDER_FILES) return
      if (isFile(entry)) items.push({ path: path + entry.name, content: await fileOf(entry) })
      else await collect(entry as FileSystemDirectoryEntry, `${path}${entry.name}/`, items)
    }
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}
