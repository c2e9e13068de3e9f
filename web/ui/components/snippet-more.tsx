import type { JSX, RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Failure, Snippet } from '#api/types.ts'
import { failureOf, isAbort } from '../failure.ts'
import { formatBytes } from '../format.ts'
import { type PictureState, POSTER_BYTES } from '../picture-store.ts'
import { useSession } from '../session.ts'
import { snippetTexts as words } from '../snippet-texts.ts'
import { Button } from './button.tsx'
import { FailureNote } from './failure-note.tsx'
import { Icon } from './icon.tsx'
import { Drawn } from './model-picture.tsx'
import { SaveFile, Thing } from './thing.tsx'
import { Bar } from './waiting.tsx'

export interface MoreProps {
  readonly cid: string
  readonly snippet: Snippet
  /** shows the words of a page whole */
  readonly whole: boolean
}

/** A film is held in memory as a whole, since what comes of peers is checked before it is played. */
const MAX_FILM_BYTES = 64 * 1024 * 1024
/** Words of a page on a card: as much as a text shows there. */
const MAX_CARD_CHARACTERS = 280

/** Cards whose code is not part of the page's first load. */
export function SnippetMore(props: MoreProps): JSX.Element {
  switch (props.snippet.kind) {
    case 'video':
      return <Film {...props} />
    case 'page':
      return <PageCard {...props} />
    default:
      return (
        <Thing icon="folder" name={words.folder} snippet={props.snippet}>
          <Names snippet={props.snippet} />
        </Thing>
      )
  }
}

function Film({ cid, snippet }: MoreProps): JSX.Element {
  const film = useFilm(cid, snippet.mime)
  const [frame, poster] = usePoster(cid)
  const [hasFailed, setFailed] = useState(false)
  const { size = 0 } = snippet
  // of a film that was not read whole a poster says nothing: its index may come last
  const isBroken = hasFailed || (size <= POSTER_BYTES && isUnplayable(poster))
  if (film.url !== undefined && !isBroken) {
    return (
      // biome-ignore lint/a11y/useMediaCaption: others' films come as they are
      <video class="snippet-image" src={film.url} controls autoPlay onError={() => setFailed(true)} />
    )
  }
  return (
    <Thing
      icon="film"
      name={words.video}
      snippet={snippet}
      picture={
        <span ref={frame} class="thing-frame" aria-busy={poster?.status === 'drawing'}>
          {poster?.status === 'done' ? (
            <Drawn picture={poster.picture} alt={words.poster} />
          ) : (
            <Icon name="film" size={32} />
          )}
        </span>
      }
    >
      {isBroken ? <p class="caption">{words.unplayable}</p> : <PlayFilm film={film} size={size} />}
      {isBroken || size > MAX_FILM_BYTES ? <SaveFile cid={cid} snippet={snippet} /> : null}
    </Thing>
  )
}

function isUnplayable(poster: PictureState | undefined): boolean {
  return poster?.status === 'failed' && poster.failure.code === 'FILM_UNPLAYABLE'
}

/** The poster of a film whose frame on the card (the ref) has come into view: those further down are not fetched. */
function usePoster(cid: string): readonly [RefObject<HTMLSpanElement | null>, PictureState | undefined] {
  const { posters } = useSession()
  const frame = useRef<HTMLSpanElement>(null)
  const [isSeen, setSeen] = useState(false)
  useEffect(() => {
    const { current } = frame
    if (isSeen || current === null) return
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true)
    })
    observer.observe(current)
    return () => observer.disconnect()
  }, [isSeen])
  return [frame, isSeen ? posters.get(cid).value : undefined]
}

interface FilmState {
  readonly url: string | undefined
  /** bytes so far, while it is fetched */
  readonly fetched: number | undefined
  readonly failure: Failure | undefined
  fetch(): void
}

/** A film that is fetched when a person wants to see it, and let go of with its card. */
function useFilm(cid: string, mime: string): FilmState {
  const session = useSession()
  const [stopping] = useState(() => new AbortController())
  const [url, setUrl] = useState<string>()
  const [fetched, setFetched] = useState<number>()
  const [failure, setFailure] = useState<Failure>()
  useEffect(() => () => stopping.abort(), [stopping])
  useEffect(() => () => void (url !== undefined && URL.revokeObjectURL(url)), [url])
  const read = async (): Promise<void> => {
    setFailure(undefined)
    setFetched(0)
    try {
      const bytes = await (await session.tabland).cat(cid, {
        signal: stopping.signal,
        maxBytes: MAX_FILM_BYTES,
        onProgress: (progress) => setFetched(progress.bytes),
      })
      setUrl(URL.createObjectURL(new Blob([bytes], { type: mime })))
    } catch (error) {
      if (!isAbort(error)) setFailure(failureOf(error))
    } finally {
      setFetched(undefined)
    }
  }
  return { url, fetched, failure, fetch: () => void read() }
}

function PlayFilm({ film, size }: { readonly film: FilmState; readonly size: number }): JSX.Element {
  const { fetched, failure, fetch } = film
  if (failure !== undefined) return <FailureNote failure={failure} onRetry={fetch} />
  if (size > MAX_FILM_BYTES) return <p class="caption">{words.tooLarge(formatBytes(MAX_FILM_BYTES))}</p>
  if (fetched === undefined) {
    return (
      <Button icon="play" onClick={fetch}>
        {words.play}
      </Button>
    )
  }
  return (
    <Bar
      label={words.fetching(formatBytes(fetched), formatBytes(size))}
      value={size === 0 ? 1 : fetched / size}
    />
  )
}

function PageCard({ snippet, whole }: MoreProps): JSX.Element {
  const { title, text = '' } = snippet
  const shown = whole || text.length <= MAX_CARD_CHARACTERS ? text : `${text.slice(0, MAX_CARD_CHARACTERS)}…`
  return (
    <Thing icon="text" name={title || words.page} snippet={snippet}>
      {shown === '' ? null : (
        <p class="snippet-text" title={words.pageHow}>
          {shown}
        </p>
      )}
      <Names snippet={snippet} />
    </Thing>
  )
}

/** The first names of a folder. */
function Names({ snippet }: { readonly snippet: Snippet }): JSX.Element | null {
  const { files, fileCount = 0 } = snippet
  if (files === undefined) return null
  const hidden = fileCount - files.length
  return (
    <details>
      <summary class="caption">{words.files(fileCount)}</summary>
      <ul class="list">
        {files.map(({ name, bytes }) => (
          <li key={name} class="list-row">
            <span class="list-text">{name}</span>
            <span class="caption">{formatBytes(bytes)}</span>
          </li>
        ))}
        {hidden > 0 ? <li class="caption">{words.andMore(hidden)}</li> : null}
      </ul>
    </details>
  )
}
