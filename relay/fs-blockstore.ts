import { mkdir } from 'node:fs/promises'
import type { Blockstore } from 'interface-blockstore'
import type { CID } from 'multiformats/cid'
import type { StoredBlock, StoreStats } from '#seed/blockstore/block-engine.ts'
import { EngineBlockstore } from '#seed/blockstore/engine-blockstore.ts'
import { SegmentEngine } from '#seed/blockstore/segment-engine.ts'
import type { StoreChannel, StoreLocks } from '#seed/blockstore/segment-folder.ts'
import { lockFolder } from './folder-lock.ts'
import { FsFolder } from './fs-folder.ts'

export interface CreateFsBlockstoreInit {
  /** Made when absent; used by one process at a time. */
  readonly folder: string
  /** Called when a stored copy of `cid` was found damaged and dropped [SE2]: fetch it again, and tell. */
  readonly onDamage?: (cid: CID) => void
  /** a segment that has grown past this is left for a new one @default DEFAULT_SEGMENT_BYTES */
  readonly segmentBytes?: number
}

export interface FsBlockstore {
  readonly blockstore: Blockstore
  readonly kind: 'fs'
  stats(): StoreStats
  /** see BlockEngine */
  limitDisk(bytes: number): void
  /** every block that is here */
  list(): Promise<readonly StoredBlock[]>
  close(): Promise<void>
}

/**
 * The tabs' block format on the file system, for the relay and the command.
 *
 * @throws STORE_FOLDER_LOCKED when another process uses the folder
 */
export async function createFsBlockstore(init: CreateFsBlockstoreInit): Promise<FsBlockstore> {
  const { folder, onDamage, segmentBytes } = init
  await mkdir(folder, { recursive: true })
  const unlock = await lockFolder(folder)
  try {
    const engine = await SegmentEngine.open({
      folder: new FsFolder(folder),
      locks: createProcessLocks(),
      channel: NO_CHANNEL,
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
    })
    return {
      blockstore: new EngineBlockstore(engine, onDamage === undefined ? {} : { onDamage }),
      kind: 'fs',
      stats: () => engine.stats(),
      limitDisk: (bytes) => engine.limitDisk(bytes),
      list: () => engine.list(),
      close: () => engine.close().finally(unlock),
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

/** The folder's lock keeps other processes out; within this one a set will do. */
function createProcessLocks(): StoreLocks {
  const names = new Set<string>()
  return {
    async tryHold(name) {
      if (names.has(name)) return
      names.add(name)
      return () => {
        names.delete(name)
      }
    },
  }
}

/** There is nobody to tell. */
const NO_CHANNEL: StoreChannel = { post() {}, onNews() {}, close() {} }
