import type { JSX } from 'preact'
import { walletFailureTexts } from '../wallet-failure-texts.ts'
import { FailureNote, type FailureNoteProps } from './failure-note.tsx'

/** A failure where wallets and the chain have a part in it: their sentences come with it. */
export function MoneyFailure(props: Omit<FailureNoteProps, 'more'>): JSX.Element {
  return <FailureNote {...props} more={walletFailureTexts} />
}
