/**
 * The relay's memory: idle ([RE1]: below 160 MB), and with peers that hold a reservation and say nothing.
 * `npm run bench relay`, or `node test/bench/relay.ts COUNT` for another number of peers than 100.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PEERS = Number(process.argv[2] ?? 100)
/** peers that join at the same moment */
const BATCH = 20
/** until garbage of the start is collected and timers have settled */
const SETTLE_MS = 10_000
const IDLE_LIMIT_MB = 160

interface Reading {
  readonly rssMb: number
  readonly cpuSeconds: number
  readonly reservations: number
}

async function read(url: string): Promise<Reading> {
  const text = await (await fetch(`${url}metrics`)).text()
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
  return {
    rssMb: value('process_resident_memory_bytes') / 1e6,
    cpuSeconds: value('process_cpu_seconds_total'),
    reservations: value('tabland_relay_reservations'),
  }
}

/** Over one settling time: memory at its end and the share of one core that was used. */
async function settle(url: string): Promise<Reading & { readonly corePercent: number }> {
  const before = await read(url)
  await wait(SETTLE_MS)
  const after = await read(url)
  return { ...after, corePercent: ((after.cpuSeconds - before.cpuSeconds) * 1e5) / SETTLE_MS }
}

async function startRelay(dataDir: string) {
  const args = ['relay/cli/tabland.js', 'relay', '--port', '0', '--data', dataDir]
  const limits = ['--connections-per-address', String(PEERS + 1), '--max-reservations', String(PEERS)]
  const child = spawn(process.execPath, [...args, ...limits], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  for await (const chunk of child.stdout) {
    output += String(chunk)
    const url = /Tabland is at (\S+)/.exec(output)?.[1]
    const address = /Peers connect to (\S+)/.exec(output)?.[1]
    if (url !== undefined && address !== undefined) return { child, url, address }
  }
  throw new Error(`The relay ended: ${output}`)
}

function createPeer(address: string): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: [`${address}/p2p-circuit`] },
    transports: [webSockets(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })
}

const dataDir = await mkdtemp(join(tmpdir(), 'tabland-bench-'))
const { child, url, address } = await startRelay(dataDir)
const peers: Libp2p[] = []
try {
  const idle = await settle(url)
  console.log(
    `idle: ${idle.rssMb.toFixed(0)} MB, ${idle.corePercent.toFixed(1)} % of a core (limit ${IDLE_LIMIT_MB} MB)`,
  )
  const startedAt = performance.now()
  while (peers.length < PEERS) {
    const batch = Math.min(BATCH, PEERS - peers.length)
    peers.push(...(await Promise.all(Array.from({ length: batch }, () => createPeer(address)))))
  }
  const joinedMs = performance.now() - startedAt
  const loaded = await settle(url)
  const each = ((loaded.rssMb - idle.rssMb) * 1_000) / peers.length
  console.log(
    `${loaded.reservations} reservations in ${(joinedMs / 1_000).toFixed(1)} s: ${loaded.rssMb.toFixed(0)} MB ` +
      `(${each.toFixed(0)} kB each), ${loaded.corePercent.toFixed(1)} % of a core`,
  )
  if (idle.rssMb >= IDLE_LIMIT_MB) process.exitCode = 1
} finally {
  await Promise.all(peers.map(async (peer) => peer.stop()))
  child.kill('SIGTERM')
  await rm(dataDir, { recursive: true, force: true })
}
