import type { ComponentChildren, JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import { texts } from '../texts.ts'
import { Icon } from './icon.tsx'

export interface ProofProps {
  /** how it is known, in a sentence */
  readonly how: string
  /** the data behind the sentence */
  readonly children?: ComponentChildren
}

/** The quiet check mark beside what was verified; one click tells how it is known, with the data below. */
export function Proof({ how, children }: ProofProps): JSX.Element {
  const [open, setOpen] = useState(false)
  const id = useId()
  return (
    <>
      <button
        type="button"
        class="proof"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <Icon name="verified" size={14} />
        <span>{texts.search.verified}</span>
      </button>
      {open ? (
        <div class="proof-text" id={id}>
          <p>{how}</p>
          {children}
        </div>
      ) : null}
    </>
  )
}

/** The dotted mark of something still being checked. */
export function Checking(): JSX.Element {
  return (
    <span class="proof proof-checking">
      <Icon name="checking" size={14} />
      <span>{texts.search.checking}</span>
    </span>
  )
}
