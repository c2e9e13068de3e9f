import type { AppError } from '#core/errors.ts'
import type { NetworkName } from '#core/network.ts'
import { type GraphService, type GraphStatus, NO_STATUS } from '#graph/graph-types.ts'
import { type FromWorker, type GraphMethod, receiveError, type ToWorker } from './graph-rpc.ts'

/** The little that is needed of a Worker. */
export interface GraphPort {
  postMessage(message: ToWorker): void
  addEventListener(type: 'message', listener: (event: { readonly data: FromWorker }) => void): void
  addEventListener(type: 'error', listener: (event: { readonly message: string }) => void): void
  terminate(): void
}

export interface GraphClientInit {
  readonly network: NetworkName
  /** the profile's records are in memory only, and why */
  readonly onNotDurable?: (error: Error | AppError) => void
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: unknown): void
}

const METHODS: readonly Exclude<GraphMethod, 'stop'>[] = [
  'load',
  'ingest',
  'heads',
  'missingFrom',
  'readBatches',
  'findObject',
  'search',
  'backlinks',
  'top',
  'context',
  'rankOf',
  'neuron',
  'chains',
  'neighbourhood',
  'suggest',
  'setIndex',
  'compute',
  'bench',
  'text',
  'texts',
  'addText',
  'missingTexts',
]

/** The graph in `port`'s worker, with the same methods. A worker that dies fails every call with its reason. */
export function createGraphClient(port: GraphPort, { network, onNotDurable }: GraphClientInit): GraphService {
  const waiting = new Map<number, Waiting>()
  const listeners: ((status: GraphStatus) => void)[] = []
  let status = NO_STATUS
  let nextId = 0
  let dead: Error | undefined

  function settle(id: number, act: (call: Waiting) => void): void {
    const call = waiting.get(id)
    waiting.delete(id)
    if (call !== undefined) act(call)
  }

  function fail(error: Error): void {
    dead = error
    for (const call of waiting.values()) call.reject(error)
    waiting.clear()
  }

  port.addEventListener('message', ({ data }) => {
    switch (data.kind) {
      case 'opened':
        return
      case 'not-durable':
        return onNotDurable?.(receiveError(data.error))
      case 'status':
        status = data.status
        for (const listener of listeners) listener(status)
        return
      case 'value':
        return settle(data.id, (call) => call.resolve(data.value))
      case 'error':
        return settle(data.id, (call) => call.reject(receiveError(data.error)))
    }
  })
  port.addEventListener('error', ({ message }) => {
    fail(new Error(`The graph worker failed: ${message}. Reload the page.`))
  })
  port.postMessage({ kind: 'open', network })

  function call(method: GraphMethod, args: readonly unknown[]): Promise<unknown> {
    if (dead !== undefined) return Promise.reject(dead)
    const id = nextId++
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      port.postMessage({ kind: 'call', id, method, args })
    })
  }

  const methods = Object.fromEntries(
    METHODS.map((method) => [method, (...args: readonly unknown[]) => call(method, args)]),
  )
  return {
    ...(methods as unknown as Omit<GraphService, 'watch' | 'stop'>), // one forwarding body serves every method
    async watch(listener) {
      listeners.push(listener)
      listener(status)
    },
    async stop() {
      await call('stop', [])
      port.terminate()
      fail(new Error('The graph was stopped.'))
    },
  }
}
