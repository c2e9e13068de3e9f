import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Failure, Snippet } from '#api/types.ts'
import { failureOf } from '../failure.ts'
import { formatCell } from '../format.ts'
import { buildOfRoot } from '../parcels.ts'
import { useSession } from '../session.ts'
import type { SnippetState } from '../snippet-store.ts'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'
import { FailureNote } from './failure-note.tsx'
import { ModelPicture, PictureFailure, usePicture } from './model-picture.tsx'
import type { MoreProps } from './snippet-more.tsx'
import { SaveFile, Thing } from './thing.tsx'
import { Skeleton, usePatience } from './waiting.tsx'

/** The snippet of a CID, fetched when first asked for. */
export function useSnippet(cid: string): SnippetState {
  return useSession().snippets.get(cid).value
}

function useObjectUrl(bytes: Uint8Array<ArrayBuffer>, mime: string): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const created = URL.createObjectURL(new Blob([bytes], { type: mime }))
    setUrl(created)
    return () => URL.revokeObjectURL(created)
  }, [bytes, mime])
  return url
}

function Picture({ snippet, alt }: { readonly snippet: Snippet; readonly alt: string }): JSX.Element {
  const url = useObjectUrl(snippet.bytes, snippet.mime)
  // a picture whose beginning alone was fetched cannot be drawn: its name and size stand for it
  const [broken, setBroken] = useState(false)
  if (broken) return <Thing icon="image" name={texts.search.image} snippet={snippet} />
  return url === undefined ? (
    <Skeleton />
  ) : (
    <img class="snippet-image" src={url} alt={alt} onError={() => setBroken(true)} />
  )
}

interface ModelProps {
  readonly cid: string
  readonly query: string
  readonly snippet: Snippet
}

function Model({ cid, query, snippet }: ModelProps): JSX.Element {
  const session = useSession()
  const state = usePicture(cid)
  const build = buildOfRoot(session.state.land.value.builds, cid)
  return (
    <Thing
      icon="model"
      name={texts.search.model}
      snippet={snippet}
      picture={<ModelPicture state={state} alt={`${texts.search.model}: ${query}`} />}
    >
      <PictureFailure cid={cid} state={state} />
      <p class="caption">
        {build === undefined ? texts.search.standsNowhere : texts.search.standsAt(formatCell(build.cell))}
      </p>
      {build === undefined ? null : (
        <Button icon="here" onClick={() => session.goTo(build.cell)}>
          {texts.search.showInWorld}
        </Button>
      )}
    </Thing>
  )
}

function Fetching({ cid }: { readonly cid: string }): JSX.Element {
  const patience = usePatience(true, cid)
  return (
    <div role="status">
      <Skeleton />
      {patience === 'quiet' ? null : (
        <p class="caption">{patience === 'slow' ? texts.search.snippetSlow : texts.search.snippetLoading}</p>
      )}
    </div>
  )
}

/** Films, pages and folders: their code is fetched when the first of them is found. */
function More(props: MoreProps): JSX.Element {
  const [View, setView] = useState<ComponentType<MoreProps>>()
  const [failure, setFailure] = useState<Failure>()
  useEffect(() => {
    if (failure !== undefined) return
    let isGone = false
    import('./snippet-more.tsx').then(
      ({ SnippetMore }) => isGone || setView(() => SnippetMore),
      (error: unknown) =>
        isGone || setFailure({ code: 'UI_CODE_MISSING', message: failureOf(error).message }),
    )
    return () => {
      isGone = true
    }
  }, [failure])
  if (failure !== undefined) return <FailureNote failure={failure} onRetry={() => setFailure(undefined)} />
  return View === undefined ? <Skeleton /> : <View {...props} />
}

export interface SnippetViewProps {
  readonly cid: string
  /** what was searched: names a picture for those who cannot see it */
  readonly query: string
  /** shows a text whole @default false */
  readonly whole?: boolean
}

/** What a content is, by its kind: a text, a picture, a model of the land, a film, a page, a folder, a file. */
export function SnippetView({ cid, query, whole = false }: SnippetViewProps): JSX.Element {
  const session = useSession()
  const state = useSnippet(cid)
  if (state.status === 'loading') return <Fetching cid={cid} />
  if (state.status === 'failed') {
    return <FailureNote failure={state.failure} onRetry={() => session.snippets.retry(cid)} />
  }
  const { snippet } = state
  switch (snippet.kind) {
    case 'text':
      return <p class={whole ? 'snippet-text snippet-whole' : 'snippet-text'}>{snippet.text ?? ''}</p>
    case 'image':
      return <Picture snippet={snippet} alt={`${texts.search.image}: ${query}`} />
    case 'model':
      return <Model cid={cid} query={query} snippet={snippet} />
    case 'video':
    case 'page':
    case 'folder':
      return <More cid={cid} snippet={snippet} whole={whole} />
    case 'bytes':
      return (
        <Thing icon="file" name={texts.search.file} snippet={snippet}>
          <SaveFile cid={cid} snippet={snippet} />
        </Thing>
      )
  }
}
