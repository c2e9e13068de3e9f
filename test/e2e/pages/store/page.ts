import type { CID } from 'multiformats/cid'
import { concat, equalBytes } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import type { StoreStats } from '#seed/blockstore/block-engine.ts'
import { createBlockstore, type TabBlockstore } from '#seed/blockstore/create-blockstore.ts'
import { benchStores, type StoreBench } from './bench.ts'
import { blockOf, cidOf } from './content.ts'

export interface PlainFailure {
  readonly code: string
  readonly message: string
}

/** What the tests call in the page: `window.storePage`. Blocks are named by text, see content.ts. */
export interface StorePage {
  open(name: string): Promise<{ kind: string; failure?: PlainFailure }>
  /** Puts `prefix`-0, -1 … until `count`, several at once; calls `window.acknowledged(name)` for each. */
  put(
    prefix: string,
    options: { count: number; bytes: number; atOnce: number },
  ): Promise<PlainFailure | undefined>
  /** Which of the blocks are there and whole. */
  verify(names: readonly string[], bytes: number): Promise<string[]>
  delete(names: readonly string[], bytes: number): Promise<PlainFailure | undefined>
  /** Resolves once the block is seen without reading it, as another tab's announcement arrives. */
  seen(name: string, bytes: number): Promise<void>
  damaged(): string[]
  stats(): StoreStats
  bench: typeof benchStores
}

export type { StoreBench }

declare global {
  interface Window {
    storePage: StorePage
    acknowledged?: (name: string) => void
  }
}

let store: TabBlockstore
const damaged: string[] = []

window.storePage = {
  async open(name) {
    store = await createBlockstore({ name, onDamage: (cid) => damaged.push(cid.toString()) })
    const { kind, failure } = store
    return { kind, ...(failure === undefined ? {} : { failure: plain(failure) }) }
  },
  async put(prefix, { count, bytes, atOnce }) {
    let next = 0
    let failure: PlainFailure | undefined
    const work = async (): Promise<void> => {
      while (next < count && failure === undefined) {
        const name = `${prefix}-${next++}`
        try {
          const block = blockOf(name, bytes)
          await store.blockstore.put(await cidOf(block), block)
          window.acknowledged?.(name)
        } catch (error) {
          failure = plain(error)
        }
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    return failure
  },
  async verify(names, bytes) {
    const whole = await Promise.all(
      names.map(async (name) => {
        const block = blockOf(name, bytes)
        const read = await readBlock(await cidOf(block)).catch(() => undefined)
        return read !== undefined && equalBytes(read, block)
      }),
    )
    return names.filter((_, index) => whole[index])
  },
  async delete(names, bytes) {
    try {
      for (const name of names) await store.blockstore.delete(await cidOf(blockOf(name, bytes)))
      return
    } catch (error) {
      return plain(error)
    }
  },
  async seen(name, bytes) {
    const cid = await cidOf(blockOf(name, bytes))
    while (!(await store.blockstore.has(cid))) await new Promise((resolve) => setTimeout(resolve, 10))
  },
  damaged: () => damaged,
  stats: () => store.stats(),
  bench: benchStores,
}

async function readBlock(cid: CID): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of store.blockstore.get(cid)) parts.push(part)
  return concat(...parts)
}

function plain(error: unknown): PlainFailure {
  if (isAppError(error)) return { code: error.code, message: error.message }
  return { code: 'UNTYPED', message: String(error) }
}
