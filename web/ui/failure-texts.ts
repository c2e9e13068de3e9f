/** What the button beside a failure does. */
export type FailureAction =
  | 'retry'
  | 'reload'
  | 'choose-file'
  | 'open-network'
  | 'open-search'
  | 'world-off'
  | 'find-plot'

/** One failure as a person meets it ([UI4]): a sentence, and what its button does. */
export interface FailureText {
  readonly says: string
  readonly action: FailureAction
  /** also shows the error's own message, which has the numbers */
  readonly withDetail?: true
}

/**
 * The part of the texts that turns codes into sentences. A code that is not here shows the error's own message,
 * which says what failed and what to do, in a developer's words.
 */
export const failureTexts: Readonly<Record<string, FailureText>> = {
  UI_CRASHED: {
    says: 'A part of the page stopped working. What you made is kept.',
    action: 'reload',
  },
}
