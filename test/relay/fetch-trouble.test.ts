import { expect, it } from 'vitest'
import { fetchTrouble } from '#relay/fetch-trouble.ts'

it('is told in words, or by its code', () => {
  const failed = (cause: object) => Object.assign(new TypeError('fetch failed'), { cause })
  expect(fetchTrouble(failed({ code: 'ENOTFOUND' }))).toBe('the name is not known')
  expect(fetchTrouble(failed({ code: 'EWHATEVER' }))).toBe('EWHATEVER')
  expect(fetchTrouble(failed(new Error('bad port')))).toBe(
    'neither a browser nor Node.js may fetch from this port: choose another',
  )
  expect(fetchTrouble(new DOMException('…', 'TimeoutError'))).toBe('no answer in time')
})
