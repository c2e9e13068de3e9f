import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readOwnList } from '../verify/own-build.ts'
import { PAGE_LIST } from '../verify/page-list.ts'

/**
 * [RE6a] The hash that the page in `folder` has by its own list: what a relay claims, which proves nothing. It is read
 * again when the list changes; undefined without a list.
 */
export function createPageClaim(folder: string): () => Promise<string | undefined> {
  let known: { readonly version: string; readonly hash: string | undefined } | undefined
  return async () => {
    const version = await stat(join(folder, PAGE_LIST)).then(
      ({ ino, size, mtimeMs }) => `${ino}/${size}/${mtimeMs}`,
      () => 'absent',
    )
    if (known?.version !== version) known = { version, hash: (await readOwnList(folder))?.hash }
    return known.hash
  }
}
