import { AppError } from '#core/errors.ts'

/** Why a named object, an id or a link was refused. */
export type ObjectErrorCode =
  /** bytes, text or JSON that are no named object, or no canonical one */
  | 'OBJECT_INVALID'
  /** a desc that does not hash to the id that was asked for */
  | 'OBJECT_WRONG_ID'
  /** a signature that its own key did not make */
  | 'OBJECT_FORGED'
  /** a body that somebody signed who is not the object's owner */
  | 'OBJECT_STRANGER'
  /** a body that does not say which object it belongs to, or says another */
  | 'OBJECT_UNBOUND'
  /** a body that is older than the newest one seen, or another of the same time */
  | 'OBJECT_OLD_BODY'
  /** a time that has not come yet */
  | 'OBJECT_EARLY'

/** Where an input stops to make sense. */
export interface Refusal {
  /** the field, from the outside in: `desc.owner` */
  readonly path: string
  /** bytes (or characters of a text) before the field */
  readonly offset?: number
  readonly got: string
  readonly expected: string
}

/** Longest piece of an input that a message repeats. */
const MAX_QUOTED = 80

/** The one error of every object decoder and encoder. */
export function objectInvalid(
  { path, offset, got, expected }: Refusal,
  cause?: unknown,
): AppError<ObjectErrorCode> {
  const where = offset === undefined ? path : `${path} at offset ${offset}`
  return new AppError(
    'OBJECT_INVALID',
    `The object is not valid: ${where}: expected ${expected}, got ${got.slice(0, MAX_QUOTED)}. It was not used.`,
    { cause, details: { path, offset, got: got.slice(0, MAX_QUOTED), expected } },
  )
}

/** A refusal of an object that is well-formed but not to be believed. */
export function objectRefused(
  code: Exclude<ObjectErrorCode, 'OBJECT_INVALID'>,
  id: string,
  why: string,
): AppError<ObjectErrorCode> {
  return new AppError(code, `The object ${id} was refused: ${why}. Nothing of it was kept.`, {
    details: { id },
  })
}
