import {
  CYFS_REQUEST,
  type CyfsHead,
  type CyfsRequest,
  type FromPage,
  type FromWorker,
} from './cyfs-messages.ts'
import { failurePage } from './cyfs-page.ts'

/** A page of this origin, as a service worker sees it. */
export interface CyfsClient {
  readonly id: string
  readonly url: string
  readonly frameType: string
  postMessage(message: unknown, transfer: Transferable[]): void
}

export interface CyfsRouteComponents {
  /** the windows of this origin, those used last first */
  readonly windows: () => Promise<readonly CyfsClient[]>
  /** is that one still there, even if a newer service worker answers for it by now? */
  readonly isOpen: (id: string) => Promise<boolean>
  /** resolves after so many ms */
  readonly wait: (ms: number) => Promise<void>
}

export interface CyfsRouteInit {
  /** URL of the page's folder, with a slash at its end */
  readonly scope: string
}

export interface CyfsRouteRequest {
  readonly request: Pick<Request, 'method' | 'url' | 'headers' | 'destination'>
  /** who asks; '' for what is opened in a tab or frame */
  readonly clientId: string
}

export interface CyfsRoute {
  /** Undefined for everything that is not below `cyfs/`. `done` resolves when its last byte was taken, or none is wanted. */
  answer(event: CyfsRouteRequest): { response: Promise<Response>; done: Promise<void> } | undefined
}

/**
 * [OB19] Of every answer. No script of a published page runs: neither here, nor with what the page's origin holds. Its
 * own pictures, films, styles and fonts are shown; `allow-same-origin` lets them come over this service worker.
 */
const POLICY = [
  'sandbox allow-same-origin',
  "default-src 'none'",
  "script-src 'none'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "media-src 'self'",
  "font-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ')

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  // the page is isolated, and so is what it frames
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
}
/** What a page may say of its answer; everything else is for the service worker to say. */
const TAKEN_HEADERS = [
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Length',
  'Content-Range',
  'Content-Type',
  'Location',
]
/** What runs code, or starts it, is never answered: not even a mistake in the page itself could run a stranger's. */
const SCRIPT_DESTINATIONS = [
  'audioworklet',
  'embed',
  'manifest',
  'object',
  'paintworklet',
  'report',
  'script',
  'serviceworker',
  'sharedworker',
  'worker',
  'xslt',
]
/** A page that does not take a request is frozen, or still starting; the next one is asked. */
const TAKE_MS = 1_000
/** How often it is looked whether a page that answers is still there. */
const LOOK_MS = 5_000
/** A page that starts has its commands within this. */
const ROUNDS = 5
const FOLDER = 'cyfs/'

/** Answers `/cyfs/…` with what a page of this origin reads of objects. */
export function createCyfsRoute(
  { windows, isOpen, wait }: CyfsRouteComponents,
  { scope }: CyfsRouteInit,
): CyfsRoute {
  async function pages(first: string): Promise<readonly CyfsClient[]> {
    const found = (await windows()).filter(
      ({ url, frameType }) => frameType === 'top-level' && isPage(url, scope),
    )
    return [...found.filter(({ id }) => id === first), ...found.filter(({ id }) => id !== first)]
  }

  /** The first page that takes the request. */
  async function ask(request: CyfsRequest, first: string): Promise<Answering | undefined> {
    for (let round = 0; round < ROUNDS; round++) {
      const all = await pages(first)
      for (const page of all) {
        const answering = await askPage(page, request, wait(TAKE_MS))
        if (answering === undefined) continue
        void breakOffWithPage(answering, page.id)
        return answering
      }
      if (all.length === 0) return undefined
    }
    return undefined
  }

  /** Not every browser tells the other end of a port that its page was closed. */
  async function breakOffWithPage({ done, breakOff }: Answering, id: string): Promise<void> {
    let isDone = false
    void done.then(() => {
      isDone = true
    })
    while (!isDone) {
      await Promise.race([done, wait(LOOK_MS)])
      if (!isDone && !(await isOpen(id))) breakOff()
    }
  }

  return {
    answer({ request, clientId }) {
      const url = request.url.split('#', 1)[0] as string
      if (!url.startsWith(scope + FOLDER)) return undefined
      const refused = refuse(request)
      if (refused !== undefined) return { response: Promise.resolve(refused), done: Promise.resolve() }
      const range = request.headers.get('Range')
      const answering = ask(
        {
          kind: CYFS_REQUEST,
          path: url.slice((scope + FOLDER).length),
          method: request.method as 'GET' | 'HEAD',
          ...(range === null ? {} : { range }),
        },
        clientId,
      )
      return {
        response: answering.then((found) => (found === undefined ? nobody() : respond(found, request.url))),
        done: answering.then((found) => found?.done),
      }
    },
  }
}

