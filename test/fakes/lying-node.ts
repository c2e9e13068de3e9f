import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Forge } from './fake-chain.ts'

/** A proxy before a chain's node, for programs and pages: hands on what is asked, and forges what it is told to. */
export interface LyingNode {
  readonly url: string
  /** as endpoints are named: host and port */
  readonly name: string
  forge: Forge
  /** takes no requests */
  isDown: boolean
  /** From now on it tells the truth. */
  reform(): void
  stop(): Promise<void>
}

interface Call {
  readonly method: string
  readonly params: readonly unknown[]
}

const honest: Forge = (_, result) => result
const CORS = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' }

/** Starts one before the node at `target`. */
export async function startLyingNode(target: string): Promise<LyingNode> {
  const server = createServer((request, response) => {
    if (node.isDown) return request.socket.destroy()
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const name = `127.0.0.1:${(server.address() as AddressInfo).port}`

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return void response.writeHead(204, CORS).end()
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts).toString('utf8')
    const headers = { 'content-type': 'application/json' }
    const told: unknown = await (await fetch(target, { method: 'POST', headers, body })).json()
    const calls = JSON.parse(body) as Call | readonly Call[]
    const forged = Array.isArray(calls)
      ? calls.map((call: Call, i) => forgeOne(call, (told as readonly object[])[i]!))
      : forgeOne(calls as Call, told as object)
    response.writeHead(200, { ...CORS, ...headers }).end(JSON.stringify(forged))
  }

  function forgeOne({ method, params }: Call, told: { readonly result?: unknown }): object {
    return told.result === undefined ? told : { ...told, result: node.forge(method, told.result, params) }
  }

  const node: LyingNode = {
    url: `http://${name}/`,
    name,
    forge: honest,
    isDown: false,
    reform() {
      node.forge = honest
      node.isDown = false
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return node
}
