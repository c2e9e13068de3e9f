import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { texts } from '../texts.ts'
import { IconButton } from './button.tsx'

export interface PanelProps {
  readonly title: string
  readonly subtitle?: ComponentChildren
  /** `panel` stands beside the rail, `card` at the right; both are sheets on a phone */
  readonly place: 'panel' | 'card'
  /** for lists with columns @default false */
  readonly wide?: boolean
  /** The search panel leaves the focus in the search field. @default true */
  readonly takesFocus?: boolean
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** The frame of a panel or card: named, closable, scrolling inside itself. */
export function Panel({
  title,
  subtitle,
  place,
  wide = false,
  takesFocus = true,
  onClose,
  children,
}: PanelProps): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null)
  const id = useId()
  useEffect(() => {
    if (takesFocus) heading.current?.focus({ preventScroll: true })
  }, [takesFocus])
  return (
    <section class={wide ? `sheet ${place} sheet-wide` : `sheet ${place}`} aria-labelledby={id}>
      <header class="sheet-head">
        <div class="sheet-title">
          <h2 id={id} ref={heading} tabIndex={-1}>
            {title}
          </h2>
          {subtitle === undefined ? null : <p class="caption">{subtitle}</p>}
        </div>
        <IconButton icon="close" label={texts.common.close} onClick={onClose} />
      </header>
      <div class="sheet-body">{children}</div>
    </section>
  )
}

export interface SectionProps {
  readonly title: string
  readonly children: ComponentChildren
}

export function Section({ title, children }: SectionProps): JSX.Element {
  return (
    <section class="section">
      <h3>{title}</h3>
      {children}
    </section>
  )
}

export interface RowProps {
  readonly name: string
  readonly children: ComponentChildren
}

/** A name and its value; stands inside a `<dl class="rows">`. */
export function Row({ name, children }: RowProps): JSX.Element {
  return (
    <div class="row">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
