import { answerCyfs, type CyfsObjects } from './cyfs-answer.ts'
import { type CyfsRequest, type FromPage, type FromWorker, isCyfsRequest } from './cyfs-messages.ts'

/** Requests that one page answers at the same time: a page with hundreds of images waits for some of them. */
const MAX_ANSWERS = 64

export interface ServeCyfsInit {
  readonly container: Pick<
    ServiceWorkerContainer,
    'addEventListener' | 'removeEventListener' | 'startMessages'
  >
  readonly objects: CyfsObjects
}

/** [OB19] Answers the service worker's requests for `/cyfs/…` URLs. Returns its end. */
export function serveCyfs({ container, objects }: ServeCyfsInit): () => void {
  let answering = 0
  const onMessage = ({ data, ports }: MessageEvent): void => {
    const [port] = ports
    // a page that says nothing is not the only one
    if (port === undefined || !isCyfsRequest(data) || answering >= MAX_ANSWERS) return
    answering += 1
    void answerOver(port, objects, data).finally(() => {
      answering -= 1
      port.close()
    })
  }
  container.addEventListener('message', onMessage)
  container.startMessages()
  return () => container.removeEventListener('message', onMessage)
}

/** Gives an answer piece by piece, as far as it is asked for. Never rejects. */
async function answerOver(port: MessagePort, objects: CyfsObjects, request: CyfsRequest): Promise<void> {
  const stop = new AbortController()
  const wanted = createPulls(port, () => stop.abort())
  const tell = (message: FromPage, transfer: Transferable[] = []) => port.postMessage(message, transfer)
  tell({ kind: 'taken' })
  try {
    const { status, headers, body } = await answerCyfs(objects, request, stop.signal)
    tell({ kind: 'head', status, headers })
    if (request.method === 'HEAD') return
    for await (const bytes of body) {
      await wanted(stop.signal)
      // a copy: blocks may be in use by others
      const copy = bytes.slice()
      tell({ kind: 'bytes', bytes: copy }, [copy.buffer])
    }
    tell({ kind: 'end' })
  } catch (error) {
    if (!stop.signal.aborted) tell({ kind: 'failed', message: (error as Error).message })
  }
}

/** Resolves once for each `pull`. */
function createPulls(port: MessagePort, onStop: () => void): (signal: AbortSignal) => Promise<void> {
  let pulls = 0
  let wake = () => {}
  port.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === 'stop') onStop()
    else pulls += 1
    wake()
  }
  return async (signal) => {
    while (pulls === 0) {
      signal.throwIfAborted()
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    signal.throwIfAborted()
    pulls -= 1
  }
}
