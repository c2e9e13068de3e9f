import { randomUUID } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { openSeeder, type SeedersWorld } from '#api/open-seeder.ts'
import type { Seeder } from '#api/seeder-types.ts'
import type { StorageState } from '#api/types.ts'
import type { RecordStore } from '#core/record-store.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { EngineBlockstore } from '#seed/blockstore/engine-blockstore.ts'
import { MemoryEngine } from '#seed/blockstore/memory-engine.ts'
import type { BlocksOfProfile } from '#seed/kept-store.ts'
import { MemoryRecordStore } from '#seed/memory-record-store.ts'
import { createSingleTab } from '#seed/profile-tabs.ts'
import { createFsBlockstore } from './fs-blockstore.ts'
import { blocksDir, openSeedRecords } from './profile-content.ts'

export interface NodeSeederInit {
  readonly profileDir: string
  /** another process uses the profile: everything is kept in memory, and gone with this one */
  readonly inMemory: boolean
  /** undefined until the other parts are there */
  readonly world: () => SeedersWorld | undefined
  /** one line for each thing that went wrong and was gone around */
  readonly warn: (line: string) => void
}

export interface NodeSeeder {
  readonly seeder: Seeder
  readonly kind: StorageState['kind']
  readonly blocks: BlocksOfProfile
  close(): Promise<void>
}

/** What a Node.js process keeps: a process has its profile to itself, and nobody takes its disk back. */
export async function openNodeSeeder({
  profileDir,
  inMemory,
  world,
  warn,
}: NodeSeederInit): Promise<NodeSeeder> {
  let seeder: Seeder | undefined
  const { blocks, store, close } = inMemory
    ? openMemory()
    : await openFolder(profileDir, (cid) => seeder?.damaged(cid))
  seeder = openSeeder({
    blocks,
    store,
    tabs: createSingleTab(randomUUID()),
    timers: systemTimers,
    world,
    onFailure: (error) => warn((error as Error).message),
  })
  return {
    seeder,
    kind: inMemory ? 'memory' : 'fs',
    blocks,
    async close() {
      await seeder?.stop()
      await close()
    },
  }
}

interface Stores {
  readonly blocks: BlocksOfProfile
  readonly store: RecordStore
  close(): Promise<void>
}

function openMemory(): Stores {
  const engine = new MemoryEngine()
  const store = new MemoryRecordStore()
  return {
    blocks: {
      blockstore: new EngineBlockstore(engine),
      stats: () => engine.stats(),
      limitDisk: () => engine.limitDisk(),
      list: () => engine.list(),
    },
    store,
    close: () => store.close(),
  }
}

async function openFolder(profileDir: string, onDamage: (cid: CID) => void): Promise<Stores> {
  const blocks = await createFsBlockstore({ folder: blocksDir(profileDir), onDamage })
  try {
    const store = await openSeedRecords(profileDir)
    return {
      blocks,
      store,
      async close() {
        await store.close()
        await blocks.close()
      },
    }
  } catch (error) {
    await blocks.close()
    throw error
  }
}
