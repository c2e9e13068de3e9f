import { AppError, type AppErrorOptions } from '#core/errors.ts'

export type RelayErrorCode =
  | 'OPTION_UNKNOWN'
  | 'OPTION_VALUE_MISSING'
  | 'OPTION_INVALID'
  | 'OPTION_CONFLICT'
  | 'OPTION_SEVERAL'
  | 'CONFIG_FILE'
  | 'TLS_FILES'
  | 'PORT_TAKEN'
  | 'PORT_FORBIDDEN'
  | 'HOST_UNAVAILABLE'
  | 'DATA_FOLDER_UNUSABLE'
  | 'KEY_FILE_INVALID'
  | 'DENY_LIST'
  | 'RELAY_STATE'
  | 'PAGE_UNREACHABLE'
  | 'PAGE_UNKNOWN'
  | 'RELEASE_LIST'

export function relayError(
  code: RelayErrorCode,
  message: string,
  options?: AppErrorOptions,
): AppError<RelayErrorCode> {
  return new AppError(code, message, options)
}
