/**
 * [RE3] Two clients that saturate a relay, one with one circuit and one with three, beside js-libp2p's relay with its
 * default options. `npm run load fairness [SECONDS]`
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Connection, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { createLoadPeer, type LoadPeer } from './relay/load-peer.ts'
import type { NodeUnderLoad } from './relay/node-under-load.ts'
import { printTable, runOnBoth } from './relay/scenarios.ts'
import { addressesOf, dialFrom } from './relay/source-addresses.ts'

const SINK = '/load/sink/1.0.0'
const LIMITED = { runOnLimitedConnection: true }
const CHUNK = new Uint8Array(64 * 1024)
const START_MS = 3_000
const [seconds = 10] = process.argv.slice(2).map(Number)

/** Sends as fast as the circuit takes it, until it ends. */
async function saturate(circuit: Connection): Promise<void> {
  const stream = await circuit.newStream(SINK, LIMITED)
  const fill = (): void => {
    if (stream.writeStatus === 'writable' && stream.send(CHUNK)) setImmediate(fill)
  }
  stream.addEventListener('drain', () => void setImmediate(fill))
  fill()
}

/** One client with `count` circuits to peers of their own; bytes that arrived, circuits that are open. */
async function startClient(relay: string, count: number) {
  const caller = await createLoadPeer({ relay })
  const peers: LoadPeer[] = [caller]
  const circuits: Connection[] = []
  let bytes = 0
  for (let i = 0; i < count; i++) {
    const called = await createLoadPeer({ relay })
    peers.push(called)
    const onStream = (stream: Stream): void => {
      stream.addEventListener('message', ({ data }) => {
        bytes += data.byteLength
      })
    }
    await called.handle(SINK, onStream, LIMITED)
    const circuit = await caller.dial(multiaddr(`${relay}/p2p-circuit/p2p/${called.peerId}`))
    circuits.push(circuit)
    saturate(circuit).catch(() => {}) // ends with its circuit, which is counted
  }
  return {
    bytes: () => bytes,
    open: () => circuits.filter(({ status }) => status === 'open').length,
    stop: () => Promise.all(peers.map((peer) => peer.stop())),
  }
}

async function measureFairness(relay: NodeUnderLoad) {
  const one = await startClient(relay.address, 1)
  const three = await startClient(relay.address, 3)
  await wait(START_MS) // until both are under way, one has all
  const before = [one.bytes(), three.bytes()] as const
  await wait(seconds * 1_000)
  const [a, b] = [one.bytes() - before[0], three.bytes() - before[1]]
  const result = {
    name: relay.name,
    oneCircuitKiBPerSecond: a / 1_024 / seconds,
    threeCircuitsKiBPerSecond: b / 1_024 / seconds,
    shareOfOnePercent: a + b === 0 ? 0 : (100 * a) / (a + b),
    circuitsLeftOfFour: one.open() + three.open(),
    kiBAtTheStart: (before[0] + before[1]) / 1_024,
  }
  await Promise.all([one.stop(), three.stop(), relay.stop()])
  return result
}

dialFrom(addressesOf(40, 1)) // js-libp2p's relay takes five connections a second of one address
const results = await runOnBoth(['--total-rate', '1MiB'], measureFairness)
printTable('Two clients that saturate, with one circuit and with three', results)
const share = results[0].shareOfOnePercent
const isFair = share >= 40 && share <= 60
console.log(isFair ? '\n[RE3] Each got half, ± 10 %.' : '\n[RE3] They did NOT get half each.')
process.exit(isFair ? 0 : 1)
