import { describe, expect, it } from 'vitest'
import { MAX_FOLDER_FILES } from '#core/limits.ts'
import { chosenFiles, droppedFiles } from '#ui/chosen-files.ts'

function chosen(name: string, webkitRelativePath = ''): File {
  return Object.assign(new File([name], name), { webkitRelativePath })
}

const pathsOf = (publications: Awaited<ReturnType<typeof droppedFiles>>) =>
  publications.map(({ name, items }) => [name, items.map(({ path }) => path)])

describe('what is chosen', () => {
  it('is each file on its own, or a folder without its own name in the paths', () => {
    expect(pathsOf(chosenFiles([chosen('a.txt'), chosen('b.txt')]))).toEqual([
      ['a.txt', ['']],
      ['b.txt', ['']],
    ])
    const folder = [chosen('a.txt', 'site/a.txt'), chosen('b.png', 'site/img/b.png')]
    expect(pathsOf(chosenFiles(folder))).toEqual([['site', ['a.txt', 'img/b.png']]])
    expect(chosenFiles([])).toEqual([])
  })
})

/** Entries as browsers give them: a folder is read in pieces until one is empty. */
type Tree = { readonly [name: string]: string | Tree }

function entryOf(name: string, content: string | Tree): FileSystemEntry {
  if (typeof content === 'string') {
    const file = (resolve: (file: File) => void) => resolve(new File([content], name))
    return { name, isFile: true, file } as unknown as FileSystemEntry
  }
  const all = Object.entries(content).map(([child, inner]) => entryOf(child, inner))
  const createReader = () => {
    let at = 0
    return {
      readEntries(resolve: (entries: FileSystemEntry[]) => void) {
        resolve(all.slice(at, at + 100))
        at += 100
      },
    }
  }
  return { name, isFile: false, createReader } as unknown as FileSystemEntry
}

function dropped(entries: readonly FileSystemEntry[]): DataTransferItem[] {
  const items = entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry }))
  const others = [
    { kind: 'string', webkitGetAsEntry: () => entryOf('text', '') },
    { kind: 'file', webkitGetAsEntry: () => null },
  ]
  return [...items, ...others] as unknown as DataTransferItem[]
}

describe('what is dropped', () => {
  it('is files and whole folders, and nothing else', async () => {
    const folder = { 'index.html': 'x', img: { 'a.png': 'x', deep: { 'b.png': 'x' } }, empty: {} }
    expect(pathsOf(await droppedFiles(dropped([entryOf('a.txt', 'x'), entryOf('site', folder)])))).toEqual([
      ['a.txt', ['']],
      ['site', ['index.html', 'img/a.png', 'img/deep/b.png']],
    ])
  })

  it('reads no more of a folder than it takes to be refused', async () => {
    const many = Object.fromEntries(Array.from({ length: MAX_FOLDER_FILES + 500 }, (_, at) => [`${at}`, 'x']))
    const [folder] = await droppedFiles(dropped([entryOf('many', { a: many, b: many })]))
    expect(folder?.items).toHaveLength(MAX_FOLDER_FILES + 1)
  })
})
