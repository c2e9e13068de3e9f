import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { relayError } from '../errors.ts'
import {
  HTTP_CHECK_INTERVAL_MS,
  HTTP_HEADERS_TIMEOUT_MS,
  HTTP_REQUEST_TIMEOUT_MS,
  MAX_PAGE_SOCKETS,
} from '../limits.ts'
import { type Credentials, createSecureServer, type SecureServer } from './secure-server.ts'
import { SECURITY_HEADERS } from './security-headers.ts'
import { boundSockets, type SocketBound } from './socket-bound.ts'

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** bytes of the body, when it is a stream */
  readonly length?: number
  /** Called only when the body is really sent, so not for HEAD. */
  readonly body?: () => string | Buffer | Readable
}

export interface HttpRequest {
  /** percent-encoded, without the query */
  readonly path: string
  readonly headers: IncomingMessage['headers']
}

/** Undefined: there is nothing at this path. */
export type Route = (request: HttpRequest) => Promise<Reply | undefined>

export interface FrontServer {
  readonly server: Server
  /** answers sent, by status */
  readonly answered: ReadonlyMap<number, number>
  /** With TLS only: the certificate of connections from now on. */
  setCredentials(credentials: Credentials): void
  /** @throws PORT_TAKEN, PORT_FORBIDDEN, HOST_UNAVAILABLE */
  listen(host: string, port: number): Promise<AddressInfo>
  close(): Promise<void>
}

export interface FrontServerInit {
  readonly route: Route
  readonly maxConnections: number
  readonly sockets: SocketBound
  /** https and wss instead of http and ws */
  readonly credentials?: Credentials
  /** https and wss beside http and ws, with credentials that may come later; see `PlainPolicy` */
  readonly secureUrlOf?: (host: string) => string | undefined
  readonly log: (line: string) => void
}

const SERVER_OPTIONS: ServerOptions = {
  headersTimeout: HTTP_HEADERS_TIMEOUT_MS,
  requestTimeout: HTTP_REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: HTTP_CHECK_INTERVAL_MS,
  noDelay: true,
}

/** RFC 9110 for faults of a request that Node.js names; the others are 400. */
const STATUS_OF_FAULT: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
}

/** The one TCP server: plain requests are answered here; upgrades are for who listens to `server`'s `upgrade`. */
export function createFrontServer(init: FrontServerInit): FrontServer {
  const { route, maxConnections, sockets, log } = init
  const answered = new Map<number, number>()
  const secure = secureServerOf(init)
  const server = secure?.server ?? createServer(SERVER_OPTIONS)
  server.maxConnections = maxConnections + MAX_PAGE_SOCKETS
  boundSockets(server, sockets)
  server.on('request', (request, response) => {
    answer(route, request)
      .then((reply) => {
        answered.set(reply.status, (answered.get(reply.status) ?? 0) + 1)
        return send(request, response, reply)
      })
      .catch((error: unknown) => {
        // The reader went away, or a file vanished while it was read: this answer is lost, the relay is not.
        if (!response.destroyed)
          log(`A request for ${pathOf(request).slice(0, 100)} failed: ${String(error)}`)
        response.destroy()
      })
  })
  // What is no request, or too slow to be one, is told so and counted.
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = STATUS_OF_FAULT[error.code ?? ''] ?? 400
    answered.set(status, (answered.get(status) ?? 0) + 1)
    if (socket.writable) socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`)
    else socket.destroy()
  })
  return {
    server,
    answered,
    setCredentials: (next) => secure?.setCredentials(next),
    listen: (host, port) => listen(server, host, port),
    close() {
      const closed = close(server)
      secure?.cutAll()
      return closed
    },
  }
}

function secureServerOf({ credentials, secureUrlOf }: FrontServerInit): SecureServer | undefined {
  if (secureUrlOf !== undefined) return createSecureServer(SERVER_OPTIONS, credentials, { secureUrlOf })
  return credentials === undefined ? undefined : createSecureServer(SERVER_OPTIONS, credentials)
}

async function answer(route: Route, request: IncomingMessage): Promise<Reply> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return text(405, 'Only GET and HEAD are answered here.', { Allow: 'GET, HEAD' })
  }
  const reply = await route({ path: pathOf(request), headers: request.headers })
  return reply ?? text(404, 'There is nothing at this address.')
}

/** A reply of one sentence. */
export function text(
  status: number,
  sentence: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...headers },
    body: () => `${sentence}\n`,
  }
}

async function send(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const content = request.method === 'HEAD' && reply.length !== undefined ? undefined : reply.body?.()
  const length = reply.length ?? lengthOf(content)
  response.writeHead(reply.status, {
    ...SECURITY_HEADERS,
    ...reply.headers,
    ...(length === undefined ? {} : { 'Content-Length': length }),
  })
  if (content === undefined || request.method === 'HEAD') response.end()
  else if (typeof content === 'string' || Buffer.isBuffer(content)) response.end(content)
  else await pipeline(content, response)
}

function lengthOf(content: string | Buffer | Readable | undefined): number | undefined {
  return typeof content === 'string' || Buffer.isBuffer(content) ? Buffer.byteLength(content) : undefined
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] as string
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenError(error, host, port))
    server.once('error', onError)
    server.listen({ host, port }, () => {
      server.off('error', onError)
      resolve(server.address() as AddressInfo) // a string only for pipes
    })
  })
}

/** The sentence for a port that could not be opened, by TCP or UDP. */
export function listenError(error: NodeJS.ErrnoException, host: string, port: number) {
  const options = { cause: error, details: { host, port } }
  if (error.code === 'EADDRINUSE') {
    return relayError(
      'PORT_TAKEN',
      `Port ${port} is taken: stop the other program or choose another with --port N.`,
      options,
    )
  }
  if (error.code === 'EACCES') {
    return relayError(
      'PORT_FORBIDDEN',
      `Port ${port} is not allowed for this user: choose one above 1023 with --port N.`,
      options,
    )
  }
  return relayError(
    'HOST_UNAVAILABLE',
    `Cannot listen on ${host}: ${error.message}. Give an address of this machine with --host ADDRESS.`,
    options,
  )
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
