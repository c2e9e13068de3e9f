import { describe, expect, it } from 'vitest'
import { normaliseFolder, normaliseFolderPath } from '#core/folder-path.ts'

describe('[OB12] paths in a folder', () => {
  it('have one form', () => {
    expect(normaliseFolderPath('img/a b.png')).toBe('img/a b.png')
    expect(normaliseFolderPath('caf\u0065\u0301.txt')).toBe('caf\u00e9.txt')
    expect(
      normaliseFolder([{ path: 'b' }, { path: 'a/c' }, { path: 'a/b' }]).map(({ path }) => path),
    ).toEqual(['a/b', 'a/c', 'b'])
  })

  it.each([
    '',
    '/a',
    'a/',
    'a//b',
    '.',
    'a/../b',
    '../a',
    './a',
    'a\\b',
    'a\u0000',
    'a\nb',
    '\ud800',
    'x'.repeat(257),
    Array(5).fill('y'.repeat(250)).join('/'),
  ])('refuses %j', (path) => {
    expect(() => normaliseFolderPath(path)).toThrow(expect.objectContaining({ code: 'FOLDER_PATH_INVALID' }))
  })

  it.each([[['a', 'a']], [['caf\u0065\u0301', 'caf\u00e9']], [['a/b', 'a']], [['a', 'a/b/c']]])(
    'refuses %j together',
    (paths) => {
      expect(() => normaliseFolder(paths.map((path) => ({ path })))).toThrow(
        expect.objectContaining({ code: 'FOLDER_PATH_TWICE' }),
      )
    },
  )
})
