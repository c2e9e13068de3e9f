import { type Content, createContent } from '#peer/content.ts'
import { blocksDir } from './create-node-tabland.ts'
import { createFsBlockstore } from './fs-blockstore.ts'

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
