import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Graphs too large for this repository lie beside it, or where TABLAND_DATA says. */
function dataFolder(): URL {
  const { TABLAND_DATA } = process.env
  return TABLAND_DATA === undefined
    ? new URL('../../../../shared/data/', import.meta.url)
    : pathToFileURL(`${TABLAND_DATA}/`)
}

/** Path of a file of the data folder. @returns undefined, after a word about it, when it is not there */
export function findData(path: string): string | undefined {
  const file = fileURLToPath(new URL(path, dataFolder()))
  if (existsSync(file)) return file
  console.log(`${file} is missing: what is measured by it is left out (TABLAND_DATA names another folder).`)
  return undefined
}

export async function readData(path: string): Promise<Uint8Array | undefined> {
  const file = findData(path)
  return file === undefined ? undefined : new Uint8Array(await readFile(file))
}
