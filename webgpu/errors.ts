import { AppError, type ErrorDetails } from '#core/errors.ts'

export type WebgpuErrorCode = 'WEBGPU_ABSENT' | 'WEBGPU_SOFTWARE' | 'WEBGPU_LOST' | 'WEBGPU_FAILED'

/** The typed error of everything that runs on a graphics card. */
export function webgpuError(
  code: WebgpuErrorCode,
  message: string,
  options: { readonly cause?: unknown; readonly details?: ErrorDetails } = {},
): AppError<WebgpuErrorCode> {
  return new AppError<WebgpuErrorCode>(code, message, options)
}
