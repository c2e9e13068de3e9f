/** What the button beside a failure does. */
export type FailureAction =
  | 'retry'
  | 'reload'
  | 'choose-file'
  | 'open-network'
  | 'open-search'
  | 'world-off'
  | 'find-plot'
  | 'open-seed-settings'

/** One failure as a person meets it ([UI4]): a sentence, and what its button does. */
export interface FailureText {
  readonly says: string
  readonly action: FailureAction
  /** also shows the error's own message, which has the numbers */
  readonly withDetail?: true
}
