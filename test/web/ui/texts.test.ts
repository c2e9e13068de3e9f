import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { AppError } from '#core/errors.ts'
import { buildTexts } from '#ui/build-texts.ts'
import { describeFailure, failureOf, isAbort } from '#ui/failure.ts'
import { failureTexts as pageFailureTexts } from '#ui/failure-texts.ts'
import { landTexts, parcelTexts } from '#ui/land-texts.ts'
import { moreTexts } from '#ui/more-texts.ts'
import { networkTexts } from '#ui/network-texts.ts'
import { objectFailureTexts } from '#ui/object-failure-texts.ts'
import { texts } from '#ui/texts.ts'
import { walletFailureTexts } from '#ui/wallet-failure-texts.ts'
import { ROOT } from '../../../scripts/lib/root.ts'
import { sourceFiles } from '../../../scripts/lib/source-tree.ts'

const laterTexts = { ...walletFailureTexts, ...objectFailureTexts }
const failureTexts = { ...pageFailureTexts, ...laterTexts }
const codes = Object.keys(failureTexts)

/** Every text of the object, with the path to it; functions are called with numbers and words alike. */
function allTexts(value: unknown, path: string): [path: string, text: string][] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value === 'function') {
    return [0, 1, 12].map((argument) => [`${path}(${argument})`, String(value(argument, argument))])
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => allTexts(inner, `${path}.${key}`))
}

describe('[UI4] the table of failures', () => {
  it.each(codes)('%s has a sentence and a button', (code) => {
    const { says, action } = describeFailure({ code, message: 'the message for developers' }, laterTexts)
    expect(says).toMatch(/^[A-Z].{12,}[.!?]$/)
    expect(texts.actions[action]).not.toBe('')
  })

  it('has each code once', () => {
    const parts = [pageFailureTexts, walletFailureTexts, objectFailureTexts]
    expect(codes).toHaveLength(parts.flatMap(Object.keys).length)
  })

  it('names only codes that the sources use', () => {
    const sources = sourceFiles(['web', 'wasm', 'relay'])
      .filter((path) => !path.endsWith('failure-texts.ts'))
      .map((path) => readFileSync(`${ROOT}/${path}`, 'utf8'))
      .join('\n')
    expect(codes.filter((code) => !sources.includes(`'${code}'`))).toEqual([])
  })

  it('never shows a number or a code in place of a sentence', () => {
    for (const { says } of Object.values(failureTexts))
      expect(says).not.toMatch(/\b[A-Z]+_[A-Z]+\b|[Ee]rror \d/)
  })
})

describe('describeFailure', () => {
  it('shows the message of a code that has no sentence, and offers to try again', () => {
    expect(describeFailure({ code: 'NEW_CODE', message: 'What happened.' })).toEqual({
      says: 'What happened.',
      detail: undefined,
      action: 'retry',
    })
  })

  it('adds the numbers of a limit', () => {
    const message = 'The model has 31,204 triangles; a plot takes 10,000.'
    expect(describeFailure({ code: 'GLB_LIMIT', message }).detail).toBe(message)
  })

  it('is not fooled by codes that every object has', () => {
    expect(describeFailure({ code: 'constructor', message: 'A message.' }).says).toBe('A message.')
  })
})

describe('failureOf', () => {
  it('keeps code and message, also of errors that crossed a worker as plain objects', () => {
    expect(failureOf(new AppError('CODE', 'Message.'))).toEqual({ code: 'CODE', message: 'Message.' })
    expect(failureOf({ name: 'AppError', code: 'CODE', message: 'Message.' }).code).toBe('CODE')
  })

  it.each([
    [new TypeError('x is not a function'), 'x is not a function'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [{}, '[object Object]'],
    [{ code: 7, message: '' }, '[object Object]'],
  ])('makes something of %j', (thrown, message) => {
    expect(failureOf(thrown)).toEqual({ code: 'UNKNOWN', message })
  })

  it('bounds what it shows', () => {
    expect(failureOf(new Error('x'.repeat(10_000))).message).toHaveLength(400)
  })

  it('tells a cancelled call from a failure', () => {
    expect(isAbort(AbortSignal.abort().reason)).toBe(true)
    expect(isAbort(new Error('AbortError'))).toBe(false)
  })
})

describe('[UI3] the texts', () => {
  const { failures: _, ...rest } = texts
  const later = { buildTexts, landTexts, moreTexts, networkTexts, parcelTexts }
  const all = allTexts({ ...rest, ...later }, 'texts')

  it('are all there', () => {
    expect(all.length).toBeGreaterThan(150)
    // nothing to say of a slow wait that is over
    const empty = all.filter(([path, text]) => text.trim() === '' && path !== 'texts.join.slow.ready')
    expect(empty).toEqual([])
  })

  it('put numbers where they belong', () => {
    for (const [path, text] of all) expect(text, path).not.toMatch(/undefined|NaN|\[object/)
    expect(texts.chip.peers(1)).toBe('1 peer')
    expect(texts.chip.peers(3)).toBe('3 peers')
  })
})
