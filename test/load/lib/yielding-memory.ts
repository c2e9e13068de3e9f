import type { MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import { memory } from '@libp2p/memory'

type Create = ReturnType<typeof memory>
type Components = Parameters<Create>[0] & { readonly upgrader: Upgrader }

/** What a message connection does with what comes; its base class keeps both from its type. */
interface Receiving {
  onData(data: unknown): void
  onTransportClosed(...args: unknown[]): void
}

/**
 * The transport in memory, whose messages come in another turn of the event loop, as those of a wire do. By itself it
 * hands them on in microtasks: with a hundred peers in one process timers then wait until all have been heard.
 */
export function yieldingMemory(): (components: Components) => Transport {
  const create = memory()
  return (components) => {
    const { upgrader } = components
    const yielding: Upgrader = Object.create(upgrader, {
      upgradeInbound: { value: upgradeBy(upgrader.upgradeInbound.bind(upgrader)) },
      upgradeOutbound: { value: upgradeBy(upgrader.upgradeOutbound.bind(upgrader)) },
    })
    return create(Object.create(components, { upgrader: { value: yielding } }))
  }
}

function upgradeBy<Options extends unknown[], Result>(
  upgrade: (connection: MultiaddrConnection, ...options: Options) => Result,
) {
  return (connection: MultiaddrConnection, ...options: Options): Result => {
    const receiving = connection as unknown as Receiving
    for (const name of ['onData', 'onTransportClosed'] as const) {
      const now = receiving[name].bind(connection) as (...args: unknown[]) => void
      receiving[name] = (...args: unknown[]) => void setImmediate(now, ...args)
    }
    return upgrade(connection, ...options)
  }
}
