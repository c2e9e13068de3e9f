import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { CatOptions, Failure, Tabland } from '#api/types.ts'
import { MAX_MODEL_BYTES } from '#core/limits.ts'
import type { PixelImage } from '#objects/glb-picture.ts'
import { failureOf, isAbort } from './failure.ts'

/** Pixels along each side: the picture is shown at half of it, sharp on dense screens. */
export const PICTURE_SIDE = 192
/** Pictures kept: 144 KiB each, a few pages of results. */
export const MAX_PICTURES = 64
/** Models fetched and drawn at once: each may be 15 MB. */
export const MAX_DRAWING = 2

/** A film's first seconds are in its first megabytes, unless its index comes last: then it has no poster. */
export const POSTER_BYTES = 4 * 1024 * 1024
/** How posters are made: each card shows one at half of its size, and a film must not be waited for long. */
export const POSTER = { side: 288, reading: { length: POSTER_BYTES }, maxMs: 30_000 } as const

export type PictureState =
  | { readonly status: 'drawing' }
  | { readonly status: 'done'; readonly picture: PixelImage }
  | { readonly status: 'failed'; readonly failure: Failure }

/** Draws a content, no more than `side` pixels wide and high. */
export type DrawPicture = (
  content: Uint8Array<ArrayBuffer>,
  options: { readonly side: number; readonly signal: AbortSignal },
) => Promise<PixelImage>

export interface PictureStore {
  /** The picture of a content, fetched and drawn on the first call; the same signal for the same CID while it is kept. */
  get(cid: string): ReadonlySignal<PictureState>
  retry(cid: string): void
  stop(): void
}

export interface PictureComponents {
  readonly tabland: Promise<Pick<Tabland, 'cat'>>
  readonly draw: DrawPicture
  /** pixels @default PICTURE_SIDE */
  readonly side?: number
  /** what is read of a content, checked @default all of a model */
  readonly reading?: Pick<CatOptions, 'maxBytes' | 'length'>
  /** for reading and drawing one @default no bound: whoever has a model may be slow */
  readonly maxMs?: number
}

/** Draws pictures of models or films a few at a time, first asked first, and keeps the ones asked for last. */
export function createPictureStore({
  tabland,
  draw,
  side = PICTURE_SIDE,
  reading = { maxBytes: MAX_MODEL_BYTES },
  maxMs,
}: PictureComponents): PictureStore {
  const kept = new Map<string, Signal<PictureState>>()
  const waiting: string[] = []
  const stopping = new AbortController()
  let drawing = 0

  const drawOne = async (cid: string): Promise<void> => {
    const state = kept.get(cid)
    if (state === undefined) return
    const signal =
      maxMs === undefined ? stopping.signal : AbortSignal.any([stopping.signal, AbortSignal.timeout(maxMs)])
    try {
      const content = await (await tabland).cat(cid, { ...reading, signal })
      state.value = { status: 'done', picture: await draw(content, { side, signal }) }
    } catch (error) {
      if (!isAbort(error)) state.value = { status: 'failed', failure: failureOf(error) }
    }
  }

  const pump = (): void => {
    while (drawing < MAX_DRAWING && !stopping.signal.aborted) {
      const cid = waiting.shift()
      if (cid === undefined) return
      drawing++
      void drawOne(cid).finally(() => {
        drawing--
        pump()
      })
    }
  }

  const enqueue = (cid: string): void => {
    waiting.push(cid)
    pump()
  }

  return {
    get(cid) {
      const state = kept.get(cid) ?? signal<PictureState>({ status: 'drawing' })
      const isNew = !kept.delete(cid)
      kept.set(cid, state)
      if (!isNew) return state
      if (kept.size > MAX_PICTURES) {
        const [oldest] = kept.keys()
        if (oldest !== undefined) kept.delete(oldest)
      }
      enqueue(cid)
      return state
    },

    retry(cid) {
      const state = kept.get(cid)
      if (state === undefined || state.value.status !== 'failed') return
      state.value = { status: 'drawing' }
      enqueue(cid)
    },

    stop() {
      stopping.abort()
      waiting.length = 0
    },
  }
}
