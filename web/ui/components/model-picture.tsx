import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { PixelImage } from '#objects/glb-picture.ts'
import { describeFailure } from '../failure.ts'
import type { PictureState } from '../picture-store.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'

/** The picture of a model, fetched and drawn when first asked for. */
export function usePicture(cid: string): PictureState {
  return useSession().pictures.get(cid).value
}

/** A picture as it was drawn. */
export function Drawn({ picture, alt }: { readonly picture: PixelImage; readonly alt: string }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { width, height, rgba } = picture
  useLayoutEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0)
  }, [rgba, width, height])
  return (
    <canvas ref={canvas} class="thing-picture" role="img" aria-label={alt} width={width} height={height} />
  )
}

/** What a model looks like; an icon until that is known. */
export function ModelPicture({
  state,
  alt,
}: {
  readonly state: PictureState
  readonly alt: string
}): JSX.Element {
  if (state.status === 'done') return <Drawn picture={state.picture} alt={alt} />
  return (
    <span class="thing-icon thing-icon-large" aria-busy={state.status === 'drawing'}>
      <Icon name="model" size={32} />
    </span>
  )
}

/** Why there is no picture, in a sentence; nothing while there is no failure. */
export function PictureFailure({
  cid,
  state,
}: {
  readonly cid: string
  readonly state: PictureState
}): JSX.Element | null {
  const session = useSession()
  if (state.status !== 'failed') return null
  const { says, detail, action } = describeFailure(state.failure)
  return (
    <div role="status">
      <p class="caption">{`${texts.search.noPicture} ${detail ?? says}`}</p>
      {action === 'retry' ? (
        <Button kind="quiet" onClick={() => session.pictures.retry(cid)}>
          {texts.actions.retry}
        </Button>
      ) : null}
    </div>
  )
}
