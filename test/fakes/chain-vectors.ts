import { readFileSync } from 'node:fs'
import type { Hex } from '#chain/hex.ts'

export interface RecordedProof {
  readonly address: Hex
  readonly slots: readonly string[]
  readonly answer: object
}

export interface RecordedChain {
  readonly fork: string
  readonly grid: Hex
  /** genesis and head, as eth_getBlockByNumber gives them */
  readonly blocks: readonly [object, object & { readonly stateRoot: Hex; readonly hash: Hex }]
  readonly proofs: readonly [RecordedProof, RecordedProof, RecordedProof, RecordedProof]
  /** all that the grid's contract stores, by slot */
  readonly storage: Readonly<Record<string, Hex>>
}

/** What anvil answered once, of two forks. */
export function recordedChains(): readonly RecordedChain[] {
  const file = new URL('../vectors/chain/anvil.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: RecordedChain[] }).cases
}

/** Every variant of a JSON value with one of its texts altered by one hexadecimal digit, or one list item left out or doubled. */
export function* forgeries(value: unknown, path = ''): Generator<readonly [what: string, forged: unknown]> {
  if (typeof value === 'string') {
    for (const at of digitsOf(value)) yield [`${path} at ${at}`, flip(value, at)]
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      yield [`${path}[${i}] left out`, value.toSpliced(i, 1)]
      yield [`${path}[${i}] doubled`, value.toSpliced(i, 0, item)]
      for (const [what, forged] of forgeries(item, `${path}[${i}]`)) yield [what, value.with(i, forged)]
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const { [key]: _, ...rest } = value as Record<string, unknown>
      yield [`${path}.${key} left out`, rest]
      for (const [what, forged] of forgeries(item, `${path}.${key}`))
        yield [what, { ...value, [key]: forged }]
    }
  }
}

/** The first and the last digit, and some between. */
function digitsOf(text: string): readonly number[] {
  const last = text.length - 1
  return [...new Set([2, Math.floor(last / 3), Math.floor(last / 2), last])].filter(
    (at) => at >= 2 && at <= last,
  )
}

function flip(text: string, at: number): string {
  return text.slice(0, at) + (Number.parseInt(text[at]!, 16) ^ 1).toString(16) + text.slice(at + 1)
}
