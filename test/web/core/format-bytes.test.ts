import { describe, expect, it } from 'vitest'
import { formatBytes } from '#core/format-bytes.ts'

describe('bytes as a person reads them', () => {
  it.each([
    [-1, '0 B'],
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1 kB'],
    [16_384, '16.4 kB'],
    [478_600, '479 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [12_345_678, '12.3 MB'],
    [1_048_576, '1.05 MB'],
    [4.1e9, '4.1 GB'],
    [281e12, '281 TB'],
    [5e15, '5000 TB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it('bounds are told so that they hold', () => {
    expect(formatBytes(1_048_576, 'up')).toBe('1.05 MB')
    expect(formatBytes(16_384, 'up')).toBe('16.4 kB')
    expect(formatBytes(16_410, 'up')).toBe('16.5 kB')
    expect(formatBytes(12_399_999_999, 'down')).toBe('12.3 GB')
    expect(formatBytes(4.1e9, 'down')).toBe('4.1 GB')
    expect(formatBytes(4.1e9, 'up')).toBe('4.1 GB')
    expect(formatBytes(999_999, 'up')).toBe('1 MB')
    expect(formatBytes(999_999, 'down')).toBe('999 kB')
  })
})
