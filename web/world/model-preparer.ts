import { AppError, type ErrorDetails } from '#core/errors.ts'
import ModelWorker from './model-worker.ts?worker'
import { type PreparedModel, prepareModel } from './prepare-model.ts'

/** Prepares models off the page's thread where there are workers, else in place. */
export interface ModelPreparer {
  /** `bytes` are copied. @throws GlbErrorCode as AppError */
  prepare(bytes: Uint8Array): Promise<PreparedModel>
  stop(): void
}

interface Answer {
  readonly id: number
  readonly model?: PreparedModel
  readonly failure?: { readonly code: string; readonly message: string; readonly details: ErrorDetails }
}

export function createModelPreparer(): ModelPreparer {
  if (typeof Worker !== 'function') return { prepare: prepareModel, stop: () => {} }
  return new WorkerPreparer()
}

class WorkerPreparer implements ModelPreparer {
  #worker: Worker | undefined
  #nextId = 0
  readonly #waiting = new Map<number, PromiseWithResolvers<PreparedModel>>()

  prepare(bytes: Uint8Array): Promise<PreparedModel> {
    this.#worker ??= this.#start()
    const id = this.#nextId++
    const waiting = Promise.withResolvers<PreparedModel>()
    this.#waiting.set(id, waiting)
    this.#worker.postMessage({ id, bytes })
    return waiting.promise
  }

  stop(): void {
    this.#end(new DOMException('The world was closed.', 'AbortError'))
  }

  #start(): Worker {
    const worker = new ModelWorker({ name: 'models' })
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const waiting = this.#waiting.get(data.id)
      this.#waiting.delete(data.id)
      if (data.model !== undefined) waiting?.resolve(data.model)
      else waiting?.reject(revive(data.failure))
    }
    // A worker that died (memory) answers nobody: those who wait fail, the next model starts a new one.
    worker.onerror = () => {
      this.#end(
        new AppError('MODEL_WORKER', 'Reading this model took more than this device has. Try another one.'),
      )
    }
    return worker
  }

  #end(reason: Error): void {
    this.#worker?.terminate()
    this.#worker = undefined
    for (const { reject } of this.#waiting.values()) reject(reason)
    this.#waiting.clear()
  }
}

function revive(failure: Answer['failure']): AppError {
  const { code, message, details } = failure ?? {
    code: 'GLB_STRUCTURE',
    message: 'This model cannot be read.',
    details: {},
  }
  return new AppError(code, message, { details })
}
