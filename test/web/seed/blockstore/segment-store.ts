import type { StoreStats } from '#seed/blockstore/block-engine.ts'
import { EngineBlockstore } from '#seed/blockstore/engine-blockstore.ts'
import { SegmentEngine } from '#seed/blockstore/segment-engine.ts'
import type { StoreUnderTest } from '#test/contract/blockstore-contract.ts'
import { type Disk, MemoryFolder, type MemoryFolderOptions, MemoryProfile, pause } from './memory-folder.ts'

export interface OpenOptions extends MemoryFolderOptions {
  readonly disk?: Disk
  readonly profile?: MemoryProfile
  readonly segmentBytes?: number
  readonly onChange?: (stats: StoreStats) => void
  readonly onDamage?: (cid: { toString(): string }) => void
}

export interface SegmentStore extends StoreUnderTest {
  readonly blockstore: EngineBlockstore
  readonly engine: SegmentEngine
  readonly folder: MemoryFolder
  readonly disk: Disk
  /** the tab is gone: its locks fall, its memory with it */
  crash(): void
}

/** A segment store over a disk in memory. */
export async function openSegmentStore(options: OpenOptions = {}): Promise<SegmentStore> {
  const {
    disk = new Map(),
    profile = new MemoryProfile(),
    segmentBytes,
    onChange,
    onDamage,
    ...faults
  } = options
  const folder = new MemoryFolder(disk, faults)
  const { locks, channel, crash } = profile.connect()
  const engine = await SegmentEngine.open({
    folder,
    locks,
    channel,
    pause,
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
    ...(onChange === undefined ? {} : { onChange }),
  })
  return {
    blockstore: new EngineBlockstore(engine, onDamage === undefined ? {} : { onDamage }),
    engine,
    folder,
    disk,
    stats: () => engine.stats(),
    close: () => engine.close(),
    crash: () => {
      folder.crash()
      crash()
    },
  }
}

/** A disk as it is now; later writes do not reach it. */
export function copyDisk(disk: Disk): Disk {
  return new Map([...disk].map(([id, bytes]) => [id, bytes.slice()]))
}
