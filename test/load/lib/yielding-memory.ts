import type { Listener, MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import { memory } from '@libp2p/memory'

type Create = ReturnType<typeof memory>

/** What a connection does with what comes; its interface does not show it. */
interface Receiving {
  onData(...args: unknown[]): void
  onTransportClosed(...args: unknown[]): void
}

/** How long messages are handed on before timers and sockets have their turn. */
const TURN_MS = 20

/**
 * The transport in memory, whose messages wait for another turn of the event loop once this one lasts long. By itself
 * it hands them on in microtasks: with a hundred peers in one process timers then wait for many seconds, each peer
 * takes that for a sleep of its machine, and all tell at once that they are back, which holds the timers up again.
 */
export function yieldingMemory(): Create {
  const create = memory()
  return (components) => {
    const transport = create(components) as Transport
    const { dial, createListener } = transport
    transport.dial = (address, options) =>
      dial.call(transport, address, { ...options, upgrader: yielding(options.upgrader) })
    transport.createListener = (options): Listener =>
      createListener.call(transport, { ...options, upgrader: yielding(options.upgrader) })
    return transport
  }
}

function yielding(upgrader: Upgrader): Upgrader {
  return {
    createInboundAbortSignal: (signal) => upgrader.createInboundAbortSignal(signal),
    getConnectionEncrypters: () => upgrader.getConnectionEncrypters(),
    getStreamMuxers: () => upgrader.getStreamMuxers(),
    upgradeInbound: (connection, options) => upgrader.upgradeInbound(slowed(connection), options),
    upgradeOutbound: (connection, options) => upgrader.upgradeOutbound(slowed(connection), options),
  }
}

function slowed(connection: MultiaddrConnection): MultiaddrConnection {
  const receiving = connection as unknown as Receiving
  for (const name of ['onData', 'onTransportClosed'] as const) {
    const now = receiving[name].bind(connection)
    receiving[name] = (...args) => hand(() => now(...args))
  }
  return connection
}

/** What waits for another turn, of all connections, oldest first. */
const waiting: (() => void)[] = []
let isPumping = false
let turnBegan: number | undefined

/** Hands a message on now, or behind those that wait: a wire keeps the order. */
function hand(message: () => void): void {
  if (waiting.length === 0 && !isTurnOver()) message()
  else {
    waiting.push(message)
    pumpLater()
  }
}

function pumpLater(): void {
  if (isPumping) return
  isPumping = true
  setImmediate(() => void pump())
}

async function pump(): Promise<void> {
  while (waiting.length > 0 && !isTurnOver()) {
    waiting.shift()?.()
    await undefined // what the message put off by promises runs before the next one
  }
  isPumping = false
  if (waiting.length > 0) pumpLater()
}

/** Has this turn of the event loop lasted long enough? */
function isTurnOver(): boolean {
  if (turnBegan === undefined) {
    turnBegan = performance.now()
    setImmediate(() => {
      turnBegan = undefined
    })
  }
  return performance.now() - turnBegan > TURN_MS
}
