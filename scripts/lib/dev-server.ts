import { createServer, type Plugin } from 'vite'
import { ROOT } from './root.ts'

const RELAY_PORT = '8080'

/** Serves the page from its sources, with the relay on the port that its own arguments name. */
export async function startDevServer(relayArgs: readonly string[]): Promise<void> {
  const at = relayArgs.indexOf('--port')
  const port = (at === -1 ? undefined : relayArgs[at + 1]) ?? process.env.TABLAND_PORT ?? RELAY_PORT
  const server = await createServer({
    root: ROOT,
    server: { host: '127.0.0.1' },
    plugins: [relayDescription(Number(port))],
  })
  await server.listen()
  console.log('The page from its sources:')
  server.printUrls()
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
