import type { JSX } from 'preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import type { OpenedObject } from '#api/object-types.ts'
import type { Failure, Tabland } from '#api/types.ts'
import { askUntilHere } from '../ask-again.ts'
import { cyfsUrl, type PreviewKind, previewKind } from '../cyfs-url.ts'
import { failureOf } from '../failure.ts'
import { filesTexts as words } from '../files-texts.ts'
import { formatBytes } from '../format.ts'
import { useSession } from '../session.ts'
import { Button } from './button.tsx'
import { ObjectFailure } from './object-failure.tsx'
import { Bar } from './waiting.tsx'

interface FileProps {
  readonly object: OpenedObject
  /** whole */
  readonly link: string
}

/** A text that is longer is cut: whoever wants more saves it. */
const MAX_TEXT_BYTES = 64 * 1024
/** Without the service worker a file is held in memory as a whole. */
const MAX_BLOB_BYTES = 32 * 1024 * 1024

/** Does the service worker answer this page's `/cyfs/` URLs? It comes a moment after the first visit, never on file://. */
function useRoute(): boolean {
  const [has, setHas] = useState(() => isRouted())
  useEffect(() => {
    // browsers leave it out where a page came by plain http
    const container = navigator.serviceWorker as ServiceWorkerContainer | undefined
    if (container === undefined || location.protocol === 'file:') return
    const onChange = (): void => setHas(isRouted())
    container.addEventListener('controllerchange', onChange)
    onChange()
    return () => container.removeEventListener('controllerchange', onChange)
  }, [])
  return has
}

function isRouted(): boolean {
  return location.protocol !== 'file:' && (navigator.serviceWorker?.controller ?? null) !== null
}

/** Shows what a link leads to, by its type. */
export function FilePreview(props: FileProps): JSX.Element | null {
  const isThere = useRoute()
  const kind = previewKind(props.object)
  const { type, bytes = 0 } = props.object
  if (kind === undefined) return type === 'File' ? <p class="caption">{words.object.noPreview}</p> : null
  if (kind === 'text') return <TextPreview {...props} />
  if (isThere) {
    return <Shown kind={kind} name={nameOf(props.object)} url={cyfsUrl(props.link, type === 'Dir')} />
  }
  if (kind === 'page' || bytes > MAX_BLOB_BYTES) return <p class="caption">{words.object.needsWorker}</p>
  return <BlobPreview {...props} kind={kind} />
}

function nameOf({ name, id }: OpenedObject): string {
  return name ?? id
}

interface ShownProps {
  readonly kind: Exclude<PreviewKind, 'text'>
  readonly name: string
  readonly url: string
}

function Shown({ kind, name, url }: ShownProps): JSX.Element {
  const [isBroken, setBroken] = useState(false)
  const onError = (): void => setBroken(true)
  if (isBroken) return <p class="caption">{words.object.previewFailed}</p>
  switch (kind) {
    case 'image':
      return <img class="preview" src={url} alt={name} onError={onError} />
    case 'video':
      return (
        // biome-ignore lint/a11y/useMediaCaption: others' films come as they are
        <video class="preview" src={url} controls preload="metadata" aria-label={name} onError={onError} />
      )
    case 'audio':
      return (
        // biome-ignore lint/a11y/useMediaCaption: others' sounds come as they are
        <audio class="preview" src={url} controls preload="metadata" aria-label={name} onError={onError} />
      )
    case 'page':
      return (
        <>
          {/* the answer carries the same sandbox: neither alone is relied on */}
          <iframe class="preview preview-page" sandbox="allow-same-origin" src={url} title={name} />
          <p class="caption">{words.object.page}</p>
        </>
      )
  }
}

interface Reading<T> {
  readonly value: T | undefined
  readonly failure: Failure | undefined
  readonly again: () => void
}

