import { createServer, type Plugin, type ViteDevServer } from 'vite'
import { readRelayConfig } from '#relay/config.ts'
import { ROOT } from './root.ts'

/** Serves the page from its sources, with the relay on the port that its own arguments name. */
export async function startDevServer(relayArgs: readonly string[]): Promise<ViteDevServer> {
  const { port } = readRelayConfig({ args: relayArgs, env: process.env })
  const server = await createServer({
    root: ROOT,
    server: { host: '127.0.0.1' },
    plugins: [relayDescription(port)],
  })
  await server.listen()
  console.log('The page from its sources:')
  server.printUrls()
  return server
}

interface RelayDescription {
  readonly peerId: string
  readonly addresses?: readonly string[]
}

/**
 * A tab finds its relay at the place that served the page. Here that is vite, so the description passes
 * through and says where the relay really listens.
 */
function relayDescription(port: number): Plugin {
  return {
    name: 'tabland-relay-description',
    configureServer(server) {
      server.middlewares.use('/tabland.json', async (_request, response) => {
        try {
          const answer = await fetch(`http://127.0.0.1:${port}/tabland.json`)
          const description = (await answer.json()) as RelayDescription
          const address = `/ip4/127.0.0.1/tcp/${port}/ws/p2p/${description.peerId}`
          response.setHeader('content-type', 'application/json')
          response.end(JSON.stringify({ ...description, addresses: description.addresses ?? [address] }))
        } catch (error) {
          response.statusCode = 502
          response.end(`The relay on port ${port} does not answer: ${String(error)}`)
        }
      })
    },
  }
}
