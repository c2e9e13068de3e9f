import { MemoryBlockstore } from 'blockstore-core'
import { IDBBlockstore } from 'blockstore-idb'
import type { Blockstore } from 'interface-blockstore'
import type { CID } from 'multiformats/cid'
import type { Bytes } from '#core/bytes.ts'
import { createBlockstore } from '#seed/blockstore/create-blockstore.ts'
import { blockOf, cidOf } from './content.ts'

export interface StoreBenchInit {
  readonly rounds: number
  readonly blocks: number
  readonly blockBytes: number
  /** puts and gets under way at a time, as bitswap has them */
  readonly atOnce: number
}

/** MB/s (10⁶) of each round. */
export interface StoreBench {
  readonly store: string
  readonly put: readonly number[]
  readonly get: readonly number[]
}

interface Candidate {
  readonly name: string
  readonly blockstore: Blockstore
  readonly close: () => Promise<void>
}

/** Puts and gets the same fresh blocks in each store, the stores taking turns within a round. */
export async function benchStores(init: StoreBenchInit): Promise<StoreBench[]> {
  const candidates = await Promise.all([memory(), ours(), rival()])
  const results = candidates.map(({ name }) => ({ store: name, put: [] as number[], get: [] as number[] }))
  for (let round = 0; round < init.rounds; round++) {
    const content = await makeContent(init, round)
    for (const [index, { blockstore }] of candidates.entries()) {
      const result = results[index] as (typeof results)[number]
      result.put.push(await measure(init, content, ([cid, block]) => put(blockstore, cid, block)))
      result.get.push(await measure(init, content, ([cid]) => get(blockstore, cid)))
      for (const [cid] of content) await blockstore.delete(cid)
    }
  }
  for (const { close } of candidates) await close()
  return [...results, await hashAlone(init)]
}

async function memory(): Promise<Candidate> {
  return { name: 'memory', blockstore: new MemoryBlockstore(), close: async () => {} }
}

async function ours(): Promise<Candidate> {
  const { blockstore, kind, close } = await createBlockstore({ name: 'bench' })
  return { name: `tabland (${kind})`, blockstore, close }
}

async function rival(): Promise<Candidate> {
  const blockstore = new IDBBlockstore('bench-rival')
  await blockstore.open()
  return { name: 'blockstore-idb', blockstore, close: () => blockstore.close() }
}

/** What checking every block costs by itself, written or read: no store that does so can be faster. */
async function hashAlone(init: StoreBenchInit): Promise<StoreBench> {
  const speeds: number[] = []
  for (let round = 0; round < init.rounds; round++) {
    const content = await makeContent(init, round)
    speeds.push(await measure(init, content, async ([, block]) => void (await cidOf(block))))
  }
  return { store: 'SHA-256 alone', put: speeds, get: speeds }
}

type Content = readonly (readonly [CID, Bytes])[]

async function makeContent({ blocks, blockBytes }: StoreBenchInit, round: number): Promise<Content> {
  return Promise.all(
    Array.from({ length: blocks }, async (_, index) => {
      const block = blockOf(`${round}-${index}`, blockBytes)
      return [await cidOf(block), block] as const
    }),
  )
}

async function measure(
  { atOnce, blocks, blockBytes }: StoreBenchInit,
  content: Content,
  step: (entry: Content[number]) => Promise<void>,
): Promise<number> {
  const queue = [...content]
  const start = performance.now()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) await step(entry)
    }),
  )
  return (blocks * blockBytes) / 1000 / (performance.now() - start)
}

async function put(blockstore: Blockstore, cid: CID, block: Bytes): Promise<void> {
  await blockstore.put(cid, block)
}

async function get(blockstore: Blockstore, cid: CID): Promise<void> {
  let length = 0
  for await (const part of blockstore.get(cid)) length += part.length
  if (length === 0) throw new Error(`${cid} is not there`)
}
