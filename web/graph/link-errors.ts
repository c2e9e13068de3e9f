import { AppError, type AppErrorOptions } from '#core/errors.ts'

/** Why a link batch was not taken over ([KG1]). `link-log.ts` says which of them can be mended by a pull. */
export type LinkErrorCode =
  | 'LINKS_INVALID'
  | 'LINKS_SELF'
  | 'LINKS_MACHINE'
  | 'LINKS_TIME'
  | 'LINKS_NOT_AUTHORISED'
  | 'LINKS_FORGED'
  | 'LINKS_REPLAYED'
  | 'LINKS_GAP'
  | 'FEED_FORKED'
  | 'LINKS_FULL'
  | 'LINKS_NEURON_FULL'

/** Refusals of what may be true: a clock that is ahead and a bound that is reached are nobody's fault. */
export const UNTAKEN: ReadonlySet<LinkErrorCode> = new Set(['LINKS_TIME', 'LINKS_FULL', 'LINKS_NEURON_FULL'])

export function linkError(
  code: LinkErrorCode,
  message: string,
  options?: AppErrorOptions,
): AppError<LinkErrorCode> {
  return new AppError(code, message, options)
}
