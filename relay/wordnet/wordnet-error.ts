import { AppError } from '#core/errors.ts'

export type WordNetErrorCode = 'WORDNET_INVALID' | 'WORDNET_MISSING'

/** A database that is not as expected. */
export function wordnetError(what: string): AppError<WordNetErrorCode> {
  return new AppError(
    'WORDNET_INVALID',
    `WordNet is damaged: ${what}. Remove the folder wordnet in the data folder, or mend Debian's wordnet-base.`,
  )
}
