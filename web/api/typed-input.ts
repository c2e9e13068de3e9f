import { apiError } from './errors.ts'
import type { NetworkMode } from './network-types.ts'

/** The console is typed by hand: what is no text, or an empty one, is told apart from what finds nothing. */
export function requireText(value: unknown, command: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  throw apiError('TEXT_EXPECTED', `${command} takes a text or a CID, got ${describeTyped(value)}.`)
}

/** What can be stored. @throws CONTENT_EXPECTED */
export function requireContent(value: unknown): Blob | Uint8Array | string {
  if (typeof value === 'string' || value instanceof Blob || value instanceof Uint8Array) return value
  throw apiError('CONTENT_EXPECTED', `add takes a text, a Blob or a Uint8Array, got ${describeTyped(value)}.`)
}

/** @throws MODE_UNKNOWN */
export function requireMode(mode: unknown): NetworkMode {
  if (mode === 'direct' || mode === 'relayed') return mode
  throw apiError(
    'MODE_UNKNOWN',
    `setMode takes 'direct' or 'relayed' (private), got ${String(mode).slice(0, 40)}.`,
  )
}

/** In a sentence that ends with what was given. */
export function describeTyped(value: unknown): string {
  if (value === undefined || value === '') return 'nothing'
  return `${typeof value} ${String(value).slice(0, 40)}`
}
