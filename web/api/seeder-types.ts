import type { ReadonlySignal } from '@preact/signals'
import type { Blockstore } from 'interface-blockstore'
import type { CID } from 'multiformats/cid'
import type { DecideKeep, WalletPin } from '#core/seeding.ts'
import type { Timers } from '#core/timers.ts'
import type { ObjectBlockStore } from '#objects/object-store.ts'
import type { Addable, AddedFolder, FolderFile } from '#peer/add-source.ts'
import type { SeedNetwork } from './seed-network.ts'
import type { SeedAddOptions } from './seed-pins.ts'
import type { SeedStorageInit } from './seed-storage.ts'
import type { SeedState } from './seed-types.ts'
import type { Added, AddOptions, Tabland } from './types.ts'

export interface SeederInit extends Omit<SeedStorageInit, 'onChange'> {
  readonly timers: Timers
  /** 0..1 */
  readonly random: () => number
  /** 0x…; undefined until the first key is made */
  readonly ownAddress: () => string | undefined
  /** [SE3] what is pinned for the wallet's tokens alone, at most @default AUTO_PIN_BYTES */
  readonly autoPinBytes?: number
}

export type SeedCommands = Omit<Tabland['seed'], 'status'>

/** What this profile keeps: its state and its commands. */
export interface Seeder {
  readonly state: ReadonlySignal<SeedState>
  readonly commands: SeedCommands
  /** the store as everything else is to use it: with a quota, and told of every block */
  readonly blockstore: Blockstore
  /** Stores a content and keeps it as published. @throws SEED_PINS_EXCEED_QUOTA before anything is stored */
  add(content: Addable, options?: SeedAddOptions): Promise<Added>
  /** As `add`, for files that become one UnixFS directory; their paths are normalised already. */
  addFolder(files: readonly FolderFile[], options?: AddOptions): Promise<AddedFolder>
  /** The blocks of a text that is about to be stored or linked here are kept. */
  keepText(cid: string, blocks: readonly string[]): Promise<void>
  /** The blocks of named objects, which the index of objects keeps and lets go. */
  readonly objectBlocks: ObjectBlockStore
  /** Somebody reads a content: it is cached until something else is worth more. Returns the end of the reading. */
  use(cid: string): () => void
  /** A stored copy of a block was damaged and dropped ([SE2]). */
  damaged(cid: CID): void
  readonly decideKeep: DecideKeep
  /** [SE3] Pins what the wallet's tokens lead to, the most important first, and nothing else for that reason. */
  followWallet(pins: readonly WalletPin[]): Promise<void>
  /** The network is there: what is missing is fetched, what is here is announced. */
  join(network: SeedNetwork): void
  stop(): Promise<void>
}
