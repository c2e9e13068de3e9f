import { setTimeout as wait } from 'node:timers/promises'
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { protocolsOf } from '#core/network.ts'
import { encodeHeartbeat } from '#peer/heartbeat.ts'
import { createLoadPeer, echo, isReserved, type LoadPeer, type LoadPeerInit } from './load-peer.ts'
import { addressesOf, dialFrom } from './source-addresses.ts'
import type { Order, Report } from './workers.ts'

const ECHO_TIMEOUT_MS = 15_000
/** Time that a heartbeat may take to everybody. */
const HEARD_WITHIN_MS = 10_000
/** A relay that refuses slowly is not waited for longer. */
const JOIN_MS = 180_000
const JOIN_TRIES = 3
/** Peers that join at the same moment: more would only make each other wait. */
const BATCH = 4
const { presenceTopic } = protocolsOf('local')

const peers: LoadPeer[] = []
const circuits: Connection[] = []

/** A peer without a reservation tries again, as a tab does; how many had to is reported. */
async function joinOnce(init: LoadPeerInit, onRetry: () => void): Promise<LoadPeer> {
  for (let tries = 1; ; tries++) {
    const peer = await createLoadPeer(init)
    if (isReserved(peer) || tries === JOIN_TRIES) return peer
    onRetry()
    await peer.stop()
  }
}

async function join({
  relay,
  count,
  block,
  perAddress,
  gossip,
}: Extract<Order, { kind: 'join' }>): Promise<Report> {
  dialFrom(addressesOf(block, perAddress))
  const startedAt = performance.now()
  const joined: LoadPeer[] = []
  let retries = 0
  const onRetry = () => void retries++
  while (joined.length < count && performance.now() - startedAt < JOIN_MS) {
    const batch = Math.min(BATCH, count - joined.length)
    joined.push(
      ...(await Promise.all(Array.from({ length: batch }, () => joinOnce({ relay, gossip }, onRetry)))),
    )
  }
  peers.push(...joined)
  for (const peer of joined) peer.services.pubsub?.subscribe(presenceTopic)
  const seconds = (performance.now() - startedAt) / 1_000
  return { reserved: joined.filter(isReserved).length, retries, seconds }
}

/** The first peers call those behind them, one each. */
async function openCircuits({ relay, count }: Extract<Order, { kind: 'circuits' }>): Promise<Report> {
  for (let i = 0; i < count; i++) {
    const [caller, called] = [peers[i], peers[i + count]]
    if (caller === undefined || called === undefined) break
    try {
      const signal = AbortSignal.timeout(ECHO_TIMEOUT_MS)
      circuits.push(await caller.dial(multiaddr(`${relay}/p2p-circuit/p2p/${called.peerId}`), { signal }))
    } catch {
      // counted by its absence
    }
  }
  return { circuits: circuits.length }
}

/** Every circuit carries `bytes` there and back, again and again. */
async function echoAll({ ms, bytes, everyMs }: Extract<Order, { kind: 'echo' }>): Promise<Report> {
  const times: number[] = []
  let failed = 0
  const end = performance.now() + ms
  await Promise.all(
    circuits.map(async (circuit) => {
      while (performance.now() < end) {
        const startedAt = performance.now()
        try {
          await echo(circuit, bytes, AbortSignal.timeout(ECHO_TIMEOUT_MS))
          times.push(performance.now() - startedAt)
        } catch {
          failed++
        }
        await wait(everyMs)
      }
    }),
  )
  times.sort((a, b) => a - b)
  return { echoes: times.length, failed, medianMs: times[times.length >> 1] ?? -1 }
}

/** One peer after the other says that it is here; how many of the others heard. */
async function gossip({ rounds, everyMs }: Extract<Order, { kind: 'gossip' }>): Promise<Report> {
  let [sent, heard, expected] = [0, 0, 0]
  const heardBy = (peer: LoadPeer, author: LoadPeer): Promise<boolean> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), HEARD_WITHIN_MS)
      const listen = (event: CustomEvent): void => {
        if (event.detail.type !== 'signed' || !author.peerId.equals(event.detail.from)) return
        clearTimeout(timer)
        peer.services.pubsub?.removeEventListener('message', listen)
        resolve(true)
      }
      peer.services.pubsub?.addEventListener('message', listen)
    })
  for (let round = 0; round < rounds; round++) {
    const author = peers[round % peers.length] as LoadPeer
    const others = peers.filter((peer) => peer !== author)
    const hearing = Promise.all(others.map((peer) => heardBy(peer, author)))
    const heartbeat = {
      kind: 'node',
      goodbye: false,
      webRtc: false,
      directPeers: 0,
      time: Date.now(),
      addresses: [],
    } as const
    await author.services.pubsub?.publish(presenceTopic, encodeHeartbeat(heartbeat)).catch(() => {})
    sent++
    expected += others.length
    heard += (await hearing).filter(Boolean).length
    await wait(everyMs)
  }
  return { sent, heard, expected }
}

async function carryOut(order: Order): Promise<Report> {
  switch (order.kind) {
    case 'join':
      return join(order)
    case 'circuits':
      return openCircuits(order)
    case 'echo':
      return echoAll(order)
    case 'gossip':
      return gossip(order)
    case 'count':
      return {
        reserved: peers.filter(isReserved).length,
        circuits: circuits.filter(({ status }) => status === 'open').length,
      }
  }
}

process.on('message', (order: Order) => {
  void carryOut(order).then((report) => process.send?.(report))
})
// A peer that loses its relay may reject in the background: the count says it.
process.on('unhandledRejection', () => {})
