import { connect, createServer, type Server, type Socket } from 'node:net'

const STEP_MS = 5
/** Tokens of this long are made up for when the event loop was late: the link stays as fast on a busy machine. */
const LATE_MS = 250

export interface ShapedLink {
  /** TCP port on 127.0.0.1 that leads to the target */
  readonly port: number
  /** bytes that the target sent through it */
  readonly sentBytes: number
  /** Bytes from the target wait from now on, although the connection stays; false lets them go on. */
  freeze(frozen: boolean): void
  close(): Promise<void>
}

/**
 * A TCP proxy on loopback whose bytes from the target to the caller are let through at `bytesPerSecond` by a token
 * bucket, over all connections: the uplink of the peer behind it. The way back is not limited.
 */
export async function createShapedLink(targetPort: number, bytesPerSecond: number): Promise<ShapedLink> {
  const sockets = new Set<Socket>()
  const queue: { readonly to: Socket; readonly from: Socket; readonly chunk: Buffer }[] = []
  let tokens = 0
  let sentBytes = 0
  let frozen = false
  let last = performance.now()

  const timer = setInterval(() => {
    const now = performance.now()
    tokens = Math.min(tokens + ((now - last) * bytesPerSecond) / 1_000, (bytesPerSecond * LATE_MS) / 1_000)
    last = now
    while (!frozen && tokens > 0) {
      const head = queue.shift()
      if (head === undefined) return
      const part = head.chunk.subarray(0, Math.max(1_500, Math.floor(tokens)))
      tokens -= part.length
      sentBytes += part.length
      head.to.write(part)
      if (part.length < head.chunk.length) queue.unshift({ ...head, chunk: head.chunk.subarray(part.length) })
      else head.from.resume()
    }
  }, STEP_MS)

  const server: Server = createServer((caller) => {
    const target = connect(targetPort, '127.0.0.1')
    for (const socket of [caller, target]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => socket.destroy())
    }
    caller.on('data', (chunk) => target.write(chunk))
    target.on('data', (chunk) => {
      target.pause()
      queue.push({ to: caller, from: target, chunk })
    })
    caller.on('close', () => target.destroy())
    target.on('close', () => caller.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    port: (server.address() as { readonly port: number }).port,
    get sentBytes() {
      return sentBytes
    },
    freeze(value) {
      frozen = value
    },
    async close() {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
