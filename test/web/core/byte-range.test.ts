import { expect, it } from 'vitest'
import { parseByteRange } from '#core/byte-range.ts'

it.each([
  ['bytes=0-', 10, { start: 0, end: 10 }],
  ['bytes=0-0', 10, { start: 0, end: 1 }],
  ['bytes=3-5', 10, { start: 3, end: 6 }],
  ['bytes=3-99', 10, { start: 3, end: 10 }],
  ['bytes=-3', 10, { start: 7, end: 10 }],
  ['bytes=-30', 10, { start: 0, end: 10 }],
  ['bytes=10-', 10, 'none'],
  ['bytes=-0', 10, 'none'],
  ['bytes=0-', 0, 'none'],
  ['bytes=5-3', 10, undefined],
  ['bytes=0-1,3-4', 10, undefined],
  ['bytes=-', 10, undefined],
  ['lines=0-1', 10, undefined],
  ['bytes=1e3-', 10, undefined],
  ['bytes=9999999999999999-', 10, undefined],
  [undefined, 10, undefined],
])('[OB19] %s of %i bytes', (header, total, expected) => {
  expect(parseByteRange(header, total)).toEqual(expected)
})
