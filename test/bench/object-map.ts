// Object maps of 100,000 entries beside a UnixFS directory of as many links (HAMT), in one run: build, look-up, change,
// proof. Both keep blocks in memory and read each look-up's blocks anew, without a cache. Ours checks each block against
// its id, which a blockstore in memory does not; the rival reads the block that the entry names, too. One thread.
import { cpus } from 'node:os'
import { unixfs } from '@helia/unixfs'
import { MemoryBlockstore } from 'blockstore-core'
import { importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import type { CID } from 'multiformats/cid'
import { utf8 } from '#core/bytes.ts'
import { diffMaps } from '#objects/map/map-diff.ts'
import { createMapNodes, type MapStore } from '#objects/map/map-store.ts'
import { createMemoryMapStore } from '#objects/map/memory-map-store.ts'
import { createMap, getValue, insertValue } from '#objects/map/object-map.ts'
import { provePath, verifyPath } from '#objects/map/path-proof.ts'
import { chunkId, type ObjectId } from '#objects/object-id.ts'

const ENTRIES = 100_000
const OPERATIONS = 200
/** The figure for one proof. */
const VERIFY_MS = 2

interface Figures {
  readonly buildMs: number
  readonly getMs: number
  readonly getBlocks: number
  readonly changeMs: number
  readonly changeBlocks: number
}

interface ProofFigures {
  readonly proveMs: number
  readonly proofNodes: number
  readonly proofBytes: number
  readonly verifyMs: number
  readonly slowestVerifyMs: number
  readonly diffMs: number
  readonly diffReads: number
}

/** Prints medians as a table with ratios, and one line of JSON. */
export async function run(): Promise<void> {
  const ours = await measureMap()
  const rival = await measureHamt()
  console.log(`Node.js ${process.version}, ${cpus()[0]?.model}, ${cpus().length} cores; ${ENTRIES} entries`)
  console.log(
    `${''.padEnd(34)}${'object map'.padStart(12)}${'UnixFS HAMT'.padStart(14)}${'ratio'.padStart(10)}`,
  )
  print('build, ms', ours.buildMs, rival.buildMs)
  print('look-up of one entry, ms', ours.getMs, rival.getMs)
  print('blocks read for it', ours.getBlocks, rival.getBlocks)
  print('one more entry, ms', ours.changeMs, rival.changeMs)
  print('blocks written for it', ours.changeBlocks, rival.changeBlocks)
  console.log(
    `proof: made in ${ours.proveMs.toFixed(2)} ms, ${ours.proofNodes} nodes, ${ours.proofBytes} bytes; verified in ` +
      `${ours.verifyMs.toFixed(2)} ms, slowest ${ours.slowestVerifyMs.toFixed(2)} ms (at most ${VERIFY_MS} ms are asked for)`,
  )
  console.log(
    `diff of ${OPERATIONS} added entries: ${ours.diffMs.toFixed(0)} ms, ${ours.diffReads} nodes read`,
  )
  console.log(JSON.stringify({ bench: 'object-map', entries: ENTRIES, ours, rival }))
}

function print(name: string, ours: number, rival: number): void {
  const cells = [
    ours.toFixed(2).padStart(12),
    rival.toFixed(2).padStart(14),
    `${(rival / ours).toFixed(2)} ×`,
  ]
  console.log(`${name.padEnd(34)}${cells[0]}${cells[1]}${cells[2]?.padStart(10)}`)
}

/** Evenly spread over the entries. */
function sample(i: number): number {
  return Math.floor((i * ENTRIES) / OPERATIONS)
}

async function measureMap(): Promise<Figures & ProofFigures> {
  const counts = { reads: 0, writes: 0 }
  const store = countCalls(createMemoryMapStore(), counts)
  const anew = () => createMapNodes(store)
  const values = Array.from({ length: ENTRIES }, (_, i) => chunkId(utf8(`content ${i}`)))
  const items = values.map((value, i) => ({ key: `key ${i}`, value }))
  const [buildMs, map] = await time(() => createMap(anew(), { type: 'map' }, items))
  await getValue(anew(), map, 'key 0')
  counts.reads = 0
  const getMs = await medianTime((i) => getValue(anew(), map, `key ${sample(i)}`))
  const getBlocks = counts.reads / OPERATIONS
  counts.writes = 0
  let changed = map
  const changeMs = await medianTime(async (i) => {
    changed = await insertValue(anew(), changed, { key: `new ${i}`, value: values[i] as ObjectId })
  })
  const changeBlocks = counts.writes / OPERATIONS
  counts.reads = 0
  const [diffMs] = await time(async () => {
    for await (const _ of diffMaps(anew(), map, changed)) {
      // Only the walk is measured.
    }
  })
  const diffReads = counts.reads
  return {
    buildMs,
    getMs,
    getBlocks,
    changeMs,
    changeBlocks,
    diffMs,
    diffReads,
    ...(await measureProofs(store, map)),
  }
}

async function measureProofs(store: MapStore, map: ObjectId) {
  const proofs: (Awaited<ReturnType<typeof provePath>> & { readonly path: string })[] = []
  const proveMs = await medianTime(async (i) => {
    const path = `/key ${sample(i)}`
    proofs.push({ path, ...(await provePath(createMapNodes(store), map, path)) })
  })
  const times = proofs.map(({ path, value, proof }) => {
    const start = performance.now()
    verifyPath(map, path, value, proof)
    return performance.now() - start
  })
  const [first] = proofs
  return {
    proveMs,
    proofNodes: first?.proof.length ?? 0,
    proofBytes: first?.proof.reduce((sum, node) => sum + node.length, 0) ?? 0,
    verifyMs: median(times),
    slowestVerifyMs: Math.max(...times),
  }
}

function countCalls(store: MapStore, counts: { reads: number; writes: number }): MapStore {
  return {
    get: (id) => {
      counts.reads++
      return store.get(id)
    },
    put: (node) => {
      counts.writes++
      return store.put(node)
    },
  }
}

class CountingBlockstore extends MemoryBlockstore {
  reads = 0
  writes = 0

  override get(...args: Parameters<MemoryBlockstore['get']>): ReturnType<MemoryBlockstore['get']> {
    this.reads++
    return super.get(...args)
  }

  override put(...args: Parameters<MemoryBlockstore['put']>): ReturnType<MemoryBlockstore['put']> {
    this.writes++
    return super.put(...args)
  }
}

async function measureHamt(): Promise<Figures> {
  const blockstore = new CountingBlockstore()
  const fs = unixfs({ blockstore })
  const leaf = await fs.addBytes(utf8('content'))
  const [buildMs, directory] = await time(() => importDirectory(blockstore))
  const read = (name: string) => fs.stat(directory, { path: name })
  await read('key 0')
  blockstore.reads = 0
  const getMs = await medianTime((i) => read(`key ${sample(i)}`))
  const getBlocks = blockstore.reads / OPERATIONS
  blockstore.writes = 0
  let changed = directory
  const changeMs = await medianTime(async (i) => {
    changed = await fs.cp(leaf, changed, `new ${i}`)
  })
  return { buildMs, getMs, getBlocks, changeMs, changeBlocks: blockstore.writes / OPERATIONS }
}

/** A directory of files of a few bytes: a link needs something to point to. */
async function importDirectory(blockstore: MemoryBlockstore): Promise<CID> {
  let root: CID | undefined
  const files = Array.from({ length: ENTRIES }, (_, i) => ({
    path: `dir/key ${i}`,
    content: utf8(`content ${i}`),
  }))
  for await (const { cid } of importer(files, blockstore, {
    rawLeaves: true,
    cidVersion: 1,
    chunker: fixedSize(),
  })) {
    root = cid
  }
  if (root === undefined) throw new Error('The importer made no directory.')
  return root
}

async function time<T>(task: () => Promise<T>): Promise<readonly [number, T]> {
  const start = performance.now()
  const result = await task()
  return [performance.now() - start, result]
}

async function medianTime(task: (index: number) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < OPERATIONS; i++) times.push((await time(() => task(i)))[0])
  return median(times)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

if (import.meta.main) await run()
