import { type AddressErrorCode, parseAddress } from '#core/delegation.ts'
import { AppError } from '#core/errors.ts'

/** Mistakes that are told one by one: a screen of them. */
const MAX_TOLD = 20

/**
 * Addresses of wallets from an option's values, each a list with commas between; as they were written.
 *
 * @throws ADDRESS_INVALID naming every one that is none, by its place in the whole and why
 */
export function parseAddressLists(option: string, lists: readonly string[]): readonly string[] {
  const texts = lists.flatMap((list) => list.split(',')).map((text) => text.trim())
  const mistakes = texts.flatMap((text, at) => mistakeOf(text).map((why) => `${at + 1}. ${why}`))
  if (mistakes.length === 0) return texts
  const more = mistakes.length - MAX_TOLD
  const told = [...mistakes.slice(0, MAX_TOLD), ...(more > 0 ? [`… and ${more} more`] : [])]
  throw new AppError<AddressErrorCode>(
    'ADDRESS_INVALID',
    `${option}: ${mistakes.length} of ${texts.length} cannot be used. Nothing was read or stored.\n  ${told.join('\n  ')}`,
  )
}

function mistakeOf(text: string): readonly string[] {
  if (text === '') return ['There is nothing between two commas, or before or behind one.']
  try {
    parseAddress(text)
    return []
  } catch (error) {
    return [(error as Error).message.replaceAll(/\p{C}+/gu, ' ')]
  }
}
