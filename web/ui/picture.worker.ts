/** Worker: one model in, one small picture or one failure out. */
import type { Failure } from '#api/types.ts'
import { drawGlb, type EncodedImage, type PixelImage } from '#objects/glb-picture.ts'
import { failureOf } from './failure.ts'

export interface PictureRequest {
  readonly model: Uint8Array<ArrayBuffer>
  /** pixels along each side */
  readonly side: number
}

export interface PictureAnswer {
  readonly picture?: PixelImage
  readonly failure?: Failure
}

/** Larger images are made smaller while they are decoded: the picture shows no more of them than this. */
const MAX_IMAGE_SIDE = 256

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<PictureRequest>) => void) | null
  postMessage(answer: PictureAnswer, transfer: Transferable[]): void
}

scope.onmessage = async ({ data: { model, side } }) => {
  try {
    const picture = await drawGlb(model, { width: side, height: side, decodeImage })
    scope.postMessage({ picture }, [picture.rgba.buffer])
  } catch (error) {
    scope.postMessage({ failure: failureOf(error) }, [])
  }
}

/** Browsers without a canvas in workers, and images that they cannot read, leave the model in its plain colours. */
async function decodeImage({ bytes, mime, width, height }: EncodedImage): Promise<PixelImage | undefined> {
  try {
    const scale = Math.min(1, MAX_IMAGE_SIDE / Math.max(width, height))
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: mime }), {
      colorSpaceConversion: 'none',
      resizeWidth: Math.max(1, Math.round(width * scale)),
      resizeHeight: Math.max(1, Math.round(height * scale)),
      resizeQuality: 'medium',
    })
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
    context?.drawImage(bitmap, 0, 0)
    const pixels = context?.getImageData(0, 0, bitmap.width, bitmap.height)
    bitmap.close()
    return pixels === undefined
      ? undefined
      : { width: pixels.width, height: pixels.height, rgba: new Uint8ClampedArray(pixels.data) }
  } catch {
    return undefined
  }
}
