/** From bytes that a peer sent to what may be drawn: inspected, cleaned, images decoded. Runs in a worker. */
import type { Bytes } from '#core/bytes.ts'
import { type GlbReport, inspectGlb } from '#objects/glb.ts'
import { readBufferViews } from '#objects/glb-accessors.ts'
import { cleanGlb } from '#objects/glb-clean.ts'
import { readContainer } from '#objects/glb-container.ts'
import { glbError, listOf, objectOf } from '#objects/glb-json.ts'

export interface PreparedModel {
  readonly report: GlbReport
  /** the model rewritten; its images are named i0, i1, … */
  readonly glb: Bytes
  /** decoded images, in order; absent where nothing can decode them (no browser) */
  readonly images: readonly ImageBitmap[] | undefined
  /** GPU bytes of the images with their mipmaps */
  readonly textureBytes: number
}

/** 4 bytes a pixel, and a third more for mipmaps. */
const BYTES_PER_TEXEL = 4 * (4 / 3)

/** @throws GlbErrorCode as AppError */
export async function prepareModel(bytes: Uint8Array): Promise<PreparedModel> {
  const report = inspectGlb(bytes)
  const glb = cleanGlb(bytes)
  const images = typeof createImageBitmap === 'function' ? await decodeImages(glb) : undefined
  const texels = report.textures.reduce((sum, { width, height }) => sum + width * height, 0)
  return { report, glb, images, textureBytes: Math.round(texels * BYTES_PER_TEXEL) }
}

async function decodeImages(glb: Uint8Array): Promise<readonly ImageBitmap[]> {
  const { json, bin } = readContainer(glb)
  const views = readBufferViews(json, bin.length)
  const images = listOf(json, 'images', 'images').map((value) => objectOf(value, 'images'))
  return Promise.all(
    images.map(async (image, i) => {
      const view = views[image.bufferView as number] as (typeof views)[number]
      const bytes = new Uint8Array(bin.subarray(view.byteOffset, view.byteOffset + view.byteLength))
      try {
        // The picture as stored: the renderer does colour and alpha itself.
        return await createImageBitmap(new Blob([bytes], { type: String(image.mimeType) }), {
          premultiplyAlpha: 'none',
          colorSpaceConversion: 'none',
        })
      } catch {
        throw glbError('GLB_IMAGE', `The model's images[${i}] cannot be decoded. Export the model again.`)
      }
    }),
  )
}
