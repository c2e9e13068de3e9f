import type { Timers } from '#core/timers.ts'
import { answerCyfs, type CyfsObjects } from './cyfs-answer.ts'
import { type CyfsRequest, type FromPage, type FromWorker, isCyfsRequest } from './cyfs-messages.ts'

/** Requests that one page answers at the same time: a page with hundreds of images waits for some of them. */
const MAX_ANSWERS = 64
/** Requests that wait for their turn; of more the page takes none, and another one is asked. */
const MAX_WAITING = 1_024
/** A film that is paused asks for nothing meanwhile; when it goes on later, its browser asks anew. */
const IDLE_MS = 600_000

export interface ServeCyfsInit {
  readonly container: Pick<
    ServiceWorkerContainer,
    'addEventListener' | 'removeEventListener' | 'startMessages'
  >
  readonly objects: CyfsObjects
  readonly timers: Timers
}

/** [OB19] Answers the service worker's requests for `/cyfs/…` URLs. Returns its end. */
export function serveCyfs({ container, objects, timers }: ServeCyfsInit): () => void {
  const waiting: (() => Promise<void>)[] = []
  let answering = 0

  function answerNext(): void {
    if (answering >= MAX_ANSWERS) return
    const answer = waiting.shift()
    if (answer === undefined) return
    answering += 1
    void answer().finally(() => {
      answering -= 1
      answerNext()
    })
  }

  const onMessage = ({ data, ports }: MessageEvent): void => {
    const [port] = ports
    // a page that says nothing is not the only one
    if (port === undefined || !isCyfsRequest(data) || waiting.length >= MAX_WAITING) return
    const asker = createAsker(port, timers)
    asker.tell({ kind: 'taken' })
    waiting.push(() => answerTo(asker, objects, data).finally(() => port.close()))
    answerNext()
  }
  container.addEventListener('message', onMessage)
  container.startMessages()
  return () => container.removeEventListener('message', onMessage)
}

/** The service worker at the other end of a port, which asks for one piece after the other. */
interface Asker {
  readonly tell: (message: FromPage, transfer?: Transferable[]) => void
  /** aborted when it wants no more, or has ended */
  readonly stopped: AbortSignal
  /** Resolves once for each piece that it asks for. @throws when it is stopped */
  readonly wanted: () => Promise<void>
}

/** Gives an answer piece by piece, as far as it is asked for. Never rejects. */
async function answerTo(
  { tell, stopped, wanted }: Asker,
  objects: CyfsObjects,
  request: CyfsRequest,
): Promise<void> {
  try {
    stopped.throwIfAborted()
    const { status, headers, body } = await answerCyfs(objects, request, stopped)
    tell({ kind: 'head', status, headers })
    if (request.method === 'HEAD') return
    for await (const bytes of body) {
      await wanted()
      // a copy: blocks may be in use by others
      const copy = bytes.slice()
      tell({ kind: 'bytes', bytes: copy }, [copy.buffer])
    }
    tell({ kind: 'end' })
  } catch (error) {
    const { message = 'Reading it broke off.' } = Object(error) as Partial<Error>
    if (!stopped.aborted) tell({ kind: 'failed', message })
  }
}

function createAsker(port: MessagePort, timers: Timers): Asker {
  const stop = new AbortController()
  const { signal: stopped } = stop
  let pulls = 0
  let wake = () => {}
  const end = (): void => {
    stop.abort()
    wake()
  }
  port.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === 'stop') end()
    else pulls += 1
    wake()
  }
  // the worker has ended, in browsers that tell
  port.addEventListener('close', end)
  return {
    tell: (message, transfer = []) => port.postMessage(message, transfer),
    stopped,
    async wanted() {
      const cancel = timers.after(IDLE_MS, end)
      try {
        while (pulls === 0 && !stopped.aborted) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      } finally {
        cancel()
      }
      stopped.throwIfAborted()
      pulls -= 1
    },
  }
}