function isPage(url: string, scope: string): boolean {
  const path = url.split(/[?#]/, 1)[0]
  return path === scope || path === `${scope}index.html`
}

function refuse({
  method,
  destination,
}: Pick<CyfsRouteRequest['request'], 'method' | 'destination'>): Response | undefined {
  if (method !== 'GET' && method !== 'HEAD') {
    return page(405, 'Only reading', 'What is published can be read, and nothing else.')
  }
  if (!SCRIPT_DESTINATIONS.includes(destination)) return undefined
  return page(403, 'Not run here', 'What is published is shown, and never run.')
}

function nobody(): Response {
  return page(
    503,
    'No tab of Tabland is open',
    'This is fetched from other people by an open tab of Tabland. Open Tabland in a tab of this browser, then load this page again.',
  )
}

function gone(): Response {
  return page(503, 'The tab was closed', 'The tab that fetched this was closed. Load this page again.')
}

function page(status: number, title: string, sentence: string): Response {
  return new Response(failurePage(title, sentence), {
    status,
    headers: { ...HEADERS, 'Content-Type': 'text/html; charset=utf-8' },
  })
}

/** A page that took a request. */
interface Answering {
  readonly head: Promise<CyfsHead>
  readonly body: ReadableStream<Uint8Array>
  readonly done: Promise<void>
  /** Its page is gone: nothing more will come. */
  readonly breakOff: () => void
}

/** Undefined when the page does not take it within `patience`. */
async function askPage(
  client: CyfsClient,
  request: CyfsRequest,
  patience: Promise<void>,
): Promise<Answering | undefined> {
  const { port1: port, port2 } = new MessageChannel()
  const taken = Promise.withResolvers<boolean>()
  const head = Promise.withResolvers<CyfsHead>()
  const done = Promise.withResolvers<void>()
  const tell = (message: FromWorker) => port.postMessage(message)
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>(
    {
      start(own) {
        controller = own
      },
      pull: () => tell({ kind: 'pull' }),
      cancel() {
        tell({ kind: 'stop' })
        end()
      },
    },
    { highWaterMark: 0 },
  )
  function end(): void {
    port.close()
    done.resolve()
  }
  function breakOff(message: string): void {
    const error = new Error(message)
    head.reject(error)
    controller?.error(error)
    end()
  }
  port.onmessage = ({ data }: MessageEvent<FromPage>) => {
    if (data.kind === 'taken') taken.resolve(true)
    else if (data.kind === 'head') {
      head.resolve(data)
      if (request.method === 'HEAD') end()
    } else if (data.kind === 'bytes') controller?.enqueue(data.bytes)
    else if (data.kind === 'end') {
      controller?.close()
      end()
    } else breakOff(data.message)
  }
  head.promise.catch(() => {}) // heard by whoever the page answers
  const onClosed = () => breakOff('The tab that gave this was closed.')
  // in browsers that tell
  port.addEventListener('close', onClosed)
  client.postMessage(request, [port2])
  const isTaken = await Promise.race([taken.promise, patience.then(() => false)])
  if (isTaken) return { head: head.promise, body, done: done.promise, breakOff: onClosed }
  // it may take it late: then it hears at once that nothing is wanted
  tell({ kind: 'stop' })
  port.close()
  return undefined
}

async function respond({ head, body }: Answering, url: string): Promise<Response> {
  const answered = await head.catch(() => undefined)
  if (answered === undefined) return gone()
  const { status, headers } = answered
  const said = new Headers(HEADERS)
  for (const name of TAKEN_HEADERS) {
    const value = headers[name]
    if (value !== undefined) said.set(name, name === 'Location' ? new URL(value, url).href : value)
  }
  const isEmpty = status === 302 || status === 416
  return new Response(isEmpty ? null : body, { status, headers: said })
}
