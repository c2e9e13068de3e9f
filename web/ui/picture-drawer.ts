import { AppError } from '#core/errors.ts'
import type { PixelImage } from '#objects/glb-picture.ts'
import type { PictureAnswer, PictureRequest } from './picture.worker.ts'
import PictureWorker from './picture.worker.ts?worker'

/** A model of the allowed size takes well under a second; a phone that is busy, a few. */
const MAX_DRAWING_MS = 20_000

/**
 * A small picture of a model, `side` pixels wide and high, drawn by a worker of its own that ends with it.
 * `model` is copied. @throws GlbErrorCode, MODEL_WORKER; the signal's reason
 */
export function drawPicture(
  model: Uint8Array<ArrayBuffer>,
  { side, signal }: { readonly side: number; readonly signal: AbortSignal },
): Promise<PixelImage> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<PixelImage>()
  const worker = new PictureWorker({ name: 'picture' })
  const giveUp = () =>
    reject(
      new AppError('MODEL_WORKER', 'Drawing this model took more than this device has. Try another one.'),
    )
  const abort = () => reject(signal.reason)
  const timer = setTimeout(giveUp, MAX_DRAWING_MS)
  signal.addEventListener('abort', abort)
  worker.onerror = giveUp
  worker.onmessage = ({ data: { picture, failure } }: MessageEvent<PictureAnswer>) => {
    if (picture !== undefined) resolve(picture)
    else reject(failure)
  }
  const request: PictureRequest = { model, side }
  worker.postMessage(request)
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    worker.terminate()
  })
}
