import type { Bytes } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import type { BlockEngine, ReadResult, StoredBlock, StoreStats } from './block-engine.ts'
import type { BlockKey } from './block-key.ts'
import { type StoreErrorCode, storeClosed } from './errors.ts'
import StoreWorker from './opfs.worker.ts?worker'
import type { StoreCall, StoreResponse, StoreValue } from './opfs-protocol.ts'

interface Waiting {
  readonly resolve: (value: StoreValue) => void
  readonly reject: (error: unknown) => void
}

/** The page's end of a store that lives in a worker: hashing, disk and flushes never hold up drawing. */
export class OpfsEngine implements BlockEngine {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 0
  #stats: StoreStats = { blocks: 0, bytes: 0, diskBytes: 0 }
  #ended: AppError<StoreErrorCode> | undefined

  /**
   * @throws STORE_OPEN_FAILED when the browser gives no private file system here
   * @throws STORE_WORKER_FAILED when the worker did not load
   */
  static async open(name: string): Promise<OpfsEngine> {
    const engine = new OpfsEngine()
    try {
      await engine.#call({ type: 'open', name })
    } catch (error) {
      engine.#worker.terminate()
      throw error
    }
    return engine
  }

  private constructor() {
    this.#worker = new StoreWorker({ name: 'tabland-blocks' })
    this.#worker.onmessage = ({ data }: MessageEvent<StoreResponse>) => this.#receive(data)
    this.#worker.onerror = ({ message }) => {
      const reason = message ? `: ${message}` : ''
      this.#end(
        new AppError(
          'STORE_WORKER_FAILED',
          `The worker that keeps content stopped${reason}. Reload the page.`,
        ),
      )
    }
  }

  stats(): StoreStats {
    return this.#stats
  }

  limitDisk(bytes: number): void {
    this.#call({ type: 'limitDisk', bytes }).catch(() => {}) // it ended: nothing grows any more
  }

  /** Moves `bytes` to the worker: the caller's array is empty afterwards. */
  async put(key: BlockKey, bytes: Bytes): Promise<void> {
    await this.#call({ type: 'put', key, bytes }, [bytes.buffer])
  }

  // The casts below: each call's value is the one that opfs-service returns for it.

  async get(key: BlockKey): Promise<ReadResult> {
    return (await this.#call({ type: 'get', key })) as ReadResult
  }

  async has(key: BlockKey): Promise<boolean> {
    return (await this.#call({ type: 'has', key })) as boolean
  }

  async delete(key: BlockKey): Promise<void> {
    await this.#call({ type: 'delete', key })
  }

  async list(): Promise<readonly StoredBlock[]> {
    return (await this.#call({ type: 'list' })) as readonly StoredBlock[]
  }

  async close(): Promise<void> {
    if (this.#ended !== undefined) return
    const closed = this.#call({ type: 'close' })
    this.#ended = storeClosed()
    await closed
    this.#worker.terminate()
  }

  #call(call: StoreCall, transfer: Transferable[] = []): Promise<StoreValue> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ ...call, id }, transfer)
    })
  }

  #receive(response: StoreResponse): void {
    this.#stats = response.stats
    if (response.type === 'stats') return
    const waiting = this.#waiting.get(response.id)
    this.#waiting.delete(response.id)
    if (response.type === 'value') waiting?.resolve(response.value)
    else {
      const { code, message, details } = response.error
      waiting?.reject(new AppError(code, message, { details }))
    }
  }

  #end(reason: AppError<StoreErrorCode>): void {
    this.#ended = reason
    this.#worker.terminate()
    for (const { reject } of this.#waiting.values()) reject(reason)
    this.#waiting.clear()
  }
}
