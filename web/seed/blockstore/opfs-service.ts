import { AppError } from '#core/errors.ts'
import type { StoreStats } from './block-engine.ts'
import { type StoreErrorCode, storeClosed, toStoreError } from './errors.ts'
import { OpfsFolder } from './opfs-folder.ts'
import type { StoreRequest, StoreResponse, StoreValue } from './opfs-protocol.ts'
import { SegmentEngine } from './segment-engine.ts'
import { createWebChannel, createWebLocks } from './web-profile.ts'

const NOTHING: StoreStats = { blocks: 0, bytes: 0, diskBytes: 0 }

/** The store behind the messages of one page. Runs in a dedicated worker. */
export function createOpfsService(
  onChange: (stats: StoreStats) => void,
): (request: StoreRequest) => Promise<StoreResponse> {
  let engine: SegmentEngine | undefined
  const answer = async (request: StoreRequest): Promise<StoreValue> => {
    if (request.type === 'open') {
      engine = await openEngine(request.name, onChange)
      return
    }
    if (engine === undefined) throw storeClosed()
    return call(engine, request)
  }
  return async (request) => {
    const { id } = request
    try {
      const value = await answer(request)
      return { type: 'value', id, value, stats: engine?.stats() ?? NOTHING }
    } catch (cause) {
      const { code, message, details } = toStoreError(cause)
      return { type: 'error', id, error: { code, message, details }, stats: engine?.stats() ?? NOTHING }
    }
  }
}

async function call(
  engine: SegmentEngine,
  request: Exclude<StoreRequest, { type: 'open' }>,
): Promise<StoreValue> {
  switch (request.type) {
    case 'put':
      return engine.put(request.key, request.bytes).then(() => undefined)
    case 'get':
      return engine.get(request.key)
    case 'has':
      return engine.has(request.key)
    case 'delete':
      return engine.delete(request.key).then(() => undefined)
    case 'list':
      return engine.list()
    case 'limitDisk':
      engine.limitDisk(request.bytes)
      return
    case 'close':
      return engine.close().then(() => undefined)
  }
}

async function openEngine(name: string, onChange: (stats: StoreStats) => void): Promise<SegmentEngine> {
  // the version of the record format: another one gets a folder and channel of its own
  const store = `tabland-blocks-1/${name}`
  try {
    return await SegmentEngine.open({
      folder: await OpfsFolder.open(store.split('/')),
      locks: createWebLocks(store),
      channel: createWebChannel(store),
      pause: createPause(),
      onChange,
    })
  } catch (cause) {
    throw new AppError<StoreErrorCode>(
      'STORE_OPEN_FAILED',
      `The private file system did not open: ${cause instanceof Error ? cause.message : String(cause)}. Leave private browsing or free disk space, then reload.`,
      { cause },
    )
  }
}

/** A turn of the worker's message queue: what the page posted meanwhile is handled first. Timers take 4 ms. */
function createPause(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel()
  const waiting: (() => void)[] = []
  port1.onmessage = () => waiting.shift()?.()
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      port2.postMessage(undefined)
    })
}
