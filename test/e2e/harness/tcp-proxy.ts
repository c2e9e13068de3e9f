import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands before a server as the network does, and is cut as networks are: nothing comes back, not even an error. */
export interface TcpProxy {
  readonly port: number
  /** Bytes of all connections, also of those to come, are swallowed. */
  hang(): void
  /** What hung is reset, as by a router that forgot it; new connections pass. */
  restore(): void
  close(): Promise<void>
}

/** A proxy on a free port of the loopback address. */
export async function createTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let hangs = false

  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1')
    const ends = [
      [client, upstream],
      [upstream, client],
    ] as const
    for (const [from, to] of ends) {
      sockets.add(from)
      from.on('data', (bytes) => {
        if (!hangs) to.write(bytes)
      })
      from.on('error', () => {}) // a reset is what the tests are about
      from.on('close', () => {
        sockets.delete(from)
        if (!hangs) to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    hang() {
      hangs = true
    },
    restore() {
      hangs = false
      destroyAll()
    },
    async close() {
      server.close()
      destroyAll()
      await once(server, 'close')
    },
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
