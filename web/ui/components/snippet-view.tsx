import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Failure, Snippet } from '#api/types.ts'
import { failureOf } from '../failure.ts'
import { formatBytes, formatCell } from '../format.ts'
import { buildOfRoot } from '../parcels.ts'
import { useSession } from '../session.ts'
import type { SnippetState } from '../snippet-store.ts'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'
import { FailureNote } from './failure-note.tsx'
import { Icon, type IconName } from './icon.tsx'
import { ModelPicture, PictureFailure, usePicture } from './model-picture.tsx'
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

interface ThingProps {
  readonly icon: IconName
  readonly name: string
  readonly snippet: Snippet
  /** stands in place of the icon */
  readonly picture?: JSX.Element
  readonly children?: ComponentChildren
}

function Thing({ icon, name, snippet, picture, children }: ThingProps): JSX.Element {
  const size = snippet.size ?? snippet.bytes.length
  return (
    <div class="thing">
      {picture ?? (
        <span class="thing-icon">
          <Icon name={icon} size={22} />
        </span>
      )}
      <div class="thing-text">
        <p>{name}</p>
        <p class="caption">{`${formatBytes(size)} · ${snippet.mime}`}</p>
        {children}
      </div>
    </div>
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

function saveBytes(bytes: Uint8Array<ArrayBuffer>, name: string, mime: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: mime }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // the click has taken its own reference; the next task may let go of ours
  setTimeout(() => URL.revokeObjectURL(url), 0)
}

function SaveFile({ cid, snippet }: { readonly cid: string; readonly snippet: Snippet }): JSX.Element {
  const session = useSession()
  const [fetched, setFetched] = useState<number>()
  const [failure, setFailure] = useState<Failure>()
  const save = async (): Promise<void> => {
    setFailure(undefined)
    setFetched(0)
    try {
      const tabland = await session.tabland
      const bytes = await tabland.cat(cid, { onProgress: (progress) => setFetched(progress.bytes) })
      saveBytes(bytes, cid, snippet.mime)
    } catch (error) {
      setFailure(failureOf(error))
    } finally {
      setFetched(undefined)
    }
  }
  if (failure !== undefined) return <FailureNote failure={failure} onRetry={() => void save()} />
  return (
    <Button icon="download" disabled={fetched !== undefined} onClick={() => void save()}>
      {fetched === undefined ? texts.search.save : texts.search.saving(formatBytes(fetched))}
    </Button>
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

export interface SnippetViewProps {
  readonly cid: string
  /** what was searched: names a picture for those who cannot see it */
  readonly query: string
  /** shows a text whole @default false */
  readonly whole?: boolean
}

/** What a content is, by its kind: a text, a picture, a model of the land, a file. */
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
    case 'bytes':
      return (
        <Thing icon="file" name={texts.search.file} snippet={snippet}>
          <SaveFile cid={cid} snippet={snippet} />
        </Thing>
      )
  }
}
