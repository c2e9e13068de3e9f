import { AppError } from '#core/errors.ts'

export type ApiErrorCode =
  | 'CATEGORY_EXPECTED'
  | 'CELL_EXPECTED'
  | 'CHAIN_NONE'
  | 'CONTENT_EXPECTED'
  | 'CONTEXT_EXPECTED'
  | 'CURSOR_UNKNOWN'
  | 'GOVERNANCE_NONE'
  | 'KEY_RELAY_NONE'
  | 'KEY_RELAY_REFUSED'
  | 'MACHINE_NONE'
  | 'MODE_UNKNOWN'
  | 'MODEL_TOO_LARGE'
  | 'OBJECT_BYTES_WRONG'
  | 'OBJECT_LINK_NONE'
  | 'OBJECT_LINK_OTHER'
  | 'OBJECT_NO_BYTES'
  | 'OBJECT_NOT_PUBLISHED'
  | 'OBJECT_PATH_NOT_FOUND'
  | 'OBJECT_RANGE_INVALID'
  | 'OBJECT_RANGE_UNSIGNED'
  | 'PARCEL_EMPTY'
  | 'PARCEL_NOT_MINE'
  | 'PARCEL_NO_RIGHT'
  | 'PARCEL_UNKNOWN'
  | 'PUBLISH_EMPTY'
  | 'PUBLISH_EXPECTED'
  | 'PUBLISH_READERS'
  | 'RANK_UNPROVEN'
  | 'TEXT_EXPECTED'
  | 'WALLETS_NONE'
  /** a write that is none, or lacks something */
  | 'WRITE_INVALID'
  /** the page has no words for what a write does */
  | 'WRITE_UNSHOWN'

export function apiError(code: ApiErrorCode, message: string): AppError<ApiErrorCode> {
  return new AppError(code, message)
}
