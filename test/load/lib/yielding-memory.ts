import type { Listener, MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import { memory } from '@libp2p/memory'

type Create = ReturnType<typeof memory>

/** What a connection does with what comes; its interface does not show it. */
interface Receiving {
  onData(...args: unknown[]): void
  onTransportClosed(...args: unknown[]): void
}

/**
 * The transport in memory, whose messages come in another turn of the event loop, as those of a wire do. By itself it
 * hands them on in microtasks: with a hundred peers in one process timers then wait until all have been heard.
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
    receiving[name] = (...args) => void setImmediate(now, ...args)
  }
  return connection
}