/** What `read` gives, which is another function for each file; it is tried again when somebody comes who may have it. */
function useRead<T>(read: (objects: Tabland['objects'], signal: AbortSignal) => Promise<T>): Reading<T> {
  const session = useSession()
  const [value, setValue] = useState<T>()
  const [failure, setFailure] = useState<Failure>()
  const [times, setTimes] = useState(0)
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    setFailure(undefined)
    const ask = async (): Promise<Failure | undefined> => {
      let failed: Failure | undefined
      try {
        const { objects } = await session.tabland
        const next = await read(objects, signal)
        if (!signal.aborted) setValue(() => next)
      } catch (error) {
        failed = failureOf(error)
      }
      if (!signal.aborted) setFailure(failed)
      return failed
    }
    void askUntilHere(session.state.network, ask, signal)
    return () => controller.abort()
  }, [session, read, times])
  return { value, failure, again: () => setTimes((before) => before + 1) }
}

function BlobPreview({ object, link, kind }: FileProps & Pick<ShownProps, 'kind'>): JSX.Element {
  const { mime } = object
  const read = useCallback(
    async (objects: Tabland['objects'], signal: AbortSignal) => {
      const parts: Uint8Array<ArrayBuffer>[] = []
      for await (const part of objects.read(link, { signal })) parts.push(part)
      return new Blob(parts, mime === undefined ? {} : { type: mime })
    },
    [link, mime],
  )
  const { value: blob, failure, again } = useRead(read)
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    if (blob === undefined) return
    const made = URL.createObjectURL(blob)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [blob])
  if (failure !== undefined) return <ObjectFailure failure={failure} onRetry={again} />
  if (url === undefined) return <Bar label={words.object.preview} />
  return <Shown kind={kind} name={nameOf(object)} url={url} />
}

function TextPreview({ object, link }: FileProps): JSX.Element {
  const { bytes = 0 } = object
  const isCut = bytes > MAX_TEXT_BYTES
  const read = useCallback(
    async (objects: Tabland['objects'], signal: AbortSignal) => {
      const decoder = new TextDecoder()
      let text = ''
      for await (const part of objects.read(link, { signal, ...(isCut ? { end: MAX_TEXT_BYTES } : {}) }))
        text += decoder.decode(part, { stream: true })
      return text
    },
    [link, isCut],
  )
  const { value: text, failure, again } = useRead(read)
  if (failure !== undefined) return <ObjectFailure failure={failure} onRetry={again} />
  if (text === undefined) return <Bar label={words.object.preview} />
  return (
    <>
      <pre class="preview preview-text">{text}</pre>
      {isCut ? <p class="caption">{words.object.textCut(formatBytes(MAX_TEXT_BYTES))}</p> : null}
    </>
  )
}

/** Fetches all of a file, checks it against its hash and hands it to the browser's downloads. */
export function SaveFile({ object, link }: FileProps): JSX.Element {
  const session = useSession()
  const [done, setDone] = useState<number>()
  const [failure, setFailure] = useState<Failure>()
  const { bytes = 0 } = object
  const save = async (): Promise<void> => {
    setFailure(undefined)
    setDone(0)
    try {
      const { objects } = await session.tabland
      const parts: Blob[] = []
      let read = 0
      for await (const part of objects.read(link)) {
        // as blobs, which the browser may keep on disk
        parts.push(new Blob([part]))
        read += part.length
        setDone(read)
      }
      handOver(new Blob(parts), nameOf(object))
    } catch (error) {
      setFailure(failureOf(error))
    }
    setDone(undefined)
  }
  return (
    <>
      {done === undefined ? (
        <div class="buttons">
          <Button icon="download" onClick={() => void save()}>
            {words.object.save}
          </Button>
        </div>
      ) : (
        <Bar label={words.object.saving} value={bytes === 0 ? 1 : done / bytes} />
      )}
      {failure === undefined ? null : <ObjectFailure failure={failure} onRetry={() => void save()} />}
    </>
  )
}

/** How long the browser may take to begin a download. */
const HAND_OVER_MS = 60_000

function handOver(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), HAND_OVER_MS)
}
