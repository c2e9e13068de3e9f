import { expect, it } from 'vitest'
import { createObjectSights } from '#api/object-sights.ts'
import type { OpenedObject } from '#api/object-types.ts'
import { settle } from '../../fakes/seed-profile.ts'
import { createFakeTimers } from '../../fakes/timers.ts'

it('[CH7] objects are asked for once, and those that stay closed again after minutes', async () => {
  const timers = createFakeTimers()
  const asked: string[] = []
  let isReader = false
  let told = 0
  const sights = createObjectSights({
    objects: {
      async open(id) {
        asked.push(id)
        if (id === 'away') throw new Error('Nobody has it.')
        const failure = { code: 'OBJECT_KEY_REFUSED', message: 'No.' }
        const restricted = isReader ? { readable: true } : { readable: false, failure }
        return (id === 'open' ? {} : { restricted }) as OpenedObject
      },
    },
    timers,
    onKnown: () => told++,
  })
  const all = ['open', 'sealed', 'away']
  expect(all.map(sights.of)).toEqual([undefined, undefined, undefined])
  await settle()
  expect(told).toBe(3)
  expect(all.map(sights.of)).toEqual(['open', 'closed', undefined])
  expect(asked).toEqual(all)
  isReader = true
  timers.advance(5 * 60_000)
  expect(told).toBe(5)
  all.map(sights.of)
  await settle()
  expect(all.map(sights.of)).toEqual(['open', 'unsealed', undefined])
  expect(asked).toEqual([...all, 'sealed', 'away'])
})
