import type { DrawPicture } from './picture-store.ts'

/** The code that draws comes with the first model. */
export const drawWhenLoaded: DrawPicture = async (model, options) => {
  const { drawPicture } = await import('./picture-drawer.ts')
  return drawPicture(model, options)
}

/** So does that which plays a film far enough. */
export const drawPosterWhenLoaded: DrawPicture = async (film, options) => {
  const { drawPoster } = await import('./poster.ts')
  return drawPoster(film, options)
}
