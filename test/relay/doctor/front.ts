import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'

export interface FrontOptions {
  /** where the relay really is */
  readonly to: URL
  /** what is changed in its answer at this path */
  readonly change?: (path: string, body: Record<string, unknown>) => Record<string, unknown>
  /** the address that it connects to the relay from @default any */
  readonly from?: string
  /** does it pass WebSockets on? @default true */
  readonly upgrades?: boolean
  readonly tls?: { readonly key: string; readonly cert: string }
}

export interface Front {
  readonly url: URL
  readonly port: number
  close(): Promise<void>
}

/** A proxy in front of a relay, set up as badly as a test wants. */
export async function startFront({ to, change, from, upgrades = true, tls }: FrontOptions): Promise<Front> {
  const answer: RequestListener = (request, response) => {
    fetch(new URL(request.url ?? '/', to)).then(
      async (upstream) => {
        const text = await upstream.text()
        const type = upstream.headers.get('content-type') ?? ''
        if (change === undefined || !type.startsWith('application/json')) {
          response.writeHead(upstream.status, { 'content-type': type }).end(text)
          return
        }
        const changed = change(request.url ?? '/', JSON.parse(text))
        response.writeHead(changed.ok === false ? 503 : upstream.status, { 'content-type': type })
        response.end(JSON.stringify(changed))
      },
      () => response.writeHead(502).end(),
    )
  }
  const server: Server = tls === undefined ? createHttpServer(answer) : createHttpsServer(tls, answer)
  if (upgrades) server.on('upgrade', (request, socket, head) => passOn({ to, from }, request, socket, head))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: new URL(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function passOn(
  { to, from }: Pick<FrontOptions, 'to'> & { readonly from: string | undefined },
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const local = from === undefined ? {} : { localAddress: from }
  const upstream = connect({ port: Number(to.port), host: to.hostname, ...local })
  const headers = request.rawHeaders.flatMap((name, i, all) =>
    i % 2 === 0 ? [`${name}: ${all[i + 1]}`] : [],
  )
  upstream.write(`GET / HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
  upstream.write(head)
  upstream.pipe(socket).pipe(upstream)
  for (const end of [upstream, socket]) end.on('error', () => {})
  for (const end of [upstream, socket])
    end.on('close', () => [upstream, socket].map((other) => other.destroy()))
}

/** A certificate that no authority signed, by the openssl program; undefined without it. */
export function selfSigned(): { readonly key: string; readonly cert: string } | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'tabland-cert-'))
  try {
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    execFileSync(
      'openssl',
      ['req', '-x509', '-days', '2', ...kind, '-keyout', key, '-out', cert, ...subject],
      {
        stdio: 'ignore',
      },
    )
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } catch {
    return undefined
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
