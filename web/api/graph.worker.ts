/**
 * The graph of a tab: decoding, signature checks, ranks and searches stay off the thread that draws. One worker
 * has one graph; the first message opens it.
 */
import { machineOf } from '#core/machine.ts'
import type { NetworkName } from '#core/network.ts'
import { createGraphService } from '#graph/graph-service.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { createRecordStore } from '#seed/record-store.ts'
import { createPause } from '#wasm/bindings/pause.ts'
import { type FromWorker, sendError, type ToWorker } from './graph-rpc.ts'
import { createTabKernels } from './rank-kernels.ts'
import { recordStoreName } from './store-names.ts'

function post(message: FromWorker): void {
  self.postMessage(message)
}

async function open(network: NetworkName): Promise<GraphService> {
  const { store, failure } = await createRecordStore({ name: recordStoreName(network) })
  if (failure !== undefined) post({ kind: 'not-durable', error: sendError(failure) })
  const service = createGraphService({
    machine: machineOf(network),
    store,
    ...createTabKernels(),
    timers: systemTimers,
    now: Date.now,
    pause: createPause(),
  })
  await service.watch((status) => post({ kind: 'status', status }))
  post({ kind: 'opened' })
  return service
}

let service: Promise<GraphService> | undefined

self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'open') service ??= open(data.network)
  else void answer(data)
})

async function answer({ id, method, args }: Extract<ToWorker, { kind: 'call' }>): Promise<void> {
  try {
    const graph = await service
    if (graph === undefined) throw new Error('The graph worker was called before it was opened.')
    // the client is typed by GraphService, so method and arguments belong together
    const call = graph[method] as (...args: unknown[]) => Promise<unknown>
    post({ kind: 'value', id, value: await call.apply(graph, [...args]) })
  } catch (error) {
    post({ kind: 'error', id, error: sendError(error) })
  }
}
