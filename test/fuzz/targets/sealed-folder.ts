import { type Bytes, concat, equalBytes } from '#core/bytes.ts'
import {
  decodeFolderTable,
  encodeFolderTable,
  type FolderRow,
  folderTableEnd,
} from '#objects/sealed-folder.ts'
import type { FuzzTarget } from '../fuzz.ts'

/** [OB11] A restricted folder's table, which its author may fill with anything: it has one form, and lies in its content. */
export function sealedFolderTarget(): FuzzTarget {
  return {
    name: 'sealed-folder',
    seeds: [rows(0), rows(1), rows(12)].map(content),
    maxInputBytes: 8_192,
    codes: ['OBJECT_INVALID'],
    run(input) {
      const end = folderTableEnd(input, input.length)
      const files = [...decodeFolderTable(input.subarray(0, end), input.length).values()]
      if (!equalBytes(encodeFolderTable(files), input.subarray(0, end)))
        throw new Error('It is written in two ways')
      let at = end
      for (const { offset, bytes, path } of files) {
        if (offset !== at) throw new Error(`${path} does not follow the file before it`)
        at += bytes
      }
      if (at !== input.length) throw new Error('The files end elsewhere than their content')
    },
  }
}

function rows(count: number): readonly FolderRow[] {
  return Array.from({ length: count }, (_, at) => ({
    path: `dir ${at % 3}/é${at}.txt`,
    mime: at % 2 === 0 ? 'text/plain' : undefined,
    bytes: at,
  }))
}

function content(files: readonly FolderRow[]): Bytes {
  return concat(encodeFolderTable(files), ...files.map(({ bytes }) => new Uint8Array(bytes)))
}
