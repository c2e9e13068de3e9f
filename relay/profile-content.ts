import { join } from 'node:path'
import type { Added } from '#api/types.ts'
import type { RecordStore } from '#core/record-store.ts'
import { type Content, createContent } from '#peer/content.ts'
import { publishRoot } from '#seed/kept-root.ts'
import { RootList } from '#seed/root-list.ts'
import type { FoundPath } from './cli/read-path.ts'
import { openFileRecordStore } from './file-record-store.ts'
import { createFsBlockstore } from './fs-blockstore.ts'

/** Blocks are the same in every network. */
export function blocksDir(profileDir: string): string {
  return join(profileDir, 'blocks')
}

/** What is kept of them too, or one network's peer would evict what another one's pinned. */
export function openSeedRecords(profileDir: string): Promise<RecordStore> {
  return openFileRecordStore({ folder: join(profileDir, 'seed') })
}

/**
 * Runs `work` over the blocks that a profile holds, without any network.
 *
 * @throws STORE_FOLDER_LOCKED while another process uses the profile
 */
export async function withProfileContent<T>(
  profileDir: string,
  work: (content: Content) => Promise<T>,
): Promise<T> {
  const blocks = await createFsBlockstore({ folder: blocksDir(profileDir) })
  try {
    return await work(createContent({ helia: blocks, provide: async () => {} }))
  } finally {
    await blocks.close()
  }
}

/**
 * Stores a file or folder in a profile and writes it down as published, without any network.
 *
 * @throws STORE_FOLDER_LOCKED while another process uses the profile
 */
export async function addToProfile(
  profileDir: string,
  source: FoundPath,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<Added> {
  return withProfileContent(profileDir, async (content) => {
    const store = await openSeedRecords(profileDir)
    try {
      const added =
        source.kind === 'file'
          ? await content.add(source.content, { signal })
          : await content.addFolder(source.files, { signal })
      const roots = new RootList({ store, now: Date.now, onChange: () => {} })
      await roots.change(added.cid, publishRoot({ bytes: added.bytes, name, now: Date.now() }))
      return added
    } finally {
      await store.close()
    }
  })
}
