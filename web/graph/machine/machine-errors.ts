import { AppError, type AppErrorOptions } from '#core/errors.ts'

/** Why the machine does not take something. */
export type MachineErrorCode =
  /** a text that is no canonical genesis */
  | 'GENESIS_INVALID'
  /** [KG6] a link that its neuron, or its block, has no bandwidth for */
  | 'BANDWIDTH_EXCEEDED'
  /** bytes that are no block, or a block that does not follow from the machine's state */
  | 'BLOCK_INVALID'
  /** a block that no orderer of the machine certified */
  | 'BLOCK_UNSIGNED'
  /** a block whose time is ahead of this device's clock: the clock may be the one that is wrong */
  | 'BLOCK_TIME'
  /** a block that goes on from another one than the last */
  | 'BLOCK_GAP'
  /** a second block of one height, signed like the first */
  | 'BLOCK_FORKED'
  /** a block that commits to another state than the one that it leads to */
  | 'BLOCK_ROOTS'
  /** [KG7] a block that commits to other stakes than the chain proves */
  | 'BLOCK_STAKES'
  /** an answer to a search that is not whole, not in order, or not of its block */
  | 'ANSWER_INVALID'
  /** a record of the machine that is damaged, and that nobody could give anew */
  | 'MACHINE_DAMAGED'

/** Made by the parts of the machine. */
export function machineError(
  code: MachineErrorCode,
  message: string,
  options?: AppErrorOptions,
): AppError<MachineErrorCode> {
  return new AppError(code, message, options)
}
