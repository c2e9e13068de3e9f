import { createServer, type Server, type ServerOptions } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { HTTP_HEADERS_TIMEOUT_MS } from '../limits.ts'

/** First byte of a TLS record of the handshake (RFC 8446 §5.1); no HTTP method begins with it. */
const TLS_HANDSHAKE = 0x16
/** What a Host header may hold to be sent back in a redirect. */
const HOST = /^[a-z0-9.-]{1,255}(:\d{1,5})?$|^\[[0-9a-f:.]{2,45}\](:\d{1,5})?$/i

export interface Credentials {
  /** PEM, with the chain */
  readonly cert: string
  /** PEM */
  readonly key: string
}

/** What plain http gets on a port of TLS. */
export interface PlainPolicy {
  /**
   * The https address for a visitor of `http://host`, undefined without one. When there is such a function, plain http
   * and ws are served too, since a certificate may come later or never, and only the page itself sends visitors there.
   */
  readonly secureUrlOf?: (host: string) => string | undefined
}

export interface SecureServer {
  readonly server: HttpsServer
  /** For connections from now on; those that are open stay as they are. */
  setCredentials(credentials: Credentials): void
  /** Cuts every socket, those included that have not said yet what they speak. */
  cutAll(): void
}

/**
 * An https server on whose port plain http is understood well enough to be told the right address. Only
 * `/healthz` is answered without TLS too, so that a probe beside the relay needs no certificate. With `secureUrlOf`
 * plain http and ws are answered like the others; without credentials a TLS handshake fails until they come.
 */
export function createSecureServer(
  options: ServerOptions,
  credentials: Credentials | undefined,
  { secureUrlOf }: PlainPolicy = {},
): SecureServer {
  const server = createHttpsServer({ ...options, ...credentials, handshakeTimeout: HTTP_HEADERS_TIMEOUT_MS })
  const plain =
    secureUrlOf === undefined
      ? createRefusingServer(server, options)
      : createPassingServer(server, options, secureUrlOf)
  const onTls = server.listeners('connection') as ((socket: Socket) => void)[]
  server.removeAllListeners('connection')
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    readFirst(socket, (first) => {
      if (first !== TLS_HANDSHAKE) plain.emit('connection', socket)
      else for (const listener of onTls) listener.call(server, socket)
    })
  })
  return {
    server,
    setCredentials: (next) => server.setSecureContext(next),
    cutAll() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

const ENDINGS = ['timeout', 'end', 'error'] as const

/** Looks at the first byte and puts it back. Who sends none in time is cut off. */
function readFirst(socket: Socket, then: (byte: number) => void): void {
  const giveUp = () => socket.destroy()
  const onReadable = () => {
    const bytes = socket.read() as Buffer | null
    if (bytes === null) return
    socket.off('readable', onReadable)
    for (const event of ENDINGS) socket.off(event, giveUp)
    socket.setTimeout(0)
    socket.unshift(bytes)
    then(bytes[0] ?? 0)
  }
  socket.setTimeout(HTTP_HEADERS_TIMEOUT_MS)
  for (const event of ENDINGS) socket.on(event, giveUp)
  socket.on('readable', onReadable)
}

/** Passes everything on to the listeners of `secure`; a visitor's page comes by https where there is an address for it. */
function createPassingServer(
  secure: Server,
  options: ServerOptions,
  secureUrlOf: (host: string) => string | undefined,
): Server {
  const plain = createServer(options)
  plain.on('request', (request, response) => {
    const { host = '' } = request.headers
    const url = request.url === '/' && HOST.test(host) ? secureUrlOf(host) : undefined
    if (url === undefined) secure.emit('request', request, response)
    // not for ever: the name lasts no longer than the address
    else response.writeHead(307, { Connection: 'close', 'Cache-Control': 'no-store', Location: url }).end()
  })
  for (const event of ['upgrade', 'clientError'] as const) {
    plain.on(event, (...args: unknown[]) => secure.emit(event, ...args))
  }
  return plain
}

function createRefusingServer(secure: Server, options: ServerOptions): Server {
  const plain = createServer(options)
  plain.on('request', (request, response) => {
    if (request.url === '/healthz') {
      secure.emit('request', request, response)
      return
    }
    const { host = '' } = request.headers
    const url = HOST.test(host) ? `https://${host}${request.url ?? '/'}` : undefined
    response.writeHead(url === undefined ? 400 : 308, {
      'Content-Type': 'text/plain; charset=utf-8',
      Connection: 'close',
      ...(url === undefined ? {} : { Location: url }),
    })
    response.end(`This port speaks https: open ${url ?? 'https:// instead of http://'}\n`)
  })
  plain.on('upgrade', (_request, socket: Duplex) => {
    socket.on('error', () => socket.destroy())
    socket.end(
      'HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\nThis port speaks TLS: connect by wss:// (…/tls/ws) instead of ws://.\n',
    )
  })
  return plain
}
