import { AppError, type AppErrorOptions } from '#core/errors.ts'

export type PlacementErrorCode =
  | 'PLACEMENT_INVALID'
  | 'PLACEMENT_POSE'
  | 'PLACEMENT_MACHINE'
  | 'PLACEMENT_TIME'
  | 'PLACEMENT_NOT_AUTHORISED'
  | 'PLACEMENT_FORGED'
  | 'PLACEMENT_NO_RIGHT'
  | 'PLACEMENT_RIGHT_UNKNOWN'

export function placementError(
  code: PlacementErrorCode,
  message: string,
  options?: AppErrorOptions,
): AppError<PlacementErrorCode> {
  return new AppError(code, message, options)
}

/** Is it refused for now, and by no fault of whoever sent it? */
export function isPassing(code: PlacementErrorCode | undefined): boolean {
  return code === 'PLACEMENT_TIME' || code === 'PLACEMENT_NO_RIGHT' || code === 'PLACEMENT_RIGHT_UNKNOWN'
}
