import type { JSX } from 'preact'
import { objectFailureTexts } from '../object-failure-texts.ts'
import { FailureNote, type FailureNoteProps } from './failure-note.tsx'

/** A failure where named objects are published, opened or read: their sentences come with it. */
export function ObjectFailure(props: Omit<FailureNoteProps, 'more'>): JSX.Element {
  return <FailureNote {...props} more={objectFailureTexts} />
}
