import type { Blockstore } from 'interface-blockstore'
import type { CID } from 'multiformats/cid'
import { AppError } from '#core/errors.ts'
import type { BlockEngine, StoredBlock, StoreStats } from './block-engine.ts'
import { EngineBlockstore } from './engine-blockstore.ts'
import type { StoreErrorCode } from './errors.ts'
import { IdbEngine } from './idb-engine.ts'
import { MemoryEngine } from './memory-engine.ts'
import { OpfsEngine } from './opfs-engine.ts'

export interface CreateBlockstoreInit {
  /** Tells the stores of one origin apart, such as those of two networks. Letters, digits, - and _. */
  readonly name: string
  /** Called when a stored copy of `cid` was found damaged and dropped [SE2]: fetch it again, and tell. */
  readonly onDamage?: (cid: CID) => void
}

export interface TabBlockstore {
  readonly blockstore: Blockstore
  readonly kind: 'opfs' | 'indexeddb' | 'memory'
  /** why content will not survive this tab: `kind` is 'memory' */
  readonly failure?: AppError<StoreErrorCode>
  stats(): StoreStats
  /** see BlockEngine */
  limitDisk(bytes: number): void
  /** every block that is here, whichever tab wrote it */
  list(): Promise<readonly StoredBlock[]>
  close(): Promise<void>
}

/**
 * The best store that this browser gives: OPFS, IndexedDB, or memory, which says so by `failure`
 * (STORE_NOT_DURABLE). Tabs of one profile that open one `name` share its blocks.
 */
export async function createBlockstore({ name, ...init }: CreateBlockstoreInit): Promise<TabBlockstore> {
  const reasons: unknown[] = []
  const attempt = async (open: () => Promise<BlockEngine>): Promise<BlockEngine | undefined> => {
    try {
      return await open()
    } catch (error) {
      reasons.push(error)
      return
    }
  }
  const opfs = await attempt(() => openOpfs(name))
  if (opfs !== undefined) return toTabBlockstore(opfs, { kind: 'opfs', ...init })
  const idb = await attempt(() => IdbEngine.open(name))
  if (idb !== undefined) return toTabBlockstore(idb, { kind: 'indexeddb', ...init })
  const failure = new AppError<StoreErrorCode>(
    'STORE_NOT_DURABLE',
    'This browser lets Tabland keep nothing on disk, so content is gone when the tab closes. Leave private browsing, or allow this site to store data, then reload.',
    { cause: new AggregateError(reasons) },
  )
  return toTabBlockstore(new MemoryEngine(), { kind: 'memory', failure, ...init })
}

/** Insecure pages have neither OPFS nor Web Locks, and file: pages no module workers. */
async function openOpfs(name: string): Promise<BlockEngine> {
  const missing = [
    typeof Worker === 'undefined' && 'workers',
    typeof navigator.storage?.getDirectory !== 'function' && 'a private file system',
    navigator.locks === undefined && 'Web Locks',
  ].find((reason) => reason !== false)
  if (missing !== undefined) {
    throw new AppError<StoreErrorCode>('STORE_OPEN_FAILED', `This page has no access to ${missing}.`)
  }
  return OpfsEngine.open(name)
}

function toTabBlockstore(
  engine: BlockEngine,
  {
    kind,
    failure,
    onDamage,
  }: Pick<TabBlockstore, 'kind' | 'failure'> & Pick<CreateBlockstoreInit, 'onDamage'>,
): TabBlockstore {
  return {
    blockstore: new EngineBlockstore(engine, onDamage === undefined ? {} : { onDamage }),
    kind,
    ...(failure === undefined ? {} : { failure }),
    stats: () => engine.stats(),
    limitDisk: (bytes) => engine.limitDisk(bytes),
    list: () => engine.list(),
    close: () => engine.close(),
  }
}
