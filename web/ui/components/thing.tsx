import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Failure, Snippet } from '#api/types.ts'
import { failureOf } from '../failure.ts'
import { formatBytes } from '../format.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'
import { FailureNote } from './failure-note.tsx'
import { Icon, type IconName } from './icon.tsx'

export interface ThingProps {
  readonly icon: IconName
  readonly name: string
  readonly snippet: Snippet
  /** stands in place of the icon */
  readonly picture?: JSX.Element
  readonly children?: ComponentChildren
}

/** A content that an icon or a small picture stands for, with its size and type. */
export function Thing({ icon, name, snippet, picture, children }: ThingProps): JSX.Element {
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

function saveBytes(bytes: Uint8Array<ArrayBuffer>, name: string, mime: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: mime }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // the click has taken its own reference; the next task may let go of ours
  setTimeout(() => URL.revokeObjectURL(url), 0)
}

/** Fetches all of a content, checked, and hands it to the browser's downloads. */
export function SaveFile({ cid, snippet }: { readonly cid: string; readonly snippet: Snippet }): JSX.Element {
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
