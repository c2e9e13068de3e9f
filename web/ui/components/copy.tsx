import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { shorten } from '../format.ts'
import { type Session, useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { Icon } from './icon.tsx'

/** How long "Copied" stands. */
const COPIED_MS = 1_500

/** Copies a text; where the browser refuses, a toast says so. */
export async function copyText(session: Pick<Session, 'toasts'>, text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    session.toasts.show('failure', texts.common.copyFailed)
    return false
  }
}

export interface CopyableProps {
  /** the whole value */
  readonly value: string
  /** what it is, for the label: "Copy <what>" */
  readonly what: string
}

/** A CID, address or id, shortened in its middle; one click copies the whole. */
export function Copyable({ value, what }: CopyableProps): JSX.Element {
  const session = useSession()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), COPIED_MS)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <button
      type="button"
      class="copyable"
      title={value}
      aria-label={`${texts.common.copyOf(what)}: ${value}`}
      onClick={() => void copyText(session, value).then(setCopied)}
    >
      <span>{copied ? texts.common.copied : shorten(value)}</span>
      <Icon name={copied ? 'check' : 'copy'} size={12} />
    </button>
  )
}
