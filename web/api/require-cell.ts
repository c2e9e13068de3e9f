import { formatAddress, parseAddress } from '#core/delegation.ts'
import { apiError } from './errors.ts'
import { describeTyped } from './typed-input.ts'

/** Both numbers of a cell, as typed into the console. @throws CELL_EXPECTED */
export function requireCell(x: unknown, y: unknown): readonly [x: number, y: number] {
  if (Number.isInteger(x) && Number.isInteger(y)) return [x as number, y as number]
  throw apiError(
    'CELL_EXPECTED',
    `A plot is named by the two whole numbers of its cell, such as 32, 6; got ${describeTyped(x)} and ${describeTyped(y)}.`,
  )
}

/** As written with its checksum. @throws ADDRESS_INVALID */
export function requireAddress(value: unknown): string {
  return formatAddress(parseAddress(String(value)))
}
