import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FakeCertificate } from './certificates.ts'

export interface TlsProxy {
  readonly port: number
  /** Where requests and upgrades are led to. */
  target: number
  close(): void
}

/**
 * A reverse proxy as nginx and Caddy are one: it ends TLS and adds the client's address, which `clientOf` chooses,
 * to X-Forwarded-For.
 */
export async function startTlsProxy(
  certificate: FakeCertificate,
  clientOf: (request: IncomingMessage) => string,
): Promise<TlsProxy> {
  const sockets = new Set<Duplex>()
  const server = createServer(certificate)
  const proxy = {
    port: 0,
    target: 0,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
  const forward = (from: IncomingMessage) => {
    const forwarded = [from.headers['x-forwarded-for'], clientOf(from)].filter((part) => part !== undefined)
    const headers = { ...from.headers, 'x-forwarded-for': forwarded.join(', ') }
    return request({ host: '127.0.0.1', port: proxy.target, path: from.url, method: from.method, headers })
  }
  server.on('connection', (socket: Duplex) => sockets.add(socket))
  server.on('request', (from, to) => {
    from.pipe(
      forward(from)
        .on('response', (answer) => {
          to.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(to)
        })
        .on('error', () => to.destroy()),
    )
  })
  server.on('upgrade', (from: IncomingMessage, inbound: Duplex, head: Buffer) => {
    const end = () => inbound.destroy()
    inbound.on('error', end)
    forward(from)
      .on('upgrade', (answer, outbound, rest) => {
        sockets.add(outbound)
        const lines = answer.rawHeaders.map((part, i) => (i % 2 === 0 ? `${part}: ` : `${part}\r\n`))
        inbound.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`)
        inbound.write(rest)
        outbound.write(head)
        outbound.on('error', end).on('close', end)
        inbound.on('close', () => outbound.destroy())
        inbound.pipe(outbound).pipe(inbound)
      })
      .on('response', (answer) => {
        inbound.write(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\nConnection: close\r\n\r\n`)
        answer.pipe(inbound)
      })
      .on('error', end)
      .end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy.port = (server.address() as AddressInfo).port
  return proxy
}
