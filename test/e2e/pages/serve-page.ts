import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'vite'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** What the relay sends with its page: the page must do without inline code, styles or foreign origins. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self' blob: data: ws: wss:",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

export interface ServedPage {
  /** of the page itself */
  readonly url: string
  /** folder of the built files */
  readonly dir: string
  close(): Promise<void>
}

export interface ServePageInit {
  /** the page keeps what it receives, after decryption: see pages/peer/capturing-noise.ts @default false */
  readonly captureReceived?: boolean
}

/** Puts the capturing Noise in the place of the one that the peer's options import. */
function captureReceived(): Plugin {
  const capturing = join(ROOT, 'test/e2e/pages/peer/capturing-noise.ts')
  return {
    name: 'capture-received',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source === '@libp2p/noise' && importer?.endsWith('/web/peer/options.ts') ? capturing : undefined,
  }
}

/**
 * Builds test/e2e/pages/`name`/index.html with the project's own Vite configuration and serves it on a free port
 * of the loopback address, under the page's security policy.
 */
export async function servePage(name: string, init: ServePageInit = {}): Promise<ServedPage> {
  const dir = await mkdtemp(join(tmpdir(), `tabland-${name}-`))
  const page = `test/e2e/pages/${name}/index.html`
  await build({
    root: ROOT,
    logLevel: 'warn',
    plugins: init.captureReceived ? [captureReceived()] : [],
    build: { outDir: dir, emptyOutDir: true, rolldownOptions: { input: join(ROOT, page) } },
  })
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    const path = normalize(join(dir, pathname))
    if (!path.startsWith(dir)) {
      response.writeHead(404).end()
      return
    }
    readFile(path).then(
      (content) => {
        const type = TYPES[extname(path)] ?? 'application/octet-stream'
        response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(content)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/${page}`,
    dir,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(dir, { recursive: true, force: true })
    },
  }
}
