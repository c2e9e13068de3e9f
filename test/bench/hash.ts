// SHA-256 of leaves and of long contents, beside @noble/hashes, hash-wasm and WebCrypto in one run; and trees over a
// million ranks ([KG16]), which the specification wants in less than half a second.
import { readFileSync } from 'node:fs'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { createSHA256 } from 'hash-wasm'
import { concat, equalBytes } from '#core/bytes.ts'
import { formatCid } from '#core/cid.ts'
import { FullTree } from '#merkle/full-tree.ts'
import { MapTree } from '#merkle/map-tree.ts'
import { RANK_LEAF_BYTES, rankLeaves } from '#merkle/rank-leaf.ts'
import { appendToShortTree, EMPTY_SHORT_TREE, shortTreeRoot } from '#merkle/short-tree.ts'
import { createTsHasher, hashLeaves, type TreeHasher } from '#merkle/tree-hasher.ts'
import { verifyRank } from '#merkle/verify-rank.ts'
import { createWasmHasher } from '#wasm/bindings/sha256.ts'
import { buildWasm } from '#wasm/build.ts'
import { describeMachine } from '../../scripts/lib/run-folder.ts'

const ROUNDS = 9
const LEAVES = 8_192
const LEAF_BYTES = 64
const BLOB_BYTES = 1_000_000
const RANKS = 1_000_000
const MAP_ENTRIES = 100_000
/** "Merkle over 1 M ranks < 0.5 s in wasm" and "≥ 4× hash-wasm on leaves" */
const TREE_AIM_MS = 500
const LEAVES_AIM = 4

interface Row {
  readonly name: string
  /** milliseconds that one round had of processors, in all threads, the median */
  readonly ms: number
  /** milliseconds on the wall of the fastest round, which other programs of the machine disturbed least */
  readonly bestWallMs: number
}

type Task = readonly [name: string, run: () => Uint8Array | Promise<Uint8Array>]

export async function run(): Promise<void> {
  console.log(`${describeMachine()}; ${rivals()}; times are those on processors`)
  const wasm = await createWasmHasher(new Uint8Array(readFileSync((await buildWasm()).sha256)))
  const ts = createTsHasher()
  const leaves = await measureTogether(await leafTasks(wasm, ts))
  printRows(`${LEAVES} leaves of ${LEAF_BYTES} bytes, SHA-256(00 ‖ leaf)`, leaves, (ms) => {
    return `${(LEAVES / ms / 1_000).toFixed(2).padStart(8)} M leaves/s`
  })
  const blobs = await measureTogether(await blobTasks(wasm))
  printRows(`A content of ${BLOB_BYTES} bytes`, blobs, (ms) => {
    return `${(BLOB_BYTES / ms / 1_000).toFixed(0).padStart(8)} MB/s`
  })
  const trees = await measureTrees(wasm)
  const ratio = leaves.find(({ name }) => name === 'hash-wasm')!.ms / leaves[0]!.ms
  console.log(`\nLeaves: ${ratio.toFixed(2)} times as fast as hash-wasm; the aim is ${LEAVES_AIM}.`)
  console.log(JSON.stringify({ bench: 'hash', leaves, blobs, trees }))
}

function rivals(): string {
  return ['@noble/hashes', 'hash-wasm']
    .map((name) => {
      const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
      return `${name} ${(JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version}`
    })
    .join(', ')
}

async function leafTasks(wasm: TreeHasher, ts: TreeHasher): Promise<readonly Task[]> {
  const leaves = fillBytes(LEAVES * LEAF_BYTES)
  // what the rivals hash has the prefix already
  const prefixed = Array.from({ length: LEAVES }, (_, i) =>
    concat(Uint8Array.of(0), leaves.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES)),
  )
  const rival = await createSHA256()
  const each = (hash: (message: Uint8Array<ArrayBuffer>) => Uint8Array) => () => {
    const out = new Uint8Array(32 * LEAVES)
    for (let i = 0; i < LEAVES; i++) out.set(hash(prefixed[i]!), 32 * i)
    return out
  }
  return [
    ['ours, AssemblyScript', () => hashLeaves(wasm, leaves, LEAF_BYTES)],
    ['ours, TypeScript', () => hashLeaves(ts, leaves, LEAF_BYTES)],
    ['@noble/hashes', each(nobleSha256)],
    ['hash-wasm', each((message) => rival.init().update(message).digest('binary'))],
    ['WebCrypto, one by one', () => digestAll(prefixed, 1)],
    ['WebCrypto, 256 at once', () => digestAll(prefixed, 256)],
  ]
}

async function digestAll(messages: readonly Uint8Array<ArrayBuffer>[], atOnce: number): Promise<Uint8Array> {
  const hashes: Uint8Array[] = []
  for (let from = 0; from < messages.length; from += atOnce) {
    const batch = messages
      .slice(from, from + atOnce)
      .map((message) => crypto.subtle.digest('SHA-256', message))
    for (const hash of await Promise.all(batch)) hashes.push(new Uint8Array(hash))
  }
  return concat(...hashes)
}

