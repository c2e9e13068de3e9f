import { AppError } from '#core/errors.ts'
import type { PixelImage } from '#objects/glb-picture.ts'

export type PosterErrorCode = 'FILM_UNPLAYABLE'

/** Where films have begun: the first frame is black in many. */
const POSTER_SECONDS = 1
/** What a browser takes to find a frame in a few megabytes, a phone that is busy included. */
const MAX_STEP_MS = 5_000

/**
 * A frame of a film, no more than `side` pixels wide and high, from its bytes or its beginning; nothing is heard or seen
 * of it meanwhile.
 *
 * @throws FILM_UNPLAYABLE when this browser finds no frame in it; the signal's reason
 */
export async function drawPoster(
  film: Uint8Array<ArrayBuffer>,
  { side, signal }: { readonly side: number; readonly signal: AbortSignal },
): Promise<PixelImage> {
  signal.throwIfAborted()
  const video = document.createElement('video')
  const url = URL.createObjectURL(new Blob([film]))
  try {
    Object.assign(video, { muted: true, playsInline: true, preload: 'auto', src: url })
    if (!(await happens(video, 'loadeddata', signal)) || video.videoWidth === 0) {
      throw new AppError<PosterErrorCode>(
        'FILM_UNPLAYABLE',
        'This browser finds no picture in this film. Save it and open it in a player.',
      )
    }
    // where it cannot go on, the frame that is there stays
    if (video.duration > 2 * POSTER_SECONDS) {
      video.currentTime = POSTER_SECONDS
      await happens(video, 'seeked', signal)
    }
    return frameOf(video, side)
  } finally {
    video.removeAttribute('src')
    video.load()
    URL.revokeObjectURL(url)
  }
}

/** Does an event come, before an error and in time? @throws the signal's reason */
async function happens(
  video: HTMLVideoElement,
  event: 'loadeddata' | 'seeked',
  signal: AbortSignal,
): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const over = new AbortController()
  const listening = { signal: over.signal }
  video.addEventListener(event, () => resolve(true), listening)
  video.addEventListener('error', () => resolve(false), listening)
  signal.addEventListener('abort', () => reject(signal.reason), listening)
  const timer = setTimeout(() => resolve(false), MAX_STEP_MS)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    over.abort()
  }
}

function frameOf(video: HTMLVideoElement, side: number): PixelImage {
  const { videoWidth, videoHeight } = video
  const scale = Math.min(1, side / Math.max(videoWidth, videoHeight))
  const [width, height] = [videoWidth, videoHeight].map((length) =>
    Math.max(1, Math.round(scale * length)),
  ) as [number, number]
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d')
  context?.drawImage(video, 0, 0, width, height)
  const pixels = context?.getImageData(0, 0, width, height).data
  const rgba = new Uint8ClampedArray(4 * width * height)
  if (pixels !== undefined) rgba.set(pixels)
  return { width, height, rgba }
}
