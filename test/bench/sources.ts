/**
 * [SE7]: one file from 1, 2 and 4 peers, each behind 4 Mbit/s of the bench's own shaping, by Tabland's exchange and
 * by Helia's bitswap as it is, taking turns within one run. `npm run bench sources`, or `node test/bench/sources.ts MIB`.
 */

import { MemoryBlockstore } from 'blockstore-core'
import { createContent } from '#peer/content.ts'
import {
  connectTo,
  createFile,
  createPlainPeer,
  createSourceFixtures,
  type Source,
  UPLINK_BYTES,
} from '../web/peer/blocks/source-fixtures.ts'

const MIB = 1024 * 1024
const BYTES = Number(process.argv[2] ?? 8) * MIB
const COUNTS = [1, 2, 4]
const GOAL = 0.7

interface Run {
  readonly seconds: number
  /** all that the sources sent, in files */
  readonly copies: number
}

type Read = (sources: readonly Source[], root: string) => Promise<Uint8Array>

async function measure(
  count: number,
  read: (fixtures: ReturnType<typeof createSourceFixtures>) => Read,
): Promise<Run> {
  const fixtures = createSourceFixtures()
  try {
    const file = await createFile(BYTES)
    const sources: Source[] = []
    for (let i = 0; i < count; i++) {
      const source = await fixtures.source()
      await file.copyTo(source.blockstore)
      sources.push(source)
    }
    const startedAt = performance.now()
    const got = await read(fixtures)(sources, file.root)
    const seconds = (performance.now() - startedAt) / 1_000
    if (Buffer.compare(got, file.bytes) !== 0) throw new Error('The file that came is another one.')
    return { seconds, copies: sources.reduce((sum, { link }) => sum + link.sentBytes, 0) / BYTES }
  } finally {
    await fixtures.stop()
  }
}

const ours =
  (fixtures: ReturnType<typeof createSourceFixtures>): Read =>
  async (sources, root) =>
    (await fixtures.reader(sources)).content.cat(root)

const helias = (): Read => async (sources, root) => {
  const helia = await createPlainPeer(new MemoryBlockstore())
  try {
    await connectTo(helia, sources)
    return await createContent({ helia, provide: async () => {} }).cat(root)
  } finally {
    await helia.stop()
  }
}

console.log(`${BYTES / MIB} MiB, sources of ${(UPLINK_BYTES * 8) / 1e6} Mbit/s each:`)
console.log('sources  ours     of k   files sent   Helia    of k   files sent   ours is faster')
let oursAlone = 0
let heliaAlone = 0
let missed = false
for (const count of COUNTS) {
  const us = await measure(count, ours)
  const them = await measure(count, helias)
  if (count === 1) {
    oursAlone = us.seconds
    heliaAlone = them.seconds
  }
  const share = (alone: number, seconds: number) => alone / seconds / count
  const column = ({ seconds, copies }: Run, alone: number) =>
    `${seconds.toFixed(1).padStart(5)} s  ${share(alone, seconds).toFixed(2)}   ${copies.toFixed(2).padStart(5)}      `
  console.log(
    `${String(count).padEnd(7)}  ${column(us, oursAlone)} ${column(them, heliaAlone)} ${(them.seconds / us.seconds).toFixed(2)} ×`,
  )
  missed ||= share(oursAlone, us.seconds) < GOAL
}
console.log(`Goal [SE7]: of k ≥ ${GOAL}.${missed ? ' MISSED.' : ''}`)