async function blobTasks(wasm: TreeHasher): Promise<readonly Task[]> {
  const blob = fillBytes(BLOB_BYTES)
  const rival = await createSHA256()
  return [
    ['ours, AssemblyScript', () => wasm.hash(blob)],
    ['@noble/hashes', () => nobleSha256(blob)],
    ['hash-wasm', () => rival.init().update(blob).digest('binary')],
    ['WebCrypto', async () => new Uint8Array(await crypto.subtle.digest('SHA-256', blob))],
  ]
}

/** Trees over RANKS particles, a map, and the check of one proof, each in ms. */
async function measureTrees(wasm: TreeHasher): Promise<Readonly<Record<string, number | Row>>> {
  const ranks = new BigUint64Array(RANKS).map((_, i) => BigInt(i) ** 3n)
  const digests = fillBytes(32 * RANKS)
  const leaves = rankLeaves(ranks, digests)
  const full = new FullTree(wasm)
  full.append(leaves, RANK_LEAF_BYTES)
  const claim = {
    cid: formatCid(digests.subarray(32 * 5, 32 * 6)),
    rank: ranks[5]!,
    index: 5,
    treeSize: RANKS,
    proof: full.proveInclusion(5),
    root: full.root(),
  }
  const rows = await measureTogether([
    ['full', () => buildFull(wasm, leaves)],
    [
      'short',
      () =>
        shortTreeRoot(appendToShortTree(EMPTY_SHORT_TREE, hashLeaves(wasm, leaves, RANK_LEAF_BYTES), wasm)),
    ],
  ])
  const leavesMs = medianOf(() => rankLeaves(ranks, digests))
  const mapMs = medianOf(() => buildMap(wasm, digests))
  const proofMs = medianOf(() => full.proveInclusion(777_777))
  const verifyMs = medianOf(() => verifyRank(claim))
  console.log(`\nTrees over ${RANKS} ranks in wasm`)
  for (const { name, ms, bestWallMs } of rows) {
    printMs(`${name} tree`, ms)
    const ratio = (TREE_AIM_MS / ms).toFixed(2)
    console.log(
      `  ${ratio} times as fast as the ${TREE_AIM_MS} ms wanted; on the wall ${bestWallMs.toFixed(0)} ms at best`,
    )
  }
  printMs('making the leaves of ranks and digests', leavesMs)
  printMs('one inclusion proof', proofMs)
  printMs('checking one (verifyRank; < 1 ms wanted)', verifyMs)
  printMs(`map of ${MAP_ENTRIES} entries`, mapMs)
  return {
    full: rows[0]!.ms,
    short: rows[1]!.ms,
    leaves: leavesMs,
    proof: proofMs,
    verify: verifyMs,
    map: mapMs,
  }
}

function buildFull(hasher: TreeHasher, leaves: Uint8Array): Uint8Array {
  const tree = new FullTree(hasher)
  tree.append(leaves, RANK_LEAF_BYTES)
  return tree.root()
}

function buildMap(hasher: TreeHasher, digests: Uint8Array): Uint8Array {
  const map = new MapTree(hasher)
  for (let i = 0; i < MAP_ENTRIES; i++) {
    const key = digests.subarray(32 * i, 32 * (i + 1))
    map.set(key, key)
  }
  return map.root()
}

/** Rounds of all tasks in turn, so that a slow moment of the machine hits each of them. All must give the same. */
async function measureTogether(tasks: readonly Task[]): Promise<readonly Row[]> {
  const times = tasks.map((): number[] => [])
  const walls = tasks.map((): number[] => [])
  const results: Uint8Array[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [at, [name, task]] of tasks.entries()) {
      const [start, wall] = [processMs(), performance.now()]
      results[at] = await task()
      const [ms, wallMs] = [processMs() - start, performance.now() - wall]
      if (!equalBytes(results[at], results[0]!)) throw new Error(`${name} gives another hash`)
      // the first round warms up
      if (round === 0) continue
      times[at]!.push(ms)
      walls[at]!.push(wallMs)
    }
  }
  return tasks.map(([name], at) => ({ name, ms: median(times[at]!), bestWallMs: Math.min(...walls[at]!) }))
}

function medianOf(task: () => unknown): number {
  const times: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const start = processMs()
    task()
    if (round > 0) times.push(processMs() - start)
  }
  return median(times)
}

/**
 * Milliseconds that all threads have had of processors, since WebCrypto hashes in others than ours: on a crowded machine
 * the time on the wall says mostly how crowded it is.
 */
function processMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

function printRows(title: string, rows: readonly Row[], describe: (ms: number) => string): void {
  console.log(`\n${title}`)
  for (const { name, ms } of rows) {
    const ratio = (ms / rows[0]!.ms).toFixed(2)
    console.log(`${name.padEnd(40)} ${describe(ms)}  ours is ${ratio.padStart(6)} times as fast`)
  }
}

function printMs(name: string, ms: number): void {
  console.log(`${name.padEnd(40)} ${ms.toFixed(ms < 10 ? 3 : 0).padStart(8)} ms`)
}

function fillBytes(length: number): Uint8Array<ArrayBuffer> {
  let state = 1
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    bytes[i] = state >>> 24
  }
  return bytes
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}

if (import.meta.main) await run()
