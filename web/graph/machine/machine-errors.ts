import { AppError, type AppErrorOptions } from '#core/errors.ts'

/** Why the machine does not take something. */
export type MachineErrorCode = 'GENESIS_INVALID' | 'BANDWIDTH_EXCEEDED'

/** Made by the parts of the machine. */
export function machineError(
  code: MachineErrorCode,
  message: string,
  options?: AppErrorOptions,
): AppError<MachineErrorCode> {
  return new AppError(code, message, options)
}
