/** Worker: one model in, one prepared model or one error out, in order. */
import { AppError } from '#core/errors.ts'
import { prepareModel } from './prepare-model.ts'

export interface ModelRequest {
  readonly id: number
  readonly bytes: Uint8Array
}

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<ModelRequest>) => void) | null
  postMessage(message: unknown, transfer: Transferable[]): void
}

scope.onmessage = async ({ data: { id, bytes } }) => {
  try {
    const model = await prepareModel(bytes)
    scope.postMessage({ id, model }, [model.glb.buffer, ...(model.images ?? [])])
  } catch (error) {
    const { code, message, details } =
      error instanceof AppError
        ? error
        : new AppError('GLB_STRUCTURE', 'This model cannot be read.', { cause: error })
    scope.postMessage({ id, failure: { code, message, details } }, [])
  }
}
