import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { broken, type Finding, ok } from './finding.ts'

const TIMEOUT_MS = 5_000
const CLOSE_MS = 1_000
const MAX_SAID_CHARACTERS = 200

/** Does the relay's port take a WebSocket, as every peer needs it? */
export async function probeUpgrade(url: URL): Promise<Finding> {
  const target = new URL('/', url)
  target.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const result = await tryUpgrade(target)
  if (result === 'open') return ok('websocket', 'Peers can open a WebSocket.')
  if (result === undefined || !result.byRelay) {
    return broken('websocket', {
      code: 'UPGRADE_MISSING',
      what: `${target.href} does not take WebSockets (${result === undefined ? 'no answer' : `status ${result.status}`}).`,
      mend: 'The proxy in front must pass upgrades on: in nginx "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;".',
    })
  }
  return broken('websocket', {
    code: 'UPGRADE_REFUSED',
    what: `The relay turns new peers away (status ${result.status}): ${result.said}`,
    mend:
      result.status === 503
        ? 'Raise --max-connections if the machine can bear it, or run another relay beside it.'
        : 'Raise --connections-per-address, or name the proxy in front by --trusted-proxies, or all its clients count as one.',
  })
}

interface Refusal {
  readonly status: number
  readonly said: string
  /** A relay that turns a peer away says when to come again; a proxy that takes the request for a page does not. */
  readonly byRelay: boolean
}

/** 'open', what the server said instead, or undefined when it said nothing that is HTTP. */
function tryUpgrade(target: URL): Promise<'open' | Refusal | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(target, { handshakeTimeout: TIMEOUT_MS, perMessageDeflate: false })
    socket.once('open', () => {
      // Its place must be free again for the peers that follow: a relay may have only one left.
      socket.close()
      setTimeout(() => socket.terminate(), CLOSE_MS).unref()
      socket.once('close', () => resolve('open'))
    })
    socket.once('error', () => resolve(undefined))
    socket.once('unexpected-response', (_, response: IncomingMessage) => {
      let said = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        said = (said + text).slice(0, MAX_SAID_CHARACTERS)
      })
      const { statusCode: status = 0, headers } = response
      const byRelay = headers['retry-after'] !== undefined && (status === 429 || status === 503)
      response.once('close', () => resolve({ status, said: said.trim(), byRelay }))
    })
  })
}
