import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { MAX_WEBSOCKET_MESSAGE_BYTES } from '../limits.ts'
import { addressGroup, type ClientAddress, type ClientAddressOf } from './client-address.ts'

export type AcceptSocket = (socket: WebSocket, remote: ClientAddress) => void

/** Why a connection was turned away; the labels of the metric. */
export type RefusalReason = 'address' | 'full' | 'path' | 'starting'

export interface Upgrades {
  /** Lets sockets in from now on. */
  accept(handler: AcceptSocket): void
  /** Lets none in any more; those that are open stay. */
  refuse(): void
  /** open WebSockets */
  readonly count: number
  readonly refused: Readonly<Record<RefusalReason, number>>
  /** Cuts every socket. */
  close(): void
}

export interface UpgradesInit {
  readonly server: Server
  readonly clientAddress: ClientAddressOf
  readonly maxConnections: number
  readonly connectionsPerAddress: number
}

/**
 * Hands WebSocket upgrades of the shared HTTP server on with the client's true address, and counts them: who
 * is over a limit gets a plain HTTP answer that says so, before any handshake is paid for.
 */
export function createUpgrades({
  server,
  clientAddress,
  maxConnections,
  connectionsPerAddress,
}: UpgradesInit): Upgrades {
  // Compression would only cost: all that passes is encrypted.
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_WEBSOCKET_MESSAGE_BYTES,
  })
  const byGroup = new Map<string, number>()
  const refused: Record<RefusalReason, number> = { address: 0, full: 0, path: 0, starting: 0 }
  let handler: AcceptSocket | undefined

  const refusal = (request: IncomingMessage, group: string): [RefusalReason, number, string] | undefined => {
    if (pathOf(request) !== '/') return ['path', 404, 'Peers connect to the path "/" of this relay.']
    if (handler === undefined)
      return ['starting', 503, 'This relay is starting or stopping: try again in a few seconds.']
    if (sockets.clients.size >= maxConnections) {
      return [
        'full',
        503,
        `This relay is full: it holds ${maxConnections} connections. Use another relay, or try again later.`,
      ]
    }
    if ((byGroup.get(group) ?? 0) >= connectionsPerAddress) {
      return [
        'address',
        429,
        `This relay holds ${connectionsPerAddress} connections from your address, which is its limit. Close some tabs, or use another relay.`,
      ]
    }
    return undefined
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const remote = clientAddress(request)
    const group = addressGroup(remote.address)
    const refusedFor = refusal(request, group)
    if (refusedFor !== undefined) {
      refused[refusedFor[0]]++
      refuseUpgrade(socket, refusedFor[1], refusedFor[2])
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      byGroup.set(group, (byGroup.get(group) ?? 0) + 1)
      webSocket.once('close', () => {
        const left = (byGroup.get(group) ?? 1) - 1
        if (left > 0) byGroup.set(group, left)
        else byGroup.delete(group)
      })
      if (handler === undefined) webSocket.terminate()
      else handler(webSocket, remote)
    })
  })

  return {
    accept(next) {
      handler = next
    },
    refuse() {
      handler = undefined
    },
    get count() {
      return sockets.clients.size
    },
    refused,
    close() {
      handler = undefined
      for (const socket of sockets.clients) socket.terminate()
    },
  }
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] as string
}

function refuseUpgrade(socket: Duplex, status: number, reason: string): void {
  const body = `${reason}\n`
  // The client may be gone already; there is nobody to tell then.
  socket.on('error', () => socket.destroy())
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Retry-After: 10',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
